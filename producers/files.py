"""Events in files: contract JSON Lines, sent line by line as they stand."""

from collections.abc import Iterable, Iterator
from pathlib import Path

from schemas.codec import json_lines


def read_lines(paths: Iterable[Path]) -> Iterator[bytes]:
    """Return every line of the files that is not blank."""
    for path in paths:
        for _, line in json_lines(path.read_bytes()):
            yield line
