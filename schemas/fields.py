"""The smallest parts of every message: ids, times, texts, codes, and the model that all others are made from."""

import re
import unicodedata
from datetime import UTC, datetime
from typing import Annotated, Final, Literal, LiteralString, Self

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StringConstraints,
    WithJsonSchema,
    model_validator,
)
from pydantic_core import PydanticCustomError

from schemas import stations
from schemas.errors import UnknownStationError

_TIME: Final = r"[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt ][0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]{1,9})?"
_OFFSET: Final = r"([Zz]|[+-][0-9]{2}:[0-9]{2})"
_RFC_3339: Final = re.compile(f"{_TIME}{_OFFSET}?")


class Strict(BaseModel):
    """Base of all wire models: unknown fields and loose types are refused, values never change."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, allow_inf_nan=False)


def wrong(field: str, text: LiteralString) -> PydanticCustomError:
    """Return the error that a model's validator raises about one of its fields, seen beside the others."""
    return PydanticCustomError("contradiction", text, {"field": field})


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


def _printable(value: str) -> str:
    if value.isprintable():  # almost always, and no loop over characters
        return value
    if any(unicodedata.category(character) == "Cc" and character not in "\n\t" for character in value):
        raise PydanticCustomError("control_character", "holds a control character")
    return value


Instant = Annotated[
    datetime,
    BeforeValidator(_rfc_3339),
    AfterValidator(_to_utc),
    WithJsonSchema({"type": "string", "format": "date-time", "pattern": f"^{_TIME}{_OFFSET}$"}),
]
"""An RFC 3339 time with an offset, kept in UTC."""

PRINTABLE: Final = AfterValidator(_printable)
"""For text without control characters other than line feed and tab: a null byte would stop a database."""

ShortText = Annotated[str, StringConstraints(min_length=1, max_length=200), PRINTABLE]
EventId = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9._:-]{1,64}$")]
AlertId = Annotated[str, StringConstraints(pattern=r"^al-[0-9a-f]{20}$")]
SchemaVersion = Annotated[str, StringConstraints(pattern=r"^1\.[0-9]{1,3}$")]
StationCode = Annotated[str, StringConstraints(max_length=20), AfterValidator(_known_station)]
Originator = Annotated[str, StringConstraints(pattern=r"^[A-Z]{2,10}$")]
"""Whose information it is, or whose contact point: a country's code, `EUROPOL`, `FRONTEX`."""

CountryCode = Annotated[str, StringConstraints(pattern=r"^[A-Z]{2}$")]
"""ISO 3166-1 alpha-2, and `XK` for Kosovo."""

IssuerCode = Annotated[str, StringConstraints(pattern=r"^[A-Z]{1,3}$")]
"""Issuing state or organisation of a document, ICAO Doc 9303-3 section 5 (`D` is Germany)."""

Count = Annotated[int, Field(ge=0, le=100_000)]
Confidence = Annotated[float, Field(ge=0, le=1)]

Direction = Literal["entry", "exit", "transit", "green_border", "inland"]
HandlingCode = Literal["H0", "H1", "H2", "H3"]
"""Europol handling codes: see the README's table."""

Check = Literal["discreet", "inquiry", "specific"]
"""What to do on a hit: Regulation (EU) 2018/1862 Art. 37."""


class Evaluation(Strict):
    """Europol's grid of four by four: reliability of the source, accuracy of the information."""

    source: Literal["A", "B", "C", "X"] = "X"
    information: Annotated[int, Field(ge=1, le=4)] = 4


class Message(Strict):
    """What every message from outside has."""

    schema_version: SchemaVersion
    id: EventId
    exercise: bool = False


class Handled(Strict):
    """Information whose originator says how it may be used."""

    handling: HandlingCode = "H1"
    handling_note: ShortText | None = None

    @model_validator(mode="after")
    def _handling_note_goes_with_h3(self) -> Self:
        if (self.handling == "H3") != (self.handling_note is not None):
            raise wrong("handling_note", "goes with handling H3, which needs one, and with no other")
        return self
