"""Persons: who may be suspected at all, and which appearances are one person."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import date, datetime
from itertools import combinations
from typing import NamedTuple

from oracle.alerts import Appearance, Found
from oracle.chains import repeats, sighted
from oracle.groups import components, joined
from oracle.mrz import read_zone
from oracle.names import Name, names_agree, read_name
from oracle.reports import Case, Event, at
from oracle.verdicts import Apart, parted

FULL_DATE_LENGTH = len("YYYY-MM-DD")
Document = tuple[str, str, str]


class Person(NamedTuple):
    """What can be compared of a person; `born` is a full birth date."""

    documents: frozenset[Document]
    name: Name
    born: str | None


def repeat_persons(identities: Sequence[Sequence[Appearance]]) -> Iterator[Found]:
    for appearances in identities:
        yield from repeats("repeat_person", 365, appearances, by_name)


def known_persons_sighted(
    identities: Sequence[Sequence[Appearance]], sightings: Sequence[Appearance], apart: Apart
) -> Iterator[Found]:
    for appearances in identities:
        seen = [
            one
            for one in sightings
            if any(agree(one.subject, other.subject) for other in appearances) and not parted([one], appearances, apart)
        ]
        yield from sighted("known_person_sighted", 90, appearances, seen, by_name)


def identities(appearances: Sequence[Appearance], apart: Apart) -> list[list[Appearance]]:
    """Return the appearances person by person: what agrees is one, and so is what both agree with a third.

    Documents connect before names do, and old reports before new ones, so that those told apart stay apart.
    """
    alike = defaultdict(list)
    for number, appearance in enumerate(appearances):
        for key in filter(None, (*appearance.subject.documents, appearance.subject.born)):
            alike[key].append(number)
    links = {
        (one, other)
        for numbers in alike.values()
        for one, other in combinations(numbers, 2)
        if agree(appearances[one].subject, appearances[other].subject)
    }
    whole = joined(appearances, links)
    return [part for group in whole for part in (split(group, apart) if parted(group, group, apart) else [group])]


def split(group: Sequence[Appearance], apart: Apart) -> list[list[Appearance]]:
    links = [pair for pair in combinations(group, 2) if agree(pair[0].subject, pair[1].subject)]
    parts = [[one] for one in group]

    def taken_first(pair: tuple[Appearance, Appearance]) -> tuple[bool, list[tuple[datetime, str, int]]]:
        by_name = not same_document(pair[0].subject, pair[1].subject)
        return by_name, sorted((one.order for one in pair), reverse=True)

    for one, other in sorted(links, key=taken_first):
        here = next(part for part in parts if one in part)
        there = next(part for part in parts if other in part)
        if here is not there and not parted(here, there, apart):
            parts.remove(there)
            here.extend(there)
    return parts


def agree(one: Person, other: Person) -> bool:
    return same_document(one, other) or (
        one.born is not None and one.born == other.born and names_agree(one.name, other.name)
    )


def same_document(one: Person, other: Person) -> bool:
    return not one.documents.isdisjoint(other.documents)


def by_name(appearances: Sequence[Appearance]) -> bool:
    """Whether the documents alone do not connect these appearances."""
    return len(components(appearances, lambda one, other: same_document(one.subject, other.subject))) > 1


def suspects(appearances: Sequence[Appearance]) -> list[Appearance]:
    """Return those that may stand for suspicion: of a sighting all, of an incident by role or status."""
    return [
        one
        for one in appearances
        if one.case.report["type"] == "sighting"
        or (said := written(one)).get("role") in {"driver", "organiser", "guide"}
        or said.get("status") in {"suspect", "convicted"}
    ]


def readable(cases: Sequence[Case]) -> list[Appearance]:
    """Return the persons of these reports but for victims, witnesses and smuggled persons, who are not even read."""
    return [
        Appearance(case, f"persons/{number}", read_person(said, at(case.report).date()))
        for case in cases
        for number, said in enumerate(case.report.get("persons", ()))
        if said.get("status") not in {"victim", "witness"} and said.get("role") != "smuggled"
    ]


def without(person: Person, void: set[Document]) -> Person:
    return person._replace(documents=person.documents - void)


def written(appearance: Appearance) -> Event:
    said: Event = appearance.case.report["persons"][int(appearance.position.partition("/")[2])]
    return said


def void_documents(appearances: Sequence[Appearance]) -> set[Document]:
    """Return the documents with two holders who differ in name and birth date, one of them in an incident."""
    holders = defaultdict(set)
    for appearance in appearances:
        for document in appearance.subject.documents:
            holders[document].add((appearance.case.report["type"], appearance.subject))
    return {
        document
        for document, those in holders.items()
        if any(
            "incident" in {kind, other_kind} and differ(one, other)
            for (kind, one), (other_kind, other) in combinations(those, 2)
        )
    }


def differ(one: Person, other: Person) -> bool:
    known = one.name and other.name and one.born and other.born
    return bool(known) and one.born != other.born and not names_agree(one.name, other.name)


def read_person(said: Event, today: date) -> Person:
    """Return what can be compared; the first zone that reads right fills what an officer left open."""
    presented = said.get("documents", ())
    zones = [read_zone(document.get("mrz", []), today) for document in presented]
    zone = next(filter(None, zones), None)
    family, given, born, cut = said.get("family_name"), said.get("given_names"), said.get("birth_date"), False
    if zone and family is None and given is None:
        family, given, cut = zone.family_name, zone.given_names, zone.cut
    if zone and born is None:
        born = zone.birth_date
    whole = born is not None and len(born) == FULL_DATE_LENGTH and not born.endswith("-01-01")
    documents = set()
    for document, own in zip(presented, zones, strict=True):
        parts = [document.get(field) or (getattr(own, field) if own else "") for field in ("type", "number", "issuer")]
        kind, number, issuer = parts[0], "".join(filter(str.isalnum, parts[1].upper())), parts[2].upper()
        if kind and number and issuer:
            documents.add((kind, number, issuer))
    return Person(frozenset(documents), read_name(family, given, cut=cut), born if whole else None)
