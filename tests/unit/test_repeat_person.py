"""`repeat_person`: cases that raise it, and beside each the nearest that must not."""

from typing import Any

import pytest
from factory import a_person, a_sighting, an_incident, at
from mixed_people import PEOPLE, passport_zone
from offline_rig import alert_id, raised, revisions, standing

PERSON = "repeat_person"
AGRON = {"family_name": "Xhaferi", "given_names": "Agron", "birth_date": "1985-04-12"}
SECOND = 1 / 3600


def crime(
    identity: str, days: float = 0, person: dict[str, Any] | None = None, *, hours: float = 0, **more: Any
) -> dict[str, Any]:
    fields = {"kind": "irregular_crossing", "persons": [person or a_person(**AGRON)], **more}
    return an_incident(id=identity, occurred_at=at(days, hours=hours), **fields)


def test_two_incidents_at_two_crossings_with_everything_that_the_alert_says() -> None:
    """Proves the whole content, written out by hand."""
    driver = a_person(document="AL1234567", **AGRON)
    guide = {"role": "guide", "documents": driver["documents"]}
    passenger = {"role": "passenger", "family_name": "Kola"}
    first = crime("A-1", 0, driver, evaluation={"source": "A", "information": 1})
    second = crime("B-1", 10, station="SI-GRU", kind="migrant_smuggling", persons=[passenger, guide])
    (alert,) = standing(PERSON, first, second)
    assert alert.id == alert_id("repeat_person|real|A-1|persons/0|")
    assert (alert.revision, alert.status, alert.severity, alert.score) == (1, "open", "high", 0.8)
    assert alert.summary == (
        "Person Agron Xhaferi (born 1985-04-12) is back: 2 occurrences since 1 May 2026 08:00 UTC, "
        "the last one migrant smuggling at Gruškovje (SI) on 11 May 2026 08:00 UTC."
    )
    assert [(reason.rule, reason.contribution, reason.text, reason.evidence) for reason in alert.reasons] == [
        (
            "repeat_person.occurrences",
            0.5,
            (
                "Agron Xhaferi (born 1985-04-12) took part in 2 occurrences, each within 365 days of the one before: "
                "irregular crossing at Obrežje (SI) on 1 May 2026 08:00 UTC; "
                "migrant smuggling at Gruškovje (SI) on 11 May 2026 08:00 UTC."
            ),
            ("A-1", "B-1"),
        ),
        (
            "repeat_person.smuggling",
            0.2,
            "1 incident is of smuggling or trafficking, the first migrant smuggling at Gruškovje (SI).",
            ("B-1",),
        ),
        ("repeat_person.several_places", 0.1, "The incidents were at 2 different crossings.", ("A-1", "B-1")),
        (
            "repeat_person.one_person",
            0.0,
            "One person: document passport AL1234567 SRB equal (+14).",
            ("A-1", "B-1"),
        ),
    ]
    assert alert.evidence == ("A-1", "B-1")
    (subject,) = alert.subjects
    assert (subject.kind, subject.label, subject.safeguarding) == ("person", "Agron Xhaferi (born 1985-04-12)", False)
    assert [(one.event, one.subject) for one in subject.appearances] == [("A-1", "persons/0"), ("B-1", "persons/1")]
    assert [(one.type, one.value) for one in subject.identifiers] == [
        ("name", "Agron Xhaferi"),
        ("birth_date", "1985-04-12"),
        ("document", "AL1234567"),
    ]
    assert (alert.evaluation.source, alert.evaluation.information) == ("X", 4)
    assert (alert.opened_at.isoformat(), alert.valid_until.isoformat()) == (at(10), at(375))
    assert "Kola" not in alert.model_dump_json()


@pytest.mark.parametrize(
    ("hours", "expected"), [(0, True), (SECOND, False)], ids=["365 days to the second", "a second more"]
)
def test_the_window_is_a_year_inclusive(hours: float, *, expected: bool) -> None:
    events = [crime("A-1"), crime("B-1", 365, hours=hours)]
    assert raised(PERSON, *events) == ([("A-1", "B-1")] if expected else [])
    assert raised(PERSON, *reversed(events)) == raised(PERSON, *events)


@pytest.mark.parametrize(("hours", "expected"), [(3, False), (3 + SECOND, True)])
def test_two_reports_of_one_arrest_are_one_occurrence(hours: float, *, expected: bool) -> None:
    """Both sides of a crossing are one place."""
    assert bool(raised(PERSON, crime("A-1"), crime("B-1", hours=hours, station="HR-BRE"))) is expected


def test_it_is_open_from_the_second_occurrence_on_and_a_third_adds_to_it() -> None:
    (alert,) = standing(PERSON, *(crime(f"A-{day}", day) for day in (0, 10, 20)))
    assert (alert.opened_at.isoformat(), alert.valid_until.isoformat()) == (at(10), at(385))
    assert [(reason.rule, reason.contribution, reason.evidence) for reason in alert.reasons] == [
        ("repeat_person.occurrences", 0.5, ("A-0", "A-10", "A-20")),
        ("repeat_person.each_further", 0.1, ("A-0", "A-10", "A-20")),
    ]


