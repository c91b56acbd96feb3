"""Why an expected alert was missed, and why one was raised that is not expected."""

from __future__ import annotations

from collections.abc import Iterator
from enum import StrEnum
from itertools import combinations, pairwise
from typing import Any, Final

import oracle
from expected import Expected, Known
from oracle.names import names_agree
from oracle.persons import Person, read_person, same_document
from oracle.reports import at, moment
from oracle.vehicles import contradict, read_vehicle, same_vehicle

from schemas.alerts import Alert, AlertKind

_HOOKS: Final = str.maketrans("ČĆŠŽĐÖÄÜ", "CCSZDOAU")
_YEAR_LENGTH: Final = len("2000")


class MissedReason(StrEnum):
    """What was wrong in the reading of an alert that was missed."""

    PLATE_MISREAD = "plate misread or mistyped, with nothing to bridge it"
    PLATE_IN_PART = "only part of the plate read"
    DESCRIBED_OTHERWISE = "make, colour or category read otherwise"
    HOOK_LOST = "hooked letter of the plate read without its hook"
    NO_COUNTRY = "no country read"
    NO_DOCUMENT = "no document shown"
    FAULTY_DOCUMENT = "document without number"
    OTHER_DOCUMENT = "another document of theirs shown"
    HELD_BY_TWO = "document with two holders"
    NO_BIRTH_DATE = "birth date missing"
    YEAR_ALONE = "year of birth alone"
    FIRST_OF_JANUARY = "born on 1 January, which stands for the year alone"
    NAME_OTHERWISE = "name spelled otherwise"
    NO_NAME = "name missing"
    REFUSED = "report refused"
    WELL_READ = "nothing wrong in the reading"


class WrongReason(StrEnum):
    """Why an alert was raised that is not expected."""

    RETRACTED = "a retraction is not applied"
    TWO_VEHICLES = "two vehicles read alike"
    TWO_PERSONS = "two persons taken for one"
    OTHER = "none of these"


def why_missed(alert: Expected, known: Known, refused: frozenset[str]) -> frozenset[MissedReason]:
    """Return what stood between the two events that came nearest to carrying the alert, several things perhaps."""
    sound = [name for name in alert.evidence if name not in refused]
    if alert.kind == AlertKind.LINKED_INCIDENTS:
        return _of_any_link(known, sound) or frozenset({MissedReason.WELL_READ})
    found = (_between(alert.entity, known, one, other) for one, other in _carrying(alert, known, sound))
    if nearest := min(found, key=lambda reasons: (len(reasons), sorted(reasons)), default=None):
        return nearest
    lacking = len(sound) < len(alert.evidence) and nearest is None
    return frozenset({MissedReason.REFUSED if lacking else MissedReason.WELL_READ})


def _of_any_link(known: Known, names: list[str]) -> frozenset[MissedReason]:
    """Return what stood between any two events with the same vehicle or person: each may have been the link."""
    entities = {entity for name in names for entity in known.subjects.get(name, {}).values()}
    return frozenset(
        reason
        for entity in entities
        for pair in pairwise(name for name in names if known.positions(name, entity))
        for reason in _between(entity, known, *pair)
        if reason is not MissedReason.WELL_READ
    )


def _carrying(alert: Expected, known: Known, names: list[str]) -> Iterator[tuple[str, str]]:
    """Yield every two events that would raise the alert by themselves."""
    for pair in combinations(names, 2):
        if alert.kind == AlertKind.IMPOSSIBLE_JOURNEY:
            yield pair
        elif all(known.positions(name, alert.entity) for name in pair):
            two = [known.true[name] for name in pair]
            if alert.kind in {found.kind for found in oracle.open_alerts(two)}:
                yield pair


def _between(entity: str, known: Known, *pair: str) -> frozenset[MissedReason]:
    positions = [(known.positions(name, entity) or ["vehicle"])[0] for name in pair]
    told = [known.told[name] for name in pair]
    said = [_said(event, position) for event, position in zip(told, positions, strict=True)]
    if positions[0].startswith("vehicle"):
        return frozenset(vehicle_faults(*said)) or frozenset({MissedReason.WELL_READ})
    return frozenset(person_faults(*((one, _read(one, event)) for one, event in zip(said, told, strict=True))))


def _said(event: dict[str, Any], position: str) -> dict[str, Any]:
    name, _, place = position.partition("/")
    said: dict[str, Any] = event[name][int(place)] if place else event[name]
    return said


def _read(said: dict[str, Any], event: dict[str, Any]) -> Person:
    today = at(event) if "occurred_at" in event else moment(event["at"])
    return read_person(said, today.date())


def vehicle_faults(one: dict[str, Any], other: dict[str, Any]) -> Iterator[MissedReason]:
    """Yield what keeps two readings of a vehicle apart."""
    here, there = read_vehicle(one), read_vehicle(other)
    if same_vehicle(here, there):
        return
    if not (here.country and there.country):
        yield MissedReason.NO_COUNTRY
    if here.plate != there.plate:
        shorter, longer = sorted((here.plate, there.plate), key=len)
        if shorter.translate(_HOOKS) == longer.translate(_HOOKS):
            yield MissedReason.HOOK_LOST
        elif shorter in longer and len(shorter) < len(longer) - 1:
            yield MissedReason.PLATE_IN_PART
        else:
            yield MissedReason.PLATE_MISREAD
    if any(map(contradict, here[3:6], there[3:6])):
        yield MissedReason.DESCRIBED_OTHERWISE


def person_faults(one: tuple[dict[str, Any], Person], other: tuple[dict[str, Any], Person]) -> Iterator[MissedReason]:
    """Yield what keeps two readings of a person apart: of the documents, and of name and birth date."""
    both = (one, other)
    if same_document(one[1], other[1]):
        yield MissedReason.HELD_BY_TWO
    elif not all(said.get("documents") for said, _ in both):
        yield MissedReason.NO_DOCUMENT
    elif not all(person.documents for _, person in both):
        yield MissedReason.FAULTY_DOCUMENT
    else:
        yield MissedReason.OTHER_DOCUMENT
    for said, person in both:
        if person.born is None:
            yield _birth_date_fault(said.get("birth_date", ""))
    if not (one[1].name and other[1].name):
        yield MissedReason.NO_NAME
    elif not names_agree(one[1].name, other[1].name):
        yield MissedReason.NAME_OTHERWISE


def _birth_date_fault(said: str) -> MissedReason:
    if len(said) == _YEAR_LENGTH:
        return MissedReason.YEAR_ALONE
    return MissedReason.FIRST_OF_JANUARY if said.endswith("-01-01") else MissedReason.NO_BIRTH_DATE


def why_wrong(alert: Alert, known: Known) -> WrongReason:
    """Return why an alert was raised that is not expected."""
    if not known.retracted.isdisjoint(alert.evidence):
        return WrongReason.RETRACTED
    for subject in alert.subjects:
        entities = {known.subjects.get(one.event, {}).get(one.subject, "") for one in subject.appearances}
        if len(entities) > 1:
            return WrongReason.TWO_VEHICLES if subject.kind == "vehicle" else WrongReason.TWO_PERSONS
    return WrongReason.OTHER
