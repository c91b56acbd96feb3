"""One column of a table: which field it fills, and how its cells are read."""

from datetime import datetime
from typing import Annotated, Any, Final, Literal, Self
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, BaseModel, ConfigDict, StringConstraints, model_validator

from producers.importing.cells import CellError, RowReason, read_integer, read_number, read_time, read_truth

# Two moments that differ in one part of the time only; a format that writes them alike does not tell that part.
_MOMENT: Final = datetime(2001, 2, 3, 4, 5)  # noqa: DTZ001 - never a time of anything
_PARTS: Final = {
    "year": _MOMENT.replace(year=2002),
    "month": _MOMENT.replace(month=3),
    "day": _MOMENT.replace(day=4),
    "hour": _MOMENT.replace(hour=16),
    "minute": _MOMENT.replace(minute=6),
}

Scalar = str | int | float | bool | None


def _zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (ValueError, OSError, LookupError):
        raise ValueError("is not a time zone of the IANA data base, such as Europe/Ljubljana") from None
    return name


def _time_format(form: str) -> str:
    if "%Z" in form:
        raise ValueError("names of time zones (%Z) are ambiguous; give a zone, or an offset by %z")
    for part, other in _PARTS.items():
        if _MOMENT.strftime(form) == other.strftime(form):
            raise ValueError(f"does not tell the {part}")
    return form


Zone = Annotated[str, AfterValidator(_zone)]


class Part(BaseModel):
    """Base of what stands in a map."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)


class Column(Part):
    """What one column says. `values` replaces a cell's whole text (each part of a list); what it lacks is refused."""

    field: str
    type: Literal["text", "integer", "number", "boolean", "list", "time"] = "text"
    values: dict[str, Scalar] | None = None
    separator: Annotated[str, StringConstraints(min_length=1)] = ","
    decimal: Literal[".", ","] = "."
    format: Annotated[str, AfterValidator(_time_format)] | None = None
    zone: Zone | None = None
    skip_if: tuple[str, ...] = ()
    trim: bool = True

    @property
    def has_offset(self) -> bool:
        """Whether the time in the cell says its own offset."""
        return "%z" in (self.format or "")

    @model_validator(mode="after")
    def _only_a_time_has_a_format(self) -> Self:
        if (self.type == "time") != (self.format is not None):
            raise ValueError("a time needs a format, and nothing else has one")
        if self.type == "time" and self.values is not None:
            raise ValueError("a time has no table of values")
        if self.zone is not None and (self.type != "time" or self.has_offset):
            raise ValueError("a zone goes with a time that has no offset of its own")
        return self

    def read(self, text: str, zone: str | None) -> Any:
        """Return what the cell says, None where it counts as empty; raises `CellError`. `zone` is the map's."""
        said = text.strip() if self.trim else text
        if not said.strip() or said in self.skip_if:
            return None
        if self.type == "list":
            parts = [part.strip() for part in said.split(self.separator)]
            return [self._translated(part) for part in parts if part]
        return self._translated(said) if self.values is not None else self._converted(said, zone)

    def _converted(self, said: str, zone: str | None) -> Scalar:
        match self.type:
            case "integer":
                return read_integer(said)
            case "number":
                return read_number(said, self.decimal)
            case "boolean":
                return read_truth(said)
            case "time":
                return read_time(
                    said, self.format or "", None if self.has_offset else ZoneInfo(self.zone or zone or "")
                )
            case _:
                return said

    def _translated(self, said: str) -> Scalar:
        if self.values is None:
            return said
        if said not in self.values:
            raise CellError(RowReason.NOT_IN_TABLE, "is not in the column's table of values")
        return self.values[said]
