"""Ordinary traffic, day by day: commuters, lorries, coaches, people from nearby and people on holiday.

Every vehicle sets out from where its last journey ended, after it has ended, so that nobody is in two places.
"""

import heapq
from collections.abc import Iterator
from random import Random
from typing import Final

from producers.simulator import journeys
from producers.simulator.arrivals import Lines, Told
from producers.simulator.calendar import HOUR, MINUTE, day_of, midnight
from producers.simulator.fleet import Fleet, Vehicle
from producers.simulator.number_plates import COUNTRIES
from producers.simulator.people import People, Person
from producers.simulator.readers import Readers
from producers.simulator.rhythm import PURPOSES, SHARE, Purpose, day_weight, second_of_day
from producers.simulator.roads import Network, Route, back
from producers.simulator.scenario import DAY, Scenario

SIDE_MISSED: Final = 0.04
"""Of all passages past a camera, those that leave no sighting (estimate)."""

_PRESENT: Final = 0.92
_FROM_ELSEWHERE: Final = 0.12
_COMES_AGAIN: Final = 0.3
_DOCUMENTS_READ: Final = {("entry", True): 0.14, ("exit", True): 0.04, ("entry", False): 0.003, ("exit", False): 0.003}
_RESTS: Final = {"lorry": (9, 40), "coach": (6, 24)}

_Passage = tuple[int, int, int, Vehicle, journeys.Passing]
"""Arrival, number, second, vehicle, where and in what direction."""


