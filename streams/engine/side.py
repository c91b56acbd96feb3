"""One side of the border's life, real or exercise: its cases by vehicle, person and event, and the watchlist.

The two never meet. Everything here is derived from the events, so that it can be derived anew.
"""

from collections.abc import Hashable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from schemas.alerts import AlertKind
from schemas.events import Incident
from schemas.plates import PlateKey
from schemas.subjects import Person, Vehicle
from schemas.watchlist import WatchlistEntry
from streams.engine import interests
from streams.engine.about import About, about_person, about_vehicle
from streams.engine.cases import Case, Part, Passage, persons_in, place_of, plates_in, vehicles_in
from streams.engine.drafts import Draft
from streams.engine.incidents import ResolvedIncident
from streams.engine.interests import Interest
from streams.engine.people import Holder, People, holders_in
from streams.engine.places import Places, places_of
from streams.engine.roles import counts_for_repeats, is_of_interest, is_protected, makes_of_interest, may_be_suspected
from streams.engine.traffic import Vehicles
from streams.engine.watchlist import Watchlist
from streams.matching import persons, vehicles
from streams.matching.persons import Facts
from streams.rules import Rules
from streams.typologies import conflicts, hits, journeys, repeats, sightings, surges

VEHICLE_KINDS = (AlertKind.REPEAT_VEHICLE, AlertKind.KNOWN_VEHICLE_SIGHTED, AlertKind.IMPOSSIBLE_JOURNEY)
PERSON_KINDS = (AlertKind.REPEAT_PERSON, AlertKind.KNOWN_PERSON_SIGHTED)
Named = tuple[str, str]
"""An event and a position in it."""


@dataclass(slots=True)
class Touched:
    """What a change is about: vehicles, facts of persons, cases that may be hits, entries, documents, places."""

    plates: set[PlateKey] = field(default_factory=set)
    people: set[Facts] = field(default_factory=set)
    cases: set[str] = field(default_factory=set)
    entries: set[str] = field(default_factory=set)
    documents: set[str] = field(default_factory=set)
    places: set[str] = field(default_factory=set)

    def join(self, other: "Touched") -> None:
        """Add what another change is about."""
        self.plates |= other.plates
        self.people |= other.people
        self.cases |= other.cases
        self.entries |= other.entries
        self.documents |= other.documents
        self.places |= other.places


