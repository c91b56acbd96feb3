"""The vehicles that reports name, as each was read, and which readings are one vehicle.

Vehicles of incidents link with each other, whatever their part in it; a vehicle in a sighting belongs to whom it
links with, and joins nobody: a machine's read makes no connection between reports. An unknown country with no more
than a plate is never a match, and is not here.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from schemas.events import Incident
from schemas.plates import PlateKey
from schemas.subjects import Vehicle
from streams.engine.cases import Case, Part, Passage, place_of, vehicles_in
from streams.engine.incidents import ResolvedIncident
from streams.engine.verdicts import FalseMatches
from streams.matching.clusters import NO_MARKS, When, parted
from streams.matching.index import Index
from streams.matching.vehicles import Reading, compare, ground, lookup_keys, reading_of, separate

Counts = Callable[[Incident, int], bool]
"""Whether the vehicle at this place of the report's list counts."""

Cluster = frozenset[Reading]


@dataclass(frozen=True, slots=True)
class Named:
    """A vehicle in a report: where, and how it was read."""

    case: Case
    position: str
    vehicle: Vehicle
    reading: Reading

    @property
    def sort_key(self) -> When:
        """Earliest first, the event id and the position deciding between equals."""
        return *self.case.sort_key, place_of(self.position)


def named_in(case: Case) -> Iterator[Named]:
    """Return the vehicles of a report, each with what identifies it."""
    return (
        Named(case, position, vehicle, reading_of(vehicle, case.marks.get(position, NO_MARKS)))
        for position, vehicle in vehicles_in(case)
    )


def readings_in(case: Case) -> set[Reading]:
    """Return what identifies the vehicles of a report that can be known again."""
    return {named.reading for named in named_in(case) if named.reading.can_link}


