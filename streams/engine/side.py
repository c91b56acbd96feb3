"""One side of the border's life, real or exercise: its cases by vehicle, person and event, and the watchlist.

The two never meet. Everything here is derived from the events, so that it can be derived anew.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from collections.abc import Set as AbstractSet

from schemas.alerts import AlertKind
from schemas.events import Incident, Sighting
from schemas.watchlist import WatchlistEntry
from streams.engine import interests
from streams.engine.background import Background
from streams.engine.cases import Case, Passage, persons_in, plates_in, vehicles_in
from streams.engine.drafting import Drafting
from streams.engine.drafts import Draft
from streams.engine.encounters import Encounters, could_be_in_one
from streams.engine.incidents import ResolvedIncident
from streams.engine.interests import Interest
from streams.engine.people import People, Someone, holders_in
from streams.engine.places import Places, places_of
from streams.engine.possibles import Possibles
from streams.engine.roles import is_of_interest, makes_of_interest
from streams.engine.rulebook import RuleBook
from streams.engine.touched import Touched
from streams.engine.traffic import Cluster, Vehicles, readings_in
from streams.engine.verdicts import FalseMatches
from streams.engine.watchlist import Watchlist
from streams.matching import persons
from streams.matching.persons import Facts
from streams.matching.vehicles import Reading

VEHICLE_KINDS = (AlertKind.REPEAT_VEHICLE, AlertKind.KNOWN_VEHICLE_SIGHTED, AlertKind.CONVOY)
PERSON_KINDS = (AlertKind.REPEAT_PERSON, AlertKind.KNOWN_PERSON_SIGHTED)
Named = tuple[str, str]
"""An event and a position in it; of linked incidents the event alone, of a surge the place."""


class Side:
    """The state, and what alerts should be open about a part of it."""

    def __init__(self, book: RuleBook) -> None:
        self._book = book
        self._cases: dict[str, Case] = {}
        self.false_matches = FalseMatches()
        self._vehicles = Vehicles(self.false_matches)
        self._people = People(self.false_matches)
        self._possibles = Possibles(self._people, book.rules.possible_person)
        self._watchlist = Watchlist()
        self._places = Places()
        self._encounters = Encounters()
        self._drafting = Drafting(
            book,
            vehicles=self._vehicles,
            people=self._people,
            possibles=self._possibles,
            watchlist=self._watchlist,
            places=self._places,
            encounters=self._encounters,
        )

    @property
    def watchlist(self) -> Watchlist:
        """The entries as they stand."""
        return self._watchlist

    def add(self, case: Case, said: Callable[[str], Incident | Sighting | None]) -> None:
        """Take in a case; `said` returns a report by its id."""
        case = self.false_matches.marked(case, said)
        self._cases[case.report.id] = case
        self._vehicles.add(case)
        for facts, holder in holders_in(case):
            self._people.add(facts, holder)
            self._possibles.renew(facts)
        self._places.add(case)
        self._encounters.add(case)

    def remove(self, event: str) -> None:
        """Take out a case, if it is here."""
        case = self._cases.pop(event, None)
        if case is not None:
            self._vehicles.remove(case)
            for facts, holder in holders_in(case):
                self._people.remove(facts, holder)
                self._possibles.renew(facts)
            self._places.remove(case)
            self._encounters.remove(case)

    def touched_by(self, case: Case) -> Touched:
        """Return what alerts about this case, whether it is here or not, can be about as things stand now."""
        held = self._cases.get(case.report.id, case)  # under the names by which verdicts know its persons
        facts = {facts for one in (case, held) for facts, _ in holders_in(one)}
        near = self._people.near(key for one in facts for key in persons.lookup_keys(one))
        readings = readings_in(case)
        alike = {other for one in readings for other in self._vehicles.related(one)}
        if isinstance(case, Passage):
            accompanied, resembling = self._accompanied(case), set[Facts]()
        else:
            accompanied, resembling = set[Reading](), self._resembling(facts | near)
        return Touched(
            plates=plates_in(case),
            vehicles=readings | alike | accompanied,
            people=facts | near,
            possibles=resembling,
            cases={case.report.id} | self._events_of(resembling),
            documents={document for one in facts for document in one.documents},
            places=places_of([case]),
        )

    def connected(self, touched: Touched) -> Touched:
        """Return the vehicles and persons that links and incidents connect with what is touched, whatever parts them.

        It is all by which an alert about this may come out otherwise, and more.
        """
        found = Touched(entries=set(touched.entries))
        cases = [case for event in touched.cases if (case := self._cases.get(event))]
        readings, people = touched.vehicles, touched.people | touched.possibles
        while cases or readings or people:
            readings = readings.union(*map(readings_in, cases)) - found.vehicles
            people = people.union(facts for case in cases for facts, _ in holders_in(case)) - found.people
            readings, people = self._vehicles.connected(readings), self._people.connected(people)
            cases = [*self._reporting(readings - found.vehicles, people - found.people)]
            found.join(Touched(vehicles=readings, people=people))
            readings, people = set(), set()
        return found

    def places_near(self, touched: Touched) -> set[str]:
        """Return the places at which these vehicles and persons can be in occurrences."""
        return places_of(self._reporting(touched.vehicles, touched.people))

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
        near = self._people.with_document(document)
        resembling = self._resembling(near)
        return Touched(people=near, possibles=resembling, cases=self._events_of(near | resembling))

    def take_turned(self) -> Touched:
        """Return whose notes may change because too many came to be described alike, or no longer are."""
        turned = self._possibles.take_turned()
        return Touched(possibles=turned, cases=self._events_of(turned))

    def named(self, touched: Touched) -> Iterator[tuple[AlertKind, Named]]:
        """Return where the subjects of the alerts in question appear: this finds the alerts that stand."""
        (vehicles, people), told_of = self._clusters(touched), self._told_of(touched)
        for plate in touched.plates:
            for part in self._vehicles.exact_passages(plate):
                yield AlertKind.IMPOSSIBLE_JOURNEY, (part.case.report.id, part.positions[0])
        yield from self._subjects_named(vehicles, told_of)
        for event in touched.cases:
            if case := self._cases.get(event):
                for position, _ in (*vehicles_in(case), *persons_in(case)):
                    yield AlertKind.WATCHLIST_HIT, (event, position)
        for document in touched.documents:
            for facts in self._people.with_document(document):
                yield from ((AlertKind.IDENTITY_CONFLICT, holder.key) for holder in self._people.holders(facts))
        yield from (
            (AlertKind.SURGE, (place, "")) for place in touched.places | places_of(self._cases_of(vehicles, people))
        )
        for incident in self._naming(vehicles, told_of):
            yield AlertKind.LINKED_INCIDENTS, (incident.report.id, "")

    def _subjects_named(
        self, vehicles: Sequence[Cluster], people: Sequence[Someone]
    ) -> Iterator[tuple[AlertKind, Named]]:
        for vehicle in vehicles:
            for appearance in self._vehicles.appearances(vehicle):
                yield from ((kind, appearance) for kind in VEHICLE_KINDS)
        for cluster in people:
            for holders in self._people.reported(cluster):  # a sighting may belong to two, an incident to one
                yield from ((kind, holder.key) for holder in holders for kind in PERSON_KINDS)

    def drafts(self, touched: Touched) -> Iterator[Draft]:
        """Return the alerts that should be open about this."""
        drafting, (vehicles, people), told_of = self._drafting, self._clusters(touched), self._told_of(touched)
        for plate in sorted(touched.plates):
            yield from drafting.of_plate(plate)
        for vehicle in vehicles:
            yield from drafting.of_vehicle(vehicle)
        for cluster in told_of:
            yield from drafting.of_person(cluster)
        for event in sorted(touched.cases):
            if case := self._cases.get(event):
                yield from drafting.of_case(case)
        for document in sorted(self._documents_in_question(touched)):
            yield from drafting.of_document(document)
        met = self._cases_of(vehicles, people)
        self._places.doubt(met)
        for place in sorted(touched.places | places_of(met)):
            yield from drafting.of_place(place)
        yield from drafting.of_reports(self._naming(vehicles, told_of))

    def judge_anew(self) -> None:
        """Let go of what was found by other rules than those in force now."""
        self._places.judge_anew()
        self._possibles.judge_by(self._book.rules.possible_person)

    def doubt(self, touched: Touched) -> None:
        """Note that who is who may change without a word on it: nothing is drafted where something is forgotten."""
        self._places.doubt(self._cases_of(*self._clusters(touched)))

    def interests(self, touched: Touched, *, exercise: bool) -> Iterator[Interest]:
        """Return what the watch should look out for of this."""
        vehicles, people = self._clusters(touched)
        for vehicle in vehicles:
            if known := [part.case.report for part in self._vehicles.incidents(vehicle, is_of_interest)]:
                window = self._book.rules.known_vehicle_sighted.window
                yield from (interests.of_vehicle(one, vehicle, known, window, exercise=exercise) for one in vehicle)
                places = self._drafting.convoy_places(vehicle)
                yield from (interests.of_traffic(vehicle, place, exercise=exercise) for place in sorted(places))
        for cluster in people:
            reports = [holder.case.report for holders in self._people.reported(cluster) for holder in holders]
            if known := [report for report in reports if isinstance(report, Incident) and makes_of_interest(report)]:
                window = self._book.rules.known_person_sighted.window
                yield from (interests.of_person(facts, known, window, exercise=exercise) for facts in cluster)
        for document in touched.documents:
            if self._people.may_be_in_conflict(document):
                yield interests.of_document(document, exercise=exercise)
        for entry in touched.entries:
            if standing := self._watchlist.standing(entry):
                yield interests.of_entry(standing)

    def learn(self, background: Background) -> Touched:
        """Take in how busy a place is; return the vehicles that met others there."""
        self._encounters.learn(background)
        met = self._encounters.close(background.place, self._book.rules.convoy.gap)
        return Touched(vehicles=self._of_convoys(met))

    def _accompanied(self, passage: Passage) -> set[Reading]:
        """Return the vehicles of incidents in whose convoys this one's vehicle may be a companion."""
        rules, own = self._book.rules.convoy, self._encounters.of_its_plate(passage)
        if not could_be_in_one(own, rules, spare=2 * rules.gap):
            return set()
        return self._of_convoys(other for one in own for other in self._encounters.beside(one, rules.gap))

    def _of_convoys(self, passages: Iterable[Passage]) -> set[Reading]:
        """Return the vehicles of incidents that passed so and may be in a convoy, by all their passages."""
        known = {self._vehicles.known(reading) for passage in passages for reading in readings_in(passage)}
        rules = self._book.rules.convoy
        return set[Reading]().union(*(one for one in known if could_be_in_one(self._vehicles.sighted(one), rules)))

    def _documents_in_question(self, touched: Touched) -> set[str]:
        """Return the documents of a change, and what else their holders hold: their alerts name the same persons."""
        holders = (facts for document in touched.documents for facts in self._people.with_document(document))
        return touched.documents.union(*(facts.documents for facts in holders))

    def _clusters(self, touched: Touched) -> tuple[list[Cluster], list[Someone]]:
        return self._vehicles.clusters(touched.vehicles), self._people.clusters(touched.people)

    def _cases_of(self, vehicles: Iterable[Cluster], people: Iterable[Someone]) -> list[Case]:
        """Return the incidents of these, which may be one occurrence with others."""
        driven = [part.case for vehicle in vehicles for part in self._vehicles.incidents(vehicle, is_of_interest)]
        met = [holder.case for cluster in people for several in self._people.reported(cluster) for holder in several]
        return [*driven, *met]

    def _naming(self, vehicles: Iterable[Cluster], people: Iterable[Someone]) -> list[ResolvedIncident]:
        """Return the incidents that name these, whatever their part: an alert on what is linked holds one of them."""
        driven = {event for vehicle in vehicles for event, _ in self._vehicles.appearances(vehicle)}
        met = {holder.key[0] for cluster in people for several in self._people.reported(cluster) for holder in several}
        found = (self._cases[event] for event in sorted(driven | met))
        return [case for case in found if isinstance(case, ResolvedIncident)]

    def _reporting(self, readings: Iterable[Reading], people: Iterable[Facts]) -> Iterator[ResolvedIncident]:
        """Return the incidents in which one of these was read or described, whatever its part."""
        driven = (part.case for reading in readings for part in self._vehicles.parts(reading))
        met = (holder.case for facts in people for holder in self._people.holders(facts))
        yield from (case for case in (*driven, *met) if isinstance(case, ResolvedIncident))

    def _told_of(self, touched: Touched) -> list[Someone]:
        """Return the persons whose alerts are in question: of a change, and those who are possibly one with these."""
        return self._people.clusters(touched.people | touched.possibles)

    def _resembling(self, people: AbstractSet[Facts]) -> set[Facts]:
        """Return all of whom these are a part, who is sighted as them, and who may be taken for one of them."""
        whole = set(people)
        for cluster in self._people.clusters(people):
            whole |= cluster | self._people.sighted(cluster)
        return whole | self._possibles.lookers(whole)

    def _events_of(self, facts: Iterable[Facts]) -> set[str]:
        return {holder.key[0] for one in facts for holder in self._people.holders(one)}
