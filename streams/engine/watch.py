"""The watch: every sighting that is retained, and which of them could matter to the case book.

A sighting is passed on where an interest covers it, whichever came first, or where it and another of the
same plate are an impossible journey. What matched nothing leaves when it is as old as sightings are kept.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TypeVar

from schemas.events import Sighting
from schemas.messages import Stamped
from streams.engine.cases import Passage, persons_in
from streams.engine.interests import Interest
from streams.engine.passings import Passings
from streams.engine.retention import Ages
from streams.engine.roles import is_protected
from streams.matching import persons, vehicles
from streams.matching.index import met_by
from streams.rules import Rules

ItemT = TypeVar("ItemT")
ByKey = dict[bool, dict[str, dict[str, ItemT]]]
"""By whether it is an exercise, by key of a vehicle or person, by id."""


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
        # ids alone: Python's collector need not walk through these, ten a sighting
        self._by_key: ByKey[None] = {False: defaultdict(dict), True: defaultdict(dict)}
        self._interests: dict[tuple[bool, str], Interest] = {}
        self._wanted: ByKey[Interest] = {False: defaultdict(dict), True: defaultdict(dict)}
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
        by_key = self._by_key[report.exercise]
        for key in seen.keys:
            by_key[key][report.id] = None
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
            self._wanted[interest.exercise][key][interest.id] = interest
        by_key = self._by_key[interest.exercise]
        names = {name for key in met_by(_keys(interest)) for name in by_key.get(key, ())}
        near = (self._seen[name] for name in sorted(names))
        return list(
            _passed_on(seen for seen in near if interest.covers(met_by(seen.keys), seen.stamped.event.occurred_at))
        )

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
            _delete(self._by_key[report.exercise], seen.keys, report.id)
            self._passings.remove(report)
            yield report.id

    def _is_wanted(self, seen: Seen) -> bool:
        report = seen.stamped.event
        wanted, met = self._wanted[report.exercise], met_by(seen.keys)
        return any(
            interest.covers(met, report.occurred_at)
            for key in met
            if key in wanted
            for interest in wanted[key].values()
        )

    def _drop(self, interest: Interest) -> None:
        old = self._interests.pop((interest.exercise, interest.id), None)
        if old is not None:
            _delete(self._wanted[interest.exercise], _keys(old), interest.id)


def keys_of(report: Sighting) -> frozenset[str]:
    """Return the keys of everybody and everything in a sighting; of protected persons none."""
    keys = vehicles.lookup_keys(vehicles.reading_of(report.vehicle)) if report.vehicle else frozenset()
    for _, person in persons_in(Passage(report, report.occurred_at)) if report.persons else ():
        if not is_protected(person):
            keys |= persons.lookup_keys(persons.facts_of(person, today=report.occurred_at.date()))
    return keys


def _delete(by_key: dict[str, dict[str, ItemT]], keys: Iterable[str], identity: str) -> None:
    for key in keys:
        del by_key[key][identity]
        if not by_key[key]:
            del by_key[key]


def _keys(interest: Interest) -> set[str]:
    return {*interest.keys, *interest.documents}


def _passed_on(seen: Iterable[Seen]) -> Iterator[Stamped[Sighting]]:
    for one in seen:
        if not one.passed_on:
            one.passed_on = True
            yield one.stamped
