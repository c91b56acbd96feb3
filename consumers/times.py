"""Times of day, week and year at which routes apply, by the clocks of a time zone."""

import calendar
import re
from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from types import MappingProxyType
from typing import Annotated, Final, Self
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import BeforeValidator, Field, model_validator

from schemas.configuration import Table

_CLOCK: Final = re.compile("([01][0-9]|2[0-3]):[0-5][0-9]")
_LEAP_YEAR: Final = 2024
_LONGEST: Final[Mapping[int, int]] = MappingProxyType(
    {month: calendar.monthrange(_LEAP_YEAR, month)[1] for month in range(1, 13)}
)
"""How many days each month has at most."""


class Weekday(StrEnum):
    """A day of the week, in ISO 8601's order."""

    MONDAY = "monday"
    TUESDAY = "tuesday"
    WEDNESDAY = "wednesday"
    THURSDAY = "thursday"
    FRIDAY = "friday"
    SATURDAY = "saturday"
    SUNDAY = "sunday"


def _clock(said: object) -> object:
    if isinstance(said, str) and _CLOCK.fullmatch(said):
        return time.fromisoformat(said)
    raise ValueError("must be a clock time from 00:00 to 23:59; midnight is 00:00")


def zone(said: object) -> object:
    """Return the time zone of that name; raises `ValueError` where there is none."""
    try:
        return ZoneInfo(said if isinstance(said, str) else "")
    except (ZoneInfoNotFoundError, ValueError, OSError):  # an OSError where it is a directory, such as Europe
        raise ValueError("must be a time zone of the IANA database, such as Europe/Ljubljana") from None


class TimeInterval(Table):
    """A time that comes again: on these days, from one clock time to another. What is left out may be anything.

    Where it ends no later on the clock than it begins, it ends on the next day; its days are those on which it begins.
    A clock time that daylight saving leaves out is the moment of the change; of one that comes twice it is the first,
    so that intervals that meet on the clock meet in time.
    """

    weekdays: Annotated[frozenset[Weekday], Field(min_length=1)] | None = None
    days: Annotated[frozenset[Annotated[int, Field(ge=1, le=31)]], Field(min_length=1)] | None = None
    """Of the month."""
    months: Annotated[frozenset[Annotated[int, Field(ge=1, le=12)]], Field(min_length=1)] | None = None
    begins: Annotated[time, BeforeValidator(_clock), Field(alias="from")] = time.min
    ends: Annotated[time, BeforeValidator(_clock), Field(alias="to")] = time.min
    timezone: Annotated[ZoneInfo, BeforeValidator(zone)]

    @model_validator(mode="after")
    def _comes_at_all(self) -> Self:
        if all(day > _LONGEST[month] for day in self.days or {1} for month in self.months or _LONGEST):
            raise ValueError("none of these months has such a day")
        return self

    def holds(self, instant: datetime) -> bool:
        """Whether it is this time at that instant."""
        local = instant.astimezone(self.timezone)
        today, yesterday = local.date(), local.date() - timedelta(days=1)
        if self.begins < self.ends:
            return self._is_on(today) and _reached(local, self.begins) and not _reached(local, self.ends)
        return (self._is_on(today) and _reached(local, self.begins)) or (
            self._is_on(yesterday) and not _reached(local, self.ends)
        )

    def _is_on(self, day: date) -> bool:
        return (
            (self.weekdays is None or list(Weekday)[day.weekday()] in self.weekdays)
            and (self.days is None or day.day in self.days)
            and (self.months is None or day.month in self.months)
        )


def _reached(local: datetime, clock: time) -> bool:
    """Whether the clocks have shown this on that day: in an hour that comes again, all of it was shown."""
    if clock <= local.time():
        return True
    shown = datetime.combine(local.date(), clock, local.tzinfo)
    return bool(local.fold) and shown.utcoffset() != shown.replace(fold=1).utcoffset()
