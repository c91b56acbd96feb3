"""Events in files: contract JSON Lines, sent line by line as they stand."""

from collections.abc import Iterable, Iterator
from pathlib import Path

from schemas import topics
from schemas.codec import Record, decode, event_record, json_lines
from schemas.errors import Refusal


def read_lines(paths: Iterable[Path]) -> Iterator[bytes]:
    """Return every line of the files that is not blank."""
    for path in paths:
        for _, line in json_lines(path.read_bytes()):
            yield line


def line_record(line: bytes) -> Record:
    """Return the record that publishes a line as it stands; intake is the judge of what is wrong with it."""
    try:
        record = event_record(decode(line))
    except Refusal:
        return Record(topics.INCIDENTS.name, b"", line)
    return Record(record.topic, record.key, line, record.headers)
