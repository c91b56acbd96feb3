"""The alerts that should be open about a vehicle, a person, a report, a document or a place."""

from collections.abc import Hashable, Iterable, Iterator, Sequence
from datetime import datetime
from functools import cache

from schemas.alerts import AlertKind
from schemas.plates import PlateKey
from schemas.subjects import Person
from streams.engine.about import Described, about_person, about_vehicle
from streams.engine.cases import Case, Part, Passage, place_of, vehicles_in
from streams.engine.drafts import Draft
from streams.engine.encounters import Encounters, could_be_in_one
from streams.engine.incidents import ResolvedIncident
from streams.engine.people import Holder, People, Someone, holders_in
from streams.engine.places import Places
from streams.engine.possibles import Possibles
from streams.engine.quality import QualityNote
from streams.engine.roles import counts_for_repeats, is_of_interest, makes_of_interest
from streams.engine.rulebook import RuleBook
from streams.engine.sameness import at_odds, joined_persons, joined_vehicles, named_of
from streams.engine.traffic import Cluster, Vehicles, named_in
from streams.engine.watchlist import Standing, Watchlist
from streams.matching import persons, vehicles
from streams.matching.persons import Facts
from streams.matching.vehicles import Reading
from streams.typologies import conflicts, convoys, hits, journeys, links, networks, repeats, sightings, surges


