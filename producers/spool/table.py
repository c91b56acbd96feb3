"""What is asked of the spool's tables, one statement each; `spool` gives them their transactions."""

import sqlite3
from collections.abc import Iterable
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Final

from producers.spool.repair import Damage
from producers.spool.rows import COLUMNS, Row

Place = tuple[int, bytes]
"""A row's sequence and checksum: the number alone may be given anew after a file was mended."""

_NAMES: Final = ", ".join(COLUMNS)
_SELECT: Final = f"SELECT sequence, {_NAMES} FROM waiting"  # noqa: S608 - our own names, here and below
_INSERT: Final = f"INSERT INTO waiting ({_NAMES}) VALUES (?, ?, ?, ?, ?, ?, ?)"  # noqa: S608
_COPY: Final = f"""INSERT INTO set_aside (sequence, {_NAMES}, reason)
    SELECT sequence, {_NAMES}, ? FROM waiting WHERE sequence = ? AND checksum = ?"""  # noqa: S608
_REMOVE: Final = "DELETE FROM waiting WHERE sequence = ? AND checksum = ?"


class SetAsideReason(StrEnum):
    """Why a record is kept without being sent; also a metric label."""

    CHECKSUM = "checksum"
    REFUSED_BY_BROKER = "refused_by_broker"


def find(database: sqlite3.Connection, identity: bytes) -> Row | None:
    """Return the row that waits under this id."""
    columns = database.execute(f"{_SELECT} WHERE id = ?", (identity,)).fetchone()
    return None if columns is None else Row(*columns)


def insert(database: sqlite3.Connection, row: Row) -> None:
    """Add a row after all others."""
    database.execute(_INSERT, row.columns)


def read_after(database: sqlite3.Connection, sequence: int, rows: int, size: int) -> list[Row]:
    """Return the next rows: at most so many, and no more once they have this many bytes."""
    found: list[Row] = []
    for columns in database.execute(f"{_SELECT} WHERE sequence > ? ORDER BY sequence LIMIT ?", (sequence, rows)):
        found.append(Row(*columns))
        size -= found[-1].size
        if size <= 0:
            break
    return found


def remove(database: sqlite3.Connection, places: Iterable[Place]) -> None:
    """Delete rows."""
    database.executemany(_REMOVE, places)


def move_aside(database: sqlite3.Connection, place: Place, reason: SetAsideReason, found_at: datetime) -> bool:
    """Keep a row where nothing is sent from; False if it is gone already."""
    if database.execute(_COPY, (reason.value.encode(), *place)).rowcount == 0:
        return False
    remove(database, [place])
    if reason is SetAsideReason.CHECKSUM:
        told = (found_at.isoformat().encode(),)
        database.execute("INSERT INTO damage (found_at, unreadable, kept) VALUES (?, 1, NULL)", told)
    return True


def set_aside_between(database: sqlite3.Connection, first: int, last: int) -> int:
    """Return how many rows of this range of sequence numbers were set aside."""
    query = "SELECT count(*) FROM set_aside WHERE sequence BETWEEN ? AND ?"
    return int(database.execute(query, (first, last)).fetchone()[0])


def totals(database: sqlite3.Connection) -> tuple[int, int]:
    """Return how many rows wait, and how many bytes all rows have, those set aside included."""
    events, size = database.execute("SELECT events, bytes FROM totals").fetchone()
    return int(events), int(size)


def ends(database: sqlite3.Connection) -> tuple[int, int] | None:
    """Return the sequence numbers of the oldest and the newest row that waits."""
    oldest, newest = database.execute(
        "SELECT (SELECT min(sequence) FROM waiting), (SELECT max(sequence) FROM waiting)"
    ).fetchone()
    return None if oldest is None else (int(oldest), int(newest))


def oldest_at(database: sqlite3.Connection) -> datetime | None:
    """Return when the oldest waiting row was stored, by the device's clock."""
    row = database.execute("SELECT stored_at FROM waiting ORDER BY sequence LIMIT 1").fetchone()
    try:
        return None if row is None else datetime.fromisoformat(row[0].decode())
    except ValueError:  # a damaged row, which is about to be set aside
        return None


def damage(database: sqlite3.Connection, directory: Path) -> tuple[Damage, ...]:
    """Return what was lost or set aside because the file did not say what was stored, oldest first."""
    rows = database.execute("SELECT unreadable, kept FROM damage ORDER BY number").fetchall()
    return tuple(Damage(unreadable, directory / kept.decode() if kept else None) for unreadable, kept in rows)


def position(database: sqlite3.Connection, partition: int) -> int | None:
    """Return where reading notices goes on."""
    row = database.execute("SELECT next FROM positions WHERE partition = ?", (partition,)).fetchone()
    return None if row is None else int(row[0])


def remember(database: sqlite3.Connection, partition: int, following: int) -> None:
    """Keep where reading notices goes on."""
    database.execute("INSERT OR REPLACE INTO positions VALUES (?, ?)", (partition, following))
