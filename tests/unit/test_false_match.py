"""Verdicts of a false match: the two never stand in one cluster again, until the verdict is retracted."""

from typing import Any

import pytest
from factory import a_person, a_sighting, a_vehicle, an_incident, at
from offline_rig import raised, revisions

VEHICLE, PERSON, SIGHTED = "repeat_vehicle", "repeat_person", "known_vehicle_sighted"
AGRON = {"family_name": "Xhaferi", "given_names": "Agron", "birth_date": "1985-04-12"}
Said = dict[str, Any]


def crime(identity: str, days: float, **more: Any) -> Said:
    fields = {"kind": "irregular_crossing", "vehicles": [a_vehicle()], **more}
    return an_incident(id=identity, occurred_at=at(days), **fields)


def met(identity: str, days: float, person: Said) -> Said:
    return crime(identity, days, vehicles=[], persons=[person])


def verdict(one: str, other: str, *, name: str = "V-1", place: str = "vehicles/0", **more: Any) -> Said:
    """Return word that subjects are not the same; an event may be followed by a place of its own."""
    named = [pair.split(" ") if " " in pair else (pair, place) for pair in (one, other)]
    return {
        "type": "verdict",
        "schema_version": "1.0",
        "id": name,
        "at": at(9),
        "alert": "al-" + "0" * 20,
        "contact_point": "SI",
        "officer": "an officer",
        "outcome": "false_match",
        "between": [{"event": event, "subject": subject} for event, subject in named],
        **more,
    }


def taken_back(what: str, by: str = "SI") -> Said:
    said = {"type": "retraction", "schema_version": "1.0", "id": "R-1", "at": at(10), "originator": by}
    return said | {"officer": "an officer", "retracts": what, "reason": "entered_in_error"}


TWO = [crime("A-1", 0), crime("B-1", 3)]


def test_two_that_are_told_apart_are_no_repetition_whatever_comes_first() -> None:
    apart = verdict("A-1", "B-1")
    assert raised(VEHICLE, *TWO) == [("A-1", "B-1")]
    for order in ([*TWO, apart], [apart, *TWO], [TWO[1], apart, TWO[0]]):
        assert raised(VEHICLE, *order) == []
    last = revisions(VEHICLE, *TWO, apart)[-1]
    assert (last.revision, last.status, last.withdrawn_reason) == (2, "withdrawn", "no_longer_supported")


def test_the_verdict_ends_when_its_own_contact_point_takes_it_back() -> None:
    apart = verdict("A-1", "B-1")
    assert raised(VEHICLE, *TWO, apart, taken_back("V-1")) == [("A-1", "B-1")]
    assert raised(VEHICLE, taken_back("V-1"), *TWO, apart) == [("A-1", "B-1")]
    assert raised(VEHICLE, *TWO, apart, taken_back("V-1", by="HR")) == []
    last = revisions(VEHICLE, *TWO, apart, taken_back("V-1"))[-1]
    assert (last.revision, last.status) == (3, "open")


def test_two_verdicts_of_one_thing_both_have_to_go() -> None:
    both = [verdict("A-1", "B-1"), verdict("B-1", "A-1", name="V-2", contact_point="HR")]
    assert raised(VEHICLE, *TWO, *both, taken_back("V-1")) == []


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        ("A-1", "B-1", [("A-1", "C-1")]),  # C comes to A, which is the earlier
        ("A-1", "C-1", [("A-1", "B-1")]),
        ("B-1", "C-1", [("A-1", "B-1")]),
    ],
)
def test_a_third_stays_with_the_earliest(one: str, other: str, expected: list[tuple[str, ...]]) -> None:
    events = [*TWO, crime("C-1", 6), verdict(one, other)]
    assert raised(VEHICLE, *events) == expected
    assert raised(VEHICLE, *reversed(events)) == expected


def test_of_three_that_are_told_apart_from_each_other_two_are_one_again() -> None:
    events = [*TWO, crime("C-1", 6)]
    three = [verdict("A-1", "B-1"), verdict("B-1", "C-1", name="V-2"), verdict("A-1", "C-1", name="V-3")]
    assert raised(VEHICLE, *events, *three) == []
    assert raised(VEHICLE, *events, *three, taken_back("V-1")) == [("A-1", "B-1")]


def test_a_later_report_stays_with_the_earliest_and_not_with_the_nearest() -> None:
    """Links are taken by their later end first, then by their earlier one."""
    vehicles = [crime("A-1", 0), crime("B-1", 3), crime("C-1", 6), verdict("A-1", "B-1")]
    assert raised(VEHICLE, *vehicles) == [("A-1", "C-1")]
    people = [met(f"{one}-1", days, a_person(**AGRON)) for one, days in (("A", 0), ("B", 3), ("C", 6))]
    apart = verdict("A-1", "B-1", place="persons/0")
    assert raised(PERSON, *people, apart) == raised(PERSON, apart, *reversed(people)) == [("A-1", "C-1")]
    four = [met("D-1", 9, a_person(**AGRON)), verdict("A-1", "C-1", name="V-2", place="persons/0")]
    assert raised(PERSON, *people, *four[1:]) == [("A-1", "B-1")]
    assert raised(PERSON, *people, *four) == [("A-1", "B-1", "D-1")]


