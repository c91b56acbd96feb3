"""A sighting that is evidence of nothing leaves the case book after a week; one that is stays as long as reports do."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from factory import DAY_ONE, a_person, a_sighting, a_vehicle, an_incident, as_line, at
from offline_rig import RULES, sent

from schemas import topics
from schemas.codec import decode
from schemas.messages import Stamped
from schemas.records import Record
from schemas.topics import Topic
from streams.batches.records import InputRecord
from streams.correlation import correlate
from streams.engine.casebook import CaseBook
from streams.engine.effects import Effects
from streams.engine.roadside import Met, Passed, write_told
from streams.engine.watch import Watch
from streams.intake import take_in, ticks
from streams.offline import read_back
from streams.watching import watch_passages, watch_roadside

WEEK = timedelta(days=7)
REPORTS_KEPT = timedelta(days=400)
PASSING = {"role": "passenger", "family_name": "Zogaj", "given_names": "Lum"}


class Kept:
    """A case book, and what its changelog comes to."""

    def __init__(self) -> None:
        self.casebook = CaseBook(RULES)
        self.log: dict[bytes, bytes] = {}

    def apply(self, event: dict[str, Any], now: datetime) -> Effects:
        accepted: Any = decode(as_line(event))
        effects = self.casebook.apply(Stamped(accepted, now, "border.casebook/0/0"))
        for key, value in effects.changed.items():
            if value is None:
                del self.log[key]
            else:
                self.log[key] = value
        return effects

    def tick(self, now: datetime) -> None:
        result = correlate(self.casebook, of(topics.CASEBOOK, ticks(now)), now)
        assert not result.records
        for key in result.changed:
            del self.log[key]

    @property
    def bytes(self) -> bytes:
        return b"".join(self.log.values())


def crime(identity: str = "I-1", days: float = 0, **more: Any) -> dict[str, Any]:
    return an_incident(id=identity, occurred_at=at(days), **{"vehicles": [a_vehicle()], **more})


def passage(**more: Any) -> dict[str, Any]:
    """Return a passage at the incident's own place, two hours later: the watch passes it on, and it is no evidence."""
    return a_sighting(**{"id": "S-1", "occurred_at": at(hours=2), "persons": [PASSING], **more})


def test_a_sighting_that_is_evidence_of_nothing_leaves_after_a_week() -> None:
    kept = Kept()
    kept.apply(crime(), DAY_ONE)
    assert kept.apply(passage(), DAY_ONE).alerts == ()
    kept.apply(crime("I-2", vehicles=[]), DAY_ONE + WEEK)
    assert b"Zogaj" in kept.bytes, "exactly a week is not longer"
    kept.apply(crime("I-3", vehicles=[]), DAY_ONE + WEEK + timedelta(seconds=1))
    assert b"event/S-1" not in kept.log
    assert b"Zogaj" not in kept.bytes
    assert sorted(kept.log) == [b"event/I-1", b"event/I-2", b"event/I-3"]
    late = kept.apply(crime("I-4", -1, station="SI-GRU"), DAY_ONE + 2 * WEEK)
    assert [alert.kind.value for alert in late.alerts] == ["repeat_vehicle"], "no sighting follows it any more"


def test_a_sighting_that_is_evidence_stays_as_long_as_the_reports() -> None:
    kept = Kept()
    kept.apply(crime(), DAY_ONE)
    (alert,) = kept.apply(passage(station="SI-GRU"), DAY_ONE).alerts
    assert alert.evidence == ("I-1", "S-1")
    kept.apply(crime("I-2", vehicles=[]), DAY_ONE + REPORTS_KEPT)
    assert b"event/S-1" in kept.log
    assert [one.evidence for one in kept.casebook.open_alerts] == [("I-1", "S-1")]
    effects = kept.apply(crime("I-3", vehicles=[]), DAY_ONE + REPORTS_KEPT + timedelta(seconds=1))
    assert not effects.alerts, "nobody is told that something was forgotten"
    assert sorted(kept.log) == [b"event/I-2", b"event/I-3"]
    assert b"Zogaj" not in kept.bytes
    assert kept.casebook.open_alerts == ()


