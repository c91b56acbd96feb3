"""One batch of passages, of interests or from the roadside, applied to the watch: what to pass on and to keep."""

import hashlib
from collections import Counter as Tally
from collections.abc import Iterable
from datetime import datetime
from typing import Final

from prometheus_client import Counter
from pydantic import TypeAdapter

from schemas import topics
from schemas.errors import Refusal, RefusalReason
from schemas.records import Record
from streams.batches.records import InputRecord
from streams.correlation import Correlated
from streams.dead_letters import dead_letter
from streams.engine import travels
from streams.engine.background import Background
from streams.engine.companions import name_of
from streams.engine.entries import read_sighting, stamp
from streams.engine.interests import Interest
from streams.engine.roadside import Called, Met, Passed, Told, Travelled, read_told, write_told
from streams.engine.rulebook import InForce
from streams.engine.watch import Noticed, Watch
from streams.intake import INGESTED_AT, SOURCE, background_record, came_as, passed_on, stamped_sighting, tick_in

RULES: Final = b"rules/"
"""One entry: the rules in force."""

SEEN: Final = b"seen/"
INTEREST: Final = b"interest/"
PASSED: Final = b"passed/"
TRAVELLED: Final = b"travelled/"
MET: Final = b"met/"
_FROM_CASEBOOK: Final[TypeAdapter[Interest | InForce]] = TypeAdapter(Interest | InForce)

_watched = Counter("border_streams_watch_sightings_total", "Sightings that the watch took in", ["outcome"])


def watch_passages(watch: Watch, batch: Iterable[InputRecord], refused_at: datetime) -> Correlated:
    """Take in sightings; one that cannot be taken becomes a dead letter, and the next goes on."""
    result = Correlated()
    outcomes: Tally[str] = Tally()
    for record in batch:
        try:
            if (now := tick_in(record)) is not None:
                result.changed |= {_seen(name): None for name in watch.forget(now)}
            else:
                outcomes[_see(watch, record, result)] += 1
        except (Refusal, KeyError, ValueError) as error:
            _refuse(record, error, refused_at, result)
    for outcome, number in outcomes.items():
        _watched.labels(outcome).inc(number)
    return result


def watch_interests(watch: Watch, batch: Iterable[InputRecord], refused_at: datetime) -> Correlated:
    """Take in what is of interest from now on, or other rules, and pass on what was seen of it already."""
    result = Correlated()
    for record in batch:
        try:
            told = _FROM_CASEBOOK.validate_json(record.value or b"")
        except ValueError as error:
            _refuse(record, error, refused_at, result)
            continue
        match told:
            case InForce():
                _tell(watch.obey(told), result)
                result.changed[RULES] = record.value
            case Interest():
                _tell(watch.mind(told), result)
                result.changed[_interest(told)] = None if told.has_ended else record.value
    return result


def watch_roadside(watch: Watch, batch: Iterable[InputRecord], refused_at: datetime) -> Correlated:
    """Take in passages by place and who met whom there; tell how busy the places are that somebody asks about."""
    result = Correlated()
    busy: set[tuple[str, bool]] = set()
    for record in batch:
        try:
            now = tick_in(record)
            told = read_told(record.value) if now is None else now
        except (KeyError, ValueError) as error:
            _refuse(record, error, refused_at, result)
            continue
        match told:
            case datetime():
                _forget_roadside(watch, told, result)
            case Passed():
                _forget_roadside(watch, told.ingested_at, result)
                if taken := watch.roadside.pass_by(told):
                    whole, met = taken
                    result.changed[_passed(whole.id)] = record.value if whole is told else write_told(whole)
                    result.records += map(_roadside_record, met)
                    busy.add((told.place, told.exercise))
            case Travelled():
                _forget_roadside(watch, told.passed.ingested_at, result)
                _tell(watch.travel(told), result)
                result.changed[_travelled(travels.name_of(told))] = record.value
            case Met():
                _forget_roadside(watch, told.ingested_at, result)
                _tell(watch.meet(told), result)
                result.changed[_met(name_of(told))] = record.value
            case Called():
                _tell(watch.call(told), result)
    backgrounds = (watch.roadside.background(place, exercise=exercise) for place, exercise in sorted(busy))
    _tell(Noticed(told=[*filter(None, backgrounds)]), result)
    return result


