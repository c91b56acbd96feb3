"""Scenarios in which the state of case book or watch is lost, cannot be written, or was never there."""

from __future__ import annotations

import errno
import resource
import shutil
import signal
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Final

from confluent_kafka.admin import AdminClient
from line_rig import GROUPS, READY_SECONDS, Line
from started import wait_until
from trial import Trial

from infra.kafka_topics import ensure_topics, topic_states
from infra.workers import WorkerName
from schemas.topics import CASEBOOK_STATE, WATCH_STATE, Topic

STATES: Final = ((WorkerName.CASEBOOK, CASEBOOK_STATE), (WorkerName.WATCH, WATCH_STATE))
SMALL_DISK: Final = "48m"
_BLOCKS: Final = (1024 * 1024, 4096, 1)


def changelog_lost(trial: Trial) -> None:
    """Delete the changelogs while case book and watch are down: state comes from input alone, nobody hears twice."""
    times = trial.pick(1, 3)
    events = trial.traffic(trial.pick(200, 1_500))
    with trial.flow(events, per_second=40) as flow:
        for number in range(times):
            flow.wait_for((2 * number + 1) * len(events) // (2 * times))
            trial.line.stop(*(name for name, _ in STATES))
            for _, changelog in STATES:
                make_changelog_anew(trial.line, changelog)
            trial.line.start(*(name for name, _ in STATES))
    trial.settle()


def make_changelog_anew(line: Line, changelog: Topic) -> None:
    """Delete the topic and create it; what was read of it is read again."""
    admin = AdminClient({"bootstrap.servers": line.bootstrap})
    admin.delete_topics([changelog.name])[changelog.name].result()
    wait_until(lambda: not has_topic(line, changelog), READY_SECONDS)
    ensure_topics(line.bootstrap)
    line.read_topics_again()


def has_topic(line: Line, topic: Topic) -> bool:
    """Whether the broker still knows the topic."""
    return any(one.topic == topic and one.partitions is not None for one in topic_states(line.bootstrap))


def state_directory_lost(trial: Trial) -> None:
    """Kill case book and watch, and delete their copies of the state before they come back."""
    times = trial.pick(1, 3)
    events = trial.traffic(trial.pick(200, 1_500))
    with trial.flow(events, per_second=40) as flow:
        for number in range(times):
            flow.wait_for((2 * number + 1) * len(events) // (2 * times))
            for name, _ in STATES:
                (one,) = trial.line.crew[name]
                trial.line.leave(one, how=signal.SIGKILL)
                assert any(one.state_dir.iterdir()), "there was no state to lose"
                shutil.rmtree(one.state_dir)
            trial.line.start(*(name for name, _ in STATES))
    trial.settle()


def disk_full(trial: Trial) -> None:
    """Leave no byte on the disk of the workers' state until the case book died of it; then make room."""
    line = trial.line
    events = trial.traffic(trial.pick(200, 1_500))
    line.stop(*GROUPS)
    with ExitStack() as stack:
        try:
            disk = stack.enter_context(a_small_disk(line.data_dir / "faust"))
        except subprocess.CalledProcessError:
            disk = None
        line.start(*GROUPS)
        with trial.flow(events, per_second=40) as flow:
            flow.wait_for(len(events) // 4)
            pid = line.pid(WorkerName.CASEBOOK)
            filler = fill(disk, pid)
            wait_until(lambda: line.pid(WorkerName.CASEBOOK) != pid, READY_SECONDS)
            (again,) = line.crew[WorkerName.CASEBOOK]
            second = again.pid
            wait_until(lambda: again.pid != second or again.is_ready(), READY_SECONDS)  # either, on the full disk
            flow.wait_for(3 * len(events) // 4)
            if filler is not None:
                filler.unlink()
        trial.settle()
        line.stop(*GROUPS)
    line.start(*GROUPS)


@contextmanager
def a_small_disk(directory: Path) -> Iterator[Path]:
    """Mount a small disk there; raises CalledProcessError where this machine does not let us."""
    directory.mkdir(exist_ok=True)
    subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={SMALL_DISK}", "tmpfs", directory], check=True)
    try:
        yield directory
    finally:
        subprocess.run(["umount", directory], check=True)


def fill(disk: Path | None, pid: int) -> Path | None:
    """Leave no byte on the disk and return what fills it; without one, forbid the process to write to files."""
    if disk is None:
        _, hard = resource.prlimit(pid, resource.RLIMIT_FSIZE)
        resource.prlimit(pid, resource.RLIMIT_FSIZE, (0, hard))
        return None
    filler = disk / "filler"
    with filler.open("wb", buffering=0) as file:
        for size in _BLOCKS:
            try:
                while True:
                    file.write(b"x" * size)
            except OSError as error:
                if error.errno != errno.ENOSPC:
                    raise
    return filler


def first_start(trial: Trial) -> None:
    """Publish a little at once, before anything else happens on an empty cluster."""
    trial.publish(trial.traffic(40))
    trial.settle()
