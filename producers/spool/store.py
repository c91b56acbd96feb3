"""What a device has to send, on its disk: stored before publish says yes, removed when Kafka says yes.

SQLite in WAL mode, one row a record, in the order of their sequence numbers. Several processes may
use one spool; each commit is on the disk when it returns. Damage is mended by `repair`.
"""

import os
import sqlite3
import threading
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final, TypeVar

import structlog
from prometheus_client import Counter

from producers.errors import SpoolError, SpoolFullError
from producers.spool import files as spool_files
from producers.spool import table as spool_table
from producers.spool.files import SpoolFiles
from producers.spool.repair import Damage, enter
from producers.spool.rows import Row, new_row
from producers.spool.table import Place, SetAsideReason
from schemas.errors import Refusal, RefusalReason
from schemas.records import Record

Clock = Callable[[], datetime]

_VACUUM_PAGES: Final = 2_000

ResultT = TypeVar("ResultT")

log = structlog.get_logger()
_stored = Counter("border_producers_spool_stored_total", "Records stored in the spool")
_set_aside = Counter("border_producers_spool_set_aside_total", "Records kept in the spool and not sent", ["reason"])
_suspected = Counter("border_producers_spool_damage_total", "Times that a spool's file was met damaged while in use")


@dataclass(frozen=True, slots=True)
class SpoolLimits:
    """How much a spool may hold, and how many bytes it leaves free on its disk.

    The free bytes are what removing needs: a spool that filled the disk itself could not be emptied.
    """

    events: int = 1_000_000
    bytes: int = 2 * 1024**3
    free_bytes: int = 16 * 1024**2