def test_a_restart_goes_on_forgetting_and_keeping() -> None:
    kept = Kept()
    kept.apply(crime(), DAY_ONE)
    kept.apply(passage(), DAY_ONE)
    kept.apply(passage(id="S-2", station="SI-GRU", occurred_at=at(1), persons=[]), DAY_ONE)
    again = Kept()
    again.log = dict(kept.log)
    for key in sorted(kept.log, reverse=True):
        again.casebook.load(key, kept.log[key])
    again.apply(crime("I-2", vehicles=[]), DAY_ONE + WEEK + timedelta(seconds=1))
    assert {key for key in again.log if key.startswith(b"event/")} == {b"event/I-1", b"event/I-2", b"event/S-2"}


def test_what_is_forgotten_is_not_looked_out_for_any_longer() -> None:
    """The watch is told when the last incident of a vehicle or person has left."""
    kept = Kept()
    driver = a_person(document="P-1")
    begun = kept.apply(crime(persons=[driver]), DAY_ONE).interests
    assert sorted(interest.id.partition("/")[0] for interest in begun) == ["person", "vehicle"]
    after = kept.apply(crime("I-2", vehicles=[]), DAY_ONE + REPORTS_KEPT + timedelta(seconds=1)).interests
    assert {interest.id for interest in after} == {interest.id for interest in begun}
    assert all(interest.has_ended for interest in after)


def test_where_nothing_else_comes_a_tick_lets_the_case_book_forget() -> None:
    kept = Kept()
    kept.apply(crime(), DAY_ONE)
    kept.apply(passage(), DAY_ONE)
    for later, left in ((WEEK, True), (WEEK + timedelta(seconds=1), False)):
        kept.tick(DAY_ONE + later)
        assert (b"Zogaj" in kept.bytes) is left
    assert sorted(kept.log) == [b"event/I-1"]


def test_where_nothing_else_comes_a_tick_lets_the_watch_forget() -> None:
    """Sightings, passages by place and meetings, each told on the topic that it came by."""
    watch = Watch(RULES)
    log: dict[bytes, bytes | None] = {}
    driven = passage(occurred_at=at(0), vehicle=a_vehicle("ZG 4567-XY"))
    log |= watch_passages(watch, of(topics.PASSAGES, take_in(sent(driven), DAY_ONE)), DAY_ONE).changed
    here: dict[str, Any] = {
        "exercise": False,
        "place": "HR-BRE/SI-OBR",
        "country": "SI",
        "plate": "ZG4567XY",
        "ingested_at": DAY_ONE,
    }
    seen = Passed(id="S-1", key="a key", heading="", drives=True, occurred_at=DAY_ONE, **here)
    met = Met(subject="a subject", own="S-2", own_key="a key", own_at=DAY_ONE, **here)
    told = [InputRecord(topics.ROADSIDE.name, 0, 0, None, write_told(one), {}) for one in (seen, met)]
    log |= watch_roadside(watch, told, DAY_ONE).changed
    assert len(log) == 3
    assert not any(b"ZG4567XY" in key for key in log), "a deleted key outlasts its value"
    for later, left in ((WEEK, 3), (WEEK + timedelta(seconds=1), 0)):
        now = DAY_ONE + later
        log |= watch_passages(watch, of(topics.PASSAGES, ticks(now)), now).changed
        log |= watch_roadside(watch, of(topics.ROADSIDE, ticks(now)), now).changed
        assert sum(value is not None for value in log.values()) == left


def of(topic: Topic, records: Iterable[Record]) -> list[InputRecord]:
    """Return the records that one partition's reader gets."""
    return [read_back(one) for one in records if one.topic == topic.name and not one.partition]
