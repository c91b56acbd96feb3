"""The watch: every sighting that is retained, and which of them could matter to the case book.

A sighting is passed on where an interest covers it, whichever came first, where it and another of the same
plate are an impossible journey, or where its vehicle and one of interest may be a convoy. What matched
nothing leaves when it is as old as sightings are kept.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TypeVar

from schemas.events import Sighting
from schemas.messages import Stamped
from streams.engine.background import Background
from streams.engine.cases import Passage, persons_in
from streams.engine.companions import Companions
from streams.engine.interests import Interest
from streams.engine.passings import Passings
from streams.engine.retention import Ages
from streams.engine.roadside import Called, Met, Passed, Roadside, passed
from streams.engine.roles import is_protected
from streams.engine.rulebook import InForce, completed
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


@dataclass(frozen=True, slots=True)
class Noticed:
    """What a change came to: sightings for the case book, and what the roadside or the case book is to be told."""

    passed_on: list[Stamped[Sighting]] = field(default_factory=list)
    told: list[Passed | Met | Called | Background] = field(default_factory=list)


class Watch:
    """The state of one partition, and the ways to change it."""

    def __init__(self, rules: Rules) -> None:
        self._file = rules
        self._rules = rules
        self._seen: dict[str, Seen] = {}
        # ids alone: Python's collector need not walk through these, ten a sighting
        self._by_key: ByKey[None] = {False: defaultdict(dict), True: defaultdict(dict)}
        self._interests: dict[tuple[bool, str], Interest] = {}
        self._wanted: ByKey[Interest] = {False: defaultdict(dict), True: defaultdict(dict)}
        self._passings = Passings(rules.impossible_journey)
        self._companions = Companions(rules.convoy)
        self.roadside = Roadside(rules.convoy)
        self._ages = Ages()

    def get(self, identity: str) -> Stamped[Sighting] | None:
        """Return the retained sighting with this id."""
        seen = self._seen.get(identity)
        return seen.stamped if seen else None

    def see(self, stamped: Stamped[Sighting]) -> Noticed:
        """Take in a sighting; return what matters to the case book now and did not before, and its passage."""
        report = stamped.event
        seen = Seen(stamped, keys_of(report))
        self._seen[report.id] = seen
        by_key = self._by_key[report.exercise]
        for key in seen.keys:
            by_key[key][report.id] = None
        self._ages.add(stamped.ingested_at, report.id.encode())
        matter = [self._seen[key] for key in self._passings.add(report)]
        met, found = met_by(seen.keys), list(self._interests_in(seen))
        if any(interest.covers(met, report.occurred_at) for interest in found) or self._is_companion(report):
            matter.append(seen)
        subjects = {interest.subject for interest in found if interest.subject}
        return Noticed([*_passed_on(matter)], [passed(report, stamped.ingested_at, subjects)])

    def mind(self, interest: Interest) -> Noticed:
        """Take in what is of interest, or is no longer; return the retained sightings that matter now."""
        old = self._drop(interest)
        if old is not None and old.place:
            self.roadside.want(old.place, old.id, exercise=old.exercise, wanted=False)
        if interest.has_ended:
            return Noticed()
        self._interests[interest.exercise, interest.id] = interest
        if interest.place:
            self.roadside.want(interest.place, interest.id, exercise=interest.exercise, wanted=True)
            background = self.roadside.background(interest.place, exercise=interest.exercise)
            return Noticed(told=[background] if background else [])
        for key in _keys(interest):
            self._wanted[interest.exercise][key][interest.id] = interest
        by_key = self._by_key[interest.exercise]
        names = {name for key in met_by(_keys(interest)) for name in by_key.get(key, ())}
        near = [self._seen[name] for name in sorted(names)]
        matter = (seen for seen in near if interest.covers(met_by(seen.keys), seen.stamped.event.occurred_at))
        known = old is not None and (old.subject, old.keys) == (interest.subject, interest.keys)
        subjects = [interest.subject] if interest.subject and not known else []
        return Noticed(
            [*_passed_on(matter)],
            [passed(one.stamped.event, one.stamped.ingested_at, subjects) for one in near if subjects],
        )

    def meet(self, met: Met) -> Noticed:
        """Take in whom a vehicle of interest met; return what the case book must have to judge it."""
        return self._noticed(self._companions.meet(met))

    def call(self, called: Called) -> Noticed:
        """Return the passages that the case book must have."""
        return Noticed([*_passed_on(self._seen[name] for name in called.ids if name in self._seen)])

    def obey(self, in_force: InForce) -> Noticed:
        """Judge by other rules from now on, what is retained as well; return what matters by them and did not."""
        self._rules = rules = completed(in_force.rules, self._file)
        reports = (seen.stamped.event for seen in self._seen.values())
        found = self._passings.judge_by(rules.impossible_journey, reports)
        met = [*self.roadside.judge_by(rules.convoy)]
        together = [self._noticed(enough) for enough in self._companions.judge_by(rules.convoy)]
        return Noticed(
            [*_passed_on(self._seen[name] for name in found), *(one for each in together for one in each.passed_on)],
            [*met, *(one for each in together for one in each.told)],
        )

    def load(self, item: Stamped[Sighting] | Interest | Met | Passed) -> None:
        """Take back what was kept, in any order."""
        match item:
            case Interest():
                self.mind(item)
            case Met():
                self._companions.meet(item)
            case Passed():
                self.roadside.pass_by(item)
            case _:
                self.see(item)

    def forget_meetings(self, ingested_at: datetime) -> Iterator[str]:
        """Forget the meetings that are too old when something of this time of intake comes; return their names."""
        return self._companions.forget(ingested_at, self._rules.retention.sightings_kept)

    def forget_passages(self, ingested_at: datetime) -> Iterator[str]:
        """Forget the passages by place that are too old when one of this time of intake comes; return their ids."""
        return (one.id for one in self.roadside.forget(ingested_at, self._rules.retention.sightings_kept))

    def forget(self, stamped: Stamped[Sighting]) -> Iterator[str]:
        """Forget the sightings that are too old when one of this time of intake comes; return their ids."""
        for name in self._ages.expired(stamped.ingested_at, self._rules.retention.sightings_kept):
            seen = self._seen.pop(name.decode())
            report = seen.stamped.event
            _delete(self._by_key[report.exercise], seen.keys, report.id)
            self._passings.remove(report)
            yield report.id

    def _noticed(self, enough: Sequence[Met]) -> Noticed:
        """Return what the case book must have to judge a pair that met often enough."""
        names = {name for one in enough for name in self._passings.at(one.other, one.place, exercise=one.exercise)}
        called: dict[str, list[str]] = defaultdict(list)
        for one in enough:
            called[one.own_key].append(one.own)
        return Noticed(
            [*_passed_on(self._seen[name] for name in sorted(names))],
            [Called(type="called", key=key, ids=tuple(sorted(called[key]))) for key in sorted(called)],
        )

    def _interests_in(self, seen: Seen) -> Iterator[Interest]:
        """Return each interest that has a key in common with a sighting."""
        wanted = self._wanted[seen.stamped.event.exercise]
        return (one for key in met_by(seen.keys) if key in wanted for one in wanted[key].values())

    def _is_companion(self, report: Sighting) -> bool:
        plate = report.vehicle.key if report.vehicle else None
        return plate is not None and report.at.place in self._companions.places(plate, exercise=report.exercise)

    def _drop(self, interest: Interest) -> Interest | None:
        old = self._interests.pop((interest.exercise, interest.id), None)
        if old is not None:
            _delete(self._wanted[interest.exercise], _keys(old), interest.id)
        return old


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
