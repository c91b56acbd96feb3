"""The entries of the case book's state, as its changelog keeps them.

A key names the kind and the id; an event's or a danger's value is one line of when and whence it came,
and one of JSON; an alert's is its last revision, a parted one's who holds which.
"""

from datetime import datetime
from typing import Any, Final, cast

from schemas.codec import decode_accepted, encode
from schemas.danger import Danger
from schemas.events import Sighting
from schemas.messages import CaseMessage, Stamped

EVENT: Final = b"event/"
DANGER: Final = b"danger/"
ALERT: Final = b"alert/"
SHADOW: Final = b"shadow/"
"""Of an alert that nobody is told of."""

PARTED: Final = b"parted/"
BACKGROUND: Final = b"background/"
REVIEW: Final = b"review/"
"""One entry: the slice that comes next, while the rules have changed and not all alerts are looked at."""


def write_stamped(stamped: Stamped[Any]) -> bytes:
    """Return the value of an event or a danger."""
    return f"{stamped.ingested_at.isoformat()} {stamped.source}\n".encode() + encode(stamped.event)


def stamp(value: bytes, ingested_at: bytes, source: bytes) -> bytes:
    """Return what `write_stamped` writes, of JSON that is at hand and its stamp as it stands in the headers."""
    return b"%b %b\n%b" % (ingested_at, source, value)


def read_sighting(value: bytes) -> Stamped[Sighting]:
    """Return what `write_stamped` wrote of a sighting; raises `ValueError` for anything else."""
    body, ingested_at, source = read_stamp(value)
    return Stamped(Sighting.model_validate_json(body), ingested_at, source)


def read_event(value: bytes) -> Stamped[CaseMessage]:
    """Return what `write_stamped` wrote of an event."""
    body, ingested_at, source = read_stamp(value)
    return Stamped(cast(CaseMessage, decode_accepted(body)), ingested_at, source)


def read_danger_entry(value: bytes) -> Stamped[Danger]:
    """Return what `write_stamped` wrote of a danger."""
    body, ingested_at, source = read_stamp(value)
    return Stamped(Danger.model_validate_json(body), ingested_at, source)


def read_stamp(value: bytes) -> tuple[bytes, datetime, str]:
    """Return the JSON, when it was taken in, and whence it came."""
    head, _, body = value.partition(b"\n")
    ingested_at, _, source = head.decode().partition(" ")
    return body, datetime.fromisoformat(ingested_at), source
