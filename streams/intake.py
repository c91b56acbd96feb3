"""Intake decides whether a record is an event that may be correlated, and where it goes.

Accepted incidents go to the case book in one order, accepted sightings to their vehicle's
passages, everything else to the dead letters. The stamp (when, whence) travels in headers, so
that retries downstream keep the first time of intake.
"""

from datetime import datetime
from typing import Final, assert_never

from prometheus_client import Counter

from schemas import topics
from schemas.codec import Record, decode, decode_incident
from schemas.errors import Refusal
from schemas.events import AnyEvent, Incident, Sighting, Stamped
from streams.batches.records import InputRecord
from streams.dead_letters import dead_letter

INGESTED_AT: Final = "brdo_ingested_at"
SOURCE: Final = "brdo_source"

_accepted = Counter("border_streams_accepted_total", "Events that intake accepted", ["type"])
_refused = Counter("border_streams_refused_total", "Records that intake refused", ["reason"])


def take_in(record: InputRecord, ingested_at: datetime) -> Record:
    """Return what to publish for a record that came in: the stamped event, or its dead letter."""
    try:
        event = decode(record.value)
    except Refusal as refusal:
        _refused.labels(refusal.reason.value).inc()
        return dead_letter(record.value, record.source, refusal, ingested_at)
    _accepted.labels(event.type).inc()
    topic, key = _destination(event)
    stamp = ((INGESTED_AT, ingested_at.isoformat().encode()), (SOURCE, record.source.encode()))
    return Record(topic, key.encode(), record.value or b"", (*record.headers.items(), *stamp))


def stamped_incident(record: InputRecord) -> Stamped[Incident]:
    """Return the incident that intake accepted into this record of the case book's topic."""
    ingested_at = datetime.fromisoformat(record.headers[INGESTED_AT].decode())
    return Stamped(decode_incident(record.value), ingested_at, record.headers[SOURCE].decode())


def _destination(event: AnyEvent) -> tuple[str, str]:
    match event:
        case Incident():
            return topics.CASEBOOK.name, event.id
        case Sighting():
            key = event.vehicle.key if event.vehicle else None
            return topics.PASSAGES.name, str(key) if key else event.station
        case _:
            assert_never(event)
