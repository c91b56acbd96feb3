"""Letting processes into a spool: by itself one checks the file and mends it, then all use it together.

A damaged file is not mended in place. What can be read of it goes into a fresh one, and it is kept
beside, because somebody may read more of it than this module can. Every step may be the last before a
power cut: the file `replacing` says that the fresh one is complete and has to take the place.
"""

import os
import sqlite3
from collections.abc import Iterable
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import structlog

from producers.spool import files as spool_files
from producers.spool.files import SpoolFiles
from producers.spool.pages import DamagedPages, Value
from producers.spool.rows import COLUMNS, Row

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Damage:
    """A loss: how many stored events could not be read (None: not known), and the file that was kept.

    Without a file, the one event stands in the spool's own table of what was set aside.
    """

    unreadable: int | None
    kept: Path | None


@dataclass(slots=True)
class _Salvaged:
    events: int = 0
    expected: int | None = None


def enter(files: SpoolFiles, found_at: datetime) -> int:
    """Return the descriptor of a lock that says that the spool is in use; its file is sound or being suspected.

    Raises `SpoolError`, OSError or sqlite3.Error, and can then be called again.
    """
    files.make()
    descriptor = spool_files.open_lock(files.use_lock)
    try:
        deadline = spool_files.lock_deadline()
        while True:
            if spool_files.try_lock(descriptor):
                _make_sound(files, found_at)
            if not files.suspected.exists() and spool_files.try_lock(descriptor, shared=True):
                return descriptor
            spool_files.wait_for_others(deadline)
    except BaseException:
        os.close(descriptor)
        raise


def _make_sound(files: SpoolFiles, found_at: datetime) -> None:
    if files.replacing.exists():
        _replace(files)
    files.fresh.unlink(missing_ok=True)
    files.make()
    if files.suspected.exists() or not _is_sound(files):
        files.suspect()
        _mend(files, found_at)
    files.suspected.unlink(missing_ok=True)


def _is_sound(files: SpoolFiles) -> bool:
    if files.database.stat().st_size == 0 and files.log.exists() and files.log.stat().st_size > 0:
        return False  # SQLite would take it for new and drop the log
    try:
        with closing(spool_files.connect(files.database)) as database:
            tables = {name for (name,) in database.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
            answer = database.execute("PRAGMA quick_check(1)").fetchone()[0]
    except sqlite3.DatabaseError as error:
        if spool_files.is_damage(error):
            return False
        raise
    return answer == "ok" and tables >= spool_files.TABLES


def _mend(files: SpoolFiles, found_at: datetime) -> None:
    kept = files.next_kept()
    os.link(files.database, kept)
    if files.log.exists():
        os.link(files.log, kept.with_name(kept.name + "-wal"))
    files.make_private(files.fresh)
    with closing(spool_files.connect(files.fresh)) as fresh, DamagedPages(files.database, files.log) as pages:
        fresh.execute("BEGIN IMMEDIATE")
        salvaged = _salvage(pages, fresh)
        unreadable = None if salvaged.expected is None else max(0, salvaged.expected - salvaged.events)
        damage = (found_at.isoformat().encode(), unreadable, kept.name.encode())
        fresh.execute("INSERT INTO damage (found_at, unreadable, kept) VALUES (?, ?, ?)", damage)
        fresh.execute("COMMIT")
        fresh.execute("PRAGMA journal_mode = DELETE").fetchall()  # so that all of it stands in one file
    spool_files.sync(files.fresh)
    files.replacing.touch()
    spool_files.sync_directory(files.directory)
    _replace(files)
    log.error("spool_mended", salvaged=salvaged.events, unreadable=unreadable, kept=str(kept))


def _replace(files: SpoolFiles) -> None:
    """Put the fresh file into its place; a log of the damaged one must not be left for it."""
    if files.fresh.exists():
        files.log.unlink(missing_ok=True)
        files.index.unlink(missing_ok=True)
        spool_files.sync_directory(files.directory)
        files.fresh.replace(files.database)
    spool_files.sync_directory(files.directory)
    files.replacing.unlink()


def _salvage(pages: DamagedPages, fresh: sqlite3.Connection) -> _Salvaged:
    """Copy all rows that are whole; which table one is of shows in its columns."""
    salvaged = _Salvaged()
    for rowid, columns in pages.rows():
        match columns:
            case [None, bytes(), bytes(), bytes(), bytes(), bytes(), bytes(), bytes()]:
                row = Row(rowid, *_blobs(columns[1:]))
                if row.is_intact:
                    marks = ", ".join("?" * (len(COLUMNS) + 1))
                    statement = f"INSERT OR IGNORE INTO waiting (sequence, {', '.join(COLUMNS)}) VALUES ({marks})"  # noqa: S608 - our own names
                    salvaged.events += fresh.execute(statement, (rowid, *row.columns)).rowcount
            case [None, int(), *_, bytes()] if len(columns) == len(COLUMNS) + 3:
                marks = ", ".join("?" * len(columns))
                fresh.execute(f"INSERT OR IGNORE INTO set_aside VALUES ({marks})", (rowid, *columns[1:]))  # noqa: S608
            case [None, int(events), int()] if rowid == 1 and salvaged.expected is None:
                salvaged.expected = events
            case [None, int(following)] if following >= 0:
                fresh.execute("INSERT OR IGNORE INTO positions VALUES (?, ?)", (rowid, following))
            case [None, bytes(), None | int(), None | bytes()]:
                fresh.execute("INSERT OR IGNORE INTO damage VALUES (?, ?, ?, ?)", (rowid, *columns[1:]))
    return salvaged


def _blobs(columns: Iterable[Value]) -> tuple[bytes, ...]:
    return tuple(column for column in columns if isinstance(column, bytes))
