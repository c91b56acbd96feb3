"""`impossible_journey`: one plate at two places sooner than anybody drives, and the nearest that is none.

From Obrežje to Gruškovje 1,398.7 seconds are the least, and from Obrežje to Horgoš 9,393.9.
"""

from typing import Any

import pytest
from factory import a_sighting, a_vehicle, an_incident, at
from offline_rig import alert_id, raised, revisions, standing

JOURNEY = "impossible_journey"


def read(identity: str, seconds: float = 0, station: str = "SI-OBR", **more: Any) -> dict[str, Any]:
    return a_sighting(id=identity, occurred_at=at(hours=seconds / 3600), station=station, **more)


def test_two_readings_with_everything_that_the_alert_says() -> None:
    """Proves the whole content, written out by hand."""
    (alert,) = standing(JOURNEY, read("S-1"), read("S-2", 600, "SI-GRU"))
    assert alert.id == alert_id("impossible_journey|real|S-1|vehicle|")
    assert (alert.revision, alert.status, alert.severity, alert.score) == (1, "open", "medium", 0.5)
    assert alert.summary == (
        "Vehicle LJAB123 (SI) was read at Obrežje (SI) on 1 May 2026 08:00 UTC and at Gruškovje (SI) "
        "on 1 May 2026 08:10 UTC, sooner than anybody drives: a cloned plate, a misread or a wrong clock."
    )
    (reason,) = alert.reasons
    assert (reason.rule, reason.contribution, reason.evidence) == (
        "impossible_journey.impossible",
        0.5,
        ("S-1", "S-2"),
    )
    assert reason.text == (
        "10 minutes from Obrežje (SI) to Gruškovje (SI), 50 km as the crow flies, where 23 minutes are the least."
    )
    (subject,) = alert.subjects
    assert (subject.kind, subject.label) == ("vehicle", "LJAB123 (SI)")
    assert [(one.event, one.subject) for one in subject.appearances] == [("S-1", "vehicle"), ("S-2", "vehicle")]
    assert alert.evidence == ("S-1", "S-2")
    assert (alert.opened_at.isoformat(), alert.valid_until.isoformat()) == (at(hours=1 / 6), at(1, hours=1 / 6))
    assert (alert.handling_codes, alert.originators) == (("H1",), ("SI",))


@pytest.mark.parametrize(
    ("station", "seconds", "expected"),
    [
        ("SI-GRU", 0, True),
        ("SI-GRU", 1398, True),
        ("SI-GRU", 1399, False),
        ("HR-MAC", 1398, True),
        ("RS-HOR", 9393, True),
        ("RS-HOR", 9394, False),
        ("HR-BRE", 0, False),
        ("SI-OBR", 0, False),
    ],
)
def test_it_is_impossible_below_the_least_time_between_two_places(
    station: str, seconds: float, *, expected: bool
) -> None:
    """The two sides of a crossing are one place."""
    events = [read("S-1"), read("S-2", seconds, station)]
    assert raised(JOURNEY, *events) == ([("S-1", "S-2")] if expected else [])
    assert raised(JOURNEY, *reversed(events)) == raised(JOURNEY, *events)


@pytest.mark.parametrize("country", ["HR", None])
def test_it_takes_the_same_known_country(country: str | None) -> None:
    other = a_vehicle(country=country)
    assert raised(JOURNEY, read("S-1"), read("S-2", 60, "SI-GRU", vehicle=other)) == []
    assert raised(JOURNEY, read("S-1", vehicle=other), read("S-2", 60, "SI-GRU")) == []


def test_two_readings_without_a_country_are_no_journey() -> None:
    unknown = a_vehicle(country=None)
    assert raised(JOURNEY, read("S-1", vehicle=unknown), read("S-2", 60, "SI-GRU", vehicle=unknown)) == []


def test_an_incident_is_no_reading() -> None:
    report = an_incident(station="SI-GRU", vehicles=[a_vehicle()], occurred_at=at())
    assert raised(JOURNEY, read("S-1", 60), report) == []


def test_any_two_readings_count_not_only_neighbours() -> None:
    """Between the two that are far apart, the car is read twice at the place where it was before."""
    events = [read("S-1"), read("S-2", 1399, "SI-GRU"), read("S-3", 2800), read("S-4", 9393, "RS-HOR")]
    assert raised(JOURNEY, *events[:3]) == []
    assert raised(JOURNEY, *events) == [("S-1", "S-2", "S-3", "S-4")]


def test_pairs_that_overlap_are_one_alert_and_others_are_two() -> None:
    touching = [read("S-1"), read("S-2", 600, "SI-GRU"), read("S-3", 1200)]
    assert raised(JOURNEY, *touching) == [("S-1", "S-2", "S-3")]
    apart = [read("S-1"), read("S-2", 600, "SI-GRU"), read("S-3", 9000), read("S-4", 9600, "SI-GRU")]
    assert raised(JOURNEY, *apart) == [("S-1", "S-2"), ("S-3", "S-4")]


def test_a_late_reading_in_front_continues_the_alert_under_its_own_id() -> None:
    told = revisions(JOURNEY, read("S-2", 600, "SI-GRU"), read("S-3", 1200), read("S-1"))
    first, *rest = told
    new, old = sorted(rest, key=lambda one: one.status)
    assert (first.id, new.id) == (
        alert_id("impossible_journey|real|S-2|vehicle|"),
        alert_id("impossible_journey|real|S-1|vehicle|"),
    )
    assert (old.id, old.revision, old.status, old.superseded_by) == (first.id, 2, "withdrawn", new.id)
    assert new.evidence == ("S-1", "S-2", "S-3")


def test_real_and_exercise_never_meet() -> None:
    assert raised(JOURNEY, read("S-1"), read("S-2", 60, "SI-GRU", exercise=True)) == []
    (alert,) = standing(JOURNEY, read("S-1", exercise=True), read("S-2", 60, "SI-GRU", exercise=True))
    assert alert.id == alert_id("impossible_journey|exercise|S-1|vehicle|")
    assert alert.summary.startswith("EXERCISE: Vehicle LJAB123 (SI)")


def test_it_separates_nobody() -> None:
    """A known vehicle that is read at two places at once is told of with both readings."""
    crime = an_incident(id="I-1", occurred_at=at(-5), vehicles=[a_vehicle()])
    events = [crime, read("S-1"), read("S-2", 600, "SI-GRU")]
    assert raised("known_vehicle_sighted", *events) == [("I-1", "S-1", "S-2")]
    assert raised(JOURNEY, *events) == [("S-1", "S-2")]


@pytest.mark.parametrize(("seconds", "expected"), [(1398, [("S-1", "S-2")]), (1399, [])])
def test_what_the_case_book_holds_for_another_reason_is_judged_alike(
    seconds: float, expected: list[tuple[str, str]]
) -> None:
    """The readings of a known vehicle come to it whether they are a journey or not."""
    crime = an_incident(occurred_at=at(-5), vehicles=[a_vehicle()])
    assert raised(JOURNEY, crime, read("S-1"), read("S-2", seconds, "SI-GRU")) == expected
