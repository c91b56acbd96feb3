"""The oracle on hand-made cases: who is one person, and what is raised of one."""

import hashlib
from typing import Any

import oracle
import pytest
from factory import a_sighting, an_incident, at

REPEAT, KNOWN = "repeat_person", "known_person_sighted"
HOUR = 3600
DAY = 24 * HOUR
PASSPORT = {"type": "passport", "number": "AL1234567", "issuer": "ALB"}


def raised(kind: str, *events: dict[str, Any]) -> list[tuple[str, ...]]:
    """Return the evidence of each open alert of this kind."""
    return sorted(alert.evidence for alert in oracle.open_alerts(events) if alert.kind == kind)


def told(kind: str, *events: dict[str, Any]) -> set[str]:
    (found,) = [one for one in oracle.find(events) if one.alert.kind == kind]
    return set(found.told)


def agron(**more: Any) -> dict[str, Any]:
    said = {"family_name": "Xhaferi", "given_names": "Agron", "birth_date": "1985-04-12", "role": "driver", **more}
    return {name: value for name, value in said.items() if value is not None}


def holder(document: dict[str, Any] = PASSPORT, **more: Any) -> dict[str, Any]:
    return {"role": "driver", "documents": [document], **more}


def incident(name: str, days: float = 0, person: dict[str, Any] | None = None, **more: Any) -> dict[str, Any]:
    fields = {"kind": "irregular_crossing", "persons": [person or agron()], **more}
    return an_incident(id=name, occurred_at=at(days), **fields)


def sighting(name: str, seconds: float, person: dict[str, Any] | None = None, **more: Any) -> dict[str, Any]:
    event = a_sighting(id=name, occurred_at=at(hours=seconds / HOUR), persons=[person or agron(role=None)])
    del event["vehicle"]
    return event | {"station": "SI-GRU"} | more


def one_person(one: dict[str, Any], other: dict[str, Any]) -> bool:
    return raised(REPEAT, incident("I-1", 0, one), incident("I-2", 1, other)) == [("I-1", "I-2")]


@pytest.mark.parametrize(("days", "expected"), [(3 / 24, False), (3.01 / 24, True), (365, True), (365.01, False)])
def test_two_occurrences_within_a_year_repeat_a_person(days: float, *, expected: bool) -> None:
    assert raised(REPEAT, incident("I-1"), incident("I-2", days)) == ([("I-1", "I-2")] if expected else [])


def test_a_return_is_no_occurrence_and_an_exercise_another_world() -> None:
    assert raised(REPEAT, incident("I-1"), incident("I-2", 1, kind="return_or_readmission")) == []
    assert raised(REPEAT, incident("I-1"), incident("I-2", 1, exercise=True)) == []
    assert raised(KNOWN, incident("I-1", kind="return_or_readmission"), sighting("S-1", DAY)) == []
    assert raised(KNOWN, incident("I-1"), sighting("S-1", DAY, exercise=True)) == []


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ({"role": "driver"}, True),
        ({"role": "organiser"}, True),
        ({"role": "guide", "status": "contact"}, True),
        ({"role": "passenger", "status": "suspect"}, True),
        ({"role": None, "status": "convicted"}, True),
        ({"role": "passenger"}, False),
        ({"role": "other", "status": "unknown"}, False),
        ({"role": "smuggled", "status": "suspect"}, False),
        ({"role": "driver", "status": "victim"}, False),
        ({"role": "driver", "status": "witness"}, False),
    ],
)
def test_who_is_eligible_in_an_incident(said: dict[str, Any], *, expected: bool) -> None:
    assert one_person(agron(), agron(**said)) is expected
    assert bool(raised(KNOWN, incident("I-1", 0, agron(**said)), sighting("S-1", DAY))) is expected


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ({}, True),
        ({"role": "passenger"}, True),
        ({"status": "contact"}, True),
        ({"role": "smuggled"}, False),
        ({"status": "victim"}, False),
        ({"status": "witness"}, False),
    ],
)
def test_who_is_eligible_in_a_sighting(said: dict[str, Any], *, expected: bool) -> None:
    seen = sighting("S-1", DAY, agron(**{"role": None, **said}))
    assert bool(raised(KNOWN, incident("I-1"), seen)) is expected


def test_links_are_transitive_between_incidents_but_not_through_a_sighting() -> None:
    by_document, by_name, both = holder(), agron(), agron(documents=[PASSPORT])
    ends = [incident("I-1", 0, by_document), incident("I-2", 1, by_name)]
    assert raised(REPEAT, *ends, incident("I-3", 2, both)) == [("I-1", "I-2", "I-3")]
    assert raised(REPEAT, *ends, sighting("S-1", 2 * DAY, both)) == []
    assert raised(KNOWN, *ends, sighting("S-1", 2 * DAY, both)) == [("I-1", "S-1"), ("I-2", "S-1")]
    returned = incident("I-3", 2, both, kind="return_or_readmission")
    assert raised(REPEAT, *ends, returned) == [("I-1", "I-2")], "it is no occurrence, but says who is who"


