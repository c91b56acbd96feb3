"""Danger to life in a message that is refused: a form error must not cost a life.

Only what protects is read: place, time, vehicles, direction and counts; no person, no free text.
What cannot be read is left out, and the alert says so.
"""

import hashlib
import re
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Annotated, Any, Final, Literal, TypeVar

from pydantic import Field, TypeAdapter, ValidationError
from pydantic_core import from_json

from schemas.errors import RefusalReason
from schemas.events import People
from schemas.fields import (
    Count,
    CountryCode,
    Direction,
    EventId,
    HandlingCode,
    Instant,
    Message,
    Originator,
    SchemaVersion,
    StationCode,
    Strict,
)
from schemas.subjects import PlateText

_FIELD: Final = re.compile(
    r"""(?<!\\)["'](\w{1,40})["']\s{0,20}:\s{0,20}("[^"\\]{0,200}"|'[^'\\]{0,200}'|[0-9.]{1,20}|true|false)""",
    re.IGNORECASE,
)
_TRUE: Final = frozenset({"true", "yes", "1", "da", "y"})
_FALSE: Final = frozenset({"false", "no", "0", "ne", "n"})
_RESCUE: Final = "search_and_rescue"
_RULES: Final = "rules_change"
_MOST_VEHICLES: Final = 20
_DEEPEST: Final = 6

_STATION: Final = TypeAdapter[str](StationCode)
_TIME: Final = TypeAdapter[datetime](Instant)
_PLATE: Final = TypeAdapter[str](PlateText)
_COUNTRY: Final = TypeAdapter[str](CountryCode)
_ID: Final = TypeAdapter[str](EventId)
_ORIGINATOR: Final = TypeAdapter[str](Originator)
_DIRECTION: Final = TypeAdapter[Direction](Direction)
_HANDLING: Final = TypeAdapter[HandlingCode](HandlingCode)
_COUNT: Final = TypeAdapter[int](Count)

ValueT = TypeVar("ValueT")


class ReadPlate(Strict):
    """A plate that could be read in a refused message, and where among its vehicles it stood."""

    position: Annotated[int, Field(ge=0)]
    plate: PlateText
    plate_country: CountryCode | None = None


class Danger(Message):
    """What could be read of a refused message that says that life is at risk. `reason` is why it was refused.

    The id is the message's own, else one made from its bytes: the same message gives the same alert.
    """

    type: Literal["unverified_danger"] = "unverified_danger"
    schema_version: SchemaVersion = "1.0"
    station: StationCode | None = None
    occurred_at: Instant | None = None
    direction: Direction | None = None
    vehicles: Annotated[tuple[ReadPlate, ...], Field(max_length=_MOST_VEHICLES)] = ()
    people: People = People()
    originator: Originator | None = None
    handling: HandlingCode = "H1"
    reason: RefusalReason


def read_danger(
    value: bytes | None, reason: RefusalReason, attributes: Mapping[str, bytes] | None = None
) -> Danger | None:
    """Return what a refused message says of a danger to life; None where it says nothing of one.

    `attributes` are the record's CloudEvents headers, which may know the station and the time where
    the value does not. Never raises, whatever the bytes are.
    """
    if not value:
        return None
    text = value.decode("utf-8", "replace")
    said = next(filter(_says_danger, _readings(text)), None)
    if said is None:
        return None
    hints = {name: header.decode("utf-8", "replace") for name, header in (attributes or {}).items()}
    return Danger(
        id=_read(_ID, said.get("id")) or "unverified-" + hashlib.sha256(value).hexdigest()[:20],
        exercise=_truth(said.get("exercise")) is True,
        station=_read(_STATION, said.get("station")) or _read(_STATION, hints.get("ce_source")),
        occurred_at=_read(_TIME, said.get("occurredat")) or _read(_TIME, hints.get("ce_time")),
        direction=_read(_DIRECTION, said.get("direction")),
        vehicles=tuple(_vehicles(said.get("vehicles"))),
        people=People(**{name: _count(_mapping(said.get("people")).get(name)) for name in People.model_fields}),
        originator=_read(_ORIGINATOR, said.get("originator")),
        handling=_handling(said.get("handling")),
        reason=reason,
    )


def _readings(text: str) -> Iterator[Mapping[str, Any]]:
    """Return what the text may say: as JSON, as far as it goes; as JSON within a string or a list; field by field."""
    try:
        document = from_json(text, allow_partial=True)
        if isinstance(document, str):
            document = from_json(document, allow_partial=True)
    except ValueError:
        document = None
    for one in document if isinstance(document, list) else [document]:
        if isinstance(one, dict):
            yield _plain(one)
    yield _scattered(text)


def _plain(part: Any, depth: int = 0) -> Any:
    """Return the same with field names in one form, so that `lifeAtRisk` is found as well."""
    if depth > _DEEPEST:
        return None
    if isinstance(part, dict):
        return {_name(str(name)): _plain(value, depth + 1) for name, value in part.items()}
    if isinstance(part, list):
        return [_plain(one, depth + 1) for one in part[:_MOST_VEHICLES]]
    return part


def _scattered(text: str) -> dict[str, Any]:
    """Return fields found one by one in text that is no JSON; of those that stand twice the first."""
    found: dict[str, Any] = {}
    plates: list[dict[str, Any]] = []
    for match in _FIELD.finditer(text):
        name, value = _name(match[1]), match[2].strip("\"'")
        if name == "plate":
            plates.append({"plate": value})
        elif name == "platecountry" and plates:
            plates[-1]["platecountry"] = value
        found.setdefault(name, value)
    return {**found, "people": found, "vehicles": plates[:_MOST_VEHICLES]}


def _says_danger(said: Mapping[str, Any]) -> bool:
    if said.get("type") == _RULES:  # they name life at risk and the injured, and report nobody
        return False
    flag = _truth(said.get("lifeatrisk"))
    if flag is not None:
        return flag
    return said.get("kind") == _RESCUE or (_count(_mapping(said.get("people")).get("injured")) or 0) > 0


def _vehicles(said: Any) -> Iterator[ReadPlate]:
    for position, one in enumerate(said if isinstance(said, list) else ()):
        fields = _mapping(one)
        plate = _read(_PLATE, fields.get("plate"))
        if plate is not None and fields.get("involvement") != "rescue_or_official":
            country = _read(_COUNTRY, fields.get("platecountry"))
            yield ReadPlate(position=position, plate=plate, plate_country=country)


def _handling(said: Any) -> HandlingCode:
    """Return the code; one that cannot be read counts as the strictest, which never withholds what protects."""
    return "H1" if said is None else _read(_HANDLING, said) or "H2"


def _truth(said: Any) -> bool | None:
    word = str(said).strip().lower()
    return True if word in _TRUE else False if word in _FALSE else None


def _count(said: Any) -> int | None:
    try:
        number = int(float(str(said)))
    except (ValueError, OverflowError):
        return None
    return _read(_COUNT, number)


def _read(form: TypeAdapter[ValueT], said: Any) -> ValueT | None:
    try:
        return form.validate_python(said, strict=True)
    except ValidationError:
        return None


def _mapping(said: Any) -> Mapping[str, Any]:
    return said if isinstance(said, dict) else {}


def _name(name: str) -> str:
    return name.replace("_", "").replace("-", "").lower()
