"""Kafka records as agents see them."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any


@dataclass(frozen=True, slots=True)
class InputRecord:
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


def from_message(message: Any) -> InputRecord:
    """Return the record in a Faust message."""
    headers = message.headers or ()
    pairs = headers.items() if isinstance(headers, dict) else headers
    return InputRecord(
        message.topic,
        message.partition,
        message.offset,
        message.key,
        message.value,
        {name: value for name, value in pairs if value is not None},
    )
