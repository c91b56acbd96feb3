"""`known_vehicle_sighted` and `known_person_sighted`: cases that raise them, beside each the nearest that must not."""

from typing import Any

import pytest
from factory import a_person, a_sighting, a_vehicle, an_incident, at
from offline_rig import alert_id, raised, revisions, standing

VEHICLE, PERSON = "known_vehicle_sighted", "known_person_sighted"
BESNIK = {"family_name": "Hoxha", "given_names": "Besnik", "birth_date": "1990-12-31"}
SECOND = 1 / 3600


def incident(identity: str = "I-1", days: float = 0, **more: Any) -> dict[str, Any]:
    fields = {"kind": "irregular_crossing", "vehicles": [a_vehicle()], **more}
    return an_incident(id=identity, occurred_at=at(days), **fields)


def sighting(identity: str = "S-1", days: float = 0, *, hours: float = 0, **more: Any) -> dict[str, Any]:
    return a_sighting(id=identity, occurred_at=at(days, hours=hours), **{"station": "SI-GRU", **more})


def crime_of(person: dict[str, Any], identity: str = "I-1", days: float = 0, **more: Any) -> dict[str, Any]:
    return incident(identity, days, vehicles=[], persons=[person], **more)


def passage_of(
    person: dict[str, Any], identity: str = "S-1", days: float = 1, *, hours: float = 0, **more: Any
) -> dict[str, Any]:
    seen = sighting(identity, days, hours=hours, persons=[person], **more)
    del seen["vehicle"]
    return seen


def test_a_known_vehicle_with_everything_that_its_alert_says() -> None:
    """Proves the whole content, written out by hand."""
    (alert,) = standing(VEHICLE, incident(kind="migrant_smuggling", handling="H0"), sighting(days=10))
    assert alert.id == alert_id("known_vehicle_sighted|real|I-1|vehicles/0|")
    assert (alert.revision, alert.status, alert.severity, alert.score) == (1, "open", "medium", 0.7)
    assert alert.summary == (
        "Vehicle LJAB123 (SI), known from migrant smuggling at Obrežje (SI) on 1 May 2026 08:00 UTC, "
        "was sighted at Gruškovje (SI) on 11 May 2026 08:00 UTC."
    )
    assert [(reason.rule, reason.contribution, reason.text, reason.evidence) for reason in alert.reasons] == [
        (
            "known_vehicle_sighted.sighted",
            0.5,
            (
                "LJAB123 (SI), known from migrant smuggling at Obrežje (SI) on 1 May 2026 08:00 UTC, was read within "
                "30 days after an incident: Gruškovje (SI) on 11 May 2026 08:00 UTC."
            ),
            ("I-1", "S-1"),
        ),
        (
            "known_vehicle_sighted.smuggling",
            0.2,
            "1 incident is of smuggling or trafficking, the first migrant smuggling at Obrežje (SI).",
            ("I-1",),
        ),
    ]
    assert alert.evidence == ("I-1", "S-1")
    (subject,) = alert.subjects
    assert (subject.kind, subject.label) == ("vehicle", "LJAB123 (SI)")
    assert [(one.event, one.subject) for one in subject.appearances] == [("I-1", "vehicles/0"), ("S-1", "vehicle")]
    assert [(one.event, one.type, one.country) for one in alert.occurrences] == [
        ("I-1", "incident", "SI"),
        ("S-1", "sighting", "SI"),
    ]
    assert (alert.handling_codes, alert.originators) == (("H0",), ("SI",)), "a machine's read has no code of its own"
    assert (alert.opened_at.isoformat(), alert.valid_until.isoformat()) == (at(10), at(40))


