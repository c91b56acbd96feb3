"""Rows that were not accepted, in a file of the same form: to be mended there and imported with the same map."""

import csv
import hashlib
import io
import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Final

from producers.importing.mapping import RowMap
from producers.importing.progress import NotImportedError
from producers.importing.rows import Row

ADDED: Final = ("refused_line", "refused_reason", "refused_field", "refused_text")
"""Columns after the original ones: an import passes over columns that its map does not name."""


@dataclass(frozen=True, slots=True)
class RefusedRow:
    """A row and why it was refused."""

    row: Row
    reason: str
    field: str
    text: str


class RefusedRows:
    """The file of refused rows, made when the first comes. It holds what the table held: for its owner alone."""

    def __init__(self, path: Path, row_map: RowMap, header: Sequence[str]) -> None:
        self._path = path
        self._map = row_map
        self._kept = [position for position, name in enumerate(header) if name not in ADDED]
        self._header = [*(header[position] for position in self._kept), *ADDED]
        self._digest = hashlib.sha256()
        self.bytes = 0

    @property
    def sha256(self) -> str:
        """The digest of all that was written."""
        return self._digest.hexdigest()

    def resume(self, size: int, sha256: str) -> None:
        """Go on after so many bytes; what a run that broke off wrote after them is cut off.

        Raises `NotImportedError` where these bytes are no longer the same.
        """
        if size == 0:
            if self._path.exists():
                self._path.unlink()
            return
        with self._open() as file:
            self._digest = hashlib.sha256(file.read(size))
            if self.sha256 != sha256:
                raise NotImportedError(
                    f"{self._path} was changed while its import was under way; "
                    "move it away and begin anew with --restart"
                )
            file.truncate(size)
        self.bytes = size

    def append(self, refused: Sequence[RefusedRow]) -> None:
        """Write them so that they are on the disk when this returns."""
        if not refused:
            return
        text = io.StringIO()
        writer = csv.writer(text, delimiter=self._map.delimiter, quotechar=self._map.quote)
        if self.bytes == 0:
            writer.writerow(self._header)
        for one in refused:
            writer.writerow([*self._cells(one.row), str(one.row.line), one.reason, one.field, self._fitting(one.text)])
        data = self._encoded(text.getvalue())
        with self._open() as file:
            file.seek(self.bytes)
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        self._digest.update(data)
        self.bytes += len(data)

    def _cells(self, row: Row) -> list[str]:
        """Return the original cells; a row that could not be split stands whole in the first one."""
        if row.cells:
            return [row.cells[position] for position in self._kept]
        return [row.text, *[""] * (len(self._kept) - 1)]

    def _encoded(self, text: str) -> bytes:
        with_mark = self._map.encoding.lower().replace("_", "-") == "utf-8-sig"
        mark = b"\xef\xbb\xbf" if with_mark and self.bytes == 0 else b""
        return mark + text.encode("utf-8" if with_mark else self._map.encoding, "surrogateescape")

    def _fitting(self, text: str) -> str:
        return text.encode(self._map.encoding, "replace").decode(self._map.encoding)

    def _open(self) -> BinaryIO:
        return os.fdopen(os.open(self._path, os.O_RDWR | os.O_CREAT, 0o600), "r+b")