class Traffic:
    """The traffic of one simulation, as sightings in the order in which they reach intake."""

    def __init__(self, scenario: Scenario, network: Network, fleet: Fleet, people: People, lines: Lines) -> None:
        self._scenario = scenario
        self._network = network
        self._fleet = fleet
        self._people = people
        self._lines = lines
        self._chance = scenario.random("traffic")
        self._commuters: list[tuple[Vehicle, Route, int]] = []
        self._professionals: dict[Purpose, list[tuple[int, int, Vehicle, Route]]] = {"lorry": [], "coach": []}
        self._neighbours: list[tuple[int, Vehicle, Route]] = []
        self._returns: dict[tuple[Purpose, int], list[tuple[int, Vehicle, Route]]] = {}
        self._today: list[_Passage] = []
        self._passed = 0

    def sightings(self, readers: Readers) -> Iterator[Told]:
        """Return the sightings; `readers` make them, one after the other, so that a day's traffic stays small."""
        for arrives, _, second, vehicle, (_, station, direction, checked) in self._passages():
            persons: tuple[Person, ...] = ()
            if self._chance.random() < _DOCUMENTS_READ[direction, checked]:
                persons = self._aboard(vehicle)
            yield readers.sighting(vehicle, station, second, direction, persons, arrives=arrives)

    def _passages(self) -> Iterator[_Passage]:
        waiting: list[_Passage] = []
        for day, quotas in self._days():
            self._today = waiting
            for purpose in PURPOSES:
                self._fill(purpose, day, quotas[purpose])
            self._today.sort()
            until = midnight(day + 1)
            done = next((place for place, one in enumerate(self._today) if one[0] >= until), len(self._today))
            yield from self._today[:done]
            waiting = self._today[done:]
        yield from waiting

    def _days(self) -> Iterator[tuple[int, dict[Purpose, float]]]:
        """Return every local day with the number of sightings wanted of each purpose."""
        begins, ends = self._scenario.sighted_from, self._scenario.ends
        covered = {
            day: (min(ends, midnight(day + 1)) - max(begins, midnight(day))) / DAY
            for day in range(day_of(begins), day_of(ends - 1) + 1)
        }
        whole = {purpose: sum(day_weight(purpose, day) * part for day, part in covered.items()) for purpose in PURPOSES}
        for day, part in covered.items():
            yield (
                day,
                {
                    purpose: self._scenario.sightings
                    * SHARE[purpose]
                    * day_weight(purpose, day)
                    * part
                    / whole[purpose]
                    for purpose in PURPOSES
                },
            )

    def _fill(self, purpose: Purpose, day: int, quota: float) -> None:
        """Let vehicles set out on this day until there are as many passages as wanted."""
        enough = self._passed + round(quota)
        for leaves, vehicle, route in self._returns.pop((purpose, day), ()):
            self._drive(vehicle, route, leaves)
        commuters = iter(range(len(self._commuters) + round(quota) + 1))
        while self._passed < enough:
            if purpose == "commuter":
                self._commute(next(commuters), day)
            elif purpose in self._professionals:
                self._work(purpose, day)
            else:
                self._travel(purpose, day)

    def _commute(self, number: int, day: int) -> None:
        """Let the commuter of this number go out in the morning and home in the afternoon; the first go every day."""
        chance = self._chance
        if number == len(self._commuters):
            route = self._network.short_route(chance)
            self._commuters.append((self._vehicle(route, "car"), route, second_of_day(chance, "commuter")))
        vehicle, route, usual = self._commuters[number]
        if chance.random() < _PRESENT:
            out = midnight(day) + usual + int((chance.random() - 0.5) * 30 * MINUTE)
            self._drive(vehicle, route, out)
            self._drive(vehicle, back(route), out + int((7.5 + chance.random() * 3) * HOUR))

    def _work(self, purpose: Purpose, day: int) -> None:
        """Let the lorry or coach that has rested longest set out, or a new one."""
        chance = self._chance
        waiting = self._professionals[purpose]
        leaves = midnight(day) + second_of_day(chance, purpose)
        if waiting and waiting[0][0] < midnight(day + 1):
            rested, _, vehicle, route = heapq.heappop(waiting)
            leaves = max(leaves, rested)
        else:
            route = self._network.long_route(chance)
            vehicle = self._vehicle(route, "lorry" if purpose == "lorry" else "bus")
        arrived = self._drive(vehicle, route, leaves)
        shortest, longest = _RESTS[purpose]
        rest = int((shortest + chance.random() * (longest - shortest)) * HOUR)
        heapq.heappush(waiting, (arrived + rest, vehicle.number, vehicle, back(route)))

    def _travel(self, purpose: Purpose, day: int) -> None:
        """Let somebody from nearby go over and come back, or somebody go on holiday."""
        chance = self._chance
        leaves = midnight(day) + second_of_day(chance, purpose)
        if purpose == "holiday":
            route = self._network.long_route(chance)
            vehicle = self._vehicle(route, "car" if chance.random() < 0.93 else "van")  # noqa: PLR2004 - a few go by van
            returns = self._drive(vehicle, route, leaves) + int((2 + chance.random() * 16) * DAY)
            self._returns.setdefault((purpose, day_of(returns)), []).append((returns, vehicle, back(route)))
            return
        place = int(chance.random() * len(self._neighbours)) if self._neighbours else 0
        known = self._neighbours[place] if self._neighbours and chance.random() < _COMES_AGAIN else None
        if known is not None and known[0] < leaves:
            _, vehicle, route = known
        else:
            known = None
            route = self._network.short_route(chance)
            vehicle = self._vehicle(route, "car" if chance.random() < 0.9 else "van")  # noqa: PLR2004 - as above
        stays = int((1 + chance.random() * 9) * HOUR)
        home = self._drive(vehicle, back(route), self._drive(vehicle, route, leaves) + stays)
        entry = (home + HOUR, vehicle, route)
        if known is None:
            self._neighbours.append(entry)
        else:
            self._neighbours[place] = entry

    def _drive(self, vehicle: Vehicle, route: Route, leaves: int) -> int:
        """Put the passages of a journey down; return the second of the last."""
        chance = self._chance
        second = leaves
        for passing in journeys.drive(chance, route, leaves, lorry=vehicle.category == "lorry"):
            second = passing[0]
            if chance.random() < SIDE_MISSED:
                continue
            self._passed += 1
            if self._scenario.sighted_from <= second < self._scenario.ends:
                arrives = self._lines.arrival(chance, passing[1].code, second)
                self._today.append((arrives, self._passed, second, vehicle, passing))
        return second

    def _vehicle(self, route: Route, category: str) -> Vehicle:
        chance = self._chance
        if chance.random() < _FROM_ELSEWHERE:
            country = COUNTRIES[int(chance.random() * len(COUNTRIES))]
        else:
            country = route[0].leaves.country if chance.random() < 0.6 else route[-1].enters.country  # noqa: PLR2004
        return self._fleet.vehicle(chance, country, category)

    def _aboard(self, vehicle: Vehicle) -> tuple[Person, ...]:
        """Return those who travel in a vehicle, the same ones each time."""
        if not vehicle.aboard:
            vehicle.aboard = crew(self._chance, self._people, vehicle)
        return vehicle.aboard


def crew(chance: Random, people: People, vehicle: Vehicle) -> tuple[Person, ...]:
    """Return new people for a vehicle: a lorry's driver, a coach's passengers, a car's one to four."""
    most = {"lorry": 1, "bus": 14, "van": 2}.get(vehicle.category, 4)
    return tuple(people.person(chance, vehicle.country) for _ in range(1 + int(chance.random() ** 2 * most)))
