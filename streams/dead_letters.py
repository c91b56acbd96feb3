"""Refused records: kept whole, with the reason beside them, so that they can be mended and sent again.

The value is the refused record's value, byte for byte; reason, field, text and source travel as
headers. A special-category value alone is blanked: the device has its own copy. A refused sighting is kept no longer
than an accepted one.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from pydantic_core import from_json

from schemas import topics
from schemas.errors import Refusal
from schemas.records import Record
from schemas.special_categories import blanked
from streams.batches.records import InputRecord

OURS: Final = "brdo_"
"""Prefix of the headers that only the platform writes; those of a device are not passed on."""

_RETRIED_BY: Final = f"{OURS}retried_by"


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """A refused record, whole, and why."""

    source: str
    reason: str
    field: str
    text: str
    refused_at: datetime
    value: bytes


@dataclass(frozen=True, slots=True)
class Retried:
    """A dead letter was sent again, mended or not: by whom and when."""

    source: str
    by: str
    retried_at: datetime


def dead_letter(value: bytes | None, source: str, refusal: Refusal, refused_at: datetime) -> Record:
    """Return the dead letter of a refused record."""
    headers = {
        f"{OURS}reason": refusal.reason.value,
        f"{OURS}field": refusal.field,
        f"{OURS}text": refusal.text,
        f"{OURS}source": source,
        f"{OURS}refused_at": refused_at.isoformat(),
    }
    topic = topics.REFUSED_SIGHTINGS if _is_sighting(value, source) else topics.DEAD_LETTERS
    return Record(
        topic.name,
        source.encode(),
        blanked(value or b""),
        tuple((name, text.encode()) for name, text in headers.items()),
    )


def _is_sighting(value: bytes | None, source: str) -> bool:
    """Whether a refused record came as a sighting or, as far as it can be read, says that it is one."""
    if source.startswith(f"{topics.SIGHTINGS.name}/"):
        return True
    try:
        said = from_json(value or b"", allow_partial=True)
    except ValueError:
        return False
    return isinstance(said, dict) and said.get("type") == "sighting"


def retried_record(retried: Retried) -> Record:
    """Return the record that says so, in the dead letters' own topic."""
    headers = {
        f"{OURS}source": retried.source,
        _RETRIED_BY: retried.by,
        f"{OURS}retried_at": retried.retried_at.isoformat(),
    }
    return Record(
        topics.DEAD_LETTERS.name,
        retried.source.encode(),
        b"",
        tuple((name, text.encode()) for name, text in headers.items()),
    )


def read_retried(record: InputRecord) -> Retried | None:
    """Return what `retried_record` wrote; None for a dead letter itself."""
    if _RETRIED_BY not in record.headers:
        return None
    said = _said(record)
    return Retried(said["source"], said["retried_by"], datetime.fromisoformat(said["retried_at"]))


def read_dead_letter(record: InputRecord) -> DeadLetter:
    """Return what `dead_letter` wrote."""
    said = _said(record)
    return DeadLetter(
        said["source"],
        said["reason"],
        said["field"],
        said["text"],
        datetime.fromisoformat(said["refused_at"]),
        record.value or b"",
    )


def _said(record: InputRecord) -> dict[str, str]:
    return {name.removeprefix(OURS): value.decode() for name, value in record.headers.items()}
