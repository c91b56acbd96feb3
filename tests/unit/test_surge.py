"""`surge`: cases that raise it, beside each the nearest that must not, and dense mixes against the oracle."""

import random
from typing import Any

import oracle
import pytest
from factory import a_person, a_sighting, a_vehicle, an_incident, at
from offline_rig import alert_id, played, raised, revisions, standing

from streams.typologies.counts import usual_limit

SURGE = "surge"
AGRON = {"family_name": "Xhaferi", "given_names": "Agron", "birth_date": "1985-04-12"}
HOUR = 1 / 24


def crime(identity: str, days: float = 0, **more: Any) -> dict[str, Any]:
    return an_incident(id=identity, occurred_at=at(days), **{"kind": "irregular_crossing", **more})


KNOWN_SINCE = crime("A-1", -20)
"""The first event at the place."""


def three(**more: Any) -> list[dict[str, Any]]:
    return [crime("B-1", 0, **more), crime("B-2", HOUR, **more), crime("B-3", 5 * HOUR, **more)]


def test_three_at_a_quiet_place_with_everything_that_the_alert_says() -> None:
    """Proves the whole content, written out by hand."""
    last = crime("B-3", 5 * HOUR, station="HR-BRE", kind="migrant_smuggling")
    (alert,) = standing(SURGE, KNOWN_SINCE, *three()[:2], last)
    assert alert.id == alert_id("surge|real|B-1||")
    assert (alert.revision, alert.status, alert.severity, alert.score) == (1, "open", "medium", 0.7)
    assert alert.summary == (
        "Obrežje (SI): 3 occurrences within 6 hours of 1 May 2026 08:00 UTC, "
        "the last one migrant smuggling on 1 May 2026 13:00 UTC."
    )
    assert [(reason.rule, reason.contribution, reason.text, reason.evidence) for reason in alert.reasons] == [
        (
            "surge.occurrences",
            0.5,
            (
                "3 occurrences in 6 hours, where the 20 days before had 0.01 on average in as many hours "
                "and more than 1 is rarer than 1 in 1,000 (negative binomial)."
            ),
            ("B-1", "B-2", "B-3"),
        ),
        ("surge.smuggling", 0.2, "1 incident is of smuggling or trafficking.", ("B-3",)),
    ]
    (subject,) = alert.subjects
    assert (subject.kind, subject.label) == ("station", "Obrežje (SI)")
    assert [(one.event, one.subject) for one in subject.appearances] == [("B-1", ""), ("B-2", ""), ("B-3", "")]
    assert alert.evidence == ("B-1", "B-2", "B-3")
    assert (alert.opened_at.isoformat(), alert.valid_until.isoformat()) == (at(5 * HOUR), at(11 * HOUR))
    assert alert.originators == ("HR", "SI")


@pytest.mark.parametrize(
    ("counts", "limit"),
    [
        ([0, 0, 0], 0),
        ([1, 1, 1, 1], 5),  # Poisson with mean 1: 99.63 % up to 4, 99.94 % up to 5
        ([0, 2], 5),  # the variance is the mean
        ([0, 0, 0, 1, 1, 4], 9),  # mean 1, variance 2: one half, a quarter, …: 99.80 % up to 8, 99.90 % up to 9
        ([4, 1, 1, 0, 0, 0], 9),
    ],
)
def test_the_limit_of_what_is_usual(counts: list[int], limit: int) -> None:
    assert usual_limit(counts, 0.999) == limit


@pytest.mark.parametrize(("number", "expected"), [(5, False), (6, True)])
def test_a_busy_place_needs_more(number: int, *, expected: bool) -> None:
    """One in every six hours for four weeks: more than five are a surge."""
    usual = [crime(f"A-{back:03}", -back / 4 + HOUR) for back in range(1, 4 * 28 + 1)]
    now = [crime(f"B-{one}", one * 1.1 * HOUR) for one in range(number)]
    assert raised(SURGE, *usual, *now) == ([tuple(f"B-{one}" for one in range(number))] if expected else [])


@pytest.mark.parametrize(
    ("first", "last", "expected"),
    [
        (-14, 5 * HOUR, True),
        (-14 + HOUR / 60, 5 * HOUR, False),
        (-200, 5 * HOUR, True),
        (-14, 6 * HOUR, False),
        (-14, 6 * HOUR - HOUR / 60, True),
    ],
)
def test_it_takes_two_weeks_of_knowing_the_place_and_six_hours(first: float, last: float, *, expected: bool) -> None:
    events = [crime("A-1", first), crime("B-1"), crime("B-2", HOUR), crime("B-3", last)]
    assert raised(SURGE, *events) == ([("B-1", "B-2", "B-3")] if expected else [])
    assert raised(SURGE, *reversed(events)) == raised(SURGE, *events)


def test_what_is_told_anew_of_one_of_them_is_told_in_the_alert() -> None:
    anew = crime("B-2b", 2 * HOUR, kind="migrant_smuggling", updates="B-2")
    before, after = standing(SURGE, KNOWN_SINCE, *three()), standing(SURGE, KNOWN_SINCE, *three(), anew)
    assert [alert.evidence for alert in (*before, *after)] == [("B-1", "B-2", "B-3"), ("B-1", "B-2b", "B-3")]
    assert [reason.rule for reason in after[0].reasons] == ["surge.occurrences", "surge.smuggling"]


def test_two_are_no_surge() -> None:
    assert raised(SURGE, KNOWN_SINCE, *three()[1:]) == []


