"""Cameras and document readers at the stations: they make sightings of what passes."""

from random import Random
from typing import Any, Final

from producers.simulator.arrivals import Lines, Told
from producers.simulator.calendar import written
from producers.simulator.descriptions import Party, camera_vehicle, described_person
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
            "vehicle": camera_vehicle(chance, vehicle, clear=clear),
        }
        subjects = {"vehicle": vehicle.entity}
        if persons:
            said = []
            for position, person in enumerate(persons):
                document = person.documents[int(chance.random() * len(person.documents))]
                party = Party(person, document=document)
                said.append(described_person(chance, party, station.country, clear=clear))
                subjects[f"persons/{position}"] = person.entity
            event["persons"] = said
        if arrives is None:
            arrives = self._lines.arrival(chance, station.code, second)
        return Told(arrives, event, subjects)
