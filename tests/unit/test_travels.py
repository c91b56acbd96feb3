"""Whom a vehicle of interest met is asked only where its passages suffice for a convoy."""

from datetime import timedelta
from itertools import permutations

import msgspec
import pytest
from factory import DAY_ONE
from offline_rig import RULES

from streams.engine.roadside import Passed, Travelled
from streams.engine.travels import Travels
from streams.rules import ConvoyRules

WEEK = timedelta(days=7)
MIDNIGHT, NEXT_NOON, EVENING = 0, 12, 18
"""Hours: journeys are twelve apart."""


def passed(name: str, place: str, hours: float, *, exercise: bool = False) -> Passed:
    when = DAY_ONE + timedelta(hours=hours)
    return Passed(
        id=name, exercise=exercise, key="LJAB123 (SI)", place=place, heading="into SI", drives=True,
        occurred_at=when, ingested_at=when, country="SI", plate="LJAB123",
    )  # fmt: skip


def asked(travels: Travels, *several: Passed, subject: str = "a1") -> list[str]:
    """Return the ids of which the roadside is asked, as each is taken in."""
    found = [one for each in several for one in travels.add(Travelled(subject, each))]
    assert all(one.subjects == (subject,) for one in found)
    return [one.id for one in found]


FIRST, SECOND, THIRD = passed("S-1", "A", MIDNIGHT), passed("S-2", "B", NEXT_NOON), passed("S-3", "C", NEXT_NOON)


def test_one_that_passed_at_three_places_on_two_journeys_is_asked_of_with_all_that_went_before() -> None:
    travels = Travels(RULES.convoy)
    assert asked(travels, FIRST, SECOND) == []
    assert asked(travels, THIRD) == ["S-1", "S-2", "S-3"]
    assert asked(travels, passed("S-4", "A", EVENING)) == ["S-4"], "the others are asked of already"
    assert asked(travels, THIRD) == [], "a repetition asks nothing"


@pytest.mark.parametrize(
    "order", list(permutations([FIRST, SECOND, THIRD])), ids=lambda order: "".join(o.id for o in order)
)
def test_in_any_order_of_arrival(order: tuple[Passed, ...]) -> None:
    assert sorted(asked(Travels(RULES.convoy), *order)) == ["S-1", "S-2", "S-3"]


@pytest.mark.parametrize(
    "third", [passed("S-3", "B", EVENING), passed("S-3", "C", NEXT_NOON - 0.01)], ids=["two places", "one journey"]
)
def test_nobody_is_asked_of_one_at_too_few_places_or_on_one_journey(third: Passed) -> None:
    second = passed("S-2", "B", NEXT_NOON - 1)
    assert asked(Travels(RULES.convoy), FIRST, second, third) == []


def test_two_vehicles_and_an_exercise_are_told_apart() -> None:
    travels = Travels(RULES.convoy)
    assert asked(travels, FIRST, SECOND) == []
    assert asked(travels, THIRD, subject="b2") == []
    assert asked(travels, passed("S-3", "C", NEXT_NOON, exercise=True)) == []


def test_what_is_forgotten_counts_no_more() -> None:
    travels = Travels(RULES.convoy)
    assert asked(travels, FIRST, SECOND) == []
    late = DAY_ONE + WEEK + timedelta(hours=1)
    assert list(travels.forget(late, WEEK)) == ["False/a1/S-1"]
    assert asked(travels, THIRD) == []
    assert sorted(travels.forget(late + WEEK, WEEK)) == ["False/a1/S-2", "False/a1/S-3"]


def other_rules(**more: int) -> ConvoyRules:
    return RULES.convoy.model_copy(update=more)


def test_other_rules_ask_of_what_suffices_by_them_and_did_not_before() -> None:
    travels = Travels(RULES.convoy)
    assert asked(travels, FIRST, SECOND) == []
    assert [one.id for one in travels.judge_by(other_rules(least_places=2))] == ["S-1", "S-2"]
    assert list(travels.judge_by(other_rules(least_places=1))) == [], "it is asked of already"
    assert list(travels.judge_by(other_rules(least_places=4))) == []
    assert asked(travels, THIRD) == []


def test_a_passage_is_asked_of_as_it_was() -> None:
    travels = Travels(RULES.convoy)
    for one in (FIRST, SECOND):
        travels.add(Travelled("a1", one))
    (first, *_) = travels.add(Travelled("a1", THIRD))
    assert msgspec.structs.replace(first, subjects=()) == FIRST