def test_two_reports_at_two_places_within_the_hour_are_two_occurrences() -> None:
    assert raised(PERSON, crime("A-1"), crime("B-1", hours=1, station="SI-GRU")) == [("A-1", "B-1")]


@pytest.mark.parametrize(
    ("part", "expected"),
    [
        ({"role": "organiser"}, True),
        ({"role": "guide", "status": "contact"}, True),
        ({"status": "suspect"}, True),
        ({"role": "passenger", "status": "convicted"}, True),
        ({"role": "passenger"}, False),
        ({"role": "other", "status": "contact"}, False),
        ({"role": "driver", "status": "victim"}, False),
        ({"role": "organiser", "status": "witness"}, False),
        ({"role": "smuggled"}, False),
        ({"role": "smuggled", "status": "convicted"}, False),
    ],
    ids=str,
)
def test_only_who_may_be_suspected_both_times_repeats(part: dict[str, str], *, expected: bool) -> None:
    other = {**AGRON, **part}
    assert bool(raised(PERSON, crime("A-1"), crime("B-1", 5, other))) is expected
    assert bool(raised(PERSON, crime("A-1", 0, other), crime("B-1", 5))) is expected


def test_a_victim_connects_nobody() -> None:
    """Two reports that only a victim's would link stay apart, and the victim's document makes none void."""
    one, other = a_person(document="P-1", role="driver"), a_person(document="P-2", role="driver")
    both = {"status": "victim", "documents": one["documents"] + other["documents"]}
    events = [crime("A-1", 0, one), crime("B-1", 5, both), crime("C-1", 9, other)]
    assert raised(PERSON, *events) == []
    assert raised(PERSON, *events, crime("D-1", 10, {**both, "status": "suspect"})) == [("A-1", "C-1", "D-1")]
    stranger = {"status": "victim", "family_name": "Kola", "given_names": "Arta", "birth_date": "1999-09-09"}
    thief = crime("E-1", 1, {**stranger, "documents": one["documents"]})
    holder = {**AGRON, **one}
    assert raised(PERSON, crime("A-1", 0, holder), thief, crime("B-1", 5, holder)) == [("A-1", "B-1")]


def test_a_return_is_no_occurrence() -> None:
    assert raised(PERSON, crime("A-1"), crime("B-1", 5, kind="return_or_readmission")) == []
    assert raised(PERSON, crime("A-1"), crime("B-1", 5, kind="refused_entry")) == [("A-1", "B-1")]


def test_a_sighting_is_no_occurrence_and_connects_no_reports() -> None:
    one, other = a_person(document="P-1"), a_person(document="P-2")
    seen = a_sighting(persons=[{"documents": one["documents"] + other["documents"]}])
    assert raised(PERSON, crime("A-1", 0, one), seen, crime("B-1", 5, other)) == []


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ({"family_name": "Џафери", "given_names": "Агрон"}, True),
        ({"family_name": "Agron", "given_names": "Džaferi"}, True),
        ({"birth_date": "1985-04-13"}, False),
        ({"birth_date": "1985-04"}, False),
        ({"birth_date": "1985"}, False),
        ({"birth_date": None}, False),
        ({"given_names": None}, False),
        ({"given_names": "Agim"}, False),
    ],
    ids=str,
)
def test_a_name_links_with_a_full_birth_date_only(said: dict[str, str | None], *, expected: bool) -> None:
    person = {name: value for name, value in {**a_person(**AGRON), **said}.items() if value is not None}
    assert bool(raised(PERSON, crime("A-1"), crime("B-1", 5, person))) is expected


def test_the_first_of_january_is_a_year_and_links_nobody() -> None:
    for document, expected in ((None, []), ("P-1", [("A-1", "B-1")])):
        person = a_person(document=document, **{**AGRON, "birth_date": "1985-01-01"})
        assert raised(PERSON, crime("A-1", 0, person), crime("B-1", 5, person)) == expected


def test_a_document_with_two_holders_who_differ_links_nobody() -> None:
    """Neither of the two, nor a third of whom nothing but the document is known."""
    other = a_person(document="P-1", family_name="Shehu", given_names="Qerim", birth_date="1990-12-31")
    events = [
        crime("A-1", 0, a_person(document="P-1", **AGRON)),
        crime("B-1", 5, other),
        crime("C-1", 6, a_person(document="P-1")),
    ]
    assert raised(PERSON, *events) == []
    assert raised(PERSON, *events, crime("D-1", 7, a_person(**AGRON))) == [("A-1", "D-1")], "a name links all the same"
    seen = a_sighting(persons=[{**other, "role": "other"}])
    assert raised(PERSON, events[0], seen, events[2]) == [], "a holder in a sighting is one too"


