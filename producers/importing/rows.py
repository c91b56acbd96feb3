"""The rows of a delimited file, one at a time, with the place where each ends; a broken one spoils no other."""

import csv
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO, Final

from producers.importing.cells import RowReason
from producers.importing.mapping import RowMap

LONGEST_ROW_BYTES: Final = 1024 * 1024
MOST_LINES: Final = 200
"""How far a quoted cell may run: a quote that nobody closes would else take the rest of the file with it."""

_SHOWN_CHARACTERS: Final = 1000
_SKIP_BYTES: Final = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Row:
    """A row: the line it begins on (from 1), the offset of the byte after it, its cells or why it has none."""

    line: int
    end_line: int
    end: int
    cells: tuple[str, ...]
    problem: RowReason | None = None
    text: str = ""


@dataclass(frozen=True, slots=True)
class _Line:
    number: int
    end: int
    text: str
    problem: RowReason | None = None


class Rows:
    """Reads rows from where the file stands. Blank rows are passed over."""

    def __init__(self, file: BinaryIO, row_map: RowMap, *, line: int = 0) -> None:
        csv.field_size_limit(2 * LONGEST_ROW_BYTES)  # the csv module has one for the whole process
        self._file = file
        self._map = row_map
        self._number = line
        self._ahead: deque[_Line] = deque()

    def header(self) -> tuple[str, ...]:
        """Return the names of the columns; empty where there is no readable first row."""
        row = next(self.rows(None), None)
        return () if row is None or row.problem else tuple(name.removeprefix("\ufeff").strip() for name in row.cells)

    def rows(self, width: int | None) -> Iterator[Row]:
        """Return every row, each with so many cells or a problem."""
        while (first := self._line(0)) is not None:
            row = self._broken(first, first.problem) if first.problem else self._row(first, width)
            for _ in range(row.end_line - row.line + 1):
                self._ahead.popleft()
            if row.problem or any(cell.strip() for cell in row.cells):
                yield row

    def _row(self, first: _Line, width: int | None) -> Row:
        """Return the row that begins here. What cannot be one row to its end is a broken line, and the next counts."""
        lines = [first]
        cells, problem = self._parse(lines)
        while cells is None and problem is None:
            more = self._line(len(lines))
            too_far = len(lines) >= MOST_LINES or sum(len(line.text) for line in lines) > LONGEST_ROW_BYTES
            if more is None or more.problem or too_far:
                return self._broken(first, RowReason.UNBALANCED_QUOTES)
            lines.append(more)
            if self._map.quote in more.text:
                cells, problem = self._parse(lines)
        if cells is None:
            return self._broken(first, problem)
        if not any(cell.strip() for cell in cells):
            return Row(first.number, lines[-1].number, lines[-1].end, ())
        if width is not None and len(cells) != width:
            return self._broken(first, RowReason.WRONG_COLUMNS)
        whole = "".join(line.text for line in lines)
        unfit = _unfit(whole)
        text = whole if unfit else ""
        return Row(first.number, lines[-1].number, lines[-1].end, cells, unfit, text)

    def _parse(self, lines: list[_Line]) -> tuple[tuple[str, ...] | None, RowReason | None]:
        """Return the cells, or what is wrong; neither where a quoted cell is still open."""
        texts = [line.text for line in lines]
        reader = csv.reader(texts, delimiter=self._map.delimiter, quotechar=self._map.quote, strict=True)
        try:
            return tuple(cell.replace("\r\n", "\n") for cell in next(reader, [])), None
        except csv.Error as error:
            if "unexpected end of data" in str(error):
                return None, None
            return None, RowReason.STRAY_LINE_END if "new-line" in str(error) else RowReason.UNBALANCED_QUOTES

    def _broken(self, line: _Line, problem: RowReason | None) -> Row:
        return Row(line.number, line.number, line.end, (), problem, line.text.rstrip("\r\n"))

    def _line(self, ahead: int) -> _Line | None:
        """Return the line so many after the present one, reading it where it was not read yet."""
        while len(self._ahead) <= ahead:
            line = self._read_line()
            if line is None:
                return None
            self._ahead.append(line)
        return self._ahead[ahead]

    def _read_line(self) -> _Line | None:
        data = self._file.readline(LONGEST_ROW_BYTES + 1)
        if not data:
            return None
        self._number += 1
        problem = None
        if len(data) > LONGEST_ROW_BYTES and not data.endswith(b"\n"):
            problem, data = RowReason.ROW_TOO_LONG, data[:_SHOWN_CHARACTERS]
            while (rest := self._file.readline(_SKIP_BYTES)) and not rest.endswith(b"\n"):
                pass
        text = data.decode(self._map.encoding, "surrogateescape")
        return _Line(self._number, self._file.tell(), text, problem)


def _unfit(text: str) -> RowReason | None:
    if "\0" in text:
        return RowReason.NULL_BYTE
    if not text.isascii() and any("\udc80" <= character <= "\udcff" for character in text):
        return RowReason.NOT_ENCODED
    return None
