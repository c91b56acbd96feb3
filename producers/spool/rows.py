"""One record as the spool keeps it, with a checksum over all that it says."""

import json
from dataclasses import dataclass
from hashlib import blake2b
from typing import Final

from schemas.records import Record

COLUMNS: Final = ("id", "topic", "key", "headers", "stored_at", "checksum", "value")
"""Of a row, after its sequence. All are blobs: one flipped bit would make text that cannot even be fetched."""


@dataclass(frozen=True, slots=True)
class Row:
    """A stored record. `sequence` is its place in the order; nothing else decides about order."""

    sequence: int
    id: bytes
    topic: bytes
    key: bytes
    headers: bytes
    stored_at: bytes
    checksum: bytes
    value: bytes

    @property
    def is_intact(self) -> bool:
        """Whether it still says what was stored."""
        return self.checksum == _checksum(self.id, self.topic, self.key, self.headers, self.stored_at, self.value)

    @property
    def record(self) -> Record:
        """The record, as it goes to Kafka."""
        headers = tuple((name, text.encode()) for name, text in json.loads(self.headers))
        return Record(self.topic.decode(), self.key, self.value, headers)

    @property
    def place(self) -> tuple[int, bytes]:
        """What names it: the sequence alone may be given anew after a file was mended."""
        return self.sequence, self.checksum

    @property
    def columns(self) -> tuple[bytes, ...]:
        """The values of `COLUMNS`."""
        return (self.id, self.topic, self.key, self.headers, self.stored_at, self.checksum, self.value)

    @property
    def size(self) -> int:
        """Bytes that it counts in the spool, as the triggers of the schema count them."""
        return len(self.headers) + len(self.value)


def new_row(identity: str, record: Record, stored_at: str) -> Row:
    """Return the row of a record; its sequence comes from the spool."""
    headers = json.dumps([(name, value.decode()) for name, value in record.headers]).encode()
    parts = (identity.encode(), record.topic.encode(), record.key, headers, stored_at.encode())
    return Row(0, *parts, _checksum(*parts, record.value), record.value)


def _checksum(*parts: bytes) -> bytes:
    """Return 16 bytes that change with any bit of the parts, and with where one ends and the next begins."""
    digest = blake2b(digest_size=16)
    for part in parts:
        digest.update(len(part).to_bytes(8, "big"))
        digest.update(part)
    return digest.digest()
