"""One side of the border's life, real or exercise: its cases by vehicle, person and event, and the watchlist.

The two never meet. Everything here is derived from the events, so that it can be derived anew.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from schemas.alerts import AlertKind
from schemas.events import Incident
from schemas.plates import PlateKey
from schemas.subjects import Person
from schemas.watchlist import WatchlistEntry
from streams.engine import interests
from streams.engine.about import Described, about_person, about_vehicle
from streams.engine.cases import Case, Part, Passage, persons_in, place_of, plates_in, vehicles_in
from streams.engine.drafts import Draft
from streams.engine.interests import Interest
from streams.engine.people import Holder, People, holders_in
from streams.engine.quality import QualityNote
from streams.engine.roles import counts_for_repeats, is_of_interest, is_protected, makes_of_interest, may_be_suspected
from streams.engine.sameness import joined, named_of
from streams.engine.traffic import Cluster, Vehicles, readings_in
from streams.engine.watchlist import Standing, Watchlist
from streams.matching import persons, vehicles
from streams.matching.persons import Facts
from streams.matching.vehicles import Reading
from streams.rules import Rules
from streams.typologies import hits, journeys, repeats, sightings

VEHICLE_KINDS = (AlertKind.REPEAT_VEHICLE, AlertKind.KNOWN_VEHICLE_SIGHTED)
PERSON_KINDS = (AlertKind.REPEAT_PERSON, AlertKind.KNOWN_PERSON_SIGHTED)
Named = tuple[str, str]
"""An event and a position in it."""


@dataclass(slots=True)
class Touched:
    """What a change is about: plates, vehicles and persons as read, cases that may be hits, watchlist entries."""

    plates: set[PlateKey] = field(default_factory=set)
    vehicles: set[Reading] = field(default_factory=set)
    people: set[Facts] = field(default_factory=set)
    cases: set[str] = field(default_factory=set)
    entries: set[str] = field(default_factory=set)

    def join(self, other: "Touched") -> None:
        """Add what another change is about."""
        self.plates |= other.plates
        self.vehicles |= other.vehicles
        self.people |= other.people
        self.cases |= other.cases
        self.entries |= other.entries


class Side:
    """The state, and what alerts should be open about a part of it."""

    def __init__(self, rules: Rules) -> None:
        self._rules = rules
        self._cases: dict[str, Case] = {}
        self._vehicles = Vehicles()
        self._people = People()
        self._watchlist = Watchlist()

    @property
    def watchlist(self) -> Watchlist:
        """The entries as they stand."""
        return self._watchlist

    def add(self, case: Case) -> None:
        """Take in a case."""
        self._cases[case.report.id] = case
        self._vehicles.add(case)
        for facts, holder in holders_in(case):
            self._people.add(facts, holder)

    def remove(self, event: str) -> None:
        """Take out a case, if it is here."""
        case = self._cases.pop(event, None)
        if case is not None:
            self._vehicles.remove(case)
            for facts, holder in holders_in(case):
                self._people.remove(facts, holder)

    def touched_by(self, case: Case) -> Touched:
        """Return what alerts about this case, whether it is here or not, can be about as things stand now."""
        facts = {facts for facts, _ in holders_in(case)}
        near = self._people.near(key for one in facts for key in persons.lookup_keys(one))
        readings = readings_in(case)
        alike = {other for one in readings for other in self._vehicles.related(one)}
        return Touched(plates_in(case), readings | alike, facts | near, {case.report.id})

    def touched_by_entry(self, change: WatchlistEntry) -> Touched:
        """Return the cases that an entry is about, as it stands now."""
        standing = self._watchlist.standing(change.key)
        if standing is None:
            return Touched(entries={change.key})
        alike = self._vehicles.related(standing.vehicle) if standing.vehicle else ()
        met = {part.case.report.id for reading in alike for part in self._vehicles.parts(reading)}
        return Touched(cases=met | self._events_of(self._people.near(standing.keys)), entries={change.key})

    def void(self, touched: Touched) -> frozenset[str]:
        """Return which of the documents in question link nobody."""
        return self._people.void(document for facts in touched.people for document in facts.documents)

    def touched_by_document(self, document: str) -> Touched:
        """Return the cases in which this document, on which more or less rests now, was held."""
        near = self._people.near(persons.document_keys(Facts(frozenset({document}))))
        return Touched(people=near, cases=self._events_of(near))

    def named(self, touched: Touched) -> Iterator[tuple[AlertKind, Named]]:
        """Return where the subjects of the alerts in question appear: this finds the alerts that stand."""
        for plate in touched.plates:
            for part in self._vehicles.exact_passages(plate):
                yield AlertKind.IMPOSSIBLE_JOURNEY, (part.case.report.id, part.positions[0])
        for vehicle in self._vehicles.clusters(touched.vehicles):
            for appearance in self._vehicles.appearances(vehicle):
                yield from ((kind, appearance) for kind in VEHICLE_KINDS)
        for cluster in self._people.clusters(touched.people):
            for holders in self._people.reported(cluster):  # a sighting may belong to two, an incident to one
                yield from ((kind, holder.key) for holder in holders for kind in PERSON_KINDS)
        for event in touched.cases:
            if case := self._cases.get(event):
                for position, _ in (*vehicles_in(case), *persons_in(case)):
                    yield AlertKind.WATCHLIST_HIT, (event, position)

    def drafts(self, touched: Touched) -> Iterator[Draft]:
        """Return the alerts that should be open about this."""
        for plate in sorted(touched.plates):
            passages = self._vehicles.exact_passages(plate)
            yield from journeys.find(self._describe_vehicle, passages, self._rules.impossible_journey)
        for vehicle in self._vehicles.clusters(touched.vehicles):
            yield from self._about_vehicle(vehicle)
        for cluster in self._people.clusters(touched.people):
            yield from self._about_person(cluster)
        for event in sorted(touched.cases):
            if case := self._cases.get(event):
                yield from self._hits(case)

    def interests(self, touched: Touched, *, exercise: bool) -> Iterator[Interest]:
        """Return what the watch should look out for of this."""
        for vehicle in self._vehicles.clusters(touched.vehicles):
            if known := [part.case.report for part in self._vehicles.incidents(vehicle, is_of_interest)]:
                window = self._rules.known_vehicle_sighted.window
                yield from (interests.of_vehicle(one, known, window, exercise=exercise) for one in vehicle)
        for cluster in self._people.clusters(touched.people):
            reports = [holder.case.report for holders in self._people.reported(cluster) for holder in holders]
            if known := [report for report in reports if isinstance(report, Incident) and makes_of_interest(report)]:
                window = self._rules.known_person_sighted.window
                yield from (interests.of_person(facts, known, window, exercise=exercise) for facts in cluster)
        for entry in touched.entries:
            if standing := self._watchlist.standing(entry):
                yield interests.of_entry(standing)

    def _about_vehicle(self, vehicle: Cluster) -> Iterator[Draft]:
        rules = self._rules
        yield from repeats.find(
            AlertKind.REPEAT_VEHICLE,
            self._describe_vehicle,
            self._vehicles.incidents(vehicle, counts_for_repeats),
            rules.repeat_vehicle,
            rules.occurrence,
        )
        yield from sightings.find(
            AlertKind.KNOWN_VEHICLE_SIGHTED,
            self._describe_vehicle,
            incidents=self._vehicles.incidents(vehicle, is_of_interest),
            passages=self._vehicles.passages(vehicle),
            rules=rules.known_vehicle_sighted,
            occurrence=rules.occurrence,
        )

    def _describe_vehicle(self, parts: Sequence[Part[Case]]) -> Described:
        named = named_of(parts)
        notes = (QualityNote.PLATE_OF_TWO_VEHICLES,) if self._vehicles.has_two_vins(parts) else ()
        return Described(about_vehicle(one.vehicle for one in named), joined=joined(named), notes=notes)

    def _about_person(self, cluster: frozenset[Facts]) -> Iterator[Draft]:
        for holders in self._people.reported(cluster):
            occurring = [holder for holder in holders if makes_of_interest(holder.case.report)]  # type: ignore[arg-type]
            yield from self._about_one_person(cluster, occurring, holders)

    def _about_one_person(
        self, cluster: frozenset[Facts], reported: Sequence[Holder], known: Sequence[Holder]
    ) -> Iterator[Draft]:
        rules = self._rules
        passing = self._people.sighted(cluster)
        sighted = [
            holder for facts in passing for holder in self._people.holders(facts) if isinstance(holder.case, Passage)
        ]
        facts_of = {holder.key: facts for facts in cluster | passing for holder in self._people.holders(facts)}
        holders = {holder.key: holder for holder in (*reported, *sighted)}

        def describe(parts: Sequence[Part[Case]]) -> Described:
            ordered = sorted(parts, key=lambda part: part.case.sort_key)
            keys = [(part.case.report.id, position) for part in ordered for position in part.positions]
            about = about_person(_said_of(holders[key] for key in keys), elsewhere=_said_of(known))
            return Described(about, by_name_alone=not self._people.by_document_alone({facts_of[key] for key in keys}))

        incidents = list(_parts(reported))
        yield from repeats.find(AlertKind.REPEAT_PERSON, describe, incidents, rules.repeat_person, rules.occurrence)
        yield from sightings.find(
            AlertKind.KNOWN_PERSON_SIGHTED,
            describe,
            incidents=incidents,
            passages=list(_parts(sighted)),
            rules=rules.known_person_sighted,
            occurrence=rules.occurrence,
        )

    def _hits(self, case: Case) -> Iterator[Draft]:
        for position, vehicle in vehicles_in(case):
            if matches := list(self._vehicle_matches(case, vehicles.reading_of(vehicle))):
                yield hits.draft(case, position, about_vehicle([vehicle]), matches, self._rules.watchlist_hit)
        for position, person in persons_in(case):
            if not _may_be_a_hit(case, person):
                continue
            facts = persons.facts_of(person, today=case.report.occurred_at.date())
            if matches := list(self._person_matches(case, facts)):
                listed = [(entry.person, entry.at) for match in matches if (entry := match.standing.upsert).person]
                about = about_person([(person, case.report.occurred_at)], elsewhere=listed)
                yield hits.draft(case, position, about, matches, self._rules.watchlist_hit)

    def _vehicle_matches(self, case: Case, reading: Reading) -> Iterator[hits.Match]:
        for standing in self._valid(case, vehicles.lookup_keys(reading)):
            if standing.vehicle is None or not vehicles.ground(reading, standing.vehicle).links:
                continue
            plain = vehicles.ground(reading, standing.vehicle) is vehicles.Ground.SAME_PLATE
            how = vehicles.compare(reading, standing.vehicle).agreement
            yield hits.Match(standing, how="" if plain else f" for {standing.vehicle} ({how})")

    def _person_matches(self, case: Case, facts: Facts) -> Iterator[hits.Match]:
        for standing in self._valid(case, persons.lookup_keys(facts)):
            if standing.person is not None and (link := self._people.link(facts, standing.person)):
                yield hits.Match(standing, by_name_alone=link is not persons.Link.DOCUMENT)

    def _valid(self, case: Case, keys: Iterable[str]) -> Iterator[Standing]:
        """Return the entries that could be of this subject and are valid at this time."""
        when = case.report.occurred_at
        return (standing for standing in self._watchlist.found(keys) if standing.is_valid(when))

    def _events_of(self, facts: Iterable[Facts]) -> set[str]:
        return {holder.key[0] for one in facts for holder in self._people.holders(one)}


def _parts(holders: Iterable[Holder]) -> Iterator[Part]:  # type: ignore[type-arg]
    """Return the holders by their case."""
    by_case: dict[str, list[Holder]] = {}
    for holder in holders:
        by_case.setdefault(holder.case.report.id, []).append(holder)
    for several in by_case.values():
        positions = sorted((holder.position for holder in several), key=place_of)
        yield Part(several[0].case, tuple(positions))


def _said_of(holders: Iterable[Holder]) -> Iterator[tuple[Person, datetime]]:
    return ((holder.person, holder.case.report.occurred_at) for holder in holders)


def _may_be_a_hit(case: Case, person: Person) -> bool:
    return not is_protected(person) if isinstance(case, Passage) else may_be_suspected(person)
