"""Planted cases and hard negatives: each is there, and its events really tell its story.

What makes an alert of each kind is asked by true identities (`simulated_stories.HOLDS`), so that a case which expects
an alert can be found at all, and one which expects none cannot be found rightly.
"""

import math
from collections import Counter, defaultdict
from datetime import timedelta
from itertools import pairwise

import pytest
from simulated import appearances, of_type, simulated
from simulated_stories import HOLDS, HOUR, Story, at, eligible, used

from schemas.alerts import AlertKind
from schemas.plates import fits, normalise, normalise_for
from schemas.stations import station

SEEDS = (7, 8, 9)
KINDS = {
    "forerunner", "network", "driver_continues", "converted_van", "engine_bay", "known_vehicle", "wave",
    "watched_vehicle", "watched_person", "cloned_plate", "stolen_passport", "ended_entry", "platoon", "plate_twins",
    "ocr_twins", "name_twins", "name_and_year_twins", "refused_coach", "rescuers", "victim",
    "same_place_within_two_hours", "one_incident_told_often", "retracted", "drill",
}  # fmt: skip
CORRECTED = {"one_incident_told_often", "retracted"}
"""Cases in which two reports are there, and one of them does not count."""


def stories(kind: str) -> list[Story]:
    found = []
    for seed in SEEDS:
        events, cases = simulated(seed=seed)
        by_id = {sent.event["id"]: sent for sent in reversed(events)}
        found += [Story(case, [by_id[event] for event in case.events]) for case in cases if case.case == kind]
    assert len(found) == len(SEEDS)
    return found


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_every_case_tells_what_it_expects_and_nothing_that_it_rules_out(kind: str) -> None:
    for story in stories(kind):
        assert story.case.expects or story.case.expects_not
        for expected in story.case.expects:
            assert HOLDS[AlertKind(expected)](story), (expected, story.case)
        for ruled_out in story.case.expects_not:
            assert kind in CORRECTED or not HOLDS[AlertKind(ruled_out)](story), (ruled_out, story.case)


def test_every_kind_of_case_is_planted_as_often_as_wanted_and_each_has_its_id() -> None:
    _, cases = simulated(cases=2, sightings=500, incidents=10)
    assert Counter(case.case for case in cases) == dict.fromkeys(KINDS, 2)
    assert len({case.id for case in cases}) == len(cases)
    _, none = simulated(cases=0, sightings=500, incidents=10)
    assert none == ()
    assert {kind for case in cases for kind in case.expects} == set(HOLDS)


def test_another_seed_plays_other_plates_and_names() -> None:
    one, other = (stories(kind)[:2] for kind in ("watched_vehicle", "watched_person"))
    for first, second in (one, other):
        assert first.case.story != second.case.story


def test_the_truth_names_everybody_in_the_stories() -> None:
    for seed in SEEDS:
        events, cases = simulated(seed=seed)
        truth = {sent.event["id"]: sent.truth["subjects"] for sent in events if sent.truth}
        for case in cases:
            true = {entity for event in case.events for entity in truth.get(event, {}).values()}
            assert true >= set(case.entities)


def test_the_forerunner_is_ahead_each_time_and_the_van_is_caught_last() -> None:
    for story in stories("forerunner"):
        car, van, _ = (story.seen[entity] for entity in story.case.entities)
        assert used(van[-1])
        for ahead, behind in zip(car, van[:-1], strict=True):
            assert ahead.station == behind.station
            assert timedelta(minutes=2) < behind.at - ahead.at <= timedelta(minutes=10)


def test_the_network_makes_sixteen_transits_of_about_thirteen_people_on_two_ways() -> None:
    for story in stories("network"):
        assert len(story.incidents) == 16
        assert 11 <= sum(one["people"]["smuggled"] for one in story.incidents) / 16 <= 15
        countries = Counter(one["station"][:2] for one in story.incidents)
        assert countries["SI"] + countries["IT"] == countries["HU"] + countries["AT"] == 8
        assert len([seen for seen in story.vehicles() if len(seen) > 2]) == 4


def test_the_driver_goes_on_months_after_june() -> None:
    _, cases = simulated(days=170, sightings=500, incidents=10)
    events, _ = simulated(days=170, sightings=500, incidents=10)
    (case,) = (case for case in cases if case.case == "driver_continues")
    first = min(at(sent.event) for sent in of_type(events, "incident") if sent.event["id"] in case.events)
    assert first.month == 6


def test_the_stolen_passport_has_holders_of_different_name_and_birth_date() -> None:
    for story in stories("stolen_passport"):
        owner, thief = story.persons()
        assert thief[0].event["kind"] == "document_fraud"
        for name in ("family_name", "birth_date"):
            assert owner[0].said.get(name) != thief[0].said[name]