def _forget_roadside(watch: Watch, now: datetime, result: Correlated) -> None:
    result.changed |= {_passed(name): None for name in watch.forget_passages(now)}
    result.changed |= {_travelled(name): None for name in watch.forget_travels(now)}
    result.changed |= {_met(name): None for name in watch.forget_meetings(now)}


def _tell(noticed: Noticed, result: Correlated) -> None:
    result.records += map(passed_on, noticed.passed_on)
    result.records += map(_roadside_record, noticed.told)


def _roadside_record(told: Told | Background) -> Record:
    """Return the record that tells the partition of a place, a vehicle of interest or a plate, or the case book."""
    match told:
        case Travelled():
            return Record(topics.ROADSIDE.name, told.subject.encode(), write_told(told))
        case Passed():
            return Record(topics.ROADSIDE.name, told.place.encode(), write_told(told))
        case Met():
            return Record(topics.ROADSIDE.name, str(told.other).encode(), write_told(told))
        case Called():
            return Record(topics.ROADSIDE.name, told.key.encode(), write_told(told))
        case Background():
            return background_record(told)


def _see(watch: Watch, record: InputRecord, result: Correlated) -> str:
    """Take in a sighting; return what became of it, for the metric."""
    stamped = stamped_sighting(record)
    known = watch.get(stamped.event.id)
    if known is not None:
        if known.event != stamped.event:
            raise Refusal(RefusalReason.ID_CONFLICT, "id", "an earlier sighting with this id says something else")
        return "repeated"
    entry = stamp(record.value or b"", record.headers[INGESTED_AT], record.headers[SOURCE])
    for name in watch.forget(stamped.ingested_at):
        result.changed[_seen(name)] = None
    noticed = watch.see(stamped, entry)
    result.changed[_seen(stamped.event.id)] = entry
    _tell(noticed, result)
    return "passed_on" if noticed.passed_on else "retained"


def _refuse(record: InputRecord, error: Exception, refused_at: datetime, result: Correlated) -> None:
    refusal = error if isinstance(error, Refusal) and error.reason is RefusalReason.ID_CONFLICT else None
    if refusal is None:
        text = f"the watch could not take it in: {type(error).__name__}"
        refusal = Refusal(RefusalReason.ENGINE_ERROR, "", text)
    _watched.labels(refusal.reason.value).inc()
    source = came_as(record)
    result.records.append(dead_letter(record.value, source, refusal, refused_at))


def begin(watch: Watch, rules: bytes | None) -> None:
    """Take back the rules in force, if there are others than the file's: before all other entries."""
    if rules is not None:
        watch.obey(InForce.model_validate_json(rules))


def load(watch: Watch, key: bytes, value: bytes) -> None:
    """Take back one entry of an earlier `changed`; what `begin` took is left."""
    if key == RULES:
        return
    if key.startswith(SEEN):
        watch.see(read_sighting(value), value)
    elif key.startswith(INTEREST):
        watch.mind(Interest.model_validate_json(value))
    else:
        watch.load(read_told(value))


def _seen(name: str) -> bytes:
    return SEEN + name.encode()


def _passed(name: str) -> bytes:
    return PASSED + name.encode()


def _travelled(name: str) -> bytes:
    return TRAVELLED + name.encode()


def _met(name: str) -> bytes:
    """Return the key without the plate that is in the name: a deleted key outlasts its value."""
    return MET + hashlib.sha256(name.encode()).hexdigest()[:32].encode()


def _interest(interest: Interest) -> bytes:
    return INTEREST + f"{interest.exercise}/{interest.id}".encode()