def test_a_known_person_with_what_its_alert_says() -> None:
    driver = a_person(document="P-1", **BESNIK)
    (alert,) = standing(PERSON, crime_of(driver), passage_of(a_person(document="p1", role=None)))
    assert alert.id == alert_id("known_person_sighted|real|I-1|persons/0|")
    assert (alert.severity, alert.score, alert.evidence) == ("medium", 0.5, ("I-1", "S-1"))
    assert alert.summary == (
        "Person Besnik Hoxha (born 1990-12-31), known from irregular crossing at Obrežje (SI) on 1 May 2026 08:00 UTC, "
        "was sighted at Gruškovje (SI) on 2 May 2026 08:00 UTC."
    )
    (subject,) = alert.subjects
    assert subject.label == "Besnik Hoxha (born 1990-12-31)"
    assert {(one.type, one.value) for one in subject.identifiers} == {
        ("name", "Besnik Hoxha"),
        ("birth_date", "1990-12-31"),
        ("document", "P-1"),
        ("document", "p1"),
    }
    assert [(one.event, one.subject) for one in subject.appearances] == [("I-1", "persons/0"), ("S-1", "persons/0")]
    assert (alert.opened_at.isoformat(), alert.valid_until.isoformat()) == (at(1), at(91))


@pytest.mark.parametrize(
    ("days", "hours", "expected"),
    [(30, 0, True), (30, SECOND, False), (0, 0, True), (0, -SECOND, False)],
    ids=["30 days to the second", "a second more", "at once elsewhere", "a second before"],
)
def test_a_vehicle_is_told_of_until_thirty_days_after_whatever_arrives_first(
    days: float, hours: float, *, expected: bool
) -> None:
    events = [incident(), sighting(days=days, hours=hours)]
    assert raised(VEHICLE, *events) == ([("I-1", "S-1")] if expected else [])
    assert raised(VEHICLE, *reversed(events)) == raised(VEHICLE, *events), "an incident looks back"


@pytest.mark.parametrize(("hours", "expected"), [(0, True), (SECOND, False)])
def test_a_person_is_told_of_until_ninety_days_after_whatever_arrives_first(hours: float, *, expected: bool) -> None:
    events = [crime_of(a_person(**BESNIK)), passage_of(a_person(**BESNIK), days=90, hours=hours)]
    assert raised(PERSON, *events) == ([("I-1", "S-1")] if expected else [])
    assert raised(PERSON, *reversed(events)) == raised(PERSON, *events)


@pytest.mark.parametrize(("hours", "expected"), [(0, True), (SECOND, False)])
def test_the_ninety_days_begin_anew_with_each_incident_of_the_person(hours: float, *, expected: bool) -> None:
    """150 days after the first is 90 after the second, which lies 60 days after the first."""
    crimes = [crime_of(a_person(**BESNIK), f"I-{day}", day) for day in (0, 60)]
    seen = passage_of(a_person(**BESNIK), days=150, hours=hours)
    for events in ([*crimes, seen], [seen, *crimes], [crimes[1], seen, crimes[0]]):
        assert raised(PERSON, *events) == ([("I-0", "I-60", "S-1")] if expected else [])


@pytest.mark.parametrize("station", ["SI-OBR", "HR-BRE"])
@pytest.mark.parametrize(("hours", "expected"), [(2, False), (2 + SECOND, True)])
def test_the_incidents_own_place_is_left_out_for_two_hours_on_both_sides(
    hours: float, station: str, *, expected: bool
) -> None:
    """Both sides of a crossing are one place."""
    assert bool(raised(VEHICLE, incident(), sighting(hours=hours, station=station))) is expected
    seen = passage_of(a_person(**BESNIK), days=0, hours=hours, station=station)
    assert bool(raised(PERSON, crime_of(a_person(**BESNIK)), seen)) is expected


def test_an_unknown_or_another_country_is_no_match() -> None:
    assert raised(VEHICLE, incident(), sighting(days=1, vehicle=a_vehicle(country=None))) == []
    assert raised(VEHICLE, incident(vehicles=[a_vehicle(country=None)]), sighting(days=1)) == []
    assert raised(VEHICLE, incident(), sighting(days=1, vehicle=a_vehicle(country="HR"))) == []


