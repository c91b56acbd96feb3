"""The whole line under faults, judged by the oracle: `PYTHONPATH=.:tests python tests/soak/line_soak.py --short`."""

from __future__ import annotations

import argparse
import shutil
import signal
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

import process_faults
import state_faults
import traffic_faults
from conftest import default_cache_dir
from line_rig import Line, a_line
from rich.console import Console
from soak_results import Result, as_table, keep
from trial import Trial, Verdict

Act = Callable[[Trial], None]


@dataclass(frozen=True, slots=True)
class Scenario:
    """What is done to the line; so many times (short, full) on lines of its own, or once on one that others share."""

    name: str
    act: Act
    own_lines: tuple[int, int] | None = None


SCENARIOS: Final = (
    Scenario("kill-anything", process_faults.kill_anything),
    Scenario("workers-join-and-leave", process_faults.workers_join_and_leave),
    Scenario("workers-join-and-leave-in-memory", process_faults.workers_join_and_leave_in_memory),
    Scenario("stalled-worker", process_faults.stalled_worker),
    Scenario("broker-restart", process_faults.broker_restart),
    Scenario("broker-away", process_faults.broker_away),
    Scenario("changelog-lost", state_faults.changelog_lost),
    Scenario("state-directory-lost", state_faults.state_directory_lost),
    Scenario("disk-full", state_faults.disk_full),
    Scenario("poison", traffic_faults.poison),
    Scenario("hot-key", traffic_faults.hot_key),
    Scenario("twice", traffic_faults.twice),
    Scenario("late", traffic_faults.late),
    Scenario("clocks", traffic_faults.clocks),
    Scenario("reversed", traffic_faults.reversed_order),
    Scenario("shuffled", traffic_faults.shuffled),
    Scenario("first-start", state_faults.first_start, own_lines=(2, 10)),
    Scenario("poison-in-our-headers", traffic_faults.poison_in_our_headers, own_lines=(1, 1)),
)


@dataclass(frozen=True, slots=True)
class Ran:
    """A trial that was run: what is wrong, how long it took, and what to say of it."""

    trial: Trial
    verdict: Verdict
    seconds: float
    trouble: str = ""


def run(scenario: Scenario, line: Line, seed: int, *, short: bool) -> Ran:
    """Run a scenario on a line."""
    began = time.monotonic()
    trial = Trial(line, f"T{len(line.prefixes):02}", seed, short)
    trouble = ""
    try:
        scenario.act(trial)
    except Exception as error:  # noqa: BLE001 - a deadline, mostly: what came of it is judged all the same
        trouble = f"not carried through: {type(error).__name__}: {error}\n"
    verdict = trial.judge()
    if not verdict.is_well:
        trouble += trial.explain()
    return Ran(trial, verdict, time.monotonic() - began, trouble)


def result_of(name: str, ran: Sequence[Ran]) -> Result:
    """Return what a scenario came to."""
    return Result(
        name,
        sum(one.trial.sent for one in ran),
        sum(one.verdict.lost for one in ran),
        sum(one.verdict.repeated for one in ran),
        sum(one.verdict.differs_from_oracle for one in ran),
        round(sum(one.seconds for one in ran), 1),
    )


class Soak:
    """Runs scenarios one after another and tells of each."""

    def __init__(self, directory: Path, seed: int, console: Console, *, short: bool) -> None:
        self._directory, self._seed, self._console, self._short = directory, seed, console, short
        self._cache_dir = default_cache_dir()
        self.results: dict[str, Result] = {}
        self.failed: set[str] = set()

    def shared(self, scenarios: Sequence[Scenario]) -> None:
        """Run these on one line, and judge all of them once more when the last is over."""
        if not scenarios:
            return
        ran: dict[str, Ran] = {}
        with a_line(self._directory / "shared", self._cache_dir) as line:
            for scenario in scenarios:
                one = ran[scenario.name] = run(scenario, line, self._seed, short=self._short)
                self._tell(scenario.name, [one])
            line.account()
            for name, one in ran.items():
                self._note(name, [replace(one, verdict=one.verdict.or_worse(one.trial.judge()))])

    def apart(self, scenario: Scenario, times: int) -> None:
        """Run this one so many times, each on a line of its own."""
        ran: list[Ran] = []
        for number in range(times):
            began = time.monotonic()
            with a_line(self._directory / f"{scenario.name}-{number}", self._cache_dir) as line:
                one = run(scenario, line, self._seed + number, short=self._short)
                ran.append(replace(one, seconds=time.monotonic() - began))
        self._tell(scenario.name, ran)

    def _tell(self, name: str, ran: Sequence[Ran]) -> None:
        self._note(name, ran)
        result = self.results[name]
        self._console.print(result, style="green" if result.is_well else "bold red", highlight=False)
        for one in ran:
            if one.trouble:
                self.failed.add(name)
                self._console.print(f"{name}: {one.trouble}", style="bold red", highlight=False)

    def _note(self, name: str, ran: Sequence[Ran]) -> None:
        self.results[name] = result_of(name, ran)
        keep([self.results[name]])


def main() -> None:
    """Run the scenarios that were asked for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--short", action="store_true", help="minutes instead of an hour")
    parser.add_argument("--only", default="", help="names of scenarios, with commas")
    parser.add_argument("--seed", type=int, default=20_261_124)
    asked = parser.parse_args()
    names = set(filter(None, asked.only.split(",")))
    if unknown := names - {one.name for one in SCENARIOS}:
        parser.error(
            f"no such scenario: {', '.join(sorted(unknown))}; there are {', '.join(s.name for s in SCENARIOS)}"
        )
    chosen = [one for one in SCENARIOS if one.name in names or not names]
    console = Console()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # so that all that was started is stopped
    directory = Path(tempfile.mkdtemp(prefix="brdo-soak-"))
    soak = Soak(directory, asked.seed, console, short=asked.short)
    soak.shared([one for one in chosen if one.own_lines is None])
    for one in chosen:
        if one.own_lines is not None:
            soak.apart(one, one.own_lines[not asked.short])
    results = list(soak.results.values())
    console.print(as_table(results, "The whole line under faults"))
    if soak.failed or not all(result.is_well for result in results):
        console.print(f"data and logs are in {directory}")
        sys.exit(1)
    shutil.rmtree(directory)


if __name__ == "__main__":
    main()
