"""The benchmark of the trivial stateful job: `PYTHONPATH=.:tests .venv/bin/python tests/bench/trivial.py`.

An input of 2,000,000 small JSON records in 4 partitions. The job decodes each, counts by plate in a durable keyed
state, and publishes each tenth count of a plate. Each system has its own environment, one core, a fresh group,
output and state in each run; the broker has the other core. Systems take turns, round by round, so that a slow
minute of the machine hits all. No figure counts before the outputs are read back and each is there exactly once.
"""

from __future__ import annotations

import sys
from argparse import ArgumentParser, Namespace
from typing import Final

from broker import Broker, running_broker
from confluent_kafka import KafkaException
from conftest import default_cache_dir
from environments import prepare, system_version
from failure import BenchError, exit_status
from measure import check_outputs, records_per_second
from report import FIGURES, Result, keep, table
from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from systems import BUILD, OURS, SYSTEMS, Runtime, System
from traffic import Expected
from worker import Job, run_job

_WIDTH: Final = 160  # of the table in a log


def main() -> int:
    """Run the benchmark; 1 where a system failed."""
    chosen = _command_line()
    console = _console()
    results, commands = [], {}
    for system in _systems(chosen.only, console):
        records = min(chosen.records, system.most_records or chosen.records)
        result = Result(system, system_version(system), records)
        results.append(result)
        with console.status(f"environment of {system.name}"):
            try:
                commands[system.name] = prepare(system, default_cache_dir())
            except BenchError as error:
                _fail(result, error, console)
    with running_broker(BUILD / "kafka", default_cache_dir(), console) as broker, _progress(console) as progress:
        expected = {records: _fill(broker, records, progress) for records in {result.records for result in results}}
        for round_number in range(1, chosen.rounds + 1):
            for result in results:
                if result.failure is None:
                    name = f"{result.system.name.replace('_', '-')}-{round_number}"
                    topic = _input(result.records)
                    job = Job(result.system, *commands[result.system.name], input=topic, group=name)
                    _run(job, result, broker, expected[result.records], progress)
    console.print(table(results, chosen.rounds))
    keep(results)
    console.print(f"figures: {FIGURES.name} in {FIGURES.parent.name}", highlight=False)
    return 1 if any(result.failure for result in results) else 0


def _console() -> Console:
    console = Console()
    if not console.is_terminal:
        console.width = _WIDTH
    return console


def _command_line() -> Namespace:
    parser = ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--records", type=int, default=2_000_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--only", default="", help="names of systems, with commas between them")
    return parser.parse_args()


def _systems(only: str, console: Console) -> list[System]:
    """Return the systems that are asked for and there."""
    names = [name for name in only.split(",") if name] or [system.name for system in SYSTEMS]
    if unknown := set(names) - {system.name for system in SYSTEMS}:
        raise SystemExit(f"No such system: {', '.join(sorted(unknown))}.")
    wanted = [system for system in SYSTEMS if system.name in names]
    for system in wanted:
        if system.runtime is Runtime.PRODUCT and not OURS.exists():
            console.print(f"[yellow]{system.name}: left out, {OURS.name} is not there yet[/yellow]", highlight=False)
        if system.most_records is not None:
            console.print(f"{system.name}: gets {system.most_records:,} records at most, being slow", highlight=False)
    return [system for system in wanted if system.runtime is not Runtime.PRODUCT or OURS.exists()]


def _progress(console: Console) -> Progress:
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    return Progress(*columns, console=console, transient=True)


def _input(records: int) -> str:
    return f"passages-{records}"


def _fill(broker: Broker, records: int, progress: Progress) -> Expected:
    task = progress.add_task("filling the input topic", total=records)
    expected = broker.fill(_input(records), records, lambda done: progress.update(task, completed=done))
    progress.remove_task(task)
    return expected


def _run(job: Job, result: Result, broker: Broker, expected: Expected, progress: Progress) -> None:
    task = progress.add_task(job.group, total=len(expected.hits))
    try:
        outputs = run_job(job, broker, expected, lambda done: progress.update(task, completed=done))
        check_outputs(outputs, expected)
        figure = records_per_second(outputs, expected)
    except (BenchError, KafkaException) as error:
        _fail(result, error, progress.console)
    else:
        result.figures.append(figure)
        progress.console.print(f"{job.group}: {figure:,.0f} records/s", highlight=False)
    finally:
        progress.remove_task(task)


def _fail(result: Result, error: Exception, console: Console) -> None:
    result.failure = str(error)
    console.print(f"[red]{result.system.name} failed:[/red] {escape(str(error))}", highlight=False)


if __name__ == "__main__":
    sys.exit(exit_status(main))
