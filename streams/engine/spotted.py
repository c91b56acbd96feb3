"""Who was spotted, and in which sightings: a reading of a vehicle is kept once, however often it passes."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from schemas.events import Sighting
from streams.engine.cases import Passage, persons_in
from streams.engine.roles import is_protected
from streams.matching import persons, vehicles
from streams.matching.index import Index
from streams.matching.persons import Facts
from streams.matching.vehicles import Reading

Whom = Reading | Facts


@dataclass(eq=False, slots=True)
class Spotted:
    """One reading of a vehicle, or the facts of a person, by which they are found, and the sightings with just that."""

    whom: Whom
    keys: frozenset[str]
    names: dict[str, None] = field(default_factory=dict)
    """Ids alone: Python's collector need not walk through them."""


class Spottings:
    """The retained sightings by whom they show."""

    def __init__(self) -> None:
        self._by_whom: dict[Whom, Spotted] = {}
        self._index: Index[Spotted] = Index()

    def add(self, report: Sighting) -> tuple[Spotted, ...]:
        """Take in a sighting; return everybody and everything in it."""
        return tuple(self._add(whom, report.id) for whom in dict.fromkeys(spotted_in(report)))

    def _add(self, whom: Whom, name: str) -> Spotted:
        spotted = self._by_whom.get(whom)
        if spotted is None:
            spotted = self._by_whom[whom] = Spotted(whom, _keys_of(whom))
            self._index.add(spotted, spotted.keys)
        spotted.names[name] = None
        return spotted

    def remove(self, several: Iterable[Spotted], name: str) -> None:
        """Forget a sighting in which these were."""
        for spotted in several:
            del spotted.names[name]
            if not spotted.names:
                self._index.remove(spotted, spotted.keys)
                del self._by_whom[spotted.whom]

    def near(self, keys: Iterable[str]) -> set[str]:
        """Return the sightings of whoever may link with what has these keys."""
        return {name for spotted in self._index.near(keys) for name in spotted.names}


def spotted_in(report: Sighting) -> Iterator[Whom]:
    """Return everybody and everything in a sighting that may be looked for; no protected person."""
    if report.vehicle:
        yield vehicles.reading_of(report.vehicle)
    for _, person in persons_in(Passage(report, report.occurred_at)) if report.persons else ():
        if not is_protected(person):
            yield persons.facts_of(person, today=report.occurred_at.date())


def _keys_of(whom: Whom) -> frozenset[str]:
    return vehicles.lookup_keys(whom) if isinstance(whom, Reading) else persons.lookup_keys(whom)
