"""What a border station reports: incidents and sightings.

Times are kept in UTC. Rules compare `occurred_at` only; retention runs on `ingested_at`, which
intake stamps once (see `Stamped`).
"""

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated, Final, Generic, Literal, TypeVar, get_args

from pydantic import AfterValidator, BeforeValidator, Field, StringConstraints, model_validator
from pydantic_core import PydanticCustomError

from schemas import stations
from schemas.errors import UnknownStationError
from schemas.subjects import Involvement, Person, ShortText, Strict, Text, Vehicle

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
Direction = Literal["entry", "exit", "transit", "green_border", "inland"]
DetectedBy = Literal["first_line", "second_line", "surveillance", "patrol", "camera", "information", "other"]
HandlingCode = Literal["H0", "H1", "H2", "H3"]
"""Europol handling codes: see the README's table."""

EventId = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9._:-]{1,64}$")]
SchemaVersion = Annotated[str, StringConstraints(pattern=r"^1\.\d{1,3}$")]
Originator = Annotated[str, StringConstraints(pattern=r"^[A-Z]{2,10}$")]
Count = Annotated[int, Field(ge=0, le=100_000)]


_RFC_3339: Final = re.compile(r"\d{4}-\d{2}-\d{2}[Tt ]\d{2}:\d{2}:\d{2}(\.\d{1,9})?([Zz]|[+-]\d{2}:\d{2})?", re.ASCII)


def _rfc_3339(written: object) -> object:
    if not isinstance(written, str):
        return written
    try:
        if _RFC_3339.fullmatch(written):
            return datetime.fromisoformat(written.upper())
    except ValueError:
        pass  # a form that is right with a day that is not: the 30th of February
    raise PydanticCustomError("not_rfc_3339", "is not an RFC 3339 time; write for example 2026-05-01T08:10:00+02:00")


def _to_utc(moment: datetime) -> datetime:
    if moment.tzinfo is None:
        raise PydanticCustomError("naive_time", "has no offset; write for example 2026-05-01T08:10:00+02:00")
    try:
        return moment.astimezone(UTC)
    except OverflowError:
        raise PydanticCustomError("time_out_of_range", "is outside the years 1 to 9999 in UTC") from None


def _known_station(code: str) -> str:
    try:
        stations.station(code)
    except UnknownStationError:
        raise PydanticCustomError("unknown_station", "is not a station of the registry") from None
    return code


Instant = Annotated[datetime, BeforeValidator(_rfc_3339), AfterValidator(_to_utc)]
StationCode = Annotated[str, StringConstraints(max_length=20), AfterValidator(_known_station)]


class Evaluation(Strict):
    """Europol's grid of four by four: reliability of the source, accuracy of the information."""

    source: Literal["A", "B", "C", "X"] = "X"
    information: Annotated[int, Field(ge=1, le=4)] = 4


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


class Event(Strict):
    """What every report has."""

    schema_version: SchemaVersion
    id: EventId
    station: StationCode
    occurred_at: Instant
    direction: Direction | None = None
    device: ShortText | None = None
    exercise: bool = False

    @property
    def at(self) -> stations.Station:
        """The station that reports."""
        return stations.station(self.station)


class Incident(Event):
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
    narrative: Annotated[Text, StringConstraints(max_length=4_000)] | None = None
    vehicles: tuple[Vehicle, ...] = Field(default=(), max_length=200)
    persons: tuple[Person, ...] = Field(default=(), max_length=500)
    people: People = People()
    life_at_risk: bool | None = None
    evaluation: Evaluation = Evaluation()
    handling: HandlingCode = "H1"
    handling_note: ShortText | None = None

    @model_validator(mode="after")
    def _handling_note_goes_with_h3(self) -> "Incident":
        if (self.handling == "H3") != (self.handling_note is not None):
            raise PydanticCustomError("handling_note", "handling H3 needs a handling_note, and only H3 has one")
        return self

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


AnyEvent = Incident | Sighting
EVENT_TYPES: dict[str, type[Incident] | type[Sighting]] = {
    get_args(model.model_fields["type"].annotation)[0]: model for model in (Incident, Sighting)
}


EventT_co = TypeVar("EventT_co", bound=Event, covariant=True)


@dataclass(frozen=True, slots=True)
class Stamped(Generic[EventT_co]):
    """An accepted event: when intake took it in, and which Kafka record it came from (`topic/partition/offset`)."""

    event: EventT_co
    ingested_at: datetime
    source: str
