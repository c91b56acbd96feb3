"""One run of one system: fresh topics, a worker on its core until all outputs are there, and the outputs."""

from __future__ import annotations

import contextlib
import shutil
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from broker import WORKER_CORE, Broker, pinned
from failure import BenchError
from measure import Output
from systems import BUILD, System
from traffic import Expected

_START_SECONDS: Final = 60.0
_STOP_SECONDS: Final = 30.0
_POLL_SECONDS: Final = 0.5
_TAIL_LINES: Final = 15
_CHANGELOG: Final = {"cleanup.policy": "compact", "min.compaction.lag.ms": "86400000"}


@dataclass(frozen=True)
class Job:
    """What is run: a system by its command, on an input topic, under a name of its own."""

    system: System
    command: list[str]
    environment: dict[str, str]
    input: str
    group: str

    @property
    def output(self) -> str:
        """Its output topic."""
        return f"{self.group}-hits"

    @property
    def directory(self) -> Path:
        """Where its log and its state are."""
        return BUILD / "runs" / self.group


def run_job(job: Job, broker: Broker, expected: Expected, on_progress: Callable[[int], None]) -> list[Output]:
    """Run a job to its last output, stop it, and return all its outputs. Raises BenchError with the log's tail."""
    shutil.rmtree(job.directory, ignore_errors=True)
    data_dir = job.directory / "data"
    data_dir.mkdir(parents=True)
    broker.create(job.output, config={"message.timestamp.type": "LogAppendTime"})
    if job.system.faust_topics:
        broker.create(f"{job.group}-counts-changelog", config=_CHANGELOG)
        broker.create(f"{job.group}-__assignor-__leader", partitions=1)
    try:
        command = _command(job, broker.bootstrap, data_dir)
        worker = running_worker(command, job.environment, job.directory)
        with worker as process, broker.counter(job.output) as count:
            _wait(job, process, count, expected, on_progress)
        return broker.read(job.output)
    finally:
        shutil.rmtree(data_dir, ignore_errors=True)
        broker.delete_all_of(job.group)


def _wait(
    job: Job,
    process: subprocess.Popen[bytes],
    count: Callable[[], int],
    expected: Expected,
    on_progress: Callable[[int], None],
) -> None:
    deadline = time.monotonic() + _START_SECONDS + expected.records / job.system.least_records_per_s
    while (outputs := count()) < len(expected.hits):
        on_progress(outputs)
        if process.poll() is not None:
            raise _failed(job, f"it ended by itself, with code {process.returncode}", outputs, expected)
        if time.monotonic() > deadline:
            raise _failed(job, "it was not done at its deadline", outputs, expected)
        time.sleep(_POLL_SECONDS)
    on_progress(outputs)


def _failed(job: Job, what: str, outputs: int, expected: Expected) -> BenchError:
    lines = (job.directory / "worker.log").read_text(encoding="utf-8", errors="replace").splitlines()
    tail = "\n".join(lines[-_TAIL_LINES:]) or "(nothing)"
    return BenchError(f"{what}, with {outputs} of {len(expected.hits)} outputs. The last lines of its log:\n{tail}")


def _command(job: Job, bootstrap: str, data_dir: Path) -> list[str]:
    arguments = {"bootstrap": bootstrap, "input": job.input, "output": job.output, "group": job.group}
    command = [*job.command, *(word for name, value in arguments.items() for word in (f"--{name}", value))]
    return [*command, "--data-dir", str(data_dir), *job.system.arguments]


@contextlib.contextmanager
def running_worker(
    command: Sequence[str], environment: Mapping[str, str], directory: Path
) -> Iterator[subprocess.Popen[bytes]]:
    """Run a worker in a directory, on its core; whatever happens, it has ended when this is left."""
    with (directory / "worker.log").open("wb") as log, pinned(WORKER_CORE):
        process = subprocess.Popen(
            command,
            cwd=directory,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
        )
    try:
        yield process
    finally:
        process.terminate()
        try:
            process.wait(_STOP_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
