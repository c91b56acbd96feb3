"""The watch passes on what an interest covers, whichever came first, and forgets the rest in time."""

import random
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any

import mixed_convoys
import pytest
from factory import DAY_ONE, a_person, a_sighting, a_vehicle, as_line, at
from mixed_traffic import mixed_events
from offline_rig import RULES, sent, told

from schemas import topics
from schemas.codec import encode
from schemas.records import Record
from streams.batches.records import InputRecord
from streams.correlation import Correlated
from streams.engine.interests import Interest
from streams.engine.watch import Watch
from streams.intake import take_in
from streams.offline import OfflineLine, read_back
from streams.watching import load, watch_interests, watch_passages, watch_roadside

CAR = "v:SI/LJAB123"
WEEK = timedelta(days=7)
SECOND = 1 / 3600


def interest(identity: str = "vehicle/SI/LJAB123", *, exercise: bool = False, **more: Any) -> Interest:
    fields = {"keys": (CAR,), "begins_at": DAY_ONE, "ends_at": DAY_ONE + timedelta(days=30), **more}
    return Interest(id=identity, exercise=exercise, **fields)


def ended(identity: str = "vehicle/SI/LJAB123") -> Interest:
    return Interest(id=identity, exercise=False)


def see(watch: Watch, event: dict[str, Any], now: datetime = DAY_ONE) -> Correlated:
    """Let the watch see a sighting that intake takes in now."""
    return watch_passages(watch, [read_back(one) for one in take_in(sent(event), now)], now)


def mind(watch: Watch, *interests: Interest) -> Correlated:
    records = (InputRecord(topics.INTERESTS.name, 0, 0, b"", encode(one), {}) for one in interests)
    return watch_interests(watch, records, DAY_ONE)


def passed_on(result: Correlated) -> list[str]:
    """Return the ids of what goes to the case book; all else is for the roadside."""
    assert all(record.topic in {topics.CASEBOOK.name, topics.ROADSIDE.name} for record in result.records)
    return [record.key.decode() for record in result.records if record.topic == topics.CASEBOOK.name]


def dead_letters(result: Correlated) -> list[tuple[bytes, bytes]]:
    """Return what became a dead letter, with its reason."""
    assert all(record.topic in topics.REFUSED_NAMES for record in result.records)
    return [(record.value, dict(record.headers)["brdo_reason"]) for record in result.records]


def keep(log: dict[bytes, bytes], changed: Mapping[bytes, bytes | None]) -> None:
    for key, value in changed.items():
        if value is None:
            log.pop(key, None)
        else:
            log[key] = value


def seen(identity: str = "S-1", days: float = 1, *, hours: float = 0, **more: Any) -> dict[str, Any]:
    return a_sighting(id=identity, occurred_at=at(days, hours=hours), **more)


@pytest.mark.parametrize(
    ("sighting", "expected"),
    [
        (seen(), True),
        (seen(days=0), True),
        (seen(days=0, hours=-SECOND), False),
        (seen(days=30), True),
        (seen(days=30, hours=SECOND), False),
        (seen(vehicle=a_vehicle("LJ AB-124")), False),
        (seen(vehicle=a_vehicle(country="HR")), False),
        (seen(vehicle=a_vehicle(country=None)), False),
        (seen(exercise=True), False),
    ],
    ids=[
        "covered",
        "begin",
        "before",
        "end",
        "after",
        "another plate",
        "another country",
        "unknown country",
        "exercise",
    ],
)
def test_only_what_an_interest_covers_is_passed_on_whichever_came_first(
    sighting: dict[str, Any], *, expected: bool
) -> None:
    watch = Watch(RULES)
    mind(watch, interest())
    assert passed_on(see(watch, sighting)) == (["S-1"] if expected else [])
    watch = Watch(RULES)
    assert passed_on(see(watch, sighting)) == [], "nobody asked for it yet"
    assert passed_on(mind(watch, interest())) == (["S-1"] if expected else [])


def test_what_is_passed_on_says_what_was_seen_and_keeps_its_stamp() -> None:
    watch = Watch(RULES)
    see(watch, seen(), DAY_ONE + timedelta(hours=1))
    (record,) = mind(watch, interest()).records
    headers = dict(record.headers)
    assert headers["brdo_ingested_at"].decode() == (DAY_ONE + timedelta(hours=1)).isoformat()
    assert headers["brdo_source"] == b"border.incidents/0/0"
    assert headers["ce_id"] == b"S-1"
    assert b"LJ AB-123" in record.value


