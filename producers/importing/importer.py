"""Tables into the network: each row of a delimited file becomes an event, or a refused row with its reason.

An import that breaks off goes on where Kafka last acknowledged a block; what it sends twice then has the
same ids, and counts once.
"""

import fcntl
import hashlib
import os
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import BinaryIO, Final, Protocol

from producers.importing.cells import RowReason
from producers.importing.mapping import RowError, RowMap, load_map
from producers.importing.progress import NotImportedError, Progress, read_progress
from producers.importing.refused_rows import RefusedRow, RefusedRows
from producers.importing.rows import Row, Rows
from schemas.codec import decode
from schemas.errors import Refusal
from schemas.records import Record, message_record

BLOCK_ROWS: Final = 500
"""Rows between two acknowledgements: so many are sent again at most after an import broke off."""

OnProgress = Callable[[int, int, int], None]
"""Called with the rows done, the bytes done, and the bytes there are."""

_PROBLEMS: Final = {
    RowReason.NULL_BYTE: "holds a null byte",
    RowReason.NOT_ENCODED: "holds bytes that are not in the map's encoding",
    RowReason.UNBALANCED_QUOTES: "opens a quote that nothing closes, or goes on after one",
    RowReason.STRAY_LINE_END: "holds half a line end",
    RowReason.ROW_TOO_LONG: "is too long; only its beginning stands here",
    RowReason.WRONG_COLUMNS: "has more or fewer columns than the header",
}


class PublishesInBlocks(Protocol):
    """What an import needs of Kafka: `producers.publisher.Publisher` has it."""

    def send(self, record: Record) -> None:
        """Queue a record."""

    def flush(self) -> None:
        """Wait for the acknowledgements; raises `producers.errors.NotPublishedError`."""


@dataclass(frozen=True, slots=True)
class Imported:
    """What came of a file, all runs taken together."""

    rows: int
    accepted: int
    refused: dict[str, int]
    refused_path: Path
    already: bool = False


@dataclass(slots=True)
class _Block:
    rows: int = 0
    records: list[Record] = field(default_factory=list)
    refused: list[RefusedRow] = field(default_factory=list)
    end: int = 0
    line: int = 0


def import_file(
    publisher: PublishesInBlocks, file: Path, map_path: Path, *, restart: bool = False, on_progress: OnProgress
) -> Imported:
    """Import a file, or go on with it.

    Raises `NotImportedError` and `ConfigurationError` before anything is sent, and
    `producers.errors.NotPublishedError` where Kafka does not acknowledge; the same call goes on then.
    """
    row_map = load_map(map_path)
    progress_path, refused_path = file.with_suffix(".progress.json"), file.with_suffix(".refused.csv")
    try:
        with _alone(file) as table:
            if restart:
                progress_path.unlink(missing_ok=True)
                refused_path.unlink(missing_ok=True)
            fresh = Progress(file_sha256=_sha256(table), map_sha256=hashlib.sha256(map_path.read_bytes()).hexdigest())
            done = _resumable(read_progress(progress_path), fresh, file, map_path)
            if done.status == "done":
                return _imported(done, refused_path, already=True)
            if done.rows == 0 and refused_path.exists() and not progress_path.exists():
                raise NotImportedError(f"{refused_path} is there already; move it away, or begin anew with --restart")
            done = _import(publisher, table, row_map, _Files(progress_path, refused_path), done, on_progress)
            return _imported(done, refused_path)
    except OSError as error:
        raise NotImportedError(f"{error.filename or file}: {error.strerror or type(error).__name__}") from None


@dataclass(frozen=True, slots=True)
class _Files:
    progress: Path
    refused: Path


