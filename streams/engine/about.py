"""Who or what an alert is about, in words and identifiers. A minor's name is told nowhere (safeguarding)."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Literal

from schemas.alerts import Appearance, Identifier, Subject
from schemas.readings import read_person
from schemas.stations import Station
from schemas.subjects import Person, Vehicle
from streams.matching.vehicles import reading_of
from streams.typologies.wording import named

FULL_AGE: Final = 18


@dataclass(frozen=True, slots=True)
class About:
    """A subject before its appearances are known."""

    kind: Literal["vehicle", "person", "station"]
    label: str
    identifiers: tuple[Identifier, ...]
    safeguarding: bool = False

    def subject(self, appearances: Iterable[Appearance]) -> Subject:
        """Return the alert's subject."""
        return Subject(
            kind=self.kind,
            label=self.label,
            identifiers=self.identifiers,
            appearances=tuple(appearances),
            safeguarding=self.safeguarding,
        )

    @property
    def took_part(self) -> str:
        """Return what it did in incidents, in words."""
        return "was used in" if self.kind == "vehicle" else "took part in"

    @property
    def named(self) -> str:
        """Return for example ``Vehicle LJAB123 (SI)``."""
        return f"{self.kind.capitalize()} {self.label}"


@dataclass(frozen=True, slots=True)
class Joined:
    """Why two readings in an alert are of one subject, in a sentence, and the events that hold them."""

    text: str
    evidence: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Described:
    """Who an alert is about, and how that is known: by a name alone, by bridged readings, with what doubts."""

    about: About
    by_name_alone: bool = False
    joined: tuple[Joined, ...] = ()
    notes: tuple[str, ...] = ()


def about_vehicle(vehicles: Iterable[Vehicle]) -> About:
    """Return a vehicle by the reports that name it, the earliest first.

    It is called by the plate that was read best: with its country, and without doubt.
    """
    read = [reading_of(vehicle) for vehicle in vehicles]
    best = min(read, key=lambda one: (one.country is None, one.doubtful))
    known_as = dict.fromkeys((one.country, one.plate) for one in (best, *read))
    plates = [Identifier(type="plate", value=plate, country=country) for country, plate in known_as]
    vins = dict.fromkeys(one.vin for one in read if one.vin)
    return About("vehicle", str(best), (*plates, *(Identifier(type="vin", value=vin) for vin in vins)))


def about_station(place: Station) -> About:
    """Return a place by its station."""
    return About("station", named(place), (Identifier(type="station", value=place.code, country=place.country),))


def about_person(
    persons: Iterable[tuple[Person, datetime]], elsewhere: Iterable[tuple[Person, datetime]] = ()
) -> About:
    """Return a person by the reports that name them, each with its time, the earliest first.

    Of what is said `elsewhere` nothing is told; but who is under 18 by it is not named.
    """
    read, more = list(_read(persons)), _read(elsewhere)
    newest = max(moment for _, moment in read)
    minor = any(may_be_minor(person.birth_date, newest) for person, _ in (*read, *more))
    names = dict.fromkeys(name for person, _ in read if (name := _name(person)))
    births = dict.fromkeys(person.birth_date for person, _ in read if person.birth_date)
    documents = dict.fromkeys(
        Identifier(type="document", value=document.number, country=None)
        for person, _ in read
        for document in person.documents
        if document.number
    )
    identifiers = [Identifier(type="birth_date", value=born) for born in births] + list(documents)
    if minor:
        return About("person", "under 18", tuple(identifiers), safeguarding=True)
    identifiers = [Identifier(type="name", value=name) for name in names] + identifiers
    born = next(iter(births), None)
    label = next(iter(names), "unnamed") + (f" (born {born})" if born else "")
    return About("person", label, tuple(identifiers))


def may_be_minor(birth_date: str | None, moment: datetime) -> bool:
    """Whether somebody may be under 18; where only the year is known, as young as they can be."""
    if birth_date is None:
        return False
    known = [int(part) for part in birth_date.split("-")]
    year, month, day = known + [12, 31][len(known) - 1 :]
    return (moment.year - year) - ((moment.month, moment.day) < (month, day)) < FULL_AGE


def _read(persons: Iterable[tuple[Person, datetime]]) -> Iterator[tuple[Person, datetime]]:
    return ((read_person(person, today=moment.date()).person, moment) for person, moment in persons)


def _name(person: Person) -> str:
    return " ".join(filter(None, (person.given_names, person.family_name)))