def test_nothing_is_passed_on_twice() -> None:
    watch = Watch(RULES)
    assert passed_on(mind(watch, interest())) == []
    assert passed_on(see(watch, seen())) == ["S-1"]
    assert passed_on(see(watch, seen())) == []
    assert passed_on(mind(watch, interest("entry/W-1"))) == []


def test_an_interest_that_has_ended_or_reaches_less_far_stops() -> None:
    watch = Watch(RULES)
    mind(watch, interest(), ended())
    assert passed_on(see(watch, seen())) == []
    mind(watch, interest(), interest(ends_at=DAY_ONE))
    assert passed_on(see(watch, seen("S-2"))) == []
    mind(watch, interest("entry/W-1"), ended())
    assert passed_on(see(watch, seen("S-3"))) == ["S-3"], "another interest in the same vehicle goes on"


def test_an_interest_that_reaches_further_finds_more() -> None:
    watch = Watch(RULES)
    mind(watch, interest(ends_at=DAY_ONE))
    assert passed_on(see(watch, seen())) == []
    assert passed_on(mind(watch, interest())) == ["S-1"]


def test_a_document_matters_at_any_time() -> None:
    """Whoever shows it makes it void, or does not."""
    watch = Watch(RULES)
    mind(watch, interest(keys=(), documents=("d:passport/P1/SRB",)))
    assert passed_on(see(watch, seen(days=300, persons=[a_person(document="P-1", role=None)]))) == ["S-1"]


@pytest.mark.parametrize("part", [{"status": "victim"}, {"status": "witness"}, {"role": "smuggled"}], ids=str)
def test_a_protected_person_is_not_looked_for(part: dict[str, str]) -> None:
    watch = Watch(RULES)
    mind(watch, interest(keys=("d:passport/P1/SRB",)))
    person = {**a_person(document="P-1"), **part}
    assert passed_on(see(watch, seen(persons=[person]))) == []
    assert passed_on(see(watch, seen("S-2", persons=[{**person, "role": "passenger", "status": "unknown"}]))) == ["S-2"]


def test_both_readings_of_an_impossible_journey_are_passed_on_and_each_once() -> None:
    watch = Watch(RULES)
    assert passed_on(see(watch, seen())) == []
    assert passed_on(see(watch, seen("S-2", hours=1398 / 3600, station="SI-GRU"))) == ["S-1", "S-2"]
    assert passed_on(see(watch, seen("S-3", hours=1300 / 3600, station="SI-GRU"))) == ["S-3"]
    assert passed_on(see(watch, seen("S-4", hours=1, station="SI-GRU"))) == []


@pytest.mark.parametrize(
    "second",
    [
        seen("S-2", hours=1399 / 3600, station="SI-GRU"),
        seen("S-2", station="HR-BRE"),
        seen("S-2", station="SI-GRU", exercise=True),
        seen("S-2", station="SI-GRU", vehicle=a_vehicle(country="HR")),
    ],
    ids=["just possible", "the other side", "exercise", "another country"],
)
def test_what_can_be_driven_is_not_passed_on(second: dict[str, Any]) -> None:
    watch = Watch(RULES)
    see(watch, seen())
    assert passed_on(see(watch, second)) == []


def test_what_is_older_than_a_week_is_forgotten_with_every_byte_of_it() -> None:
    """By the time of intake; exactly a week is kept."""
    watch, log = Watch(RULES), dict[bytes, bytes]()
    keep(log, see(watch, seen(vehicle=a_vehicle("LJ OLD-1"))).changed)
    keep(log, see(watch, seen("S-2", vehicle=a_vehicle("LJ NEW-1")), DAY_ONE + WEEK).changed)
    assert b"LJ OLD-1" in b"".join(log.values())
    changed = see(watch, seen("S-3", vehicle=a_vehicle("LJ NEW-2")), DAY_ONE + WEEK + timedelta(seconds=1)).changed
    assert changed[b"seen/S-1"] is None
    keep(log, changed)
    assert sorted(log) == [b"seen/S-2", b"seen/S-3"]
    assert b"LJ OLD-1" not in b"".join(log.values())
    assert passed_on(mind(watch, interest(keys=("v:SI/LJOLD1",)))) == []
    assert passed_on(mind(watch, interest(keys=("v:SI/LJNEW1",)))) == ["S-2"]


def test_a_forgotten_reading_makes_no_impossible_journey() -> None:
    watch = Watch(RULES)
    see(watch, seen())
    assert passed_on(see(watch, seen("S-2", station="SI-GRU"), DAY_ONE + WEEK + timedelta(seconds=1))) == []