@pytest.mark.parametrize(
    ("involvement", "expected"),
    [
        ("used", True),
        ("stolen", True),
        ("bystander", False),
        ("public_transport", False),
        ("rescue_or_official", False),
    ],
)
def test_only_a_used_or_stolen_vehicle_is_of_interest(involvement: str, *, expected: bool) -> None:
    vehicle = a_vehicle(involvement=involvement)
    assert bool(raised(VEHICLE, incident(vehicles=[vehicle]), sighting(days=1))) is expected


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        ("wanted_vehicle", True),
        ("return_or_readmission", False),
        ("refused_entry", False),
        ("search_and_rescue", False),
    ],
)
def test_a_return_a_refusal_and_a_rescue_make_no_vehicle_of_interest(kind: str, *, expected: bool) -> None:
    assert bool(raised(VEHICLE, incident(kind=kind), sighting(days=1))) is expected


def test_a_return_makes_no_person_of_interest() -> None:
    assert raised(PERSON, crime_of(a_person(**BESNIK), kind="return_or_readmission"), passage_of(BESNIK)) == []


@pytest.mark.parametrize(
    ("part", "expected"),
    [
        ({"role": "driver"}, True),
        ({"role": "organiser"}, True),
        ({"role": "guide"}, True),
        ({"role": "other", "status": "suspect"}, True),
        ({"role": "passenger", "status": "convicted"}, True),
        ({"role": "passenger"}, False),
        ({"role": "passenger", "status": "contact"}, False),
        ({"role": "driver", "status": "victim"}, False),
        ({"role": "driver", "status": "witness"}, False),
        ({"role": "smuggled", "status": "suspect"}, False),
        ({}, False),
    ],
    ids=str,
)
def test_only_a_part_that_may_be_suspected_makes_a_person_of_interest(part: dict[str, str], *, expected: bool) -> None:
    person = {**BESNIK, **part}
    assert bool(raised(PERSON, crime_of(person), passage_of(BESNIK))) is expected


@pytest.mark.parametrize("part", [{"status": "victim"}, {"status": "witness"}, {"role": "smuggled"}], ids=str)
def test_a_protected_person_in_a_sighting_is_nobody(part: dict[str, str]) -> None:
    assert raised(PERSON, crime_of(a_person(**BESNIK)), passage_of({**BESNIK, "role": "passenger"})) == [("I-1", "S-1")]
    assert raised(PERSON, crime_of(a_person(**BESNIK)), passage_of({**BESNIK, **part})) == []


def test_a_document_whose_holders_differ_links_nobody() -> None:
    """It may be stolen: whoever shows it is not for that whom it was issued to."""
    other = a_person(document="P-1", family_name="Shehu", given_names="Qerim", birth_date="1985-04-12")
    crime = crime_of(a_person(document="P-1", **BESNIK))
    assert raised(PERSON, crime, passage_of(other)) == []
    same_day = {**other, "birth_date": BESNIK["birth_date"]}
    assert raised(PERSON, crime, passage_of(same_day)) == [("I-1", "S-1")], "who differs in the name alone may be one"


def test_a_document_that_turns_out_to_have_two_holders_takes_its_alert_back() -> None:
    other = a_person(document="P-1", family_name="Shehu", given_names="Qerim", birth_date="1985-04-12")
    told = revisions(
        PERSON,
        crime_of(a_person(document="P-1", **BESNIK)),
        passage_of(a_person(document="P-1", role=None)),
        crime_of(other, "I-2", 5),
    )
    assert [(one.revision, one.status, one.withdrawn_reason) for one in told] == [
        (1, "open", None),
        (2, "withdrawn", "no_longer_supported"),
    ]


def test_real_and_exercise_never_meet() -> None:
    assert raised(VEHICLE, incident(), sighting(days=1, exercise=True)) == []
    assert raised(VEHICLE, incident(exercise=True), sighting(days=1)) == []
    (alert,) = standing(VEHICLE, incident(exercise=True), sighting(days=1, exercise=True))
    assert alert.id == alert_id("known_vehicle_sighted|exercise|I-1|vehicles/0|")