def test_twins_in_two_countries_have_one_plate_and_twins_to_a_camera_one_confusable_character() -> None:
    for story in stories("plate_twins"):
        read = [{(one.said["plate_country"], normalise(one.said["plate"])) for one in s} for s in story.vehicles()]
        ((country, plate),), ((other_country, same),) = read
        assert country != other_country
        assert plate == same
        assert fits(other_country, plate)
    for story in stories("ocr_twins"):
        (plate,), (like,) = ({normalise_for(None, one.said["plate"]) for one in seen} for seen in story.vehicles())
        assert sum(a != b for a, b in zip(plate, like, strict=True)) == 1
        one, other = (next(one.said for one in seen if used(one)) for seen in story.vehicles())
        assert one["make"] != other["make"]
        assert one["colour"] != other["colour"]
        assert one["category"] != other["category"]


def test_namesakes_share_a_name_and_no_birth_date() -> None:
    for kind, length in (("name_twins", 10), ("name_and_year_twins", 4)):
        for story in stories(kind):
            one, other = (seen[0].said for seen in story.persons())
            born = [said["birth_date"] for said in (one, other) if "birth_date" in said]
            assert all(len(date) == length for date in born)
            assert len(set(born)) == (1 if length == 4 else len(born))


def test_the_platoon_would_be_a_convoy_if_anybody_in_it_were_of_interest() -> None:
    for story in stories("platoon"):
        one, other, *_ = story.vehicles()
        near = sum(any(a.station == b.station and abs(a.at - b.at) <= HOUR / 6 for b in other) for a in one)
        assert near / len(one) > 0.95
        assert not story.incidents


def test_the_coach_the_ambulance_and_the_victim_are_there_again_and_have_no_part_in_it() -> None:
    for story in stories("refused_coach"):
        assert all(len(one["persons"]) >= 12 for one in story.incidents)
    for story in stories("rescuers"):
        (ambulance,) = story.vehicles()
        assert [one.said.get("involvement") for one in ambulance] == ["rescue_or_official"] * 3 + [None]
    for story in stories("victim"):
        victim = max(story.persons(), key=len)
        assert len(victim) == 4
        assert not any(eligible(one) for one in victim)


def test_the_vehicle_that_was_let_go_is_sighted_at_the_same_place_within_two_hours() -> None:
    for story in stories("same_place_within_two_hours"):
        _, incident, after = story.vehicles()[0]
        assert used(incident)
        assert after.station == incident.station
        assert timedelta(0) < after.at - incident.at <= 2 * HOUR


def test_what_was_corrected_names_what_it_corrects() -> None:
    for story in stories("one_incident_told_often"):
        first, *others = (one["id"] for one in story.incidents if not {"updates", "relay_of"} & set(one))
        assert len(others) == 1
        assert [one["updates"] for one in story.incidents if "updates" in one] == [first, first]
        assert [one["relay_of"] for one in story.incidents if "relay_of" in one] == [first]
        assert len({station(one["station"]).place for one in story.incidents}) == 1
        times = sorted(at(one) for one in story.incidents)
        assert times[-1] - times[0] <= 3 * HOUR
    for story in stories("retracted"):
        (retraction,) = (sent.event for sent in story.sent if sent.event["type"] == "retraction")
        retracted = next(one for one in story.incidents if one["id"] == retraction["retracts"])
        assert retraction["originator"] == station(retracted["station"]).country
    for story in stories("drill"):
        assert sorted(one.get("exercise", False) for one in story.incidents) == [False, True]


def test_in_the_background_there_are_drills_corrections_relays_and_removals_too() -> None:
    events, cases = simulated(incidents=3_000, sightings=500, cases=0)
    assert cases == ()
    incidents = [sent.event for sent in events if sent.event["type"] == "incident"]
    for field in ("exercise", "updates", "relay_of"):
        assert 0.01 < sum(field in one for one in incidents) / len(incidents) < 0.1
    assert sum(sent.event["type"] == "retraction" for sent in events) > 5
    assert sum(sent.event.get("action") == "remove" for sent in events) > 3


def test_the_forerunner_is_no_coincidence() -> None:
    """The contract's likelihood ratio over the journeys is 10,000 or more, with the simulated traffic around."""
    for seed in SEEDS:
        events, cases = simulated(seed=seed, sightings=40_000, cases=1)
        passages: Counter[str] = Counter()
        hours: Counter[tuple[str, int, int]] = Counter()
        for sent in of_type(events, "sighting"):
            place, moment = station(sent.event["station"]).place, at(sent.event)
            passages[place] += 1
            hours[place, moment.weekday(), moment.hour] += 1
        (case,) = (case for case in cases if case.case == "forerunner")
        car, van = (appearances(events)[entity] for entity in case.entities[:2])
        often = Counter(station(one.station).place for one in car)
        logs: dict[int, dict[str, float]] = defaultdict(dict)
        journey = 0
        for before, one in pairwise([van[0], *(one for one in van if one.event["type"] == "sighting")]):
            journey += one.at - before.at >= 12 * HOUR
            place = station(one.station).place
            share = hours[place, one.at.weekday(), one.at.hour] / passages[place] * 20 / 60
            logs[journey][place] = math.log(1 - (1 - share) ** often[place])
        assert len(logs) == 3
        assert math.exp(-sum(sum(one.values()) / len(one) for one in logs.values())) >= 10_000
