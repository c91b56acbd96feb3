"""What must be raised of a simulation: the oracle's answer where everybody is read as who they truly are.

A vehicle's plate is its true entity, and so is the number of a person's one document; nothing else is said of who
they are. Roles, statuses, involvement, places, times and relations stay. An alert is expected however badly its events
were read. What is retracted and what is a drill is left out. A cloned plate is one plate on two vehicles, a stolen
passport one document with two holders: there the planted case says what must be raised.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final, NamedTuple

import oracle
from comparison import KINDS, first_report
from oracle.alerts import identify

from producers.simulator import Case, Sent

Event = dict[str, Any]
Subjects = Mapping[str, str]

_OF_THE_WHOLE_INCIDENT: Final = frozenset({"unfounded", "wrong_identity"})
_BY_CASES_ALONE: Final = ("impossible_journey", "identity_conflict")


class Expected(NamedTuple):
    """An alert that must be raised, and the entity that it is about ("": an incident, whoever is in it)."""

    kind: str
    evidence: tuple[str, ...]
    entity: str


class Known(NamedTuple):
    """A simulation's events by id, once each: as they were told, as they truly are, and who is in them."""

    told: dict[str, Event]
    true: dict[str, Event]
    subjects: dict[str, Subjects]
    retracted: frozenset[str]

    def positions(self, event: str, entity: str) -> list[str]:
        """Return where in an event an entity stands."""
        return [position for position, one in self.subjects.get(event, {}).items() if one == entity]


def known_of(sent: Iterable[Sent]) -> Known:
    """Return what is known of these events."""
    told: dict[str, Event] = {}
    subjects: dict[str, Subjects] = {}
    for one in sent:
        told.setdefault(one.event["id"], one.event)
        if one.truth is not None:
            subjects[one.event["id"]] = one.truth["subjects"]
    true = {name: true_event(event, subjects.get(name, {})) for name, event in told.items()}
    return Known(told, true, subjects, retracted(told))


def true_event(event: Event, subjects: Subjects) -> Event:
    """Return an event in which each subject is read as its entity; who has none is somebody of their own."""

    def entity(position: str) -> str:
        return subjects.get(position, f"{event['id']}/{position}")

    changed = dict(event)
    if "vehicle" in event:
        changed["vehicle"] = _vehicle(event["vehicle"], entity("vehicle"))
    if "person" in event:
        changed["person"] = _person(event["person"], entity("person"))
    if "vehicles" in event:
        vehicles = enumerate(event["vehicles"])
        changed["vehicles"] = [_vehicle(said, entity(f"vehicles/{place}")) for place, said in vehicles]
    if "persons" in event:
        persons = enumerate(event["persons"])
        changed["persons"] = [_person(said, entity(f"persons/{place}")) for place, said in persons]
    return changed


def _vehicle(said: Event, entity: str) -> Event:
    kept = {field: said[field] for field in ("involvement",) if field in said}
    return {"plate": entity, "plate_country": "SI"} | kept


def _person(said: Event, entity: str) -> Event:
    kept = {field: said[field] for field in ("role", "status") if field in said}
    return kept | {"documents": [{"type": "passport", "number": entity, "issuer": "XXX"}]}


def retracted(events: Mapping[str, Event]) -> frozenset[str]:
    """Return what is taken back: one report, or all reports of its incident, as the retraction's reason says."""
    reports = defaultdict(set)
    for name, event in events.items():
        if event["type"] == "incident":
            reports[first_report(name, events)].add(name)
    found: set[str] = set()
    for event in events.values():
        if event["type"] == "retraction" and event["retracts"] in events:
            of = event["retracts"]
            found |= reports[first_report(of, events)] if event["reason"] in _OF_THE_WHOLE_INCIDENT else {of}
    return frozenset(found)


def expected_alerts(known: Known, cases: Sequence[Case]) -> list[Expected]:
    """Return all alerts that must be raised."""
    events = what_matters(known)
    named = {
        identify(kind, known.true[name], position): entity
        for name, subjects in known.subjects.items()
        if known.told[name]["type"] != "watchlist_entry"
        for position, entity in subjects.items()
        for kind in KINDS
    }
    by_oracle = [
        Expected(alert.kind, alert.evidence, named.get(alert.id, ""))
        for alert in sorted(oracle.open_alerts(events))
        if alert.kind not in _BY_CASES_ALONE
    ]
    planted = [
        Expected(kind, tuple(sorted(_passages(case, known, kind))), "")
        for case in cases
        for kind in _BY_CASES_ALONE
        if kind in case.expects
    ]
    return by_oracle + planted


def what_matters(known: Known) -> list[Event]:
    """Return the true events that an alert can rest on: of sightings those of who is in an incident or listed.

    The oracle compares everything with everything; thousands of sightings of nobody would only cost its time.
    """
    counted = [
        event
        for name, event in known.true.items()
        if event["type"] in {"incident", "sighting", "watchlist_entry"}
        and name not in known.retracted
        and not event.get("exercise")
    ]
    concerned = {
        entity
        for event in counted
        if event["type"] != "sighting"
        for entity in known.subjects.get(event["id"], {}).values()
    }
    return [
        event
        for event in counted
        if event["type"] != "sighting" or not concerned.isdisjoint(known.subjects.get(event["id"], {}).values())
    ]


def _passages(case: Case, known: Known, kind: str) -> Iterable[str]:
    """Return the events that carry the alert: a journey is told of by sightings alone."""
    types = {"sighting"} if kind == "impossible_journey" else {"sighting", "incident"}
    return (name for name in case.events if known.told[name]["type"] in types)
