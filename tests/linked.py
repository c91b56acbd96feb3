"""Builders: incidents that share vehicles and persons, for the tests of what links them."""

from typing import Any

import oracle
from factory import a_person, a_vehicle, an_incident, at
from offline_rig import raised

LINKED = "linked_incidents"
VAN, CAR = a_vehicle(), a_vehicle("ZG 4567-XY", "HR")
AGRON = {"family_name": "Xhaferi", "given_names": "Agron", "birth_date": "1985-04-12"}
NIKOLA = {"family_name": "Kovačević", "given_names": "Nikola", "birth_date": "1979-09-23"}
DRIVER = a_person(document="AL1234567", **AGRON)
Said = dict[str, Any]


def crime(identity: str, days: float, *subjects: Said, **more: Any) -> Said:
    """Return an incident with these vehicles and persons."""
    named = {
        "vehicles": [one for one in subjects if "plate" in one],
        "persons": [one for one in subjects if "plate" not in one],
    }
    fields = {"kind": "irregular_crossing", **named, **more}
    return an_incident(id=identity, occurred_at=at(days), **fields)


def three(*, first: Said = VAN, second: Said = DRIVER) -> list[Said]:
    """Return A and B with the first subject, B and C with the second."""
    return [crime("A", 0, first), crime("B", 3, first, second), crime("C", 9, second)]


def taken_back(event: str, by: str = "SI") -> Said:
    return {
        "type": "retraction",
        "schema_version": "1.0",
        "id": f"R-{event}",
        "at": at(20),
        "originator": by,
        "officer": "an officer",
        "retracts": event,
        "reason": "unfounded",
    }


def never_the_same(*pair: tuple[str, str]) -> Said:
    between = [{"event": event, "subject": subject} for event, subject in pair]
    fields = {"alert": "al-" + "0" * 20, "contact_point": "SI", "officer": "an officer", "outcome": "false_match"}
    return {"type": "verdict", "schema_version": "1.0", "id": "V-1", "at": at(20), **fields, "between": between}


def assert_raised(events: list[Said], *expected: tuple[str, ...]) -> None:
    """Whatever the order, and judged by the brute force too."""
    assert raised(LINKED, *events) == sorted(expected)
    assert raised(LINKED, *reversed(events)) == sorted(expected)
    assert {one.evidence for one in oracle.open_alerts(events) if one.kind == LINKED} == set(expected)
