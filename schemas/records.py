"""Messages as Kafka records: CloudEvents 1.0 in binary mode.

The attributes travel as headers prefixed ``ce_`` and the value is the message's JSON alone (CloudEvents
Kafka protocol binding 1.0.2, section 3.2).
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Final, NamedTuple, assert_never

from schemas import topics
from schemas.alerts import Alert, Edition
from schemas.codec import decode, encode
from schemas.devices import Notice, StationStatus
from schemas.errors import Refusal
from schemas.events import Incident, Sighting
from schemas.feedback import Bulletin, Retraction, Verdict
from schemas.messages import AnyMessage, said_at
from schemas.operations import OPERATIONS, RulesChange
from schemas.special_categories import blanked
from schemas.watchlist import WatchlistEntry

STREAMS: Final = "streams"
"""`ce_source` of what the streams say."""


class Record(NamedTuple):
    """A Kafka record to be: topic, key, value and headers; without a partition the key chooses it."""

    topic: str
    key: bytes
    value: bytes
    headers: tuple[tuple[str, bytes], ...] = ()
    partition: int | None = None


def message_record(message: AnyMessage) -> Record:
    """Return the record that publishes a message; a station's records share a key, so that they keep their order."""
    match message:
        case Incident() | Sighting() | StationStatus():
            topic = {
                Incident: topics.INCIDENTS,
                Sighting: topics.SIGHTINGS,
                StationStatus: topics.STATION_STATUS,
            }[type(message)]
            source = message.station
        case WatchlistEntry():
            topic, source = topics.WATCHLIST, message.originator
        case RulesChange() | Retraction(originator="OPERATIONS"):
            topic, source = topics.RULES, OPERATIONS
        case Retraction() | Bulletin():
            topic, source = topics.FEEDBACK, message.originator
        case Verdict():
            topic, source = topics.FEEDBACK, message.contact_point
        case _:
            assert_never(message)
    headers = cloud_headers(message.id, source, message.type, said_at(message))
    return Record(topic.name, source.encode(), encode(message), headers)


def checked_record(line: bytes, *, from_operations: bool = False) -> Record:
    """Return the record that publishes a message as it was written; raises `Refusal`."""
    record = message_record(decode(line, from_operations=from_operations))
    return Record(record.topic, record.key, line, record.headers)


def line_record(line: bytes, *, from_operations: bool = False) -> Record:
    """Return the record that publishes these bytes as they stand; intake is the judge of what is wrong with them.

    Only special-category values are blanked here already: they are to stand in no topic.
    """
    try:
        return checked_record(line, from_operations=from_operations)
    except Refusal:
        return Record(topics.INCIDENTS.name, b"", blanked(line))


def alert_record(alert: Alert) -> Record:
    """Return the record that publishes one revision, keyed by alert so that its revisions keep their order."""
    return _alert_record(topics.ALERTS.name, alert)


def shadow_record(alert: Alert) -> Record:
    """Return the record that keeps one revision of an alert in shadow, of which nobody is told."""
    return _alert_record(topics.SHADOW_ALERTS.name, alert)


def edition_record(edition: Edition) -> Record:
    """Return the record that brings a revision to its readers: one alert's editions keep their order."""
    alert = edition.alert
    identity = f"{alert.id}:{alert.revision}:{edition.reader}"
    headers = cloud_headers(identity, STREAMS, edition.type, alert.updated_at)
    return Record(topics.EDITIONS.name, alert.id.encode(), encode(edition), headers)


def notice_record(notice: Notice) -> Record:
    """Return the record that tells a station, keyed by it."""
    headers = cloud_headers(f"{notice.alert}:{notice.revision}", STREAMS, notice.type, notice.at)
    return Record(topics.NOTICES.name, notice.station.encode(), encode(notice), headers)


def _alert_record(topic: str, alert: Alert) -> Record:
    headers = cloud_headers(f"{alert.id}:{alert.revision}", STREAMS, alert.type, alert.updated_at)
    return Record(topic, alert.id.encode(), encode(alert), headers)


def cloud_headers(identity: str, source: str, kind: str, moment: datetime) -> tuple[tuple[str, bytes], ...]:
    """Return the attributes of a CloudEvent as Kafka headers."""
    attributes: Mapping[str, str] = {
        "ce_specversion": "1.0",
        "ce_id": identity,
        "ce_source": source,
        "ce_type": kind,
        "ce_time": moment.isoformat(),
        "content-type": "application/json",
    }
    return tuple((name, text.encode()) for name, text in attributes.items())
