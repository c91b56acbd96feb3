"""Reports that only their originator may see (H2), found again by whatever they may have a part in.

What is near may be more than what matters, and is never less: whoever asks takes all of it away and looks again.
"""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Final

from schemas.events import Incident
from schemas.messages import CaseMessage
from schemas.watchlist import WatchlistEntry
from streams.engine.cases import alone
from streams.engine.people import holders_in
from streams.engine.register import Register
from streams.engine.touched import Scope, Touched
from streams.engine.traffic import readings_in
from streams.engine.watchlist import Standing
from streams.matching import persons, vehicles
from streams.matching.index import Index

_PLACE: Final = "place:"
_ENTRY: Final = "entry:"


def restricted_to(event: CaseMessage) -> str | None:
    """Return who alone may see an event; None where everybody may."""
    if isinstance(event, Incident) and event.handling == "H2":
        return event.originated_by
    if isinstance(event, WatchlistEntry) and event.handling == "H2":
        return event.originator
    return None


class Restricted:
    """The restricted events, and those that one of them updates, relays or changes: without it, they count."""

    def __init__(self, register: Register) -> None:
        self._register = register
        self._keys: dict[str, frozenset[str]] = {}
        self._index: Index[str] = Index()

    def note(self, event: CaseMessage) -> None:
        """Take in an event that the register holds."""
        family = list(self._family(event))
        if any(map(restricted_to, family)):
            for one in family:
                self._enter(one)

    def forget(self, event: CaseMessage) -> None:
        """Drop an event, if it is here."""
        self._index.remove(event.id, self._keys.pop(event.id, frozenset()))

    def near(self, scope: Scope) -> dict[str, str]:
        """Return each restricted event that may have a part in what a scope is about, and who may see it."""
        if not self._keys:
            return {}
        found = set(scope.events)
        for exercise, touched in scope.touched.items():
            found |= self._near(touched, exercise=exercise)
        known = (one.event for key in found if (one := self._register.get(key)))
        families = (one for event in known for one in self._family(event))
        return {one.id: owner for one in families if (owner := restricted_to(one))}

    def _near(self, touched: Touched, *, exercise: bool) -> set[str]:
        """Return the noted events that subjects connect with this, and those at its places."""
        side = self._register.side(exercise=exercise)
        found: set[str] = set()
        reached = side.connected(touched)
        while new := self._index.near(_keys_of(reached)) - found:
            found |= new
            for report in self._reports(new):
                reached.join(_subjects_of(report))
            reached = side.connected(reached)
        places = touched.places | side.places_near(reached) | {report.at.place for report in self._reports(found)}
        return found | self._index.near(_PLACE + place for place in places)

    def _reports(self, keys: Iterable[str]) -> Iterator[Incident]:
        known = (self._register.get(key) for key in keys)
        return (one.event for one in known if one is not None and isinstance(one.event, Incident))

    def _family(self, event: CaseMessage) -> Iterator[CaseMessage]:
        """Return the events of which one may stand for the other."""
        if isinstance(event, Incident):
            known = (self._register.get(key) for key in self._register.linked_with(event.id))
            yield from (one.event for one in known if one is not None)
        elif isinstance(event, WatchlistEntry):
            yield from self._register.side(exercise=event.exercise).watchlist.changes(event.key)

    def _enter(self, event: CaseMessage) -> None:
        if event.id not in self._keys:
            keys = frozenset(_keys_in(event))
            self._keys[event.id] = keys
            self._index.add(event.id, keys)


@contextmanager
def without(register: Register, events: Iterable[str]) -> Iterator[None]:
    """Take these events out of the register while the block runs."""
    taken = [known for key in sorted(events) if (known := register.get(key))]
    for one in taken:
        register.remove(one.event)
    try:
        yield
    finally:
        for one in taken:
            register.insert(one)


def _keys_in(event: CaseMessage) -> Iterable[str]:
    if isinstance(event, Incident):
        yield from _keys_of(_subjects_of(event))
        yield _PLACE + event.at.place
    elif isinstance(event, WatchlistEntry):
        yield _ENTRY + event.key
        yield from Standing(event, event.at).keys


def _subjects_of(report: Incident) -> Touched:
    case = alone(report)
    return Touched(vehicles=readings_in(case), people={facts for facts, _ in holders_in(case)})


def _keys_of(touched: Touched) -> Iterator[str]:
    for reading in touched.vehicles:
        yield from vehicles.lookup_keys(reading)
    for facts in touched.people:
        yield from persons.lookup_keys(facts)
    yield from (_ENTRY + entry for entry in touched.entries)
