"""Where the entries of one changelog partition are kept on this machine: nowhere, or in RocksDB.

What is kept is a copy: the changelog is the state of record, and a copy that lags, or belongs to a
changelog that is no more, is read on or thrown away.

What is deleted leaves the disk, too: RocksDB marks it only, until files are merged. The changelog says for a while
only what was deleted, so a copy that nobody wrote for a day is thrown away, whoever owned its partition.
"""

import json
import math
import shutil
import threading
import time
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Final, Protocol

import structlog
from rocksdict import Options, Rdict, WriteBatch, WriteOptions

from streams.batches.changelog import Positions

_HELD: Final = b"\xff\x02held"
_WRITE_BUFFER_BYTES: Final = 32 * 1024 * 1024
_WRITE_EVERY_SECONDS: Final = 0.5
_MOST_WAITING: Final = 50_000
MERGE: Final = "merge"
"""The name of the thread that merges files."""
_MERGE_AFTER_SECONDS: Final = 60.0
_MERGE_SHARE: Final = 100
"""Files are merged for no more than a hundredth of the time."""
STALE_SECONDS: Final = 86_400.0
"""Less than a changelog says what was deleted (Kafka's ``delete.retention.ms``: a day, after a lag of another)."""
DROP_STALE_EVERY_SECONDS: Final = 3_600.0

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Held:
    """How far a copy is: the changelog's identity and next offset, its epoch there, the input positions.

    `suspects` are keys that a stale writer touched and that nobody wrote again yet, as text (latin-1).
    """

    log: str
    log_next: int = 0
    epoch: int = 0
    positions: Positions = field(default_factory=dict)
    suspects: tuple[str, ...] = ()


class Store(Protocol):
    """Entries by key, and how far they are."""

    def held(self) -> Held | None:
        """Return how far this copy is, or None for an empty one."""

    def write(self, entries: Mapping[bytes, bytes | None], held: Held) -> None:
        """Keep these entries (None deletes) and how far that is: both or neither."""

    def get_many(self, keys: Sequence[bytes]) -> list[bytes | None]:
        """Return the values of the keys, in their order."""

    def items(self) -> Iterator[tuple[bytes, bytes]]:
        """Return every entry."""

    def loaded(self) -> None:
        """Drop the entries, if they were only for building the state from them: that is done."""

    def erase(self) -> None:
        """Forget everything."""

    def close(self) -> None:
        """Let go of files."""


class MemoryStore:
    """Keeps entries only until the state is built from them: each start reads the whole changelog."""

    def __init__(self) -> None:
        self._entries: dict[bytes, bytes] = {}
        self._held: Held | None = None
        self._is_loaded = False

    def held(self) -> Held | None:
        """Return how far this copy is."""
        return self._held

    def write(self, entries: Mapping[bytes, bytes | None], held: Held) -> None:
        """Keep the entries, while they are needed."""
        self._held = held
        if self._is_loaded:
            return
        for key, value in entries.items():
            if value is None:
                self._entries.pop(key, None)
            else:
                self._entries[key] = value

    def get_many(self, keys: Sequence[bytes]) -> list[bytes | None]:
        """Return the values, until the state is built."""
        return [self._entries.get(key) for key in keys]

    def items(self) -> Iterator[tuple[bytes, bytes]]:
        """Return every entry."""
        return iter(self._entries.items())

    def loaded(self) -> None:
        """Drop the entries: the state has them."""
        self._entries, self._is_loaded = {}, True

    def erase(self) -> None:
        """Forget everything."""
        self._entries, self._held, self._is_loaded = {}, None, False

    def close(self) -> None:
        """Nothing to let go of."""


