"""Intake decides whether a record is an event that may be correlated, and where it goes.

Accepted events go to the case book in one order, accepted sightings to their vehicle's passages,
everything else to the dead letters; what a refused message says of a danger to life goes to the case
book all the same. The stamp (when, whence) travels in headers, so that retries downstream keep the
first time of intake.
"""

from datetime import datetime, timedelta
from typing import Final

from prometheus_client import Counter, Gauge

from schemas import topics
from schemas.codec import decode, decode_accepted, decode_accepted_as, encode
from schemas.danger import Danger, read_danger
from schemas.devices import StationStatus
from schemas.errors import Refusal, RefusalReason
from schemas.events import Incident, Sighting
from schemas.messages import AnyMessage, CaseMessage, Stamped, said_at
from schemas.operations import RulesChange
from schemas.records import Record, cloud_headers
from streams.batches.records import InputRecord
from streams.dead_letters import OURS, dead_letter
from streams.engine.background import Background
from streams.engine.review import Review
from streams.engine.rulebook import rules_in
from streams.rules import IntakeRules

INGESTED_AT: Final = f"{OURS}ingested_at"
SOURCE: Final = f"{OURS}source"
_FORM: Final = f"{OURS}form"
_DANGER: Final = b"unverified_danger"
_BACKGROUND: Final = b"background"
_TICK: Final = b"tick"
_REVIEW: Final = b"review"
FILE: Final = "file"
"""Where a line of history comes from that operations reads here."""

_OF_OPERATIONS: Final = frozenset({topics.RULES.name, FILE})
"""Where what is said is by operations."""

_accepted = Counter("border_streams_accepted_total", "Events that intake accepted", ["type"])
_refused = Counter("border_streams_refused_total", "Records that intake refused", ["reason"])
_dangers = Counter("border_streams_refused_dangers_total", "Refused records that say life at risk", ["reason"])
_spooled = Gauge("border_streams_station_spool_events", "Reports that a device could not send yet", ["station"])
_clock_offset = Gauge("border_streams_station_clock_offset_seconds", "A device's clock minus Kafka's", ["station"])
_told_at = Gauge("border_streams_station_status_timestamp_seconds", "When a device last told its state", ["station"])


def take_in(record: InputRecord, ingested_at: datetime, limits: IntakeRules | None = None) -> list[Record]:
    """Return what to publish for a record that came in: the stamped event, or its dead letter and its danger to life.

    `limits` on the time hold for live intake; None takes events of any time, as when history is replayed.
    """
    try:
        event = decode(record.value, from_operations=record.topic in _OF_OPERATIONS)
        if isinstance(event, RulesChange):
            _check_rules(event, limits)
        if limits is not None:
            _check_time(event, ingested_at, limits)
    except Refusal as refusal:
        return _refuse(record, refusal, ingested_at)
    _accepted.labels(event.type).inc()
    match event:
        case StationStatus():
            _show(event, ingested_at)
            return []
        case Sighting():
            return [_pass_on(record, topics.PASSAGES.name, event.passage_key, ingested_at)]
        case _:
            return [_pass_on(record, topics.CASEBOOK.name, event.id, ingested_at)]


def is_danger(record: InputRecord) -> bool:
    """Whether this record of the case book's topic is what could be read of a refused message."""
    return record.headers.get(_FORM) == _DANGER


def stamped_event(record: InputRecord) -> Stamped[CaseMessage]:
    """Return the event that intake accepted into this record; raises `Refusal` for what does not belong there."""
    event = decode_accepted(record.value)
    if isinstance(event, StationStatus):
        raise Refusal(RefusalReason.UNKNOWN_TYPE, "type", "is not for the case book")
    return Stamped(event, *_stamp(record))


def stamped_sighting(record: InputRecord) -> Stamped[Sighting]:
    """Return the sighting that intake accepted into this record; raises `Refusal` for what is none."""
    return Stamped(decode_accepted_as(Sighting, record.value), *_stamp(record))


def passed_on(stamped: Stamped[Sighting]) -> Record:
    """Return the record that gives the case book a sighting, with the stamp that intake gave it."""
    event = stamped.event
    headers = (
        *cloud_headers(event.id, event.station, event.type, event.occurred_at),
        (INGESTED_AT, stamped.ingested_at.isoformat().encode()),
        (SOURCE, stamped.source.encode()),
    )
    return Record(topics.CASEBOOK.name, event.id.encode(), encode(event), headers)


def is_background(record: InputRecord) -> bool:
    """Whether this record of the case book's topic says how busy a place is."""
    return record.headers.get(_FORM) == _BACKGROUND


