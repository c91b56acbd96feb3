"""The files of one embedded database: its password and its cluster.

Both are either absent or whole: they are made under another name first.
"""

from __future__ import annotations

import os
import secrets
import shutil
from collections.abc import Callable
from pathlib import Path

from infra.services.errors import DirectoryError
from infra.services.postgres_account import Account, Reach, reach

USER = "brdo"

_INIT_OPTIONS = (
    f"--username={USER}",
    "--auth=scram-sha-256",
    "--encoding=UTF8",
    "--locale-provider=builtin",  # sorts the same on every machine, whatever its locales
    "--builtin-locale=C.UTF-8",
    "--locale=C",
    "--no-instructions",
)

# Runs initdb with these options and this way to its folder; raises where it fails.
RunInitdb = Callable[[tuple[str, ...], Reach], None]


def ensure_password(home: Path) -> str:
    """Return the password kept in `home`, a new one where there is neither it nor a cluster.

    Raises DirectoryError if the cluster is there and its password is not.
    """
    path = home / "password"
    try:
        return path.read_text(encoding="ascii").strip()
    except FileNotFoundError:
        if (home / "cluster").exists():
            raise DirectoryError(
                "The password of this database is missing.",
                where=str(path),
                remedy="Restore that file, or start with another data directory.",
            ) from None
    password = secrets.token_urlsafe(24)
    _write_private(path, password)
    return password


def ensure_cluster(home: Path, account: Account | None, run_initdb: RunInitdb) -> Path:
    """Return the cluster in `home`, made if it is not there. Raises what `run_initdb` raises."""
    cluster = home / "cluster"
    if cluster.exists():
        return cluster
    new = home / "cluster.new"  # may be there from an interrupted attempt
    shutil.rmtree(new, ignore_errors=True)
    new.mkdir(mode=0o700)
    password_path = new / "password"  # a copy that initdb can read under its account
    _write_private(password_path, ensure_password(home))
    if account is not None:
        os.chown(password_path, *account)
    with reach(new, account) as way:
        # initdb wants a folder to itself: the cluster is one below.
        places = (f"--pwfile={way.path}/password", f"--pgdata={way.path}/cluster")
        run_initdb((*_INIT_OPTIONS, *places), way)
    (new / "cluster").rename(cluster)
    shutil.rmtree(new)
    return cluster


def _write_private(path: Path, text: str) -> None:
    """Write a file that only its owner can read, whole on the disk or not at all."""
    new = path.with_suffix(".new")
    new.unlink(missing_ok=True)
    descriptor = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="ascii") as file:
        file.write(text + "\n")
        file.flush()
        os.fsync(descriptor)
    new.replace(path)