def test_a_person_at_a_document_reader_is_told_apart_from_one_in_an_incident() -> None:
    seen = a_sighting(id="S-1", occurred_at=at(1), station="SI-GRU", persons=[AGRON])
    events = [met("A-1", 0, a_person(**AGRON)), seen]
    assert raised("known_person_sighted", *events) == [("A-1", "S-1")]
    assert raised("known_person_sighted", *events, verdict("A-1", "S-1", place="persons/0")) == []


def test_a_document_holds_before_a_name_does() -> None:
    """Who has both agrees with the one by the document and with the other by the name, and those are two."""
    by_name, both, by_document = a_person(**AGRON), a_person(document="P-1", **AGRON), a_person(document="P-1")
    events = [met("A-1", 0, by_name), met("B-1", 3, both), met("C-1", 6, by_document)]
    assert raised(PERSON, *events) == [("A-1", "B-1", "C-1")]
    apart = verdict("A-1", "C-1", place="persons/0")
    assert raised(PERSON, *events, apart) == [("B-1", "C-1")]
    assert raised(PERSON, apart, *reversed(events)) == [("B-1", "C-1")]


def test_another_with_the_same_name_and_birth_date_is_told_apart() -> None:
    events = [met("A-1", 0, a_person(**AGRON)), met("B-1", 3, a_person(**AGRON))]
    assert raised(PERSON, *events, verdict("A-1", "B-1", place="persons/0")) == []
    assert raised(PERSON, *events, verdict("A-1", "B-1", place="persons/1")) == [("A-1", "B-1")], "nobody is there"


def test_a_sighting_is_told_apart_from_an_incident() -> None:
    seen = [a_sighting(id=f"S-{days}", occurred_at=at(days), station="SI-GRU") for days in (1, 2)]
    apart = verdict("A-1", "S-1 vehicle")
    assert raised(SIGHTED, crime("A-1", 0), *seen) == [("A-1", "S-1", "S-2")]
    assert raised(SIGHTED, crime("A-1", 0), *seen, apart) == [("A-1", "S-2")]
    assert raised(SIGHTED, apart, *seen, crime("A-1", 0)) == [("A-1", "S-2")]
    assert raised(SIGHTED, crime("A-1", 0), *seen, apart, taken_back("V-1")) == [("A-1", "S-1", "S-2")]


def test_it_goes_on_holding_when_the_report_is_updated() -> None:
    again = crime("A-2", 0, updates="A-1", reported_at=at(5), vehicles=[a_vehicle("ZG 1234-A", "HR"), a_vehicle()])
    events = [*TWO, verdict("A-1", "B-1"), again]
    assert raised(VEHICLE, *events) == []
    assert raised(VEHICLE, *reversed(events)) == []
    other = crime("C-1", 6, vehicles=[a_vehicle("ZG 1234-A", "HR")])
    assert raised(VEHICLE, *events, other) == [("A-2", "C-1")], "the vehicle that now stands first was never meant"


def test_who_was_not_in_the_named_report_is_not_meant() -> None:
    again = crime("A-2", 0, updates="A-1", reported_at=at(5), vehicles=[a_vehicle("ZG 1234-A", "HR"), a_vehicle()])
    assert raised(VEHICLE, *TWO, again, verdict("A-1 vehicles/1", "B-1 vehicles/0")) == [("A-2", "B-1")]


def test_it_goes_on_holding_when_the_report_turns_out_to_be_a_relay() -> None:
    original = crime("A-0", 0)
    events = [*TWO, verdict("A-1", "B-1"), original]
    events[0] = TWO[0] | {"relay_of": "A-0"}
    assert raised(VEHICLE, *events) == []
    assert raised(VEHICLE, *reversed(events)) == []


def test_what_else_a_verdict_says_changes_nothing() -> None:
    for outcome in ("acknowledged", "confirmed", "not_confirmed", "no_action", "clarification_asked", "refused"):
        said = {name: value for name, value in verdict("A-1", "B-1").items() if name != "between"}
        assert raised(VEHICLE, *TWO, said | {"outcome": outcome}) == [("A-1", "B-1")]


def test_an_exercise_tells_nobody_apart() -> None:
    assert raised(VEHICLE, *TWO, verdict("A-1", "B-1", exercise=True)) == [("A-1", "B-1")]