def background_record(background: Background) -> Record:
    """Return the record that tells the case book how busy a place is."""
    return Record(topics.CASEBOOK.name, background.place.encode(), encode(background), ((_FORM, _BACKGROUND),))


def is_review(record: InputRecord) -> bool:
    """Whether this record of the case book's topic is a slice of a review of all alerts."""
    return record.headers.get(_FORM) == _REVIEW


def review_record(review: Review) -> Record:
    """Return the record that has the case book go on with a review."""
    return Record(topics.CASEBOOK.name, b"review", encode(review), ((_FORM, _REVIEW),))


def ticks(now: datetime) -> list[Record]:
    """Return the records that tell watch and case book the time: what is too old leaves, though nothing comes."""
    headers = ((_FORM, _TICK), (INGESTED_AT, now.isoformat().encode()))
    return [
        Record(topic.name, _TICK, b"", headers, partition)
        for topic in (topics.PASSAGES, topics.ROADSIDE, topics.CASEBOOK)
        for partition in range(topic.partitions)
    ]


def tick_in(record: InputRecord) -> datetime | None:
    """Return the time that a tick tells; None for every other record."""
    return datetime.fromisoformat(record.headers[INGESTED_AT].decode()) if record.headers.get(_FORM) == _TICK else None


def stamped_danger(record: InputRecord) -> Stamped[Danger]:
    """Return what could be read of the refused message that this record stands for."""
    return Stamped(Danger.model_validate_json(record.value or b""), *_stamp(record))


def came_as(record: InputRecord) -> str:
    """Return the record of a station's topic that this one came from, else the record itself."""
    return record.headers.get(SOURCE, record.source.encode()).decode(errors="replace")


def _stamp(record: InputRecord) -> tuple[datetime, str]:
    """Return when and whence; raises `KeyError` and `ValueError` for a record that intake did not write."""
    ingested_at = datetime.fromisoformat(record.headers[INGESTED_AT].decode())
    if ingested_at.tzinfo is None:
        raise ValueError("a stamp without an offset")
    return ingested_at, record.headers[SOURCE].decode()


def _check_time(event: AnyMessage, now: datetime, limits: IntakeRules) -> None:
    """Raise `Refusal` for a time that lies too far from the clock here; a device's clock moves nobody else's time."""
    happened = isinstance(event, Incident | Sighting)
    times = {"occurred_at" if happened else "at": said_at(event)}
    if isinstance(event, Incident) and event.reported_at is not None:
        times["reported_at"] = event.reported_at
    for field, moment in times.items():
        if moment - now > timedelta(hours=limits.longest_ahead_hours):
            text = f"is more than {limits.longest_ahead_hours:g} hours ahead; is the clock of the device right?"
            raise Refusal(RefusalReason.TOO_FAR_AHEAD, field, text)
    if happened and now - said_at(event) > timedelta(days=limits.longest_back_days):
        text = f"is more than {limits.longest_back_days:g} days back, longer than any rule looks"
        raise Refusal(RefusalReason.TOO_LATE, "occurred_at", text)


def _check_rules(change: RulesChange, limits: IntakeRules | None) -> None:
    """Raise `Refusal` for rules that are not whole or right, or that say otherwise what intake read at its start."""
    rules = rules_in(change)
    if limits is not None and rules.intake != limits:
        text = "is read from the file when a process starts: change it there"
        raise Refusal(RefusalReason.INVALID_VALUE, "rules.intake", text)


def _refuse(record: InputRecord, refusal: Refusal, ingested_at: datetime) -> list[Record]:
    _refused.labels(refusal.reason.value).inc()
    letter = dead_letter(record.value, record.source, refusal, ingested_at)
    danger = read_danger(record.value, refusal.reason, record.headers)
    if danger is None:
        return [letter]
    _dangers.labels(refusal.reason.value).inc()
    headers = ((_FORM, _DANGER), *_stamps(record, ingested_at))
    return [Record(topics.CASEBOOK.name, danger.id.encode(), encode(danger), headers), letter]


def _pass_on(record: InputRecord, topic: str, key: str, ingested_at: datetime) -> Record:
    theirs = ((name, value) for name, value in record.headers.items() if not name.startswith(OURS))
    return Record(topic, key.encode(), record.value or b"", (*theirs, *_stamps(record, ingested_at)))


def _stamps(record: InputRecord, ingested_at: datetime) -> tuple[tuple[str, bytes], ...]:
    return (INGESTED_AT, ingested_at.isoformat().encode()), (SOURCE, record.source.encode())


def _show(status: StationStatus, now: datetime) -> None:
    _told_at.labels(status.station).set(now.timestamp())
    _spooled.labels(status.station).set(status.spool_events)
    if status.clock_offset_seconds is not None:
        _clock_offset.labels(status.station).set(status.clock_offset_seconds)
