"""One batch of passages, or of interests, applied to the watch: what to pass on and what to keep."""

from collections.abc import Iterable
from datetime import datetime
from typing import Final

from prometheus_client import Counter

from schemas.codec import decode_accepted
from schemas.errors import Refusal, RefusalReason
from schemas.events import Sighting
from schemas.messages import Stamped
from streams.batches.records import InputRecord
from streams.correlation import Correlated
from streams.dead_letters import dead_letter
from streams.engine.entries import read_stamp, write_stamped
from streams.engine.interests import Interest
from streams.engine.watch import Watch
from streams.intake import came_as, passed_on, stamped_sighting

SEEN: Final = b"seen/"
INTEREST: Final = b"interest/"

_watched = Counter("border_streams_watch_sightings_total", "Sightings that the watch took in", ["outcome"])


def watch_passages(watch: Watch, batch: Iterable[InputRecord], refused_at: datetime) -> Correlated:
    """Take in sightings; one that cannot be taken becomes a dead letter, and the next goes on."""
    result = Correlated()
    for record in batch:
        try:
            _see(watch, stamped_sighting(record), result)
        except (Refusal, KeyError, ValueError) as error:
            _refuse(record, error, refused_at, result)
    return result


def watch_interests(watch: Watch, batch: Iterable[InputRecord], refused_at: datetime) -> Correlated:
    """Take in what is of interest from now on, and pass on what was seen of it already."""
    result = Correlated()
    for record in batch:
        try:
            interest = Interest.model_validate_json(record.value or b"")
        except ValueError as error:
            _refuse(record, error, refused_at, result)
            continue
        result.records += map(passed_on, watch.mind(interest))
        result.changed[_interest(interest)] = None if interest.has_ended else record.value
    return result


def _see(watch: Watch, stamped: Stamped[Sighting], result: Correlated) -> None:
    known = watch.get(stamped.event.id)
    if known is not None:
        if known.event != stamped.event:
            raise Refusal(RefusalReason.ID_CONFLICT, "id", "an earlier sighting with this id says something else")
        _watched.labels("repeated").inc()
        return
    result.changed |= {_seen(name): None for name in watch.forget(stamped)}
    matter = watch.see(stamped)
    _watched.labels("passed_on" if matter else "retained").inc()
    result.changed[_seen(stamped.event.id)] = write_stamped(stamped)
    result.records += map(passed_on, matter)


def _refuse(record: InputRecord, error: Exception, refused_at: datetime, result: Correlated) -> None:
    refusal = error if isinstance(error, Refusal) and error.reason is RefusalReason.ID_CONFLICT else None
    if refusal is None:
        text = f"the watch could not take it in: {type(error).__name__}"
        refusal = Refusal(RefusalReason.ENGINE_ERROR, "", text)
    _watched.labels(refusal.reason.value).inc()
    source = came_as(record)
    result.records.append(dead_letter(record.value, source, refusal, refused_at))


def load(watch: Watch, key: bytes, value: bytes) -> None:
    """Take back one entry of an earlier `changed`."""
    if key.startswith(INTEREST):
        watch.load(Interest.model_validate_json(value))
        return
    body, ingested_at, source = read_stamp(value)
    event = decode_accepted(body)
    if isinstance(event, Sighting):
        watch.load(Stamped(event, ingested_at, source))


def _seen(name: str) -> bytes:
    return SEEN + name.encode()


def _interest(interest: Interest) -> bytes:
    return INTEREST + f"{interest.exercise}/{interest.id}".encode()
