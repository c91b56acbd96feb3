"""The watch: every sighting that is retained, and which of them could matter to the case book.

A sighting is passed on where an interest covers it, whichever came first, or where it and another of the
same plate are an impossible journey. What matched nothing leaves when it is as old as sightings are kept.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from schemas.events import Sighting
from schemas.messages import Stamped
from streams.engine.cases import Passage, persons_in
from streams.engine.interests import Interest
from streams.engine.passings import Passings
from streams.engine.retention import Ages
from streams.engine.roles import is_protected
from streams.matching import persons, vehicles
from streams.rules import Rules

Key = tuple[bool, str]
"""Whether it is an exercise, and a key of a vehicle or person."""


@dataclass(slots=True)
class Seen:
    """A retained sighting: its keys and its time; whether it was passed on."""

    stamped: Stamped[Sighting]
    keys: frozenset[str]
    passed_on: bool = False


class Watch:
    """The state of one partition, and the two ways to change it."""

    def __init__(self, rules: Rules) -> None:
        self._seen: dict[str, Seen] = {}
        self._by_key: dict[Key, dict[str, Seen]] = defaultdict(dict)
        self._interests: dict[tuple[bool, str], Interest] = {}
        self._wanted: dict[Key, dict[str, Interest]] = defaultdict(dict)
        self._passings = Passings(rules.impossible_journey)
        self._ages = Ages(rules.retention.sightings_kept)

    def get(self, identity: str) -> Stamped[Sighting] | None:
        """Return the retained sighting with this id."""
        seen = self._seen.get(identity)
        return seen.stamped if seen else None

    def see(self, stamped: Stamped[Sighting]) -> list[Stamped[Sighting]]:
        """Take in a sighting; return the sightings that matter to the case book now and did not before."""
        report = stamped.event
        seen = Seen(stamped, keys_of(report))
        self._seen[report.id] = seen
        for key in seen.keys:
            self._by_key[report.exercise, key][report.id] = seen
        self._ages.add(stamped.ingested_at, report.id.encode())
        matter = [self._seen[key] for key in self._passings.add(report)]
        if self._is_wanted(seen):
            matter.append(seen)
        return list(_passed_on(matter))

    def mind(self, interest: Interest) -> list[Stamped[Sighting]]:
        """Take in what is of interest, or is no longer; return the retained sightings that matter now."""
        self._drop(interest)
        if interest.has_ended:
            return []
        self._interests[interest.exercise, interest.id] = interest
        for key in _keys(interest):
            self._wanted[interest.exercise, key][interest.id] = interest
        found = {
            name: seen
            for key in _keys(interest)
            for name, seen in self._by_key.get((interest.exercise, key), {}).items()
            if interest.covers(seen.keys, seen.stamped.event.occurred_at)
        }
        return list(_passed_on(found[name] for name in sorted(found)))

    def load(self, item: Stamped[Sighting] | Interest) -> None:
        """Take back what was kept, in any order."""
        if isinstance(item, Interest):
            self.mind(item)
        else:
            self.see(item)

    def forget(self, stamped: Stamped[Sighting]) -> Iterator[str]:
        """Forget the sightings that are too old when one of this time of intake comes; return their ids."""
        for name in self._ages.expired(stamped.ingested_at):
            seen = self._seen.pop(name.decode())
            report = seen.stamped.event
            for key in seen.keys:
                del self._by_key[report.exercise, key][report.id]
                if not self._by_key[report.exercise, key]:
                    del self._by_key[report.exercise, key]
            self._passings.remove(report)
            yield report.id

    def _is_wanted(self, seen: Seen) -> bool:
        report = seen.stamped.event
        return any(
            interest.covers(seen.keys, report.occurred_at)
            for key in seen.keys
            for interest in self._wanted.get((report.exercise, key), {}).values()
        )

    def _drop(self, interest: Interest) -> None:
        old = self._interests.pop((interest.exercise, interest.id), None)
        for key in _keys(old) if old else ():
            del self._wanted[interest.exercise, key][interest.id]
            if not self._wanted[interest.exercise, key]:
                del self._wanted[interest.exercise, key]


def keys_of(report: Sighting) -> frozenset[str]:
    """Return the keys of everybody and everything in a sighting; of protected persons none."""
    keys = vehicles.lookup_keys(vehicles.reading_of(report.vehicle)) if report.vehicle else frozenset()
    for _, person in persons_in(Passage(report, report.occurred_at)) if report.persons else ():
        if not is_protected(person):
            keys |= persons.lookup_keys(persons.facts_of(person, today=report.occurred_at.date()))
    return keys


def _keys(interest: Interest) -> set[str]:
    return {*interest.keys, *interest.documents}


def _passed_on(seen: Iterable[Seen]) -> Iterator[Stamped[Sighting]]:
    for one in seen:
        if not one.passed_on:
            one.passed_on = True
            yield one.stamped
