"""The files of a spool: where they lie, who may touch them, and how SQLite is asked to treat them."""

import fcntl
import os
import sqlite3
import time
from contextlib import suppress
from pathlib import Path
from typing import Final

from producers.errors import SpoolError

SCHEMA_VERSION: Final = 1
TABLES: Final = frozenset({"waiting", "set_aside", "totals", "positions", "damage"})

_BUSY_SECONDS: Final = 10.0
_ENTER_SECONDS: Final = 120.0
"""As long as another process may take to check or mend a spool of some gigabytes on a slow card."""

_POLL_SECONDS: Final = 0.02
_PRIVATE: Final = 0o600

# `totals` is kept by triggers, because counting a million rows for each event stored would be slow.
_SCHEMA: Final = """
BEGIN IMMEDIATE;
CREATE TABLE IF NOT EXISTS waiting (
    sequence INTEGER PRIMARY KEY AUTOINCREMENT, id BLOB NOT NULL UNIQUE, topic BLOB NOT NULL, key BLOB NOT NULL,
    headers BLOB NOT NULL, stored_at BLOB NOT NULL, checksum BLOB NOT NULL, value BLOB NOT NULL
);
CREATE TABLE IF NOT EXISTS set_aside (
    number INTEGER PRIMARY KEY, sequence INTEGER NOT NULL, id BLOB, topic BLOB, key BLOB,
    headers BLOB, stored_at BLOB, checksum BLOB, value BLOB, reason BLOB NOT NULL
);
CREATE TABLE IF NOT EXISTS totals (one INTEGER PRIMARY KEY CHECK (one = 1), events INTEGER, bytes INTEGER);
CREATE TABLE IF NOT EXISTS positions (partition INTEGER PRIMARY KEY, next INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS damage (number INTEGER PRIMARY KEY, found_at BLOB, unreadable INTEGER, kept BLOB);
INSERT OR IGNORE INTO totals VALUES (1, 0, 0);
CREATE TRIGGER IF NOT EXISTS stored AFTER INSERT ON waiting BEGIN
    UPDATE totals SET events = events + 1, bytes = bytes + length(NEW.value) + length(NEW.headers);
END;
CREATE TRIGGER IF NOT EXISTS removed AFTER DELETE ON waiting BEGIN
    UPDATE totals SET events = events - 1, bytes = bytes - length(OLD.value) - length(OLD.headers);
END;
CREATE TRIGGER IF NOT EXISTS kept AFTER INSERT ON set_aside BEGIN
    UPDATE totals SET bytes = bytes + length(NEW.value) + length(NEW.headers);
END;
PRAGMA user_version = 1;
COMMIT;
"""


class SpoolFiles:
    """The names of a spool's files in its directory."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self.database = directory / "spool.db"
        self.log = directory / "spool.db-wal"
        self.index = directory / "spool.db-shm"
        self.fresh = directory / "spool.db.fresh"
        self.suspected = directory / "suspected"
        self.replacing = directory / "replacing"
        self.use_lock = directory / "use.lock"
        self.send_lock = directory / "send.lock"

    def make(self) -> None:
        """Make the directory, for its owner alone, and the empty database file; both outlast a power cut."""
        if not self.directory.is_dir():
            self.directory.mkdir(mode=0o700, parents=True, exist_ok=True)
            sync_directory(self.directory.parent)
        if not self.database.exists():
            self.make_private(self.database)
            sync_directory(self.directory)

    @staticmethod
    def make_private(path: Path) -> None:
        """Make an empty file that its owner alone can read; SQLite gives its log the same mode."""
        os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, _PRIVATE))

    def suspect(self) -> None:
        """Ask every process that uses the database to let go of it, so that one can check and mend it."""
        self.suspected.touch(_PRIVATE)

    def next_kept(self) -> Path:
        """Return the name under which the next damaged database is kept."""
        number = 1
        while (path := self.directory / f"spool.db.damaged-{number}").exists():
            number += 1
        return path


def connect(path: Path) -> sqlite3.Connection:
    """Open a spool's database, and make its tables if it is new."""
    # psow=0: flash may garble a whole sector in a power cut, so that no commit shares one with the next.
    address = f"{path.absolute().as_uri()}?psow=0"
    database = sqlite3.connect(address, timeout=_BUSY_SECONDS, isolation_level=None, check_same_thread=False, uri=True)
    try:
        is_new = database.execute("PRAGMA user_version").fetchone()[0] < SCHEMA_VERSION
        if is_new:
            database.execute("PRAGMA auto_vacuum = INCREMENTAL").fetchall()  # possible before the first table only
        for setting in (
            "journal_mode = WAL",
            "synchronous = FULL",  # a commit is on the disk when it returns
            "fullfsync = ON",  # macOS: a plain fsync leaves data in the drive's cache
            "checkpoint_fullfsync = ON",
            "secure_delete = ON",  # what was sent is overwritten, not just forgotten
            "wal_autocheckpoint = 256",
            "journal_size_limit = 4194304",
        ):
            database.execute(f"PRAGMA {setting}").fetchall()
        if is_new:
            database.executescript(_SCHEMA)
    except BaseException:
        database.close()
        raise
    return database


def is_damage(error: sqlite3.Error) -> bool:
    """Whether the error says that the file is not what SQLite wrote; all others may pass by themselves."""
    code = getattr(error, "sqlite_errorcode", None)
    if code is None:
        return False
    return (code & 0xFF) in {sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB} or "no such table" in str(error)


def open_lock(path: Path) -> int:
    """Return a descriptor of a lock file."""
    return os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, _PRIVATE)


def try_lock(descriptor: int, *, shared: bool = False) -> bool:
    """Take a lock that the kernel gives back when the process dies; False if another holds it."""
    with suppress(BlockingIOError):
        fcntl.flock(descriptor, (fcntl.LOCK_SH if shared else fcntl.LOCK_EX) | fcntl.LOCK_NB)
        return True
    return False


def lock_deadline() -> float:
    """Return until when (monotonic) to wait for the others."""
    return time.monotonic() + _ENTER_SECONDS


def wait_for_others(deadline: float) -> None:
    """Wait a moment; raises `SpoolError` after the deadline."""
    if time.monotonic() > deadline:
        raise SpoolError("another process checks or mends the spool and does not end")
    time.sleep(_POLL_SECONDS)


def sync(path: Path) -> None:
    """Wait until the file's content is on the disk."""
    descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


sync_directory = sync
"""Wait until the names in the directory are on the disk."""
