"""One batch of the case book's records, applied: what to publish and what to keep."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime

from prometheus_client import Counter

from schemas import topics
from schemas.codec import encode
from schemas.errors import Refusal, RefusalReason
from schemas.records import Record, alert_record, edition_record, notice_record, shadow_record
from streams.batches.records import InputRecord
from streams.dead_letters import dead_letter
from streams.engine.background import Background
from streams.engine.casebook import CaseBook
from streams.engine.dangers import danger_in
from streams.engine.effects import Effects
from streams.engine.interests import Interest
from streams.engine.review import Review
from streams.errors import EngineError
from streams.intake import (
    came_as,
    is_background,
    is_danger,
    is_review,
    review_record,
    stamped_danger,
    stamped_event,
    tick_in,
)

_applied = Counter("border_streams_casebook_events_total", "Events that the case book took in", ["outcome"])
_revisions = Counter("border_streams_alert_revisions_total", "Alert revisions", ["kind", "severity", "status"])
_in_shadow = Counter(
    "border_streams_shadow_revisions_total",
    "Revisions of alerts that nobody is told of",
    ["kind", "severity", "status"],
)


@dataclass(slots=True)
class Correlated:
    """What a batch came to: records to publish, and state to keep once they are published."""

    records: list[Record] = field(default_factory=list)
    changed: dict[bytes, bytes | None] = field(default_factory=dict)


def correlate(casebook: CaseBook, batch: Iterable[InputRecord], refused_at: datetime) -> Correlated:
    """Apply a batch in order. An event that cannot be applied becomes a dead letter, and the next goes on."""
    result = Correlated()
    for record in batch:
        try:
            if (now := tick_in(record)) is not None:
                _add(result, casebook.forget(now))
                continue
            if is_danger(record):
                _add(result, casebook.alarm(stamped_danger(record)))
                continue
            if is_background(record):
                _add(result, casebook.learn(Background.model_validate_json(record.value or b"")))
                continue
            if is_review(record):
                _add(result, casebook.review(Review.model_validate_json(record.value or b"")))
                continue
            effects = casebook.apply(stamped_event(record))
        except (EngineError, Refusal, KeyError, ValueError) as error:
            result.records.append(_unusable(record, error, refused_at))
            continue
        _add(result, effects)
        for stamped, refusal in effects.refused:
            result.records.append(dead_letter(encode(stamped.event), stamped.source, refusal, stamped.ingested_at))
            if danger := danger_in(stamped, refusal):
                _add(result, casebook.alarm(danger))
    return result


def _add(result: Correlated, effects: Effects) -> None:
    _applied.labels(effects.reason.value).inc()
    for alert in effects.alerts:
        _revisions.labels(alert.kind.value, alert.severity.value, alert.status).inc()
        result.records.append(alert_record(alert))
    result.records += map(edition_record, effects.editions)
    for alert in effects.in_shadow:
        _in_shadow.labels(alert.kind.value, alert.severity.value, alert.status).inc()
        result.records.append(shadow_record(alert))
    if effects.in_force:
        result.records += to_every_watch(b"rules", encode(effects.in_force))
    if effects.review:
        result.records.append(review_record(effects.review))
    result.records += map(notice_record, effects.notices)
    result.records += (record for interest in effects.interests for record in interest_records(interest))
    result.changed.update(effects.changed)


def interest_records(interest: Interest) -> Iterator[Record]:
    """Return the records that tell every partition of the watch what to look out for."""
    return to_every_watch(interest.id.encode(), encode(interest))


def to_every_watch(key: bytes, value: bytes) -> Iterator[Record]:
    """Return the records that bring a value to every partition of the watch."""
    return (Record(topics.INTERESTS.name, key, value, partition=one) for one in range(topics.INTERESTS.partitions))


def _unusable(record: InputRecord, error: Exception, refused_at: datetime) -> Record:
    """Return the dead letter of a record that intake should not have let through, or that breaks a rule."""
    _applied.labels(RefusalReason.ENGINE_ERROR.value).inc()
    text = f"the case book could not apply it: {type(error).__name__}"
    source = came_as(record)
    return dead_letter(record.value, source, Refusal(RefusalReason.ENGINE_ERROR, "", text), refused_at)