def test_a_third_report_joins_two_persons_to_one() -> None:
    """By document with the first, by name with the second: the old alert goes on under the earlier id."""
    events = [
        crime("A-1", 0, a_person(document="P-1")),
        crime("B-1", 5),
        crime("C-1", 6),
        crime("D-1", 7, a_person(document="P-1", **AGRON)),
    ]
    told = revisions(PERSON, *events)
    opened = [one for one in told if one.status == "open"]
    assert [one.evidence for one in opened] == [("B-1", "C-1"), ("A-1", "B-1", "C-1", "D-1")]
    (old,) = [one for one in told if one.status == "withdrawn"]
    assert (old.id, old.revision, old.superseded_by) == (opened[0].id, 2, opened[1].id)


def test_a_machine_readable_zone_links_and_one_misread_does_not() -> None:
    agron = PEOPLE[0]
    zone = passport_zone(agron, agron)
    misread = [zone[0], zone[1].replace("850412", "850413")]
    for lines, expected in ((zone, [("A-1", "B-1")]), (misread, [])):
        holder = {"role": "driver", "documents": [{"mrz": lines}]}
        assert raised(PERSON, crime("A-1"), crime("B-1", 5, holder)) == expected


def test_real_and_exercise_never_meet() -> None:
    assert raised(PERSON, crime("A-1"), crime("B-1", 5, exercise=True)) == []
    (alert,) = standing(PERSON, crime("A-1", exercise=True), crime("B-1", 5, exercise=True))
    assert alert.id == alert_id("repeat_person|exercise|A-1|persons/0|")
    assert alert.summary.startswith("EXERCISE: Person Agron Xhaferi")


def test_an_update_replaces_what_the_first_report_said_of_who_drove() -> None:
    another = a_person(family_name="Shehu", given_names="Qerim")
    told = revisions(PERSON, crime("A-1"), crime("B-1", 5), crime("B-2", 5, another, updates="B-1"))
    assert [(one.revision, one.status, one.withdrawn_reason) for one in told] == [
        (1, "open", None),
        (2, "withdrawn", "no_longer_supported"),
    ]
    same = revisions(PERSON, crime("A-1"), crime("B-1", 5), crime("B-2", 6, updates="B-1"))
    assert [(one.id, one.revision, one.evidence) for one in same] == [
        (same[0].id, 1, ("A-1", "B-1")),
        (same[0].id, 2, ("A-1", "B-2")),
    ]


def test_both_ids_of_a_relayed_incident_are_evidence() -> None:
    relay = crime("R-1", 2, {"role": "driver", "family_name": "Kola"}, relay_of="A-1", station="HR-MAC")
    assert raised(PERSON, relay, crime("B-1", 5), crime("A-1")) == [("A-1", "B-1", "R-1")]


def test_by_name_and_birth_date_alone_it_is_medium_at_most_but_for_danger_to_life() -> None:
    smuggling: dict[str, Any] = {"kind": "migrant_smuggling"}
    for document, severity in ((None, "medium"), ("P-1", "high")):
        person = a_person(document=document, **AGRON)
        (alert,) = standing(
            PERSON, crime("A-1", 0, person, **smuggling), crime("B-1", 5, person, station="SI-GRU", **smuggling)
        )
        assert (alert.score, alert.severity) == (0.8, severity)
    (mixed,) = standing(
        PERSON,
        *(crime(f"A-{day}", day, a_person(document="P-1", **AGRON), **smuggling) for day in (0, 5)),
        crime("B-1", 9, station="SI-GRU"),
    )
    assert (mixed.score, mixed.severity) == (0.9, "medium"), "one link without a document is enough"
    (danger,) = standing(PERSON, crime("A-1"), crime("B-1", 5, life_at_risk=True))
    assert (danger.severity, danger.life_at_risk) == ("critical", True)


def test_the_name_of_somebody_under_eighteen_stands_nowhere() -> None:
    """Whichever report gives the birth date; of a year alone the youngest that it may mean."""
    names = {"family_name": "Xhaferi", "given_names": "Agron"}
    for born, minor in (("2008-05-06", False), ("2008-05-07", True), ("2007", False), ("2008", True)):
        young = a_person(document="P-1", birth_date=born)
        (alert,) = standing(PERSON, crime("A-1", 0, young), crime("B-1", 5, a_person(document="P-1", **names)))
        (subject,) = alert.subjects
        assert subject.safeguarding is minor
        assert ("Xhaferi" in alert.model_dump_json()) is not minor


def test_a_return_that_tells_the_age_keeps_the_name_out_of_an_alert_that_it_is_no_part_of() -> None:
    names = {"family_name": "Xhaferi", "given_names": "Agron"}
    crimes = [crime(f"A-{day}", day, a_person(document="P-1", **names)) for day in (1, 5)]
    returned = crime("B-1", 9, a_person(document="P-1", birth_date="2010-05-05"), kind="return_or_readmission")
    for events in ([*crimes, returned], [returned, *crimes]):
        (alert,) = standing(PERSON, *events)
        assert (alert.evidence, alert.subjects[0].safeguarding) == (("A-1", "A-5"), True)
        assert "Xhaferi" not in alert.model_dump_json()
