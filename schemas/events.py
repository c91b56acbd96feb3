"""What a border station reports: incidents and sightings. Times are kept in UTC; rules compare `occurred_at` only."""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from schemas import stations
from schemas.fields import (
    PRINTABLE,
    Count,
    Direction,
    Evaluation,
    EventId,
    Handled,
    Instant,
    Message,
    Originator,
    ShortText,
    StationCode,
    Strict,
)
from schemas.subjects import Involvement, Person, Vehicle

IncidentKind = Literal[
    "migrant_smuggling",
    "irregular_crossing",
    "clandestine_entry",
    "document_fraud",
    "refused_entry",
    "human_trafficking",
    "wanted_vehicle",
    "search_and_rescue",
    "violence_or_pursuit",
    "return_or_readmission",
    "other_cross_border_crime",
]
DetectedBy = Literal["first_line", "second_line", "surveillance", "patrol", "camera", "information", "other"]


class Location(Strict):
    """WGS 84 degrees."""

    lat: Annotated[float, Field(ge=-90, le=90)]
    lon: Annotated[float, Field(ge=-180, le=180)]


class People(Strict):
    """How many people an incident is about; absent means not reported."""

    smuggled: Count | None = None
    minors: Count | None = None
    injured: Count | None = None
    deceased: Count | None = None


class Event(Message):
    """What every report of something that happened has."""

    station: StationCode
    occurred_at: Instant
    direction: Direction | None = None
    device: ShortText | None = None

    @property
    def at(self) -> stations.Station:
        """The station that reports."""
        return stations.station(self.station)


class Incident(Event, Handled):
    """Something an officer reports."""

    type: Literal["incident"]
    kind: IncidentKind
    reported_at: Instant | None = None
    originator: Originator | None = None
    updates: EventId | None = None
    relay_of: EventId | None = None
    detected_by: DetectedBy | None = None
    attempted: bool | None = None
    location: Location | None = None
    narrative: Annotated[str, StringConstraints(max_length=4_000), PRINTABLE] | None = None
    vehicles: tuple[Vehicle, ...] = Field(default=(), max_length=200)
    persons: tuple[Person, ...] = Field(default=(), max_length=500)
    people: People = People()
    life_at_risk: bool | None = None
    evaluation: Evaluation = Evaluation()

    @property
    def is_life_at_risk(self) -> bool:
        """Whether somebody's life is in danger; a missing flag counts as true for rescues and injuries."""
        if self.life_at_risk is not None:
            return self.life_at_risk
        return self.kind == "search_and_rescue" or (self.people.injured or 0) > 0

    @property
    def originated_by(self) -> str:
        """Whose report it is: the originator, else the station's country."""
        return self.originator or self.at.country

    @property
    def told_at(self) -> datetime:
        """When the report was made, as far as the device said."""
        return self.reported_at or self.occurred_at

    def involvement_of(self, vehicle: Vehicle) -> Involvement:
        """How this vehicle took part; vehicles at a rescue or a refusal are bystanders unless said otherwise."""
        if vehicle.involvement is not None:
            return vehicle.involvement
        return "bystander" if self.kind in {"search_and_rescue", "refused_entry"} else "used"


class Sighting(Event):
    """A passage that a camera or document reader read. It accuses nobody."""

    type: Literal["sighting"]
    lane: ShortText | None = None
    vehicle: Vehicle | None = None
    persons: tuple[Person, ...] = Field(default=(), max_length=500)

    @property
    def passage_key(self) -> str:
        """By what passages are shared out: the vehicle's country and plate, else the station."""
        plate = self.vehicle.key if self.vehicle else None
        return str(plate) if plate else self.station