class Drafting:
    """Asks each typology what it makes of the state of one side."""

    def __init__(  # noqa: PLR0913 - the parts of a side
        self,
        book: RuleBook,
        *,
        vehicles: Vehicles,
        people: People,
        possibles: Possibles,
        watchlist: Watchlist,
        places: Places,
        encounters: Encounters,
    ) -> None:
        self._book = book
        self._vehicles, self._people, self._watchlist = vehicles, people, watchlist
        self._places, self._encounters, self._possibles = places, encounters, possibles

    def of_plate(self, plate: PlateKey) -> Iterator[Draft]:
        """Return the journeys that nobody can have made with one plate."""
        passages = self._vehicles.exact_passages(plate)
        return journeys.find(self._describe_vehicle, passages, self._book.rules.impossible_journey)

    def of_document(self, document: str) -> Iterator[Draft]:
        """Return the conflict between a document's holders, if there is one."""
        if conflict := self._people.in_conflict(document):
            holders, since = conflict
            yield conflicts.draft(document, [*_parts(holders)], since, self._book.rules.identity_conflict)

    def of_place(self, place: str) -> Iterator[Draft]:
        """Return the surges at a place."""
        places, rules = self._places, self._book.rules
        remembered = places.remembered(place)
        return surges.find(places.at(place), self._subjects_of, rules.surge, rules.occurrence, remembered)

    def of_reports(self, incidents: Iterable[ResolvedIncident]) -> Iterator[Draft]:
        """Return the networks of linked incidents that these belong to."""
        by_vehicle, by_person = cache(self._links_of_vehicle), cache(self._links_of_person)

        def find_links(incident: ResolvedIncident) -> Iterator[networks.Link]:
            for named in named_in(incident):
                yield from by_vehicle(named.reading)
            for facts, _ in holders_in(incident):
                yield from by_person(facts)

        reached = networks.reached(incidents, find_links)
        yield from links.find(
            reached, self._subjects_of, self._book.rules.linked_incidents, self._book.rules.occurrence
        )

    def _links_of_vehicle(self, reading: Reading) -> tuple[networks.Link, ...]:
        vehicle = self._vehicles.identity(reading)
        if vehicle is None:
            return ()
        parts = self._vehicles.incidents(vehicle, counts_for_repeats)
        return tuple(networks.links_of(vehicle, parts, self._book.rules.repeat_vehicle.window, self._describe_vehicle))

    def _links_of_person(self, facts: Facts) -> tuple[networks.Link, ...]:
        person = self._people.identity(facts)
        if person is None:
            return ()
        (holders,) = self._people.reported(person)
        parts = _parts(_occurring(holders))
        describe = self._describing(person, known=holders)
        return tuple(networks.links_of(person, parts, self._book.rules.repeat_person.window, describe))

    def of_vehicle(self, vehicle: Cluster) -> Iterator[Draft]:
        """Return what is to be said of a vehicle of incidents."""
        rules = self._book.rules
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

        yield from convoys.find(
            self._describe_vehicle,
            self._vehicles.incidents(vehicle, is_of_interest),
            self._met(vehicle),
            self._encounters,
            rules.convoy,
        )

    def convoy_places(self, vehicle: Cluster) -> set[str]:
        """Return the places at which a vehicle met others so often that it matters how busy they are."""
        return {one.place for meetings in self._met(vehicle).values() for one in meetings}

    def _met(self, vehicle: Cluster) -> dict[PlateKey, list[convoys.Meeting]]:
        """Return the meetings with each vehicle that may be a companion."""
        passages = list(self._vehicles.passages(vehicle))
        if not could_be_in_one((part.case for part in passages), self._book.rules.convoy):
            return {}
        met = self._encounters.met(passages, self._book.rules.convoy.gap)
        return {
            plate: several for plate, several in met.items() if convoys.may_be_one(several, self._book.rules.convoy)
        }

    def _describe_vehicle(self, parts: Sequence[Part[Case]]) -> Described:
        named = named_of(parts)
        notes = (QualityNote.PLATE_OF_TWO_VEHICLES,) if self._vehicles.has_two_vins(parts) else ()
        return Described(about_vehicle(one.vehicle for one in named), joined=joined_vehicles(named), notes=notes)

    def of_person(self, cluster: Someone) -> Iterator[Draft]:
        """Return what is to be said of a person of incidents."""
        for holders in self._people.reported(cluster):
            yield from self._of_one_person(cluster, holders)

    def _of_one_person(self, cluster: Someone, known: Sequence[Holder]) -> Iterator[Draft]:
        rules = self._book.rules
        passing = self._people.sighted(cluster)
        sighted = [
            holder for facts in passing for holder in self._people.holders(facts) if isinstance(holder.case, Passage)
        ]
        describe = self._describing(cluster | passing, known)
        incidents = list(_parts(_occurring(known)))
        yield from repeats.find(AlertKind.REPEAT_PERSON, describe, incidents, rules.repeat_person, rules.occurrence)
        yield from sightings.find(
            AlertKind.KNOWN_PERSON_SIGHTED,
            describe,
            incidents=incidents,
            passages=list(_parts(sighted)),
            rules=rules.known_person_sighted,
            occurrence=rules.occurrence,
        )

    def _describing(self, facts: Iterable[Facts], known: Sequence[Holder]) -> repeats.Describe:
        """Return what describes a person by parts of these; whoever is under 18 by what is `known` is not named."""
        found = {holder.key: (one, holder) for one in facts for holder in self._people.holders(one)}

        def describe(parts: Sequence[Part[Case]]) -> Described:
            ordered = sorted(parts, key=lambda part: part.case.sort_key)
            said = [found[part.case.report.id, position] for part in ordered for position in part.positions]
            about = about_person(_said_of(holder for _, holder in said), elsewhere=_said_of(known))
            told = [] if about.safeguarding else said
            return Described(
                about,
                by_name_alone=not self._people.by_document_alone({one for one, _ in said}),
                joined=joined_persons(told, self._people.compare),
                notes=(*at_odds(told, self._people.compare), *self._possibles.notes(told)),
            )

        return describe

    def of_case(self, case: Case) -> Iterator[Draft]:
        """Return the hits that a report's subjects are."""
        rules = self._book.rules.watchlist_hit
        for position, vehicle in vehicles_in(case):
            if matches := list(self._vehicle_matches(case, vehicles.reading_of(vehicle))):
                described = Described(about_vehicle([vehicle]))
                yield hits.draft(case, position, described, matches, rules)
        for facts, holder in holders_in(case):
            if holder.suspected and (matches := list(self._person_matches(case, facts))):
                yield hits.draft(case, holder.position, self._describe_listed(facts, holder, matches), matches, rules)

    def _describe_listed(self, facts: Facts, holder: Holder, matches: Sequence[hits.Match]) -> Described:
        listed = [(entry.person, entry.at) for match in matches if (entry := match.standing.upsert).person]
        about = about_person(_said_of([holder]), elsewhere=listed)
        return Described(
            about,
            by_name_alone=all(match.by_name_alone for match in matches),
            notes=() if about.safeguarding else self._possibles.notes([(facts, holder)]),
        )

    def _vehicle_matches(self, case: Case, reading: Reading) -> Iterator[hits.Match]:
        for standing in self._valid(case, vehicles.lookup_keys(reading)):
            sought = standing.vehicle
            why = vehicles.ground(reading, sought) if sought else None
            if sought is None or why is None or not why.links:
                continue
            plain = why is vehicles.Ground.SAME_PLATE
            how = "" if plain else f" for {sought} ({vehicles.compare(reading, sought).agreement})"
            yield hits.Match(standing, how=how)

    def _person_matches(self, case: Case, facts: Facts) -> Iterator[hits.Match]:
        for standing in self._valid(case, persons.lookup_keys(facts)):
            sought = standing.person
            if sought is not None and (link := self._people.link(facts, sought)):
                yield hits.Match(standing, by_name_alone=link is not persons.Link.DOCUMENT)

    def _valid(self, case: Case, keys: Iterable[str]) -> Iterator[Standing]:
        """Return the entries that could be of this subject and are valid at this time."""
        when = case.report.occurred_at
        return (standing for standing in self._watchlist.found(keys) if standing.is_valid(when))

    def _subjects_of(self, incident: ResolvedIncident) -> Iterator[Hashable]:
        """Return the vehicles and persons by which an incident is one occurrence with another."""
        for number, named in enumerate(named_in(incident)):
            if is_of_interest(incident.report, number) and (vehicle := self._vehicles.identity(named.reading)):
                yield vehicle
        for facts, holder in holders_in(incident):
            if holder.suspected and (person := self._people.identity(facts)):
                yield person


def _occurring(holders: Iterable[Holder]) -> list[Holder]:
    """Return those whose incident can be an occurrence."""
    return [holder for holder in holders if makes_of_interest(holder.case.report)]  # type: ignore[arg-type]


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