def test_a_forgotten_id_may_come_again() -> None:
    watch = Watch(RULES)
    see(watch, seen())
    see(watch, seen("S-2"), DAY_ONE + 2 * WEEK)
    assert passed_on(see(watch, seen(station="HR-BRE"), DAY_ONE + 2 * WEEK)) == []
    assert passed_on(mind(watch, interest())) == ["S-1", "S-2"]


def test_another_sighting_under_a_known_id_is_a_dead_letter_and_the_first_holds() -> None:
    watch = Watch(RULES)
    see(watch, seen())
    other = seen(vehicle=a_vehicle("ZG 1-X", "HR"))
    conflict = see(watch, other)
    assert dead_letters(conflict) == [(as_line(other), b"id_conflict")]
    assert not conflict.changed
    assert passed_on(mind(watch, interest())) == ["S-1"]
    assert passed_on(mind(watch, interest("W-1", keys=("v:HR/ZG1X",)))) == []


@pytest.mark.parametrize(
    "poison", [b"{", b"", b'{"type":"interest","id":"","exercise":false}', b'{"id":"x","keys":["v"],"more":1}']
)
def test_an_interest_that_cannot_be_read_is_a_dead_letter_and_the_next_one_counts(poison: bytes) -> None:
    watch = Watch(RULES)
    see(watch, seen())
    values = (poison, encode(interest()))
    records = [InputRecord(topics.INTERESTS.name, 0, offset, b"", value, {}) for offset, value in enumerate(values)]
    result = watch_interests(watch, records, DAY_ONE)
    letter, passed = result.records
    headers = dict(letter.headers)
    assert (letter.topic, letter.value, headers["brdo_reason"]) == ("border.dead-letters", poison, b"engine_error")
    assert headers["brdo_source"] == b"border.interests/0/0"
    assert passed.key == b"S-1"
    assert list(result.changed) == [b"interest/False/vehicle/SI/LJAB123"]


def test_a_passage_that_cannot_be_read_is_a_dead_letter_and_the_next_one_counts() -> None:
    watch = Watch(RULES)
    mind(watch, interest())
    (good,) = [read_back(one) for one in take_in(sent(seen()), DAY_ONE)]
    for poison in (b"{", as_line({"type": "incident"})):
        bad = InputRecord(topics.PASSAGES.name, 0, 0, b"", poison, good.headers)
        unstamped = InputRecord(topics.PASSAGES.name, 0, 0, b"", good.value, {})
        result = watch_passages(Watch(RULES), [bad, unstamped], DAY_ONE)
        assert [reason for _, reason in dead_letters(result)] == [b"engine_error", b"engine_error"]
    assert passed_on(watch_passages(watch, [good], DAY_ONE)) == ["S-1"]


STEPS = {
    topics.PASSAGES.name: watch_passages,
    topics.INTERESTS.name: watch_interests,
    topics.ROADSIDE.name: watch_roadside,
}


def steps(seed: int) -> list[InputRecord]:
    """Return what a line gave its watch: passages and interests, in the order in which they came."""
    line, found = OfflineLine(RULES), list[Record]()
    rng = random.Random(seed)
    mix = mixed_events(rng, 60) if seed % 2 else mixed_convoys.events(rng, traffic=(100, 200))
    for number, event in enumerate(mix):
        found += told(line, event, DAY_ONE + number * timedelta(hours=6 if seed % 2 else 0.2))
    return [read_back(one) for one in found if one.topic in STEPS and not one.partition]


def step(watch: Watch, record: InputRecord) -> Correlated:
    return STEPS[record.topic](watch, [record], DAY_ONE)


def said_in(results: Iterable[Correlated]) -> set[tuple[str, bytes]]:
    return {(record.topic, record.value) for result in results for record in result.records}


@pytest.mark.parametrize("seed", range(40))
def test_state_taken_back_in_any_order_passes_on_the_same_afterwards(seed: int) -> None:
    """A restart may pass on again what was passed on before (the case book knows it), and misses nothing."""
    rng, given = random.Random(seed), steps(seed)
    cut = rng.randrange(len(given))
    before, log = Watch(RULES), dict[bytes, bytes]()
    already = []
    for record in given[:cut]:
        already.append(step(before, record))
        keep(log, already[-1].changed)
    after = Watch(RULES)
    for key in rng.sample(sorted(log), k=len(log)):
        load(after, key, log[key])
    going_on = [(step(before, record), step(after, record)) for record in given[cut:]]
    for expected, found in going_on:
        assert found.changed == expected.changed
        assert said_in([expected]) <= said_in([found]) <= said_in([expected]) | said_in(already)