class Side:
    """The state, and what alerts should be open about a part of it."""

    def __init__(self, rules: Rules) -> None:
        self._rules = rules
        self._cases: dict[str, Case] = {}
        self._vehicles = Vehicles()
        self._people = People()
        self._watchlist = Watchlist()
        self._places = Places()

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
        self._places.add(case)

    def remove(self, event: str) -> None:
        """Take out a case, if it is here."""
        case = self._cases.pop(event, None)
        if case is not None:
            self._vehicles.remove(case)
            for facts, holder in holders_in(case):
                self._people.remove(facts, holder)
            self._places.remove(case)

    def touched_by(self, case: Case) -> Touched:
        """Return what alerts about this case, whether it is here or not, can be about as things stand now."""
        facts = {facts for facts, _ in holders_in(case)}
        near = self._people.near(key for one in facts for key in persons.lookup_keys(one))
        documents = {document for one in facts for document in one.documents}
        return Touched(plates_in(case), facts | near, {case.report.id}, documents=documents, places=places_of([case]))

    def touched_by_entry(self, change: WatchlistEntry) -> Touched:
        """Return the cases that an entry is about, as it stands now."""
        standing = self._watchlist.standing(change.key)
        if standing is None:
            return Touched(entries={change.key})
        vehicle = standing.upsert.vehicle
        cases = self._vehicles.cases(vehicle.key) if vehicle is not None and vehicle.key is not None else ()
        met = {case.report.id for case in cases}
        return Touched(cases=met | self._events_of(self._people.near(standing.keys)), entries={change.key})

    def void(self, touched: Touched) -> frozenset[str]:
        """Return which of the documents in question link nobody."""
        return self._people.void(document for facts in touched.people for document in facts.documents)

    def touched_by_document(self, document: str) -> Touched:
        """Return the cases in which this document, on which more or less rests now, was held."""
        near = self._people.with_document(document)
        return Touched(people=near, cases=self._events_of(near))

    def named(self, touched: Touched) -> Iterator[tuple[AlertKind, Named]]:
        """Return where the subjects of the alerts in question appear: this finds the alerts that stand."""
        for plate in touched.plates:
            for named in self._vehicles.appearances(plate):
                yield from ((kind, named) for kind in VEHICLE_KINDS)
        for cluster in self._people.clusters(touched.people):
            for holders in self._people.reported(cluster):  # a sighting may belong to two, an incident to one
                yield from ((kind, holder.key) for holder in holders for kind in PERSON_KINDS)
        for event in touched.cases:
            if case := self._cases.get(event):
                for position, _ in (*vehicles_in(case), *persons_in(case)):
                    yield AlertKind.WATCHLIST_HIT, (event, position)
        for document in touched.documents:
            for facts in self._people.with_document(document):
                yield from ((AlertKind.IDENTITY_CONFLICT, holder.key) for holder in self._people.holders(facts))
        yield from ((AlertKind.SURGE, (place, "")) for place in self._places_in_question(touched))

    def drafts(self, touched: Touched) -> Iterator[Draft]:
        """Return the alerts that should be open about this."""
        for plate in sorted(touched.plates):
            yield from self._about_vehicle(plate)
        for cluster in self._people.clusters(touched.people):
            yield from self._about_person(cluster)
        for event in sorted(touched.cases):
            if case := self._cases.get(event):
                yield from self._hits(case)
        for document in sorted(touched.documents):
            if conflict := self._people.in_conflict(document):
                holders, since = conflict
                yield conflicts.draft(document, [*_parts(holders)], since, self._rules.identity_conflict)
        for place in sorted(self._places_in_question(touched)):
            yield from surges.find(self._places.at(place), self._subjects_of, self._rules.surge, self._rules.occurrence)

    def interests(self, touched: Touched, *, exercise: bool) -> Iterator[Interest]:
        """Return what the watch should look out for of this."""
        for plate in touched.plates:
            if known := [part.case.report for part in self._vehicles.incidents(plate, is_of_interest)]:
                yield interests.of_vehicle(plate, known, self._rules.known_vehicle_sighted.window, exercise=exercise)
        for cluster in self._people.clusters(touched.people):
            reports = [holder.case.report for holders in self._people.reported(cluster) for holder in holders]
            if known := [report for report in reports if isinstance(report, Incident) and makes_of_interest(report)]:
                window = self._rules.known_person_sighted.window
                yield from (interests.of_person(facts, known, window, exercise=exercise) for facts in cluster)
        for document in touched.documents:
            if self._people.may_be_in_conflict(document):
                yield interests.of_document(document, exercise=exercise)
        for entry in touched.entries:
            if standing := self._watchlist.standing(entry):
                yield interests.of_entry(standing)

    def _about_vehicle(self, plate: PlateKey) -> Iterator[Draft]:
        rules, about = self._rules, about_vehicle(plate.plate, plate.country)
        passages = list(self._vehicles.passages(plate))

        def describe(_: Sequence[Part[Case]]) -> tuple[About, bool]:
            return about, False

        yield from repeats.find(
            AlertKind.REPEAT_VEHICLE,
            describe,
            self._vehicles.incidents(plate, counts_for_repeats),
            rules.repeat_vehicle,
            rules.occurrence,
        )
        yield from sightings.find(
            AlertKind.KNOWN_VEHICLE_SIGHTED,
            describe,
            incidents=self._vehicles.incidents(plate, is_of_interest),
            passages=passages,
            rules=rules.known_vehicle_sighted,
            occurrence=rules.occurrence,
        )
        yield from journeys.find(about, passages, rules.impossible_journey)

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

        def describe(parts: Sequence[Part[Case]]) -> tuple[About, bool]:
            ordered = sorted(parts, key=lambda part: part.case.sort_key)
            keys = [(part.case.report.id, position) for part in ordered for position in part.positions]
            about = about_person(_said_of(holders[key] for key in keys), elsewhere=_said_of(known))
            return about, not self._people.by_document_alone({facts_of[key] for key in keys})

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
            if matches := self._matches(case, vehicles.lookup_keys(vehicle), None):
                about = _about_reading(vehicle)
                yield hits.draft(case, position, about, matches, self._rules.watchlist_hit)
        for position, person in persons_in(case):
            if not _may_be_a_hit(case, person):
                continue
            facts = persons.facts_of(person, today=case.report.occurred_at.date())
            if matches := self._matches(case, persons.lookup_keys(facts), facts):
                listed = [(entry.person, entry.at) for match in matches if (entry := match.standing.upsert).person]
                about = about_person([(person, case.report.occurred_at)], elsewhere=listed)
                yield hits.draft(case, position, about, matches, self._rules.watchlist_hit)

    def _matches(self, case: Case, keys: Iterable[str], facts: Facts | None) -> list[hits.Match]:
        """Return the valid entries; those of persons are compared, those of vehicles have an equal key."""
        found = []
        for standing in self._watchlist.found(keys):
            if not standing.is_valid(case.report.occurred_at):
                continue
            if facts is None:
                found.append(hits.Match(standing, by_name_alone=False))
            elif standing.person is not None and (link := self._people.link(facts, standing.person)):
                found.append(hits.Match(standing, by_name_alone=link is not persons.Link.DOCUMENT))
        return found

    def _places_in_question(self, touched: Touched) -> set[str]:
        """Return the places of a change, and those at which persons may now be one or no longer be."""
        clusters = self._people.clusters(touched.people)
        reported = (
            holder.case for cluster in clusters for several in self._people.reported(cluster) for holder in several
        )
        return touched.places | places_of(reported)

    def _subjects_of(self, incident: ResolvedIncident) -> Iterator[Hashable]:
        """Return the vehicles and persons by which an incident is one occurrence with another."""
        for number, vehicle in enumerate(incident.report.vehicles):
            if vehicle.key is not None and is_of_interest(incident.report, number):
                yield vehicle.key
        for facts, holder in holders_in(incident):
            if holder.suspected and (person := self._people.identity(facts)):
                yield person

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


def _about_reading(vehicle: Vehicle) -> About:
    return about_vehicle(vehicle.key.plate if vehicle.key else vehicle.plate, vehicle.plate_country)
