"""Where a case is played: it notes who takes part, what is told of them, and what must and must not come of it."""

from collections.abc import Iterable
from typing import Any, Final, TypeVar

from producers.simulator import journeys
from producers.simulator.arrivals import Told
from producers.simulator.calendar import HOUR, MINUTE, day_of, midnight
from producers.simulator.descriptions import Involved, Party
from producers.simulator.fleet import Vehicle
from producers.simulator.people import Person
from producers.simulator.roads import Route
from producers.simulator.traffic import SIDE_MISSED
from producers.simulator.truth import Case
from producers.simulator.world import World
from schemas.stations import Station

EntityT = TypeVar("EntityT", Vehicle, Person)

_KEPT_DAYS: Final = 7
"""How long the platform keeps sightings (the contract's retention)."""


class Stage:
    """All cases of one simulation, one after the other."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.chance = world.scenario.random("cases")
        self.told: list[Told] = []
        self.cases: list[Case] = []

    @property
    def days(self) -> int:
        """How many days back incidents can lie."""
        return self.world.scenario.days - 1

    @property
    def recent_days(self) -> int:
        """How many days back sightings can lie that the platform still has at the end."""
        scenario = self.world.scenario
        return min(scenario.days if scenario.sighting_days is None else scenario.sighting_days, _KEPT_DAYS) - 1

    def night(self, days_ago: int) -> int:
        """Return a second of the small hours, so many days before the last one."""
        return self._midnight(days_ago) + int(self.chance.random() * 3.5 * HOUR)

    def daytime(self, days_ago: int) -> int:
        """Return a second between 7 and 19 o'clock, so many days before the last one."""
        return self._midnight(days_ago) + 7 * HOUR + int(self.chance.random() * 12 * HOUR)

    def some_days(self, fewest: int, most: int) -> int:
        """Return a number of days between these, both included, and as far as the scenario reaches."""
        most = min(most, self.days)
        fewest = min(fewest, most)
        return fewest + int(self.chance.random() * (most - fewest + 1))

    def _midnight(self, days_ago: int) -> int:
        return midnight(day_of(self.world.scenario.ends - 1) - days_ago)


class Plot:
    """One case in the making."""

    def __init__(self, stage: Stage, kind: str) -> None:
        self._stage = stage
        self._world = stage.world
        self._kind = kind
        self._events: list[str] = []
        self._entities: list[str] = []
        self.chance = stage.chance

    def vehicle(
        self, country: str, category: str, *, written: str | None = None, like: Vehicle | None = None
    ) -> Vehicle:
        """Bring in a vehicle; `written` is the plate it shall bear, `like` whose looks it has."""
        return self._enter(self._world.fleet.vehicle(self.chance, country, category, written=written, like=like))

    def unlike(self, vehicle: Vehicle, country: str, written: str) -> Vehicle:
        """Bring in a vehicle that bears this plate and looks otherwise than `vehicle`."""
        other = "car" if vehicle.category != "car" else "van"
        return self._enter(self._world.fleet.unlike(self.chance, vehicle, country, other, written))

    def person(self, country: str, **more: Any) -> Person:
        """Bring in a person; `more` as `People.person` takes it."""
        return self._enter(self._world.people.person(self.chance, country, **more))

    def namesake(self, person: Person, *, born: str) -> Person:
        """Bring in somebody else of the same name."""
        return self._enter(self._world.people.namesake(self.chance, person, born=born))

    def carried(self, number: int) -> list[Party]:
        """Return so many smuggled people, who are in the story and not in the case."""
        countries = [self.chance.choice(("AF", "SY", "TR")) for _ in range(number)]
        return [
            Party(self._world.people.person(self.chance, country, youngest=6), "smuggled", "unknown")
            for country in countries
        ]

    def incident(  # noqa: PLR0913 - what a report consists of
        self,
        kind: str,
        station: Station,
        second: int,
        *,
        vehicles: Iterable[Vehicle | Involved] = (),
        parties: Iterable[Party] = (),
        clear: bool = True,
        **fields: Any,
    ) -> Told:
        """Tell an incident; `clear` where nothing is mistyped in it."""
        involved = [one if isinstance(one, Involved) else Involved(one, "used") for one in vehicles]
        told = self._world.desk.incident(
            kind, station, second, vehicles=involved, parties=list(parties), clear=clear, **fields
        )
        return self.tell(told)

    def tell(self, told: Told) -> Told:
        """Let something be told as part of the case."""
        self._stage.told.append(told)
        self._events.append(told.event["id"])
        return told

    def sighting(  # noqa: PLR0913 - who, where, when, whither
        self,
        vehicle: Vehicle,
        station: Station,
        second: int,
        direction: str = "entry",
        persons: tuple[Person, ...] = (),
        *,
        clear: bool = False,
    ) -> None:
        """Let a vehicle be sighted, where sightings are made at that time at all; `clear` where nothing is misread."""
        if self._world.scenario.sighted_from <= second < self._world.scenario.ends:
            self.tell(self._world.readers.sighting(vehicle, station, second, direction, persons, clear=clear))

    def drive(self, vehicle: Vehicle, route: Route, leaves: int) -> None:
        """Let a vehicle drive a route past all cameras, of which some miss it."""
        for second, station, direction, _ in journeys.drive(self.chance, route, leaves):
            if self.chance.random() >= SIDE_MISSED:
                self.sighting(vehicle, station, second, direction)

    def follow(self, ahead: Vehicle, behind: Vehicle, route: Route, leaves: int) -> int:
        """Let `behind` drive three to eight minutes after `ahead`, both read well; return when it arrives."""
        gap = int((3 + self.chance.random() * 5) * MINUTE)
        arrived = leaves
        for second, station, direction, _ in journeys.drive(self.chance, route, leaves):
            self.sighting(ahead, station, second, direction, clear=True)
            arrived = second + gap + int((self.chance.random() - 0.5) * MINUTE)
            self.sighting(behind, station, arrived, direction, clear=True)
        return arrived

    def ends(self, story: str, *, expects: tuple[str, ...] = (), expects_not: tuple[str, ...] = ()) -> None:
        """Write the case down."""
        cases = self._stage.cases
        cases.append(
            Case(
                self._kind,
                f"C{len(cases) + 1:04}",
                story,
                tuple(self._events),
                tuple(self._entities),
                expects,
                expects_not,
            )
        )

    def _enter(self, one: EntityT) -> EntityT:
        self._entities.append(one.entity)
        return one
