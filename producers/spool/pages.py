"""The rows of a damaged database, read page by page without SQLite, which stops at the first thing that is wrong.

The form is that of https://www.sqlite.org/fileformat2.html: section 1.6 (b-tree pages), 2.1 (records)
and 4 (write-ahead log). Only leaves are read, so that a lost inner page or header costs nothing.
"""

import struct
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO, Final, Self

Value = int | bytes | None

PAGE_BYTES: Final = 4096
_LEAF: Final = 0x0D
_LARGEST_RECORD_BYTES: Final = 16 * 1024 * 1024
_LOG_HEADER_BYTES: Final = 32
_FRAME_HEADER_BYTES: Final = 24
_FILE_HEADER_BYTES: Final = 100
_INTEGER_BYTES: Final = {1: 1, 2: 2, 3: 3, 4: 4, 5: 6, 6: 8}
_BROKEN: Final = (struct.error, IndexError, ValueError, OverflowError)


class DamagedPages:
    """The pages of a database file, with what its log has newer. Use as a context manager."""

    def __init__(self, database: Path, log: Path) -> None:
        self._file: BinaryIO = database.open("rb")
        self._log: BinaryIO | None = log.open("rb") if log.exists() else None
        self._newest: dict[int, int] = {}
        """Page number → where the log has it, as of the last commit."""
        if self._log is not None:
            self._read_log(self._log)

    def __enter__(self) -> Self:
        """Return the pages themselves."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close the files."""
        self._file.close()
        if self._log is not None:
            self._log.close()

    def rows(self) -> Iterator[tuple[int, list[Value]]]:
        """Return (rowid, columns) of all that can be read, of every table."""
        pages = self._file.seek(0, 2) // PAGE_BYTES
        for number in range(1, max([pages, *self._newest]) + 1):
            yield from self._rows_of(self._page(number), _FILE_HEADER_BYTES if number == 1 else 0)

    def _rows_of(self, page: bytes, start: int) -> Iterator[tuple[int, list[Value]]]:
        if len(page) < PAGE_BYTES or page[start] != _LEAF:
            return
        (cells,) = struct.unpack_from(">H", page, start + 3)
        for cell in range(min(cells, PAGE_BYTES // 4)):
            try:
                (place,) = struct.unpack_from(">H", page, start + 8 + 2 * cell)
                size, place = _varint(page, place)
                rowid, place = _varint(page, place)
                row = _columns(self._payload(page, place, size))
            except _BROKEN:
                continue
            yield rowid, row

    def _payload(self, page: bytes, place: int, size: int) -> bytes:
        """Return a record, with the part of it that stands on overflow pages."""
        if size > _LARGEST_RECORD_BYTES:
            raise ValueError("no record is that large")
        if size <= PAGE_BYTES - 35:
            return page[place : place + size]
        least = (PAGE_BYTES - 12) * 32 // 255 - 23
        local = least + (size - least) % (PAGE_BYTES - 4)
        local = local if local <= PAGE_BYTES - 35 else least
        payload = bytearray(page[place : place + local])
        (following,) = struct.unpack_from(">I", page, place + local)
        while len(payload) < size:
            overflow = self._page(following)
            (following,) = struct.unpack_from(">I", overflow, 0)
            payload += overflow[4:]
        return bytes(payload[:size])

    def _page(self, number: int) -> bytes:
        if number in self._newest:
            return self._at(self._newest[number])
        self._file.seek((number - 1) * PAGE_BYTES)
        return self._file.read(PAGE_BYTES)

    def _at(self, place: int) -> bytes:
        assert self._log is not None  # noqa: S101 - places come from the log
        self._log.seek(place)
        return self._log.read(PAGE_BYTES)

    def _read_log(self, log: BinaryIO) -> None:
        """Find each page's newest version: up to the last commit whose checksums hold, as SQLite would."""
        header = log.read(_LOG_HEADER_BYTES)
        if len(header) < _LOG_HEADER_BYTES:
            return
        order = ">" if header[3] & 1 else "<"
        sums = _log_sums(order, header[:24], (0, 0))
        pending: dict[int, int] = {}
        while len(frame := log.read(_FRAME_HEADER_BYTES)) == _FRAME_HEADER_BYTES:
            place, page = log.tell(), log.read(PAGE_BYTES)
            if len(page) < PAGE_BYTES or frame[8:16] != header[16:24]:
                break
            sums = _log_sums(order, page, _log_sums(order, frame[:8], sums))
            if sums != struct.unpack(">2I", frame[16:]):
                break
            number, committed = struct.unpack_from(">2I", frame)
            pending[number] = place
            if committed:
                self._newest |= pending
                pending = {}


def _log_sums(order: str, part: bytes, sums: tuple[int, int]) -> tuple[int, int]:
    one, two = sums
    words = struct.unpack(f"{order}{len(part) // 4}I", part)
    for first, second in zip(words[::2], words[1::2], strict=True):
        one = (one + first + two) & 0xFFFFFFFF
        two = (two + second + one) & 0xFFFFFFFF
    return one, two


def _columns(record: bytes) -> list[Value]:
    end, place = _varint(record, 0)
    kinds = []
    while place < end:
        kind, place = _varint(record, place)
        kinds.append(kind)
    values: list[Value] = []
    for kind in kinds:
        value, place = _value(record, place, kind)
        values.append(value)
    return values


def _value(record: bytes, place: int, kind: int) -> tuple[Value, int]:
    if kind == 0:
        return None, place
    if kind in (8, 9):
        return kind - 8, place
    if kind in _INTEGER_BYTES:
        end = place + _INTEGER_BYTES[kind]
        return int.from_bytes(record[place:end], "big", signed=True), end
    if kind < 12:  # noqa: PLR2004 - a float or a kind that does not exist: nothing of ours
        raise ValueError("not a column of ours")
    end = place + (kind - 12) // 2
    if end > len(record):
        raise ValueError("a column ends behind its record")
    return record[place:end], end


def _varint(data: bytes, place: int) -> tuple[int, int]:
    """Return a number of one to nine bytes, and where it ends."""
    number = 0
    for step in range(8):
        byte = data[place + step]
        number = number << 7 | byte & 0x7F
        if byte < 0x80:  # noqa: PLR2004 - the top bit says that more follows
            return number, place + step + 1
    return number << 8 | data[place + 8], place + 9
