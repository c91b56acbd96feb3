"""Kafka records as agents see them, and what comes of a batch of them."""

import logging
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final, NamedTuple, Protocol

LOGGED: Final[Mapping[str, Any]] = {"log_level": 3, "logger": logging.getLogger("librdkafka")}
"""Settings of every client: else librdkafka writes to standard error, in lines of its own form."""


class RawRecord(Protocol):
    """A record as confluent-kafka gives it."""

    def topic(self) -> str: ...  # noqa: D102 - Kafka's own names
    def partition(self) -> int: ...  # noqa: D102
    def offset(self) -> int: ...  # noqa: D102
    def key(self) -> bytes | None: ...  # noqa: D102
    def value(self) -> bytes | None: ...  # noqa: D102
    def headers(self) -> Sequence[tuple[str, bytes]] | None: ...  # noqa: D102


class Batch(NamedTuple):
    """Consecutive records of one partition, in order of offset."""

    topic: str
    partition: int
    records: Sequence[RawRecord]


class Output(Protocol):
    """A record to be published; without a partition its key chooses one."""

    @property
    def topic(self) -> str: ...  # noqa: D102
    @property
    def key(self) -> bytes: ...  # noqa: D102
    @property
    def value(self) -> bytes: ...  # noqa: D102
    @property
    def headers(self) -> Sequence[tuple[str, bytes]]: ...  # noqa: D102
    @property
    def partition(self) -> int | None: ...  # noqa: D102


@dataclass(frozen=True, slots=True)
class Outcome:
    """What applying records came to: records to publish, and entries of the state to keep (None deletes).

    `kept` is called once the entries are durable and in the store, in the order of the batches.
    """

    outputs: Sequence[Output] = ()
    changed: Mapping[bytes, bytes | None] = field(default_factory=dict)
    kept: Callable[[], None] | None = None


class InputRecord(NamedTuple):
    """A record that was read. Header names are unique here: of a repeated one the last value counts."""

    topic: str
    partition: int
    offset: int
    key: bytes | None
    value: bytes | None
    headers: dict[str, bytes]
    appended_at: datetime | None = None

    @property
    def source(self) -> str:
        """Where the record stands, as ``topic/partition/offset``."""
        return f"{self.topic}/{self.partition}/{self.offset}"


def from_raw(record: RawRecord) -> InputRecord:
    """Return the record with its headers by name."""
    headers = {name: value for name, value in record.headers() or () if value is not None}
    return InputRecord(record.topic(), record.partition(), record.offset(), record.key(), record.value(), headers)


def pieces(records: Sequence[RawRecord], most_records: int, most_bytes: int) -> Iterator[Sequence[RawRecord]]:
    """Return the records in pieces, none longer than allowed; a piece ends with the record that fills it."""
    begin = size = 0
    for end, record in enumerate(records, start=1):
        size += len(record.value() or b"")
        if end - begin >= most_records or size >= most_bytes:
            yield records[begin:end]
            begin, size = end, 0
    if begin < len(records):
        yield records[begin:]
