"""Ordinary incidents, day by day: most subjects once, a few again, with corrections, relays, drills and entries.

Some of those who are met or listed are sighted again later (`returns`).

How often what happens is an estimate; no published data set tells it.
"""

from collections.abc import Iterator
from itertools import accumulate
from typing import Any, Final

from producers.simulator.arrivals import Told, in_order
from producers.simulator.calendar import HOUR, MINUTE, day_of, midnight
from producers.simulator.descriptions import Involved, Party
from producers.simulator.fleet import Vehicle
from producers.simulator.people import Person
from producers.simulator.roads import Crossing
from producers.simulator.scenario import DAY
from producers.simulator.world import World

_KINDS: Final = {
    "irregular_crossing": 30, "migrant_smuggling": 17, "refused_entry": 15, "document_fraud": 11,
    "clandestine_entry": 8, "return_or_readmission": 5, "other_cross_border_crime": 5, "wanted_vehicle": 4,
    "search_and_rescue": 2, "violence_or_pursuit": 2, "human_trafficking": 1,
}  # fmt: skip
_CUMULATIVE: Final = tuple(accumulate(_KINDS.values()))
_WITH_VEHICLE: Final = {
    "migrant_smuggling": 1.0, "clandestine_entry": 0.8, "wanted_vehicle": 1.0, "violence_or_pursuit": 1.0,
    "refused_entry": 0.6, "document_fraud": 0.4, "other_cross_border_crime": 0.9, "human_trafficking": 0.8,
}  # fmt: skip
_ON_FOOT: Final = frozenset({"irregular_crossing", "search_and_rescue", "return_or_readmission"})
_WITH_SUSPECT: Final = frozenset(
    {"migrant_smuggling", "clandestine_entry", "violence_or_pursuit", "human_trafficking", "other_cross_border_crime"}
)
_COMES_BACK: Final = 0.04
_REMEMBERED: Final = 100
_DRILL: Final = 0.015
_UPDATED: Final = 0.06
_RELAYED: Final = 0.03
_OTHER_SIDE: Final = 0.04
_RETRACTED: Final = 0.006
_ENTERED: Final = 0.02
_PERSON_LISTED: Final = 0.4
_REMOVED: Final = 0.2
_SEEN_BEFORE: Final = 0.5


