"""The watch as it runs, measured: `PYTHONPATH=.:tests:tests/bench .venv/bin/python tests/bench/real.py`.

Stamped passages of six simulated days stand on border.passages, and before them what the case book asks for on
border.interests. The watch takes in all of it, and what it tells itself on border.roadside: three topics, state in
RocksDB with a changelog, one process on one core; the broker has the other. Systems take turns, each run on a broker of
its own. No figure counts before exactly the right sightings are on border.casebook, each once, with no dead letter.

- *Sightings a second*: all of them, by the time from the first record that the watch published to the last that it
  appended anywhere, changelogs included. Start-up and joining the group are not in it.
- *µs of processor*: of the worker's whole process, its start included, by sighting. It says the same on a busy machine.
"""

from __future__ import annotations

import sys
from argparse import ArgumentParser
from dataclasses import dataclass, field
from statistics import median
from typing import Any, Final

from broker import running_broker
from confluent_kafka import KafkaException
from conftest import default_cache_dir
from environments import prepare, system_version
from failure import BenchError, exit_status
from report import keep_figures
from rich.box import SIMPLE
from rich.console import Console
from rich.markup import escape
from rich.table import Table
from systems import BENCH, BUILD, ROOT, Runtime, System
from watch_input import Trial, WatchInput, passed_on, watch_input
from watch_run import Figures, Worker, run_watch

from infra.progress import progress_shown
from schemas import topics

OURS: Final = BENCH / "ours_watch.py"


@dataclass
class Result:
    """One system's runs."""

    name: str
    version: str
    worker: Worker
    runs: list[Figures] = field(default_factory=list)
    failure: str | None = None


def main() -> int:
    """Run the benchmark; 1 where a system failed."""
    parser = ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--sightings", type=int, default=320_000, help="asked of the simulator, roughly")
    parser.add_argument("--incidents", type=int, default=2_700)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--only", default="", help="ours or quix")
    chosen = parser.parse_args()
    console = Console()
    with progress_shown(Console(stderr=True)) as show:
        given = watch_input(chosen.sightings, chosen.incidents, show)
        trial = Trial(given, passed_on(given, show), show)
        results = [one for one in _systems() if chosen.only in {"", one.name}]
        for round_number in range(1, chosen.rounds + 1):
            for result in results:
                if result.failure is None:
                    _run(result, round_number, trial, console)
    console.print(_table(results, trial))
    keep_figures(_figures(results, given))
    return 1 if any(result.failure for result in results) else 0


def _systems() -> list[Result]:
    ours = System("ours_watch", Runtime.PRODUCT, "brdo", "")
    quix = System("quix_watch", Runtime.PYTHON, "quixstreams", "")
    command, environment = prepare(quix, default_cache_dir())
    environment["PYTHONPATH"] = str(ROOT)
    _, own = prepare(ours, default_cache_dir())
    return [
        Result("ours", system_version(ours), Worker([sys.executable, str(OURS)], own, topics.WATCH_APP)),
        Result("quix", system_version(quix), Worker(command, environment, "quix-watch")),
    ]


def _run(result: Result, round_number: int, trial: Trial, console: Console) -> None:
    directory = BUILD / "runs" / f"watch-{result.name}-{round_number}"
    try:
        with running_broker(BUILD / "kafka", default_cache_dir(), Console(stderr=True, quiet=True)) as broker:
            figures = run_watch(result.worker, broker, trial, directory)
    except (BenchError, KafkaException) as error:
        result.failure = str(error)
        console.print(f"[red]{result.name} failed:[/red] {escape(str(error))}", highlight=False)
    else:
        result.runs.append(figures)
        console.print(
            f"{result.name}: {figures.events_per_s:,.0f} sightings/s, {figures.processor_us:.0f} µs of processor",
            highlight=False,
        )


def _figures(results: list[Result], given: WatchInput) -> dict[str, Any]:
    figures: dict[str, Any] = {"real.sightings": len(given.passages)}
    for one in results:
        if one.runs and one.failure is None:
            speeds = [run.events_per_s for run in one.runs]
            figures |= {
                f"real.{one.name}.events_per_s": round(median(speeds)),
                f"real.{one.name}.events_per_s.min": round(min(speeds)),
                f"real.{one.name}.events_per_s.max": round(max(speeds)),
                f"real.{one.name}.processor_us": round(median(run.processor_us for run in one.runs), 1),
                f"real.{one.name}.memory_mib": round(median(run.memory_mib for run in one.runs)),
            }
    return figures


def _table(results: list[Result], trial: Trial) -> Table:
    given, right = trial.given, trial.right
    table = Table(title=f"{len(given.passages):,} sightings, {len(right):,} passed on", box=SIMPLE)
    for name in ("system", "version"):
        table.add_column(name)
    for name in ("sightings/s", "min - max", "µs of processor", "MiB at the end", "records a sighting"):
        table.add_column(name, justify="right")
    for one in results:
        if one.failure is not None or not one.runs:
            table.add_row(one.name, one.version, "[red]failed[/red]")
            continue
        speeds = [run.events_per_s for run in one.runs]
        table.add_row(
            one.name, one.version, f"{median(speeds):,.0f}", f"{min(speeds):,.0f} - {max(speeds):,.0f}",
            f"{median(run.processor_us for run in one.runs):.0f}", f"{median(run.memory_mib for run in one.runs):,.0f}",
            f"{one.runs[-1].records / len(given.passages):.2f}",
        )  # fmt: skip
    return table


if __name__ == "__main__":
    sys.exit(exit_status(main))
