"""Refused records: kept whole, with the reason beside them, so that they can be mended and sent again.

The value is the refused record's value, byte for byte; reason, field, text and source travel as
headers. A special-category value alone is blanked: the device has its own copy.
"""

from datetime import datetime

from schemas import topics
from schemas.codec import Record, blanked
from schemas.errors import Refusal, RefusalReason


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
