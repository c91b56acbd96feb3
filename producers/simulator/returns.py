"""Who was met in an incident, or is listed, and passes borders again: read as everybody else is.

How many do, and how often, is an estimate; no published data set tells it. They go out and home by turns over one
crossing, for longer than any window lasts. A person comes in a car that has been in no incident, and shows papers
where they enter.
"""

from collections.abc import Iterator
from typing import Final

from producers.simulator import journeys
from producers.simulator.arrivals import Told
from producers.simulator.calendar import HOUR
from producers.simulator.fleet import Fleet, Vehicle
from producers.simulator.people import Person
from producers.simulator.readers import Readers
from producers.simulator.roads import Network, Route, back
from producers.simulator.scenario import DAY, Scenario
from producers.simulator.traffic import SIDE_MISSED

_SHARE: Final = 0.3
_SOONEST: Final = DAY
_MEAN_DAYS_BETWEEN: Final = 8
_SHORTEST_STAY: Final = 14 * HOUR
_FOR_DAYS: Final = 120


class Returns:
    """Those who pass again, drawn from a stream of chance of their own."""

    def __init__(self, scenario: Scenario, fleet: Fleet, network: Network, readers: Readers) -> None:
        self._scenario = scenario
        self._chance = scenario.random("returns")
        self._fleet = fleet
        self._network = network
        self._readers = readers

    def passes_again(self) -> bool:
        """Whether the next one does."""
        return self._chance.random() < _SHARE

    def of_vehicle(self, vehicle: Vehicle, since: int) -> Iterator[Told]:
        """Return the sightings of a vehicle that was met, or listed, at this second."""
        return self._sightings(vehicle, (), self._network.short_route(self._chance), since)

    def of_person(self, person: Person, since: int) -> Iterator[Told]:
        """Return the sightings of a person who was met, or listed, at this second, and of the car they come in."""
        route = self._network.short_route(self._chance)
        car = self._fleet.vehicle(self._chance, route[0].leaves.country, "car")
        return self._sightings(car, (person,), route, since)

    def _sightings(self, vehicle: Vehicle, aboard: tuple[Person, ...], route: Route, since: int) -> Iterator[Told]:
        scenario, chance = self._scenario, self._chance
        for leaves in self._departures(since):
            for second, station, direction, _ in journeys.drive(chance, route, leaves):
                if scenario.sighted_from <= second < scenario.ends and chance.random() >= SIDE_MISSED:
                    shown = aboard if direction == "entry" else ()
                    yield self._readers.sighting(vehicle, station, second, direction, shown)
            route = back(route)

    def _departures(self, since: int) -> Iterator[int]:
        leaves = since + _SOONEST
        while True:
            leaves += int(self._chance.expovariate(1 / (_MEAN_DAYS_BETWEEN * DAY)))
            if leaves >= min(since + _FOR_DAYS * DAY, self._scenario.ends):
                return
            yield leaves
            leaves += _SHORTEST_STAY
