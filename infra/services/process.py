"""Child processes that outlive nobody: started in a session of their own, stopped by deadline.

The record file beside a service says which process runs on its data. After a crash of ours the
process may still run; `reap_orphan` finds it by that record and never touches another's process.
"""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import psutil

from infra.services.errors import StartError

_POLL_SECONDS = 0.05
_LOG_LIMIT_BYTES = 5 * 1024 * 1024
_TAIL_LINES = 15

# The same process may show a create time that differs by the steps of the system clock.
_CREATE_TIME_TOLERANCE_SECONDS = 2.0


@dataclass(frozen=True)
class Launch:
    """How a child is started: its command, its place, its files and who it runs as.

    `log_path` receives its output; `record_path` says who it is after a crash of ours. A `user`
    of None means our own; `descriptors` stay open in the child; `stop_signal` asks it to end.
    """

    command: Sequence[str]
    directory: Path
    log_path: Path
    record_path: Path
    environment: Mapping[str, str]
    user: tuple[int, int] | None = None
    descriptors: tuple[int, ...] = ()
    stop_signal: signal.Signals = signal.SIGTERM


class Child:
    """A running child process and its log."""

    def __init__(self, launch: Launch) -> None:
        """Start it. Raises StartError if the program cannot be executed or the log not written."""
        self.launch = launch
        try:
            _rotate(launch.log_path)
            # Written before the start, so that a crash between the two leaves a trace as well.
            _write_record(launch.record_path, launch.command, None)
            with launch.log_path.open("ab") as log:
                self._log_start = log.tell()
                self._process = _popen(launch, log.fileno())
        except OSError as error:
            raise StartError(
                f"{launch.command[0]} cannot be started: {error.strerror}.",
                where=str(error.filename or launch.directory),
                remedy="Check that the installation is complete and the disk is not full.",
            ) from error
        self.pid = self._process.pid
        self._stopped = False
        _write_record(launch.record_path, launch.command, self.pid)

    def exit_code(self) -> int | None:
        """Return the exit code once it ended (negative: the signal that ended it), else None."""
        return self._process.poll()

    def wait(self, seconds: float) -> int | None:
        """Wait for its end up to `seconds`; the exit code, or None if it still runs."""
        with contextlib.suppress(subprocess.TimeoutExpired):
            return self._process.wait(seconds)
        return None

    def stop(self, seconds: float) -> None:
        """Ask it to end, and after `seconds` kill its whole group; harmless when called again."""
        if self._stopped:  # the record may be that of a next run by now
            return
        if self.exit_code() is None:
            with contextlib.suppress(ProcessLookupError):
                os.kill(self.pid, self.launch.stop_signal)
            if self.wait(seconds) is None:
                _kill_group(self.pid)
                self._process.wait()
        self.launch.record_path.unlink(missing_ok=True)
        self._stopped = True

    def log_tail(self) -> str:
        """Return the last lines that this run, not an earlier one, wrote; without Java's stack traces."""
        with self.launch.log_path.open("rb") as log:
            end = log.seek(0, os.SEEK_END)
            log.seek(max(self._log_start, end - 16_384))
            lines = log.read().decode("utf-8", "replace").splitlines()
        telling = [line for line in lines if not line.startswith(("\tat ", "\t... "))]
        return "\n".join(telling[-_TAIL_LINES:])


def reap_orphan(record_path: Path, stop_signal: signal.Signals, seconds: float) -> bool:
    """Stop the child of a crashed earlier run, if it still lives; True if a record was left.

    Only for the holder of the directory's lock: whoever else's child it was, its owner is gone.
    Raises StartError if it cannot be stopped.
    """
    try:
        record = json.loads(record_path.read_text(encoding="utf-8"))
        command, pid, created = list(record["command"]), record["pid"], record["created"]
    except FileNotFoundError:
        return False
    except (ValueError, KeyError, TypeError):
        record_path.unlink()  # cut short by a crash of the machine: nothing of then runs now
        return True
    for orphan in _find(command, pid, created):
        _end(orphan, stop_signal, seconds)
    record_path.unlink()
    return True


def _find(command: list[str], pid: int | None, created: float | None) -> list[psutil.Process]:
    if pid is None:  # we died between the start of the child and its record
        return [process for process in psutil.process_iter() if command_of(process) == command]
    try:
        process = psutil.Process(pid)
        near = abs(process.create_time() - (created or 0)) < _CREATE_TIME_TOLERANCE_SECONDS
    except psutil.Error:
        return []
    return [process] if near or command_of(process) == command else []


def command_of(process: psutil.Process) -> list[str]:
    """Return the command line of a process, empty if it is gone or not ours to see."""
    try:
        return list(process.cmdline())
    except psutil.Error:
        return []


def _end(orphan: psutil.Process, stop_signal: signal.Signals, seconds: float) -> None:
    try:
        orphan.send_signal(stop_signal)
        if not _gone_within(orphan, seconds):
            _kill_group(orphan.pid)
            if not _gone_within(orphan, seconds):
                raise psutil.TimeoutExpired(seconds, pid=orphan.pid)
    except psutil.NoSuchProcess:
        return
    except (psutil.Error, OSError) as error:
        raise StartError(
            f"Process {orphan.pid}, left by a crashed earlier run, cannot be stopped.",
            where=f"process {orphan.pid}: {error}",
            remedy=f"Stop it (kill -9 {orphan.pid}) as its owner, then start again.",
        ) from error


def _gone_within(process: psutil.Process, seconds: float) -> bool:
    """Whether it ended by then; a zombie that nobody collects has ended as well."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        try:
            if not process.is_running() or process.status() == psutil.STATUS_ZOMBIE:
                return True
        except psutil.NoSuchProcess:
            return True
        time.sleep(_POLL_SECONDS)
    return False


def _kill_group(pid: int) -> None:
    """Kill the session that we started with `pid` at its head."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(pid, signal.SIGKILL)


def _popen(launch: Launch, log: int) -> subprocess.Popen[bytes]:
    user, group = launch.user or (None, None)
    return subprocess.Popen(  # noqa: S603 - the commands are ours, and no shell reads them
        launch.command,
        stdin=subprocess.DEVNULL,
        stdout=log,
        stderr=subprocess.STDOUT,
        cwd=launch.directory,
        env=dict(launch.environment),
        start_new_session=True,
        pass_fds=launch.descriptors,
        user=user,
        group=group,
        extra_groups=None if group is None else [],
    )


def _write_record(path: Path, command: Sequence[str], pid: int | None) -> None:
    created: float | None = None
    if pid is not None:
        with contextlib.suppress(psutil.Error):  # it may have ended already
            created = psutil.Process(pid).create_time()
    new = path.with_suffix(".new")
    text = json.dumps({"command": list(command), "pid": pid, "created": created})
    new.write_text(text, encoding="utf-8")
    new.replace(path)


def _rotate(log_path: Path) -> None:
    """Keep one older log once the current one is large."""
    if log_path.exists() and log_path.stat().st_size > _LOG_LIMIT_BYTES:
        log_path.replace(log_path.with_suffix(".old.log"))