def test_another_place_a_sighting_and_a_return_do_not_count() -> None:
    first, second, _ = three()
    assert raised(SURGE, KNOWN_SINCE, first, second, crime("B-3", 5 * HOUR, station="SI-GRU")) == []
    assert raised(SURGE, KNOWN_SINCE, first, second, crime("B-3", 5 * HOUR, kind="return_or_readmission")) == []
    assert raised(SURGE, KNOWN_SINCE, first, second, a_sighting(id="B-3", occurred_at=at(5 * HOUR))) == []
    assert raised(SURGE, KNOWN_SINCE, first, second, crime("B-3", 5 * HOUR, exercise=True)) == []


@pytest.mark.parametrize(
    ("fields", "hours", "expected"),
    [
        ({"vehicles": [a_vehicle()]}, 3, False),
        ({"vehicles": [a_vehicle()]}, 3.01, True),
        ({"vehicles": [a_vehicle(involvement="bystander")]}, 3, True),
        ({"vehicles": [a_vehicle(country=None)]}, 3, True),
        ({"persons": [a_person(**AGRON)]}, 3, False),
        ({"persons": [a_person(**AGRON, status="victim")]}, 3, True),
        ({"persons": [a_person(**AGRON) | {"role": "passenger"}]}, 3, True),
    ],
)
def test_incidents_that_share_a_subject_are_one_occurrence(
    fields: dict[str, Any], hours: float, *, expected: bool
) -> None:
    """Two officers who report one arrest make no surge; a rescue car at both and a victim say nothing."""
    events = [crime("B-1", **fields), crime("B-2", hours * HOUR, **fields), crime("B-3", 5 * HOUR)]
    assert raised(SURGE, KNOWN_SINCE, *events) == ([("B-1", "B-2", "B-3")] if expected else [])


def test_who_is_a_driver_here_and_a_passenger_there_makes_no_occurrence_one() -> None:
    driver = a_person(**AGRON)
    events = [
        crime("B-1", persons=[driver]),
        crime("B-2", HOUR, persons=[driver | {"role": "passenger"}]),
        crime("B-3", 5 * HOUR),
    ]
    assert raised(SURGE, KNOWN_SINCE, *events) == [("B-1", "B-2", "B-3")]


def test_a_report_elsewhere_can_make_two_occurrences_one() -> None:
    """Who is one person by the name here and by the document there was at the place only once."""
    by_name, by_document = a_person(**AGRON), a_person(document="AL1234567")
    events = [crime("B-1", persons=[by_name]), crime("B-2", HOUR, persons=[by_document]), crime("B-3", 5 * HOUR)]
    assert raised(SURGE, KNOWN_SINCE, *events) == [("B-1", "B-2", "B-3")]
    both = crime("C-1", -3, station="RS-HOR", persons=[a_person(document="AL1234567", **AGRON)])
    assert raised(SURGE, KNOWN_SINCE, *events, both) == []
    assert raised(SURGE, both, KNOWN_SINCE, *events) == []
    back = {"type": "retraction", "schema_version": "1.0", "id": "R-1", "at": at(), "originator": "RS"}
    back |= {"officer": "an officer", "retracts": "C-1", "reason": "duplicate"}
    assert raised(SURGE, KNOWN_SINCE, *events, both, back) == [("B-1", "B-2", "B-3")]


def test_it_grows_to_the_end_of_its_window_and_the_next_begins_after_it() -> None:
    later = [crime("B-4", 5.5 * HOUR), *(crime(f"C-{one}", (6 + one / 2) * HOUR) for one in range(8))]
    first, second = ("B-1", "B-2", "B-3", "B-4"), tuple(f"C-{one}" for one in range(8))
    assert raised(SURGE, KNOWN_SINCE, *three(), *later) == [first, second]
    assert raised(SURGE, KNOWN_SINCE, *reversed([*three(), *later])) == [first, second]


def test_what_is_taken_back_ends_it() -> None:
    back = {"type": "retraction", "schema_version": "1.0", "id": "R-1", "at": at(), "originator": "SI"}
    back |= {"officer": "an officer", "retracts": "B-2", "reason": "unfounded"}
    last = revisions(SURGE, KNOWN_SINCE, *three(), back)[-1]
    assert (last.revision, last.status, last.withdrawn_reason) == (2, "withdrawn", "no_longer_supported")


def dense(seed: int) -> list[dict[str, Any]]:
    """Return a busy month at two places, with bursts and with vehicles that come twice."""
    chance = random.Random(seed)
    events = []
    for number in range(chance.choice((40, 90))):
        days = chance.choice(
            (chance.uniform(-35, 0), chance.uniform(-35, 0), chance.choice((-12, -1)) + chance.random())
        )
        fields: dict[str, Any] = {"station": chance.choice(("SI-OBR", "HR-BRE", "RS-HOR"))}
        if chance.random() < 0.3:
            fields["vehicles"] = [a_vehicle(chance.choice(("LJ AB-123", "LJ CD-456")))]
        if chance.random() < 0.2:
            fields["kind"] = chance.choice(("return_or_readmission", "migrant_smuggling"))
        events.append(crime(f"E-{number:02}", round(days * 24 * 4) / 96, **fields))
    chance.shuffle(events)
    return events


@pytest.mark.parametrize("seed", range(40))
def test_dense_mixes_as_the_contract_says(seed: int) -> None:
    """Judged by a brute force that shares no code with the engine; moments fall on limits often."""
    expected = {found.evidence for found in oracle.open_alerts(dense(seed)) if found.kind == SURGE}
    assert set(raised(SURGE, *dense(seed))) == expected


def test_the_dense_mixes_hold_surges_and_places_without() -> None:
    found = [len(raised(SURGE, *dense(seed))) for seed in range(40)]
    assert min(found) == 0
    assert max(found) > 1


def test_a_station_is_watched_for_by_nobody() -> None:
    """A surge asks the watch for nothing."""
    line = played([KNOWN_SINCE, *three()])
    assert [alert.kind.value for alert in line.open_alerts] == [SURGE]
