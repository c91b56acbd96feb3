"""The watch: every sighting that is retained, and which of them could matter to the case book.

A sighting is passed on where an interest covers it, whichever came first, where it and another of the same
plate are an impossible journey, or where its vehicle and one of interest may be a convoy. What matched
nothing leaves when it is as old as sightings are kept.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from schemas.events import Sighting
from schemas.messages import Stamped
from schemas.plates import PlateKey
from schemas.stations import Station
from streams.engine.background import Background
from streams.engine.companions import Companions
from streams.engine.entries import read_sighting
from streams.engine.interests import Interest
from streams.engine.passings import Passings
from streams.engine.retention import Ages
from streams.engine.roadside import Called, Met, Passed, Roadside, Told, Travelled, passed
from streams.engine.rulebook import InForce, completed
from streams.engine.spotted import Spotted, Spottings
from streams.engine.travels import Travels
from streams.matching.index import met_by
from streams.rules import Rules


@dataclass(slots=True)
class Seen:
    """A retained sighting, and who is in it; whether it was passed on.

    It is kept as its entry of the state, not as a message, and read again where it matters after all.
    """

    entry: bytes
    spotted: tuple[Spotted, ...]
    exercise: bool
    plate: PlateKey | None
    station: Station
    occurred_at: datetime
    passed_on: bool = False

    @property
    def keys(self) -> frozenset[str]:
        """The keys of all who are in it."""
        return frozenset[str]().union(*(one.keys for one in self.spotted))


@dataclass(frozen=True, slots=True)
class Noticed:
    """What a change came to: sightings for the case book, and what the roadside or the case book is to be told."""

    passed_on: list[Stamped[Sighting]] = field(default_factory=list)
    told: Sequence[Told | Background] = ()


class Watch:
    """The state of one partition, and the ways to change it."""

    def __init__(self, rules: Rules) -> None:
        self._file = self._rules = rules
        self._seen: dict[str, Seen] = {}
        self._spottings = {False: Spottings(), True: Spottings()}
        self._interests: dict[tuple[bool, str], Interest] = {}
        self._wanted: dict[bool, dict[str, dict[str, Interest]]] = {False: defaultdict(dict), True: defaultdict(dict)}
        """By whether it is an exercise, by what meets a key of the interest, by id."""
        self._passings = Passings(rules.impossible_journey)
        self._travels = Travels(rules.convoy)
        self._companions = Companions(rules.convoy)
        self.roadside = Roadside(rules.convoy)
        self._ages = Ages()

    def get(self, identity: str) -> Stamped[Sighting] | None:
        """Return the retained sighting with this id."""
        seen = self._seen.get(identity)
        return read_sighting(seen.entry) if seen else None

    def see(self, stamped: Stamped[Sighting], entry: bytes) -> Noticed:
        """Take in a sighting; return what matters to the case book now and did not before, and its passage.

        `entry` is how the state keeps it, for `entries.read_sighting`.
        """
        report = stamped.event
        plate, station = report.vehicle.key if report.vehicle else None, report.at
        spotted = self._spottings[report.exercise].add(report)
        seen = Seen(entry, spotted, report.exercise, plate, station, report.occurred_at)
        self._seen[report.id] = seen
        self._ages.add(stamped.ingested_at, report.id.encode())
        matter: list[Seen] = []
        if plate is not None:
            names = self._passings.add(plate, station, (report.occurred_at, report.id), exercise=report.exercise)
            matter += (self._seen[name] for name in names)
        found = self._interests_in(seen)
        met = met_by(seen.keys) if found else frozenset[str]()
        if any(interest.covers(met, report.occurred_at) for interest in found) or self._is_companion(seen):
            matter.append(seen)
        passage = passed(report, stamped.ingested_at)
        subjects = sorted({interest.subject for interest in found if interest.subject})
        return Noticed([*_passed_on(matter)], [passage, *(Travelled(subject, passage) for subject in subjects)])

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
        for key in met_by(_keys(interest)):
            self._wanted[interest.exercise][key][interest.id] = interest
        near = [self._seen[name] for name in sorted(self._spottings[interest.exercise].near(_keys(interest)))]
        matter = (seen for seen in near if interest.covers(met_by(seen.keys), seen.occurred_at))
        known = old is not None and (old.subject, old.keys) == (interest.subject, interest.keys)
        if known or not interest.subject:
            return Noticed([*_passed_on(matter)])
        noticed = (read_sighting(seen.entry) for seen in near)
        travelled = [Travelled(interest.subject, passed(one.event, one.ingested_at)) for one in noticed]
        return Noticed([*_passed_on(matter)], travelled)

    def travel(self, travelled: Travelled) -> Noticed:
        """Take in where a vehicle of interest passed; return of which passages the roadside must say whom it met."""
        return Noticed(told=self._travels.add(travelled))

    def meet(self, met: Met) -> Noticed:
        """Take in whom a vehicle of interest met; return what the case book must have to judge it."""
        return self._noticed(self._companions.meet(met))

    def call(self, called: Called) -> Noticed:
        """Return the passages that the case book must have."""
        return Noticed([*_passed_on(self._seen[name] for name in called.ids if name in self._seen)])

    def obey(self, in_force: InForce) -> Noticed:
        """Judge by other rules from now on, what is retained as well; return what matters by them and did not."""
        self._rules = rules = completed(in_force.rules, self._file)
        readings = (
            (seen.plate, seen.station, (seen.occurred_at, name), seen.exercise)
            for name, seen in self._seen.items()
            if seen.plate is not None
        )
        found = self._passings.judge_by(rules.impossible_journey, readings)
        asked: list[Told | Background] = [*self.roadside.judge_by(rules.convoy), *self._travels.judge_by(rules.convoy)]
        together = [self._noticed(enough) for enough in self._companions.judge_by(rules.convoy)]
        return Noticed(
            [*_passed_on(self._seen[name] for name in found), *(one for each in together for one in each.passed_on)],
            [*asked, *(one for each in together for one in each.told)],
        )

    def load(self, item: Told) -> None:
        """Take back what was kept of the roadside, in any order; sightings and interests are taken in as they were."""
        match item:
            case Met():
                self._companions.meet(item)
            case Travelled():
                self._travels.add(item)
            case Passed():
                self.roadside.pass_by(item)

    def forget_meetings(self, ingested_at: datetime) -> Iterator[str]:
        """Forget the meetings that are too old when something of this time of intake comes; return their names."""
        return self._companions.forget(ingested_at, self._rules.retention.sightings_kept)

    def forget_travels(self, ingested_at: datetime) -> Iterator[str]:
        """Forget where vehicles of interest passed too long before something of this time; return what was known."""
        return self._travels.forget(ingested_at, self._rules.retention.sightings_kept)

    def forget_passages(self, ingested_at: datetime) -> Iterator[str]:
        """Forget the passages by place that are too old when something of this time comes; return their ids."""
        return (one.id for one in self.roadside.forget(ingested_at, self._rules.retention.sightings_kept))

    def forget(self, ingested_at: datetime) -> Iterator[str]:
        """Forget the sightings that are too old when something of this time of intake comes; return their ids."""
        for entry in self._ages.expired(ingested_at, self._rules.retention.sightings_kept):
            name = entry.decode()
            seen = self._seen.pop(name)
            self._spottings[seen.exercise].remove(seen.spotted, name)
            if seen.plate is not None:
                self._passings.remove(seen.plate, seen.station.place, (seen.occurred_at, name), exercise=seen.exercise)
            yield name

    def _noticed(self, enough: Sequence[Met]) -> Noticed:
        """Return what the case book must have to judge a pair that met often enough."""
        names = {name for one in enough for name in self._passings.at(one.other, one.place, exercise=one.exercise)}
        called: dict[str, list[str]] = defaultdict(list)
        for one in enough:
            called[one.own_key].append(one.own)
        return Noticed(
            [*_passed_on(self._seen[name] for name in sorted(names))],
            [Called(key=key, ids=tuple(sorted(called[key]))) for key in sorted(called)],
        )

    def _interests_in(self, seen: Seen) -> list[Interest]:
        """Return each interest that has a key in common with a sighting."""
        wanted = self._wanted[seen.exercise]
        met = (one for one in seen.spotted if not wanted.keys().isdisjoint(one.keys))
        return [interest for one in met for key in wanted.keys() & one.keys for interest in wanted[key].values()]

    def _is_companion(self, seen: Seen) -> bool:
        return seen.plate is not None and seen.station.place in self._companions.places(
            seen.plate, exercise=seen.exercise
        )

    def _drop(self, interest: Interest) -> Interest | None:
        old = self._interests.pop((interest.exercise, interest.id), None)
        if old is not None and not old.place:
            wanted = self._wanted[interest.exercise]
            for key in met_by(_keys(old)):
                del wanted[key][old.id]
                if not wanted[key]:
                    del wanted[key]
        return old


def _keys(interest: Interest) -> set[str]:
    return {*interest.keys, *interest.documents}


def _passed_on(seen: Iterable[Seen]) -> Iterator[Stamped[Sighting]]:
    for one in seen:
        if not one.passed_on:
            one.passed_on = True
            yield read_sighting(one.entry)
