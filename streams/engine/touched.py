"""What a change is about: all that alerts may have to be looked at for."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from schemas.plates import PlateKey
from streams.matching.persons import Facts
from streams.matching.vehicles import Reading


@dataclass(slots=True)
class Touched:
    """Plates, vehicles and persons as read, events that may be hits, watchlist entries, documents and places."""

    plates: set[PlateKey] = field(default_factory=set)
    vehicles: set[Reading] = field(default_factory=set)
    people: set[Facts] = field(default_factory=set)
    possibles: set[Facts] = field(default_factory=set)
    """Persons whose alerts may say that they are possibly somebody of these."""
    cases: set[str] = field(default_factory=set)
    entries: set[str] = field(default_factory=set)
    documents: set[str] = field(default_factory=set)
    places: set[str] = field(default_factory=set)

    def join(self, other: "Touched") -> None:
        """Add what another change is about."""
        self.plates |= other.plates
        self.vehicles |= other.vehicles
        self.people |= other.people
        self.possibles |= other.possibles
        self.cases |= other.cases
        self.entries |= other.entries
        self.documents |= other.documents
        self.places |= other.places


class Scope:
    """What one change may alter: events of danger or with a bulletin, and what it touches on each side."""

    def __init__(self, events: Iterable[str] = ()) -> None:
        self.events: set[str] = set(events)
        self.touched: dict[bool, Touched] = {False: Touched(), True: Touched()}

    def join(self, other: "Scope") -> None:
        """Add what another scope holds."""
        self.events |= other.events
        for exercise, touched in other.touched.items():
            self.touched[exercise].join(touched)
