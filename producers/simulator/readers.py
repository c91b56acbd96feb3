"""Cameras and document readers at the stations: they make sightings of what passes."""

from random import Random
from typing import Any, Final

from producers.simulator.arrivals import Lines, Told
from producers.simulator.calendar import written
from producers.simulator.descriptions import Described, Party, camera_vehicle, described_person
from producers.simulator.fleet import Vehicle
from producers.simulator.ids import Ids
from producers.simulator.people import Person
from schemas.stations import Station

_LANES: Final = 4


class Readers:
    """All readers of all stations; what they err in is drawn from one stream of chance."""

    def __init__(self, chance: Random, ids: Ids, lines: Lines) -> None:
        self._chance = chance
        self._ids = ids
        self._lines = lines

    def sighting(  # noqa: PLR0913 - who, where, when, whither
        self,
        vehicle: Vehicle,
        station: Station,
        second: int,
        direction: str,
        persons: tuple[Person, ...] = (),
        *,
        clear: bool = False,
        arrives: int | None = None,
    ) -> Told:
        """Return the sighting of a vehicle and of those in it who show documents."""
        chance = self._chance
        lane = 1 + int(chance.random() * _LANES)
        event: dict[str, Any] = {
            "type": "sighting",
            "schema_version": "1.0",
            "id": self._ids.new(second),
            "station": station.code,
            "occurred_at": written(second),
            "direction": direction,
            "lane": str(lane),
            "device": f"reader-{lane}" if persons else f"camera-{lane}",
        }
        subjects = {"vehicle": camera_vehicle(chance, vehicle, clear=clear)}
        event["vehicle"] = subjects["vehicle"].said
        if persons:
            read = [self._person(person, station, clear=clear) for person in persons]
            event["persons"] = [one.said for one in read]
            subjects |= {f"persons/{position}": one for position, one in enumerate(read)}
        if arrives is None:
            arrives = self._lines.arrival(chance, station.code, second)
        return Told(arrives, event, subjects)

    def _person(self, person: Person, station: Station, *, clear: bool) -> Described:
        """Return somebody as a document reader there reads them, by any of their documents."""
        document = person.documents[int(self._chance.random() * len(person.documents))]
        return described_person(self._chance, Party(person, document=document), station.country, clear=clear)
