"""Locks on directories, held by the kernel for as long as the holding process lives."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from infra.services.errors import DirectoryError, DirectoryInUseError

LOCK_NAME = "lock"


class DirectoryLock:
    """An exclusive lock on a directory. It dies with the process, so a crash never leaves one."""

    def __init__(self, directory: Path) -> None:
        """Create the directory if need be and take its lock.

        Raises DirectoryInUseError if another holder lives, DirectoryError if the directory
        cannot be written or its file system knows no locks.
        """
        self._path = directory / LOCK_NAME
        make_private_directory(directory)
        self._descriptor = _open(self._path)
        try:
            fcntl.flock(self._descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            pid = self._holder()
            os.close(self._descriptor)
            holder = f"process {pid}" if pid else "another process"
            raise DirectoryInUseError(
                f"The data directory is already in use by {holder}.",
                where=str(directory),
                remedy=f"Stop {holder}, or choose another data directory.",
                pid=pid,
            ) from error
        except OSError as error:
            os.close(self._descriptor)
            raise DirectoryError(
                f"The data directory cannot be locked: {error.strerror}.",
                where=str(directory),
                remedy="Choose a data directory on a local disk.",
            ) from error
        os.ftruncate(self._descriptor, 0)
        os.pwrite(self._descriptor, f"{os.getpid()}\n".encode(), 0)

    def release(self) -> None:
        """Give the lock back; harmless when called again. The file stays, or two could hold it."""
        if self._descriptor >= 0:
            os.close(self._descriptor)
            self._descriptor = -1

    def _holder(self) -> int | None:
        text = os.pread(self._descriptor, 32, 0).decode("ascii", "replace").strip()
        return int(text) if text.isdigit() else None


@contextmanager
def lock_data_dir(data_dir: Path) -> Iterator[None]:
    """Hold the whole data directory for the length of the block.

    Raises DirectoryInUseError, which names the pid of the holder, and DirectoryError.
    """
    lock = DirectoryLock(data_dir)
    try:
        yield
    finally:
        lock.release()


@contextmanager
def wait_for_lock(path: Path) -> Iterator[None]:
    """Wait for the lock on the file `path` and hold it for the length of the block.

    Raises DirectoryError if the file cannot be made.
    """
    make_private_directory(path.parent)
    descriptor = _open(path)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def make_private_directory(directory: Path) -> None:
    """Create the directory, readable by its owner only; an existing one keeps its mode.

    Raises DirectoryError if it cannot be made.
    """
    try:
        directory.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise _unwritable(directory, error) from error


def _open(path: Path) -> int:
    try:
        return os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise _unwritable(path.parent, error) from error


def _unwritable(directory: Path, error: OSError) -> DirectoryError:
    return DirectoryError(
        f"The directory cannot be written: {error.strerror}.",
        where=str(directory),
        remedy="Choose a directory that this user can write, or change its owner.",
    )
