"""How well convoys are found: planted forerunners, traffic without any, and what it costs a sighting.

- *Found* is a planted forerunner where a convoy rests on most of its passages and on the incident.
- *False* is a convoy that shares no passage with a planted one, in traffic where vehicles of incidents drive on as
  everybody does, beside commuters, haulage firms that drive together, and whoever goes to work at the same hour.
- The cost is the time spent at the roadside (who passed whom, how busy a place is), by sighting, in one process.

All figures are of a simulation.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from unittest.mock import patch

from report import keep_figures
from rich.box import SIMPLE
from rich.console import Console
from rich.table import Table
from systems import BUILD

from infra.progress import progress_shown
from producers.simulator import Scenario, simulate
from schemas import topics
from streams import offline
from streams.batches.records import InputRecord
from streams.rules import load_rules
from streams.watching import watch_roadside

ENDS_AT = datetime(2026, 11, 20, 13, 0, tzinfo=UTC)
CONVOY = "convoy"


@dataclass(slots=True)
class Measured:
    """What one simulation came to."""

    name: str
    sightings: int = 0
    passed_on: int = 0
    planted: int = 0
    found: int = 0
    false: int = 0
    roadside_seconds: float = 0.0
    seconds: float = 0.0


def main() -> int:
    """Measure traffic with planted forerunners and traffic without; print the table and keep the figures."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seeds", type=int, nargs="+", default=(931, 932))
    parser.add_argument("--sightings", type=int, default=100_000, help="with planted forerunners, a seed")
    parser.add_argument("--cases", type=int, default=6, help="planted forerunners, a seed")
    parser.add_argument("--ordinary", type=int, default=500_000, help="sightings without any, a seed")
    parser.add_argument("--incidents", type=int, default=1_500, help="a seed")
    asked = parser.parse_args()
    measured = []
    with progress_shown(Console(stderr=True)) as show:
        for seed in asked.seeds:
            for number, cases in ((asked.sightings, asked.cases), (asked.ordinary, 0)):
                scenario = Scenario(
                    seed=seed, ends_at=ENDS_AT, days=60, sightings=number, incidents=asked.incidents, cases=cases
                )
                measured.append(measure(scenario, show))
    tell(measured)
    return 0


def measure(scenario: Scenario, show: Callable[[int, int, str], None]) -> Measured:
    """Run a simulation through the line, each event at its time of arrival."""
    result = Measured(f"seed {scenario.seed}, {scenario.cases} of each case")
    simulation = simulate(scenario)

    def timed(*given: Any) -> Any:
        begun = time.perf_counter()
        try:
            return watch_roadside(*given)
        finally:
            result.roadside_seconds += time.perf_counter() - begun

    line, begun = offline.OfflineLine(load_rules()), time.perf_counter()
    with patch.object(offline, "watch_roadside", timed):
        for number, one in enumerate(simulation):
            sighted = one.event["type"] == "sighting"
            result.sightings += sighted
            for came in line.take_in(InputRecord("simulation", 0, number, None, one.line, {}), one.reaches_intake_at):
                result.passed_on += sighted and came.topic == topics.CASEBOOK.name
            if number % 1_000 == 0:
                show(min(number, scenario.sightings), scenario.sightings, result.name)
    result.seconds = time.perf_counter() - begun
    convoys = [frozenset(alert.evidence) for alert in line.open_alerts if alert.kind == CONVOY and not alert.exercise]
    planted = [frozenset(case.events) for case in simulation.cases if case.case == "forerunner"]
    result.planted = len(planted)
    result.found = sum(any(len(case & convoy) > len(case) / 2 for convoy in convoys) for case in planted)
    result.false = sum(not any(case & convoy for case in planted) for convoy in convoys)
    return result


def tell(measured: list[Measured]) -> None:
    """Print the table and keep the figures."""
    table = Table("simulation", "sightings", "to the case book", "forerunners", "found", "false", "µs a sighting", "of",
                  box=SIMPLE)  # fmt: skip
    for one in measured:
        table.add_row(
            one.name, f"{one.sightings:,}", f"{one.passed_on:,}", str(one.planted), str(one.found), str(one.false),
            f"{one.roadside_seconds / one.sightings * 1e6:.0f}", f"{one.seconds / one.sightings * 1e6:.0f}",
        )  # fmt: skip
    console = Console()
    console.print(table)
    planted, sightings = sum(one.planted for one in measured), sum(one.sightings for one in measured)
    figures = {
        "convoys.recall": sum(one.found for one in measured) / max(1, planted),
        "convoys.planted": planted,
        "convoys.false_per_million": sum(one.false for one in measured) / sightings * 1e6,
        "convoys.sightings": sightings,
        "convoys.roadside_us": sum(one.roadside_seconds for one in measured) / sightings * 1e6,
    }
    console.print(figures)
    keep_figures(figures, BUILD / "convoys.json")


if __name__ == "__main__":
    sys.exit(main())