class Vehicles:
    """The vehicles of real reports, or of an exercise's."""

    def __init__(self, false_matches: FalseMatches) -> None:
        self._false_matches = false_matches
        self._reported: dict[Reading, dict[str, Part[ResolvedIncident]]] = {}
        self._sighted: dict[Reading, dict[str, Part[Passage]]] = {}
        self._index: Index[Reading] = Index()
        self._links: dict[Reading, set[Reading]] = {}

    def add(self, case: Case) -> None:
        """Remember the vehicles of a report."""
        for reading in readings_in(case):
            if reading not in self._links:
                self._enter(reading)
            positions = tuple(named.position for named in named_in(case) if named.reading == reading)
            if isinstance(case, Passage):
                self._sighted.setdefault(reading, {})[case.report.id] = Part(case, positions)
            else:
                self._reported.setdefault(reading, {})[case.report.id] = Part(case, positions)

    def remove(self, case: Case) -> None:
        """Forget them."""
        held = self._sighted if isinstance(case, Passage) else self._reported
        for reading in readings_in(case):
            del held[reading][case.report.id]
            if not held[reading]:
                del held[reading]
            if reading not in self._reported and reading not in self._sighted:
                self._leave(reading)

    def related(self, reading: Reading) -> set[Reading]:
        """Return what links with a reading, and what has its plate without linking with it."""
        near = self._near(reading)
        return {other for other in near if ground(reading, other).links or _same_plate(reading, other)}

    def connected(self, readings: Iterable[Reading]) -> set[Reading]:
        """Return these and what is related with them, through others too, whatever separates them."""
        found = set(readings)
        waiting = list(found)
        while waiting:
            new = self.related(waiting.pop()) - found
            found |= new
            waiting += new
        return found

    def parts(self, reading: Reading) -> Iterator[Part[Case]]:
        """Return every report with exactly this reading."""
        yield from self._reported.get(reading, {}).values()
        yield from self._sighted.get(reading, {}).values()

    def clusters(self, seeds: Iterable[Reading]) -> list[Cluster]:
        """Return the vehicles of incidents that the seeds belong to or link with, and those separated from them."""
        reached: set[Reading] = set()
        found = []
        for seed in seeds:
            for start in self._linking(seed) & self._reported.keys():
                if start not in reached:
                    linked = self._linked_with(start)
                    reached |= linked
                    found += self._apart(linked)
        return found

    def known(self, reading: Reading) -> frozenset[Reading]:
        """Return the readings of incidents that a reading links with, through others too, whatever separates them."""
        starts = self._linking(reading) & self._reported.keys()
        return frozenset().union(*map(self._linked_with, starts))

    def identity(self, reading: Reading) -> Cluster | None:
        """Return the vehicle of an incident that is meant by this, as all readings that link with it."""
        if not reading.can_link:
            return None
        return next((one for one in self._apart(self._linked_with(reading)) if reading in one), None)

    def appearances(self, cluster: Cluster) -> Iterator[tuple[str, str]]:
        """Return each event and position at which incidents name the vehicle."""
        for reading in cluster:
            for event, part in self._reported[reading].items():
                yield from ((event, position) for position in part.positions)

    def incidents(self, cluster: Cluster, counts: Counts) -> Iterator[Part[ResolvedIncident]]:
        """Return the incidents in which the vehicle's part counts."""
        by_case: dict[str, Part[ResolvedIncident]] = {}
        for reading in cluster:
            for event, part in self._reported[reading].items():
                earlier = by_case[event].positions if event in by_case else ()
                by_case[event] = Part(part.case, (*earlier, *part.positions))
        for part in by_case.values():
            places = sorted(place_of(position) for position in part.positions)
            if counted := tuple(f"vehicles/{place}" for place in places if counts(part.case.report, place)):
                yield Part(part.case, counted)

    def sighted(self, readings: Iterable[Reading]) -> Iterator[Passage]:
        """Return the sightings that link with one of these, whatever separates them from others."""
        return (part.case for reading in self._read_in_sightings(readings) for part in self._sighted[reading].values())

    def passages(self, cluster: Cluster) -> Iterator[Part[Passage]]:
        """Return the sightings that link with a member of the cluster and are separated from none."""
        for reading in self._read_in_sightings(cluster):
            if not any(self._separate(reading, member) for member in cluster):
                yield from self._sighted[reading].values()

    def exact_passages(self, plate: PlateKey) -> Iterator[Part[Passage]]:
        """Return the sightings in which exactly this plate was read, whatever else was."""
        for reading in self._exactly(plate):
            yield from self._sighted.get(reading, {}).values()

    def has_two_vins(self, parts: Iterable[Part[Case]]) -> bool:
        """Whether a plate in these parts was reported with two VINs, in incidents or in the parts themselves."""
        read = {named.reading for part in parts for named in named_in(part.case) if named.position in part.positions}
        for plate in {PlateKey(one.country, one.plate) for one in read if one.country}:
            same = {one for one in self._exactly(plate) if one in self._reported or one in read}
            if len({one.vin for one in same if one.vin}) > 1:
                return True
        return False

    def _enter(self, reading: Reading) -> None:
        """Hold a reading, with all that it links with: who is whom is asked far oftener than it changes."""
        self._links[reading] = linked = {reading, *self._linking(reading)}
        for other in linked:
            self._links[other].add(reading)
        self._index.add(reading, lookup_keys(reading))

    def _leave(self, reading: Reading) -> None:
        for other in self._links.pop(reading) - {reading}:
            self._links[other].discard(reading)
        self._index.remove(reading, lookup_keys(reading))

    def _near(self, reading: Reading) -> set[Reading]:
        return self._index.near(lookup_keys(reading))

    def _linking(self, reading: Reading) -> set[Reading]:
        """Return the readings held here that link with one, which is itself among them if it is held."""
        held = self._links.get(reading)
        return {other for other in self._near(reading) if ground(reading, other).links} if held is None else held

    def _read_in_sightings(self, readings: Iterable[Reading]) -> set[Reading]:
        """Return the readings of sightings that link with one of these."""
        return set[Reading]().union(*map(self._linking, readings)) & self._sighted.keys()

    def _exactly(self, plate: PlateKey) -> Iterator[Reading]:
        exact = Reading(plate.country, plate.plate)
        return (other for other in self._near(exact) if _same_plate(exact, other))

    def _linked_with(self, start: Reading) -> set[Reading]:
        found, waiting = {start}, [start]
        while waiting:
            new = {other for other in self._linking(waiting.pop()) if other in self._reported} - found
            found |= new
            waiting += new
        return found

    def _apart(self, linked: set[Reading]) -> list[Cluster]:
        """Return what is left of readings that link where some are separated."""
        return parted(linked, self._separate, _strength, self._first)

    def _separate(self, one: Reading, other: Reading) -> bool:
        return separate(one, other) or self._false_matches.tell_apart(one.marks, other.marks)

    def _first(self, reading: Reading) -> When:
        """Return where an incident names it first."""
        return min((*part.case.sort_key, place_of(part.positions[0])) for part in self._reported[reading].values())


def _same_plate(one: Reading, other: Reading) -> bool:
    return (one.country, one.plate) == (other.country, other.plate)


def _strength(one: Reading, other: Reading) -> float | None:
    return compare(one, other).bits if ground(one, other).links else None