def test_one_alert_holds_the_whole_chain_of_incidents_and_every_sighting_after_any_of_them() -> None:
    """Incidents thirty days apart are one chain; what is sighted once more adds nothing to the score."""
    chain = [incident(), incident("I-2", 30), sighting("S-1", 5), sighting("S-2", 60)]
    (alert,) = standing(VEHICLE, *chain)
    assert (alert.evidence, alert.score) == (("I-1", "I-2", "S-1", "S-2"), 0.6)
    assert (alert.opened_at.isoformat(), alert.valid_until.isoformat()) == (at(5), at(90))
    apart = [incident(), incident("I-2", 30.001), sighting("S-1", 5), sighting("S-2", 60)]
    assert raised(VEHICLE, *apart) == [("I-1", "S-1"), ("I-2", "S-2")]


def test_an_update_that_names_no_vehicle_withdraws_the_alert() -> None:
    told = revisions(VEHICLE, incident(), sighting(days=1), incident("I-2", updates="I-1", vehicles=[]))
    assert [(one.revision, one.status, one.withdrawn_reason) for one in told] == [
        (1, "open", None),
        (2, "withdrawn", "no_longer_supported"),
    ]


def test_an_update_that_names_the_vehicle_carries_the_alert_on_and_only_it_is_evidence() -> None:
    told = revisions(VEHICLE, incident(), sighting(days=1), incident("I-2", updates="I-1", kind="human_trafficking"))
    (first, *rest) = told
    new, old = sorted(rest, key=lambda one: one.status)
    assert (new.evidence, new.revision, new.score) == (("I-2", "S-1"), 1, 0.7)
    assert (old.id, old.revision, old.status, old.superseded_by) == (first.id, 2, "withdrawn", new.id)


def test_a_second_sighting_is_a_second_revision_of_the_same_alert() -> None:
    told = revisions(VEHICLE, incident(), sighting(days=1), sighting("S-2", 2))
    assert [(one.id, one.revision, one.evidence) for one in told] == [
        (told[0].id, 1, ("I-1", "S-1")),
        (told[0].id, 2, ("I-1", "S-1", "S-2")),
    ]


def test_both_ids_of_a_relayed_incident_are_evidence_and_the_original_speaks() -> None:
    relay = incident("R-1", 3, relay_of="I-1", station="HR-MAC", kind="human_trafficking", vehicles=[])
    for events in ([incident(), relay], [relay, incident()]):
        (alert,) = standing(VEHICLE, *events, sighting(days=1))
        assert alert.evidence == ("I-1", "R-1", "S-1")
        assert alert.summary.startswith("Vehicle LJAB123 (SI), known from irregular crossing at Obrežje (SI) on 1 May")
        assert [one.event for one in alert.occurrences] == ["I-1", "S-1"]


def test_danger_to_life_in_the_newest_incident_alone_makes_it_critical() -> None:
    (now,) = standing(VEHICLE, incident(life_at_risk=True), sighting(days=1))
    (then,) = standing(VEHICLE, incident(life_at_risk=True), incident("I-2", 1), sighting(days=2))
    assert [(one.severity, one.life_at_risk) for one in (now, then)] == [("critical", True), ("medium", False)]


def test_by_name_and_birth_date_alone_it_is_medium_at_most() -> None:
    """Two occurrences of smuggling score 0.8, which is high where a document says who it is."""
    for document, severity in ((None, "medium"), ("P-1", "high")):
        person = a_person(document=document, **BESNIK)
        crimes = [crime_of(person, f"I-{day}", day, kind="migrant_smuggling") for day in (0, 5)]
        (alert,) = standing(PERSON, *crimes, passage_of(person, days=6))
        assert (alert.score, alert.severity) == (0.8, severity)


def test_the_name_of_somebody_under_eighteen_stands_nowhere() -> None:
    """Full age begins on the eighteenth birthday, by the newest report of the alert."""
    for born, label in (("2008-05-02", "Besnik Hoxha (born 2008-05-02)"), ("2008-05-03", "under 18")):
        person = {**BESNIK, "birth_date": born}
        (alert,) = standing(PERSON, crime_of(a_person(**person)), passage_of(person))
        (subject,) = alert.subjects
        assert (subject.label, subject.safeguarding) == (label, label == "under 18")
        assert ("Hoxha" in alert.model_dump_json()) is not subject.safeguarding
