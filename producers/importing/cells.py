"""From the text of a table's cell to a value of an event; what would have to be guessed is refused."""

import re
from datetime import UTC, datetime
from enum import StrEnum
from typing import Final
from zoneinfo import ZoneInfo

_INTEGER: Final = re.compile(r"[+-]?[0-9]{1,18}")
_NUMBER: Final = re.compile(r"[+-]?[0-9]{1,18}(\.[0-9]{1,18})?")
_TRUTH: Final = {"true": True, "1": True, "false": False, "0": False}


class RowReason(StrEnum):
    """Closed list of reasons why a row does not even become an event."""

    NULL_BYTE = "null_byte"
    NOT_ENCODED = "not_encoded"
    UNBALANCED_QUOTES = "unbalanced_quotes"
    STRAY_LINE_END = "stray_line_end"
    ROW_TOO_LONG = "row_too_long"
    WRONG_COLUMNS = "wrong_columns"
    NOT_IN_TABLE = "not_in_table"
    NOT_A_NUMBER = "not_a_number"
    NOT_A_TRUTH = "not_a_truth"
    UNREADABLE_TIME = "unreadable_time"
    NO_SUCH_LOCAL_TIME = "no_such_local_time"
    AMBIGUOUS_LOCAL_TIME = "ambiguous_local_time"


class CellError(ValueError):
    """A cell that says nothing that can be used; the text does not repeat what stands in it."""

    def __init__(self, reason: RowReason, text: str) -> None:
        super().__init__(text)
        self.reason = reason


def read_integer(text: str) -> int:
    """Return a whole number; raises `CellError`."""
    if not _INTEGER.fullmatch(text):
        raise CellError(RowReason.NOT_A_NUMBER, "is not a whole number")
    return int(text)


def read_number(text: str, decimal: str) -> float:
    """Return a number with this decimal sign and no sign between thousands; raises `CellError`."""
    plain = text if decimal == "." else text.replace(".", "\0").replace(decimal, ".")
    if not _NUMBER.fullmatch(plain):
        raise CellError(RowReason.NOT_A_NUMBER, f"is not a number with the decimal sign {decimal}")
    return float(plain)


def read_truth(text: str) -> bool:
    """Return true or false as JSON writes them, or as 1 and 0; raises `CellError`."""
    try:
        return _TRUTH[text.lower()]
    except KeyError:
        raise CellError(RowReason.NOT_A_TRUTH, "is neither true nor false, 1 nor 0; translate it by `values`") from None


def read_time(text: str, form: str, zone: ZoneInfo | None) -> str:
    """Return an RFC 3339 time in UTC; the zone says where the clock hung, None that the text has an offset itself.

    Raises `CellError`, also for a local time that a change of the clocks left out or made twice.
    """
    try:
        said = datetime.strptime(text, form)  # noqa: DTZ007 - the zone is put to it below
    except ValueError:
        raise CellError(RowReason.UNREADABLE_TIME, f"is not a time of the form {form}") from None
    try:
        return (said if zone is None else _in_zone(said, zone)).astimezone(UTC).isoformat()
    except OverflowError:
        raise CellError(RowReason.UNREADABLE_TIME, "is outside the years 1 to 9999 in UTC") from None


def _in_zone(said: datetime, zone: ZoneInfo) -> datetime:
    first, second = (said.replace(tzinfo=zone, fold=fold) for fold in (0, 1))
    if first.utcoffset() == second.utcoffset():
        return first
    if first.astimezone(UTC).astimezone(zone).replace(tzinfo=None, fold=0) == said:
        raise CellError(RowReason.AMBIGUOUS_LOCAL_TIME, f"came twice in {zone.key}, when the clocks were put back")
    raise CellError(RowReason.NO_SUCH_LOCAL_TIME, f"never was in {zone.key}, where the clocks were put forward")