class RocksStore:
    """Keeps entries in RocksDB, one database a partition; raises `OSError` where that is another worker's.

    Changes wait in memory for a moment, so that a key that changes often is written once: what a crash
    takes of them, the changelog has.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._write_options = WriteOptions()
        self._waiting: dict[bytes, bytes | None] = {}
        self._waiting_held: Held | None = None
        self._written_at = time.monotonic()
        self._merging: threading.Thread | None = None
        self._merge_at = 0.0
        self._deleted = False
        self._open()

    def _open(self) -> None:
        self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        if is_stale(self._path):
            shutil.rmtree(self._path)
        options = Options(raw_mode=True)
        options.create_if_missing(True)
        options.set_write_buffer_size(_WRITE_BUFFER_BYTES)
        try:
            self._db = Rdict(str(self._path), options)
        except Exception as error:
            if "lock" in str(error).lower():
                raise OSError(f"{self._path} is in use by another worker: give each a data directory") from error
            shutil.rmtree(self._path)  # a copy that cannot be read is made anew from the changelog
            self._db = Rdict(str(self._path), options)

    def held(self) -> Held | None:
        """Return how far this copy is."""
        if self._waiting_held is not None:
            return self._waiting_held
        value = self._db.get(_HELD)
        return None if value is None else Held(**json.loads(value))

    def write(self, entries: Mapping[bytes, bytes | None], held: Held) -> None:
        """Keep these for the next write, and write once enough of them or of time has come together."""
        self._waiting.update(entries)
        self._waiting_held = held
        if len(self._waiting) >= _MOST_WAITING or time.monotonic() - self._written_at >= _WRITE_EVERY_SECONDS:
            self._flush()
            self._begin_to_merge()

    def _flush(self) -> None:
        """Write all that waits, and how far it is, as one."""
        if self._waiting_held is None:
            return
        batch = WriteBatch(raw_mode=True)
        put, delete = batch.put, batch.delete
        for key, value in self._waiting.items():
            if value is None:
                delete(key)
            else:
                put(key, value)
        put(_HELD, json.dumps(asdict(self._waiting_held)).encode())
        self._db.write(batch, self._write_options)
        self._deleted = self._deleted or None in self._waiting.values()
        self._waiting, self._waiting_held, self._written_at = {}, None, time.monotonic()

    def _begin_to_merge(self) -> None:
        if self._deleted and time.monotonic() >= self._merge_at:
            self._deleted, self._merge_at = False, math.inf  # until it is done
            self._merging = threading.Thread(target=self._merge, name=MERGE, daemon=True)
            self._merging.start()

    def _merge(self) -> None:
        """Write files without what was deleted; the old ones go."""
        began = time.monotonic()
        try:
            self._db.flush()
            self._db.compact_range(None, None)
        except Exception as error:  # noqa: BLE001 - closed, or a full disk, say: the next time may be better
            self._deleted = True
            log.info("copy_not_merged", error=type(error).__name__)
        ended = time.monotonic()
        self._merge_at = ended + max(_MERGE_AFTER_SECONDS, _MERGE_SHARE * (ended - began))

    def get_many(self, keys: Sequence[bytes]) -> list[bytes | None]:
        """Return the values, those that do not wait in one read."""
        waiting = self._waiting
        values = {key: waiting[key] for key in keys if key in waiting}
        absent: list[Any] = [key for key in keys if key not in values]
        if absent:
            stored: Any = self._db.get(absent)
            values.update(zip(absent, stored, strict=True))
        return [values[key] for key in keys]

    def items(self) -> Iterator[tuple[bytes, bytes]]:
        """Return every entry."""
        self._flush()
        entries: Any = self._db.items()
        return ((key, value) for key, value in entries if key != _HELD)

    def loaded(self) -> None:
        """Keep them: they are for the next start."""

    def erase(self) -> None:
        """Make the database anew."""
        self._waiting, self._waiting_held = {}, None
        self.close()
        shutil.rmtree(self._path)
        self._open()

    def close(self) -> None:
        """Write what waits, and let go of the files and their lock."""
        self._flush()
        if self._merging is None or not self._merging.is_alive():
            self._db.close()
            return
        self._db.cancel_all_background(True)  # it would hold up the next owner
        self._merging.join()
        del self._db  # its own `close` would still flush, which it can no longer; its log has all


def is_stale(path: Path) -> bool:
    """Whether there is a copy that nobody wrote for a day."""
    written_at = max((file.stat().st_mtime for file in path.glob("*")), default=None)
    return written_at is not None and time.time() - written_at > STALE_SECONDS


def drop_stale(directory: Path, in_use: Collection[str]) -> None:
    """Remove the stale copies of partitions that went to other workers; those of these names stay."""
    for path in directory.glob("*"):
        if path.name not in in_use and is_stale(path):
            shutil.rmtree(path)
