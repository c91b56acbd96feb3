"""Workers join, leave, die and stall under load; what each run comes to goes to build/soak.json.

Compared are the workers' memory, their changelogs and their outputs with a plain count of what was sent.
"""

import argparse
import random
import signal
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from conftest import default_cache_dir
from counting import Crew, Load, Truth, changelogs, make_topics, tenths, tenths_due
from rich.console import Console
from soak_results import Result, as_table, keep

from infra.services.kafka import start_kafka

SETTLED_SECONDS = 90.0
EACH_SECOND = 3_000
CREW = 3


Fault = Callable[[Crew, random.Random, int], int]
"""Does the damage, so many times, and returns how many workers ended by themselves and were started again."""


def watch(crew: Crew, seconds: float) -> int:
    """Let time pass under load, starting again what ends by itself."""
    restarts, until = 0, time.monotonic() + seconds
    while time.monotonic() < until:
        restarts += crew.restart_what_ended()
        time.sleep(0.1)
    return restarts


def join_and_leave(crew: Crew, chance: random.Random, times: int) -> int:
    """Each time a worker goes, by SIGTERM and SIGKILL in turn, and a new one comes, or the old one again."""
    restarts = 0
    for number in range(times):
        how = signal.SIGKILL if number % 2 else signal.SIGTERM
        gone = chance.choice([*crew.workers])
        crew.leave(gone, how)
        restarts += watch(crew, chance.uniform(0.1, 4))
        crew.join(gone if number % 3 else None)
        restarts += watch(crew, chance.uniform(0.5, 6))
    return restarts


def stall(crew: Crew, chance: random.Random, times: int) -> int:
    """Each time a worker stops past its session while others take over, and wakes in the middle of what it did."""
    restarts = 0
    for _ in range(times):
        stalled = crew.workers[chance.choice([*crew.workers])]
        stalled.process.send_signal(signal.SIGSTOP)
        restarts += watch(crew, chance.uniform(7, 11))
        stalled.process.send_signal(signal.SIGCONT)
        restarts += watch(crew, chance.uniform(2, 6))
    return restarts


def first_start(crew: Crew, chance: random.Random, times: int) -> int:
    """Nothing happens but a first start of all at once on empty topics."""
    del chance, times
    return watch(crew, 6)


class Case(NamedTuple):
    """A fault, on one kind of store, so many times."""

    fault: str
    damage: Fault
    store: str
    times: int


def run(case: Case, seed: int, cache: Path) -> Result:
    """Run one fault on a cluster of its own."""
    fault, damage, store, times = case
    began = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="brdo-soak-", ignore_cleanup_errors=True) as name:
        directory = Path(name)
        kafka = start_kafka(directory / "kafka", cache, lambda _done, _total, _label: None)
        crew = Crew(kafka.bootstrap, "soak", store, directory)
        load = Load(kafka.bootstrap, seed, EACH_SECOND)
        try:
            make_topics(kafka.bootstrap, "soak")
            for _ in range(CREW):
                crew.join()
            load.start()
            restarts = damage(crew, random.Random(seed), times)
            events = load.finish()
            memory = settled(crew, load.truth)
            logged = changelogs(kafka.bootstrap, "soak")
            published, due = tenths(kafka.bootstrap, "soak"), tenths_due(load.truth)
            wrong = [key for key in load.truth if memory.get(key) != load.truth[key] or logged[key] != load.truth[key]]
            lost, repeated = difference(memory, load.truth)
            lost += len(due - published.keys())
            repeated += len(published.keys() - due)
            seconds = round(time.monotonic() - began, 1)
            return Result(f"{fault}, {store}", events, lost, repeated, len(wrong), seconds, restarts)
        finally:
            crew.stop()
            kafka.stop()


def settled(crew: Crew, truth: Truth) -> Truth:
    """Return what the workers hold once that is right, or what they hold when they had long enough."""
    deadline = time.monotonic() + SETTLED_SECONDS
    held: Truth = {}
    while time.monotonic() < deadline:
        crew.restart_what_ended()
        held = crew.memory() or held
        if held == truth:
            break
        time.sleep(0.2)
    return held


def difference(memory: Truth, truth: Truth) -> tuple[int, int]:
    """Return how many records too few and too many the workers counted."""
    gaps = [
        count - memory.get(topic, {}).get(key, (0, 0))[0]
        for topic, counts in truth.items()
        for key, (count, _) in counts.items()
    ]
    return sum(gap for gap in gaps if gap > 0), -sum(gap for gap in gaps if gap < 0)


def main() -> None:
    """Run the faults that were asked for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--short", action="store_true")
    parser.add_argument("--seed", type=int, default=int(time.time()))
    parser.add_argument("--only", default="")
    arguments = parser.parse_args()
    console, results, short = Console(), [], arguments.short
    cases = [
        Case("first start", first_start, "memory", 1),
        Case("workers join and leave", join_and_leave, "memory", 2 if short else 10),
        Case("workers join and leave", join_and_leave, "rocksdb", 2 if short else 10),
        Case("stalled worker", stall, "memory", 1 if short else 5),
        Case("stalled worker", stall, "rocksdb", 1 if short else 5),
    ]
    cases += [] if short else [Case(f"first start {number}", first_start, "rocksdb", 1) for number in range(2, 11)]
    for number, case in enumerate(cases):
        if arguments.only not in f"{case.fault}, {case.store}":
            continue
        console.print(f"{case.fault}, {case.store}, seed {arguments.seed + number} …")
        results.append(run(case, arguments.seed + number, default_cache_dir()))
        console.print(results[-1], style="green" if results[-1].is_well else "red")
        keep(results)
    console.print(as_table(results, "Workers under faults"))
    sys.exit(not all(one.is_well for one in results))


if __name__ == "__main__":
    main()
