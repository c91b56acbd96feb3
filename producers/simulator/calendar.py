"""Time as the simulator counts it: seconds since 1970 in UTC, and the region's local days.

The whole region is taken to live on Central European Time (UTC+1, in summer UTC+2: Directive 2000/84/EC
Articles 1 to 3, last Sundays of March and October, 01:00 UTC); Bulgaria, Romania and Greece, an hour ahead,
are not treated apart.
"""

from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from typing import Final

from producers.simulator.scenario import DAY

HOUR: Final = 3_600
MINUTE: Final = 60
_EPOCH: Final = date(1970, 1, 1)


def written(second: int) -> str:
    """Return the moment as devices write it: ``2026-11-20T05:12:31Z``."""
    day, rest = divmod(second, DAY)
    hour, rest = divmod(rest, HOUR)
    return f"{_written_day(day)}T{hour:02}:{rest // 60:02}:{rest % 60:02}Z"


def instant(second: int) -> datetime:
    """Return the moment as a datetime in UTC."""
    return datetime.fromtimestamp(second, UTC)


def day_of(second: int) -> int:
    """Return the local day that the second falls on, counted from 1970."""
    return (second + offset_seconds(second)) // DAY


def midnight(day: int) -> int:
    """Return the second in which a local day begins, an hour off on the two days when clocks change."""
    return day * DAY - offset_seconds(day * DAY)


def calendar_date(day: int) -> date:
    """Return the day's date."""
    return _EPOCH + timedelta(days=day)


def offset_seconds(second: int) -> int:
    """Return how far local time is ahead of UTC."""
    year = _year(second // DAY)
    return 2 * HOUR if _last_sunday(year, 3) + HOUR <= second < _last_sunday(year, 10) + HOUR else HOUR


@lru_cache(maxsize=2_048)
def _written_day(day: int) -> str:
    return calendar_date(day).isoformat()


@lru_cache(maxsize=2_048)
def _year(day: int) -> int:
    return calendar_date(day).year


@lru_cache(maxsize=64)
def _last_sunday(year: int, month: int) -> int:
    last = date(year, month, 31)
    return ((last - _EPOCH).days - (last.weekday() + 1) % 7) * DAY