class Spool:
    """An open spool; safe for several threads. `generation` counts how often its file was entered anew.

    Whatever SQLite or the disk says comes out as `SpoolError`, and the next call tries again.
    """

    def __init__(self, directory: Path, clock: Clock, limits: SpoolLimits | None = None) -> None:
        self.files = SpoolFiles(directory)
        self.generation = 0
        self._clock = clock
        self._limits = limits or SpoolLimits()
        self._guard = threading.RLock()
        self._database: sqlite3.Connection | None = None
        self._in_use: int | None = None
        self._untidy = True
        self._is_closed = False
        self._run(lambda _: None)

    def store(self, identity: str, record: Record) -> bool:
        """Store a record; False if the same waits already. When this returns, it is on the disk.

        Raises `SpoolFullError` and `SpoolError`, then the event is not stored; and `Refusal` where an
        event of the same id waits and says something else.
        """
        row = new_row(identity, record, self._clock().isoformat())

        def store(database: sqlite3.Connection) -> bool:
            waiting = spool_table.find(database, row.id)
            if waiting is not None and waiting.is_intact:
                if (waiting.value, waiting.topic) != (row.value, row.topic):
                    raise _CONFLICT
                return False
            if waiting is not None:
                spool_table.move_aside(database, waiting.place, SetAsideReason.CHECKSUM, self._clock())
            self._check_room(database, row)
            spool_table.insert(database, row)
            return True

        try:
            is_new = self._transact(store)
        except SpoolFullError:
            raise
        except SpoolError as error:
            raise SpoolError(f"the event is NOT stored: {error}") from error
        if is_new:
            _stored.inc()
        return is_new

    def after(self, sequence: int, *, rows: int, size: int) -> list[Row]:
        """Return the next rows: at most so many, and no more once they have this many bytes.

        A row that no longer says what was stored is set aside instead.
        """
        found = self._run(lambda database: spool_table.read_after(database, sequence, rows, size))
        for row in found:
            if not row.is_intact:
                self.set_aside(row.place, SetAsideReason.CHECKSUM)
        return [row for row in found if row.is_intact]

    def remove(self, places: Sequence[Place]) -> None:
        """Forget rows that Kafka acknowledged."""
        self._transact(lambda database: spool_table.remove(database, places))
        self._untidy = True

    def set_aside(self, place: Place, reason: SetAsideReason) -> None:
        """Keep a row where nothing is sent from, and tell of it."""
        if self._transact(lambda database: spool_table.move_aside(database, place, reason, self._clock())):
            _set_aside.labels(reason.value).inc()
            log.error("record_set_aside", sequence=place[0], reason=reason.value)

    def set_aside_between(self, first: int, last: int) -> int:
        """Return how many rows of this range of sequence numbers were set aside."""
        return self._run(lambda database: spool_table.set_aside_between(database, first, last))

    @property
    def waiting(self) -> int:
        """How many rows wait for Kafka's acknowledgement."""
        return self._run(spool_table.totals)[0]

    @property
    def ends(self) -> tuple[int, int] | None:
        """The sequence numbers of the oldest and the newest row that waits."""
        return self._run(spool_table.ends)

    @property
    def oldest_at(self) -> datetime | None:
        """When the oldest waiting row was stored, by the device's clock."""
        return self._run(spool_table.oldest_at)

    @property
    def damage(self) -> tuple[Damage, ...]:
        """What was lost or set aside because the file did not say what was stored, oldest first."""
        return self._run(lambda database: spool_table.damage(database, self.files.directory))

    def position(self, partition: int) -> int | None:
        """Return where reading notices goes on."""
        return self._run(lambda database: spool_table.position(database, partition))

    def remember(self, partition: int, following: int) -> None:
        """Keep where reading notices goes on."""
        self._transact(lambda database: spool_table.remember(database, partition, following))

    def tidy(self) -> None:
        """Give free space back to the disk, and leave nothing that was sent in the log."""
        if not self._untidy:
            return
        is_empty = self.waiting == 0
        free, pages = self._run(_free_pages)
        if free and (is_empty or free > pages // 2):
            vacuum = f"PRAGMA incremental_vacuum({_VACUUM_PAGES})"
            self._run(lambda database: database.executescript(vacuum))  # execute would stop after one page
        if is_empty and free <= _VACUUM_PAGES:
            truncate = "PRAGMA wal_checkpoint(TRUNCATE)"
            self._untidy = bool(self._run(lambda database: database.execute(truncate).fetchone())[0])

    def close(self) -> None:
        """Let go of the files; harmless when called again."""
        with self._guard:
            self._is_closed = True
            self._let_go()

    def _check_room(self, database: sqlite3.Connection, row: Row) -> None:
        events, size = spool_table.totals(database)
        if events >= self._limits.events:
            limit = f"{self._limits.events} events"
        elif size + row.size > self._limits.bytes:
            limit = f"{self._limits.bytes} bytes"
        else:
            free = os.statvfs(self.files.directory)
            if free.f_bavail * free.f_frsize < self._limits.free_bytes + row.size:
                raise SpoolError(f"the disk is full, {self._limits.free_bytes} bytes of it must stay free")
            return
        oldest_at = spool_table.oldest_at(database)
        since = "" if oldest_at is None else f" since {oldest_at.isoformat(timespec='seconds')}"
        raise SpoolFullError(
            f"the event is NOT stored: the spool has reached its limit of {limit}; {events} events wait{since}"
        )

    def _transact(self, work: Callable[[sqlite3.Connection], ResultT]) -> ResultT:
        return self._run(lambda database: _transact(database, work))

    def _run(self, work: Callable[[sqlite3.Connection], ResultT]) -> ResultT:
        """Do the work; once more where the file was met damaged and could be mended."""
        with self._guard:
            try:
                return self._attempt(work)
            except sqlite3.DatabaseError as error:
                if not spool_files.is_damage(error):
                    raise _cannot(error) from error
                _suspected.inc()
            try:
                self.files.suspect()
                return self._attempt(work)
            except (sqlite3.Error, OSError) as error:
                raise _cannot(error) from error

    def _attempt(self, work: Callable[[sqlite3.Connection], ResultT]) -> ResultT:
        if self._is_closed:
            raise SpoolError("the spool is closed")
        try:
            if self._in_use is not None and self.files.suspected.exists():
                self._let_go()
            if self._in_use is None:
                self._in_use = enter(self.files, self._clock())
                self.generation += 1
            if self._database is None:
                self._database = spool_files.connect(self.files.database)
            return work(self._database)
        except sqlite3.Error:
            self._disconnect()  # after a failed write nothing that the connection remembers can be relied on
            raise
        except OSError as error:
            raise _cannot(error) from error

    def _disconnect(self) -> None:
        if self._database is not None:
            with suppress(sqlite3.Error):
                self._database.close()
            self._database = None

    def _let_go(self) -> None:
        self._disconnect()
        if self._in_use is not None:
            os.close(self._in_use)
            self._in_use = None


_CONFLICT: Final = Refusal(
    RefusalReason.ID_CONFLICT, "id", "an earlier event with this id says something else, and it holds"
)


def _transact(database: sqlite3.Connection, work: Callable[[sqlite3.Connection], ResultT]) -> ResultT:
    database.execute("BEGIN IMMEDIATE")
    try:
        result = work(database)
        database.execute("COMMIT")
    except BaseException:
        if database.in_transaction:  # SQLite rolls back by itself when the disk is full
            with suppress(sqlite3.Error):
                database.execute("ROLLBACK")
        raise
    return result


def _free_pages(database: sqlite3.Connection) -> tuple[int, int]:
    free, pages = (database.execute(f"PRAGMA {name}").fetchone()[0] for name in ("freelist_count", "page_count"))
    return int(free), int(pages)


def _cannot(error: Exception) -> SpoolError:
    return SpoolError(f"the spool cannot be used: {error}")
