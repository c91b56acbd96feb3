"""Pairs to be compared, from a CSV file to a CSV stream: each row with what was found of it, as soon as it is found.

Wrong input is a `PairsError` that names file, line, column and reason; what was already written stands.
"""

import csv
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Final, TextIO

from infra.errors import PairsError
from infra.services.progress import OnProgress

LONGEST_CELL: Final = 1_000
"""Characters; a name, a date, a plate and a document number are far shorter."""
LONGEST_LINE: Final = 100_000
_EVERY_ROWS: Final = 500

Judge = Callable[[Mapping[str, str]], Sequence[str]]
"""What is found of a pair, one text for each column added; raises `CellError`."""


class CellError(ValueError):
    """A cell cannot be understood; carries the column and the reason."""

    def __init__(self, column: str, why: str) -> None:
        super().__init__(why)
        self.column = column


def judge_pairs(  # noqa: PLR0913 - what is read, judged, added and told
    source: Path, judge: Judge, out: TextIO, on_progress: OnProgress, *, needed: Sequence[str], added: Sequence[str]
) -> int:
    """Write the rows of `source`, each with its columns and the `added` ones, and return how many there were.

    Raises `infra.errors.PairsError` where the file cannot be read or is no such table.
    """
    lines = _Lines(source, on_progress)
    rows = csv.reader(lines, strict=True)
    writer = csv.writer(out, lineterminator="\n")
    number = 0
    try:
        header = _header(source, next(rows, None), needed, added)
        writer.writerow([*header, *added])
        for number, row in enumerate(rows, start=1):  # noqa: B007 - how many is returned
            writer.writerow([*row, *judge(_cells(header, row))])
    except CellError as error:
        raise PairsError(f"{source}, line {rows.line_num}, column {error.column}: {error}") from None
    except csv.Error as error:
        raise PairsError(f"{source}, line {rows.line_num}: no CSV: {error}") from None
    lines.tell()
    return number


def _header(source: Path, header: list[str] | None, needed: Sequence[str], added: Sequence[str]) -> list[str]:
    where = f"{source}, line 1"
    if header is None:
        raise PairsError(f"{source} is empty: the first line names the columns")
    for column in needed:
        if column not in header:
            raise PairsError(f"{where}, column {column}: is missing; the columns are {', '.join(header)}")
    for column in header:
        if header.count(column) > 1:
            raise PairsError(f"{where}, column {column}: stands there twice")
        if column in added:
            raise PairsError(f"{where}, column {column}: is a column of the answer; rename it")
    return header


def _cells(header: Sequence[str], row: Sequence[str]) -> Mapping[str, str]:
    if len(row) != len(header):
        raise CellError(header[min(len(row), len(header) - 1)], f"{len(row)} cells, but {len(header)} columns")
    for column, cell in zip(header, row, strict=True):
        if len(cell) > LONGEST_CELL:
            raise CellError(column, f"{len(cell)} characters; at most {LONGEST_CELL:,} are compared")
    return dict(zip(header, row, strict=True))


class _Lines:
    """The lines of a file as text, telling how far it is read."""

    def __init__(self, source: Path, on_progress: OnProgress) -> None:
        self._source, self._on_progress = source, on_progress
        self._done = self._total = 0

    def __iter__(self) -> Iterator[str]:
        try:
            with self._source.open("rb") as file:
                self._total = os.fstat(file.fileno()).st_size
                number = 0
                while line := file.readline(LONGEST_LINE + 1):
                    number += 1
                    self._done += len(line)
                    if number % _EVERY_ROWS == 0:
                        self.tell()
                    yield self._text(line, number)
        except OSError as error:
            raise PairsError(f"{self._source} cannot be read: {error.strerror}") from None

    def tell(self) -> None:
        self._on_progress(self._done, self._total or None, f"comparing {self._source.name}")

    def _text(self, line: bytes, number: int) -> str:
        if len(line) > LONGEST_LINE:
            raise PairsError(f"{self._source}, line {number}: longer than {LONGEST_LINE:,} bytes")
        try:
            return line.decode("utf-8-sig" if number == 1 else "utf-8")
        except UnicodeDecodeError as error:
            raise PairsError(f"{self._source}, line {number}: not UTF-8 at byte {error.start + 1}") from None