def _import(  # noqa: PLR0913, PLR0917 - what an import consists of
    publisher: PublishesInBlocks,
    table: BinaryIO,
    row_map: RowMap,
    files: _Files,
    done: Progress,
    on_progress: OnProgress,
) -> Progress:
    before = os.fstat(table.fileno())
    table.seek(0)
    reading = Rows(table, row_map)
    header = _checked_header(reading.header(), row_map)
    refused_rows = RefusedRows(files.refused, row_map, header)
    refused_rows.resume(done.refused_bytes, done.refused_sha256)
    if done.offset:
        table.seek(done.offset)
        reading = Rows(table, row_map, line=done.line)
    done.write(files.progress)
    on_progress(done.rows, done.offset, before.st_size)
    for block in _blocks(reading, row_map, header):
        for record in block.records:
            publisher.send(record)
        publisher.flush()
        refused_rows.append(block.refused)
        counts = Counter(done.refused) + Counter(one.reason for one in block.refused)
        done = done.model_copy(
            update={
                "offset": block.end,
                "line": block.line,
                "rows": done.rows + block.rows,
                "accepted": done.accepted + len(block.records),
                "refused": dict(counts),
                "refused_bytes": refused_rows.bytes,
                "refused_sha256": refused_rows.sha256,
            }
        )
        done.write(files.progress)
        on_progress(done.rows, done.offset, before.st_size)
    after = os.fstat(table.fileno())
    if (before.st_size, before.st_mtime_ns) != (after.st_size, after.st_mtime_ns):
        raise NotImportedError("the file was changed while it was imported; begin anew with --restart")
    done = done.model_copy(update={"status": "done"})
    done.write(files.progress)
    return done


def _blocks(reading: Rows, row_map: RowMap, header: tuple[str, ...]) -> Iterator[_Block]:
    rows = reading.rows(len(header))
    while taken := list(islice(rows, BLOCK_ROWS)):
        block = _Block(len(taken), end=taken[-1].end, line=taken[-1].end_line)
        for row in taken:
            one = _read(row, row_map, header)
            if isinstance(one, Record):
                block.records.append(one)
            else:
                block.refused.append(one)
        yield block


def _read(row: Row, row_map: RowMap, header: tuple[str, ...]) -> Record | RefusedRow:
    """Return the record that a row becomes, or why it does not."""
    if row.problem is not None:
        return RefusedRow(row, row.problem.value, "", _PROBLEMS[row.problem])
    try:
        return message_record(decode(row_map.event(dict(zip(header, row.cells, strict=True)))))
    except (RowError, Refusal) as error:
        return RefusedRow(row, error.reason.value, error.field, error.text)


def _checked_header(header: tuple[str, ...], row_map: RowMap) -> tuple[str, ...]:
    if not header:
        raise NotImportedError("the file has no header that can be read")
    missing = row_map.missing(header)
    if missing:
        hint = "; is the delimiter right?" if len(header) == 1 else ""
        raise NotImportedError(f"the file has no column {', '.join(missing)}, which the map names{hint}")
    twice = [name for name in row_map.columns if header.count(name) > 1]
    if twice:
        raise NotImportedError(f"the file has column {', '.join(twice)} more than once")
    return header


def _resumable(before: Progress | None, fresh: Progress, file: Path, map_path: Path) -> Progress:
    if before is None:
        return fresh
    for changed, path in (
        (before.file_sha256 != fresh.file_sha256, file),
        (before.map_sha256 != fresh.map_sha256, map_path),
    ):
        if changed:
            raise NotImportedError(f"{path} has changed since its import began; begin anew with --restart")
    return before


def _imported(done: Progress, refused_path: Path, *, already: bool = False) -> Imported:
    return Imported(done.rows, done.accepted, dict(done.refused), refused_path, already)


def _sha256(table: BinaryIO) -> str:
    return hashlib.file_digest(table, "sha256").hexdigest()  # type: ignore[arg-type]


@contextmanager
def _alone(file: Path) -> Iterator[BinaryIO]:
    """Open the file so that no second import of it can run beside; raises `NotImportedError`."""
    with file.open("rb") as table:
        try:
            fcntl.flock(table, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise NotImportedError(f"{file} is being imported by another process") from None
        yield table
