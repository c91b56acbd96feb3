"""Refused records: kept whole, with the reason beside them, so that they can be mended and sent again.

The value is the refused record's value, byte for byte; reason, field, text and source travel as
headers. A special-category value alone is blanked: the device has its own copy.
"""

from dataclasses import dataclass
from datetime import datetime

from schemas import topics
from schemas.codec import Record, blanked
from schemas.errors import Refusal, RefusalReason
from streams.batches.records import InputRecord


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """A refused record, whole, and why."""

    source: str
    reason: str
    field: str
    text: str
    value: bytes


def dead_letter(value: bytes | None, source: str, refusal: Refusal, refused_at: datetime) -> Record:
    """Return the dead letter of a refused record."""
    if refusal.reason is RefusalReason.SPECIAL_CATEGORY and value is not None:
        value = blanked(value, refusal.field)
    headers = {
        "brdo_reason": refusal.reason.value,
        "brdo_field": refusal.field,
        "brdo_text": refusal.text,
        "brdo_source": source,
        "brdo_refused_at": refused_at.isoformat(),
    }
    return Record(
        topics.DEAD_LETTERS.name,
        source.encode(),
        value or b"",
        tuple((name, text.encode()) for name, text in headers.items()),
    )


def read_dead_letter(record: InputRecord) -> DeadLetter:
    """Return what `dead_letter` wrote."""
    said = {name: value.decode() for name, value in record.headers.items()}
    return DeadLetter(
        said["brdo_source"], said["brdo_reason"], said["brdo_field"], said["brdo_text"], record.value or b""
    )