@pytest.mark.parametrize(
    ("seconds", "station", "expected"),
    [
        (90 * DAY, "SI-GRU", True),
        (90 * DAY + 1, "SI-GRU", False),
        (-1, "SI-GRU", False),
        (0, "SI-GRU", True),
        (2 * HOUR, "HR-BRE", False),
        (2 * HOUR + 1, "HR-BRE", True),
    ],
)
def test_a_known_person_is_told_of_for_90_days(seconds: float, station: str, *, expected: bool) -> None:
    events = [incident("I-1"), sighting("S-1", seconds, station=station)]
    assert raised(KNOWN, *events) == ([("I-1", "S-1")] if expected else [])


def test_chains_of_a_known_person_are_90_days_long() -> None:
    seen = sighting("S-1", 91 * DAY)
    assert raised(KNOWN, incident("I-1"), incident("I-2", 90), seen) == [("I-1", "I-2", "S-1")]
    assert raised(KNOWN, incident("I-1"), incident("I-2", 90.5), seen) == [("I-2", "S-1")]


OTHER: dict[str, Any] = {"family_name": "Petrović", "given_names": "Dragan", "birth_date": "1970-03-03"}


@pytest.mark.parametrize(
    ("other", "void"),
    [
        (OTHER, True),
        (OTHER | {"role": "passenger"}, True),
        (OTHER | {"status": "victim"}, False),
        (OTHER | {"role": "smuggled"}, False),
        (OTHER | {"birth_date": "1970"}, False),
        (OTHER | {"birth_date": "1985-04-12"}, False),
        (OTHER | {"family_name": "Xhaferi", "given_names": "Agron"}, False),
        ({"birth_date": "1970-03-03"}, False),
    ],
)
def test_a_document_of_holders_who_differ_in_name_and_birth_date_links_nobody(
    other: dict[str, Any], *, void: bool
) -> None:
    bare = incident("I-1", 0, holder()), incident("I-2", 1, holder())
    named = incident("I-8", 500, agron(documents=[PASSPORT]))
    third = other | {"documents": [PASSPORT]}
    assert (raised(REPEAT, *bare, named, incident("I-9", 600, third)) == []) is void
    assert (raised(REPEAT, *bare, named, sighting("S-1", 600 * DAY, third)) == []) is void
    elsewhere = incident("I-9", 600, third, exercise=True)
    assert raised(REPEAT, *bare, named, elsewhere) == [("I-1", "I-2")]


def test_two_sightings_alone_make_no_document_void_and_name_and_birth_date_link_beside_a_void_one() -> None:
    both = [sighting(f"S-{name}", 0, who | {"documents": [PASSPORT]}) for name, who in (("1", OTHER), ("2", agron()))]
    bare = [incident("I-1", 0, holder()), incident("I-2", 1, holder())]
    assert raised(REPEAT, *both, *bare) == [("I-1", "I-2")]
    full = agron(documents=[PASSPORT])
    assert raised(REPEAT, *both, incident("I-1", 0, full), incident("I-2", 1, full)) == [("I-1", "I-2")]


def test_a_link_without_a_document_is_at_most_medium() -> None:
    smuggling: dict[str, Any] = {"kind": "migrant_smuggling", "station": "RS-HOR"}
    places = {"SI", "HR", "HU", "RS"}
    by_name = [incident("I-1"), incident("I-2", 1, **smuggling)]
    assert told(REPEAT, *by_name) == places
    full = agron(documents=[PASSPORT])
    by_document = [incident("I-1", 0, full), incident("I-2", 1, full, **smuggling)]
    assert told(REPEAT, *by_document) == places | {"EUROPOL"}
    seen = [sighting("S-1", 2 * DAY, who, station="SI-OBR") for who in (agron(), full)]
    assert told(KNOWN, *by_document, seen[0]) == places
    assert told(KNOWN, *by_document, seen[1]) == places | {"EUROPOL"}
    danger = incident("I-2", 1, life_at_risk=True, **smuggling)
    assert told(REPEAT, by_name[0], danger) == places | {"EUROPOL"}


def test_the_id_is_of_the_first_position_of_the_person() -> None:
    crowd = [agron(role="passenger"), OTHER | {"role": "driver"}, agron()]
    (alert,) = oracle.open_alerts([incident("I-1", persons=crowd), incident("I-2", 1)])
    assert alert.id == "al-" + hashlib.sha256(b"repeat_person|real|I-1|persons/2|").hexdigest()[:20]
    assert alert.evidence == ("I-1", "I-2")