class Background:
    """Incidents that belong to no planted case."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._chance = world.scenario.random("incidents")
        self._known: list[tuple[int, Vehicle, Person]] = []

    def told(self) -> Iterator[Told]:
        """Return what is reported, in the order of arrival."""
        return in_order(self._days())

    def _days(self) -> Iterator[tuple[int, list[Told]]]:
        scenario = self._world.scenario
        whole = scenario.ends - scenario.begins
        done = 0
        for day in range(day_of(scenario.begins), day_of(scenario.ends - 1) + 1):
            begins, ends = max(scenario.begins, midnight(day)), min(scenario.ends, midnight(day + 1))
            share = scenario.incidents * (ends - scenario.begins) // whole
            told: list[Told] = []
            for _ in range(share - done):
                told += self._incident(begins + int(self._chance.random() * (ends - begins)))
            done = share
            yield midnight(day + 1), told

    def _incident(self, second: int) -> Iterator[Told]:
        """Return one incident with whatever belongs to it: the sighting before, corrections, relays."""
        world, chance = self._world, self._chance
        kind = chance.choices(tuple(_KINDS), cum_weights=_CUMULATIVE)[0]
        (crossing,) = world.network.short_route(chance)
        vehicle = driver = None
        fields: dict[str, Any] = {}
        drill = chance.random() < _DRILL
        if chance.random() < _WITH_VEHICLE.get(kind, 0.0):
            vehicle, driver = self._subjects(kind, crossing, second, drill=drill)
        if drill:
            fields["exercise"] = True
        if kind in _ON_FOOT:
            fields["direction"] = chance.choice(("green_border", "green_border", "inland"))
        fields |= self._people(kind)
        vehicles = [Involved(vehicle, self._involvement(kind, vehicle))] if vehicle else []
        parties = self._parties(kind, driver, fields)
        told = world.desk.incident(kind, crossing.enters, second, vehicles=vehicles, parties=parties, **fields)
        yield told
        if vehicle is not None and not drill:
            yield from self._seen(vehicle, crossing, second)
        if not drill:
            yield from self._again(vehicle, [party.person for party in parties], second)
        yield from self._sequel(told, crossing)
        if chance.random() < _ENTERED:
            yield from self._entry(second)

    def _subjects(self, kind: str, crossing: Crossing, second: int, *, drill: bool) -> tuple[Vehicle, Person]:
        """Return a vehicle and its driver: new ones, or some of those who come back after days."""
        world, chance = self._world, self._chance
        offends = kind in _WITH_SUSPECT and not drill
        if offends and self._known and chance.random() < _COMES_BACK:
            place = int(chance.random() * len(self._known))
            before, vehicle, driver = self._known[place]
            if second - before > 2 * DAY:
                self._known[place] = (second, vehicle, driver)
                return vehicle, driver
        category = chance.choice(("car", "car", "van", "van", "lorry") if kind != "refused_entry" else ("car", "bus"))
        country = chance.choice((crossing.leaves.country, crossing.leaves.country, crossing.enters.country))
        vehicle = world.fleet.vehicle(chance, country, category)
        driver = world.people.person(chance, country)
        if offends:
            self._known = [*self._known[-_REMEMBERED:], (second, vehicle, driver)]
        return vehicle, driver

    def _involvement(self, kind: str, vehicle: Vehicle) -> str | None:
        if kind == "wanted_vehicle":
            return self._chance.choice(("used", "stolen"))
        if kind in {"document_fraud", "refused_entry"}:
            return "public_transport" if vehicle.category == "bus" else "bystander"
        return self._chance.choice(("used", None))

    def _people(self, kind: str) -> dict[str, Any]:
        chance = self._chance
        if kind in {"migrant_smuggling", "clandestine_entry", "irregular_crossing", "human_trafficking"}:
            number = 1 + int(chance.random() ** 2 * 24)
            people = {"smuggled": number, "minors": int(number * chance.random() * 0.4)}
            if kind == "irregular_crossing":
                return {"people": people}
            if chance.random() < 0.05:  # noqa: PLR2004 - a few are hurt
                people["injured"] = 1 + int(chance.random() * 3)
                return {"people": people}
            return {"people": people} | ({"life_at_risk": False} if chance.random() < 0.5 else {})  # noqa: PLR2004
        return {}

    def _parties(self, kind: str, driver: Person | None, fields: dict[str, Any]) -> list[Party]:
        world, chance = self._world, self._chance
        parties = []
        if kind in _WITH_SUSPECT and driver is not None:
            document = chance.choice(driver.documents) if chance.random() < 0.8 else None  # noqa: PLR2004 - most show one
            parties.append(Party(driver, "driver", "suspect", document))
        elif kind in {"document_fraud", "refused_entry", "return_or_readmission"}:
            country = chance.choice(("RS", "BA", "AL", "XK", "MK", "TR"))
            stranger = world.people.person(chance, country)
            status = "suspect" if kind == "document_fraud" else "unknown"
            parties.append(Party(stranger, "passenger", status, stranger.documents[0]))
        if "people" in fields and chance.random() < 0.3:  # noqa: PLR2004 - names are taken from some groups
            for _ in range(min(fields["people"]["smuggled"], 3)):
                carried = world.people.person(chance, chance.choice(("AF", "SY", "TR")), youngest=5)
                parties.append(Party(carried, "smuggled", "victim" if kind == "human_trafficking" else "unknown"))
        return parties

    def _seen(self, vehicle: Vehicle, crossing: Crossing, second: int) -> Iterator[Told]:
        """Return the sightings at both sides, shortly before the vehicle was stopped."""
        scenario, chance = self._world.scenario, self._chance
        entered = second - int((2 + chance.random() * 20) * MINUTE)
        left = entered - int((3 + chance.random() * 15) * MINUTE)
        if left < scenario.sighted_from or chance.random() >= _SEEN_BEFORE:
            return
        yield self._world.readers.sighting(vehicle, crossing.leaves, left, "exit")
        yield self._world.readers.sighting(vehicle, crossing.enters, entered, "entry")

    def _again(self, vehicle: Vehicle | None, persons: list[Person], second: int) -> Iterator[Told]:
        """Return the sightings of those who pass again; they are in no further incident."""
        returns = self._world.returns
        passing: list[Vehicle | Person] = []
        for person in persons:
            if returns.passes_again():
                passing.append(person)
                yield from returns.of_person(person, second)
        if vehicle is not None and returns.passes_again():
            passing.append(vehicle)
            yield from returns.of_vehicle(vehicle, second)
        self._known = [one for one in self._known if one[1] not in passing and one[2] not in passing]

    def _sequel(self, told: Told, crossing: Crossing) -> Iterator[Told]:
        """Return what is said of an incident later: a correction, a relay, the other side's report, a retraction."""
        desk, chance = self._world.desk, self._chance
        fate = chance.random()
        if fate < _UPDATED:
            evaluation = {"source": "B", "information": 1 + int(chance.random() * 2)}
            yield desk.again(told, 1 + chance.random() * 20, updates=told.event["id"], evaluation=evaluation)
        elif fate < _UPDATED + _RELAYED:
            originator = chance.choice(("EUROPOL", "FRONTEX"))
            yield desk.again(told, 1 + chance.random() * 10, relay_of=told.event["id"], originator=originator)
        elif fate < _UPDATED + _RELAYED + _OTHER_SIDE:
            near = {"station": crossing.leaves.code, "direction": "exit"}
            yield desk.again(told, chance.random(), **near)
        elif fate < _UPDATED + _RELAYED + _OTHER_SIDE + _RETRACTED:
            reason = chance.choice(("unfounded", "wrong_identity", "entered_in_error"))
            yield desk.retraction(told, crossing.enters.country, 2 + chance.random() * 60, reason)

    def _entry(self, second: int) -> Iterator[Told]:
        """Return an entry of the watchlist, sometimes removed later, and the sightings of whom it lists, if any."""
        world, chance = self._world, self._chance
        originator = chance.choice(("SI", "HR", "HU", "RS", "AT", "IT"))
        country = chance.choice(("RS", "BA", "HR", "AL", "DE"))
        days = 30 + int(chance.random() * 300)
        if chance.random() < _PERSON_LISTED:
            person = world.people.person(chance, country)
            party = Party(person, document=person.documents[0])
            entry = world.desk.watchlist_entry(second, originator, days=days, party=party)
            sightings = world.returns.of_person(person, second)
        else:
            vehicle = world.fleet.vehicle(chance, country, chance.choice(("car", "van")))
            entry = world.desk.watchlist_entry(second, originator, days=days, vehicle=Involved(vehicle))
            sightings = world.returns.of_vehicle(vehicle, second)
        yield entry
        if world.returns.passes_again():
            yield from sightings
        if chance.random() < _REMOVED:
            yield world.desk.removal(entry, second + int((2 + chance.random() * 400) * HOUR), originator)
