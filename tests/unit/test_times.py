"""Times at which routes apply: on the clocks of a zone, across midnight and the changes of daylight saving."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consumers.times import TimeInterval

SPRING, AUTUMN = datetime(2026, 3, 29, tzinfo=UTC), datetime(2026, 10, 25, tzinfo=UTC)
"""In Ljubljana, at 01:00 UTC, the clocks go from 02:00 to 03:00, and from 03:00 to 02:00."""


def a_time(**said: Any) -> TimeInterval:
    return TimeInterval.model_validate({"timezone": "Europe/Ljubljana", **said})


def utc(text: str) -> datetime:
    return datetime.fromisoformat(f"{text}+00:00")


def hours_in(interval: TimeInterval, day: datetime) -> list[str]:
    """Return the quarters of an hour (UTC) from noon the day before to noon of that day that are in it, as ranges."""
    noon = day - timedelta(hours=12)
    quarters = [noon + timedelta(minutes=15 * number) for number in range(4 * 24)]
    held = [one for one in quarters if interval.holds(one)]
    edges = [one for one in held if one - timedelta(minutes=15) not in held]
    ends = [one + timedelta(minutes=15) for one in held if one + timedelta(minutes=15) not in held]
    return [f"{start:%H:%M}-{end:%H:%M}" for start, end in zip(edges, ends, strict=True)]


def between(begins: str, ends: str) -> TimeInterval:
    return a_time(**{"from": begins, "to": ends})


@pytest.mark.parametrize(
    ("instant", "holds"),
    [
        ("2026-05-01T05:59", False),
        ("2026-05-01T06:00", True),
        ("2026-05-01T13:59", True),
        ("2026-05-01T14:00", False),
    ],
)
def test_it_holds_from_its_beginning_up_to_its_end(instant: str, *, holds: bool) -> None:
    """In May, Ljubljana is two hours ahead."""
    assert between("08:00", "16:00").holds(utc(instant)) is holds


def test_the_same_clock_times_are_others_in_another_zone() -> None:
    said = {"from": "08:00", "to": "16:00"}
    early, late = a_time(**said, timezone="Europe/Istanbul"), a_time(**said, timezone="Europe/London")
    assert hours_in(early, datetime(2026, 5, 1, 12, tzinfo=UTC)) == ["05:00-13:00"]
    assert hours_in(late, datetime(2026, 5, 1, 12, tzinfo=UTC)) == ["07:00-15:00"]


@pytest.mark.parametrize(
    ("instant", "holds"),
    [
        ("2026-05-01T19:59", False),  # Friday, 21:59
        ("2026-05-01T20:00", True),
        ("2026-05-02T03:59", True),  # Saturday, 05:59
        ("2026-05-02T04:00", False),
        ("2026-05-02T20:00", False),  # Saturday night
        ("2026-05-01T00:00", False),  # the night of Thursday
    ],
)
def test_across_midnight_its_day_is_the_one_on_which_it_begins(instant: str, *, holds: bool) -> None:
    night = a_time(weekdays=["friday"], **{"from": "22:00", "to": "06:00"})
    assert night.holds(utc(instant)) is holds


@pytest.mark.parametrize(
    ("said", "instant", "holds"),
    [
        ({"weekdays": ["saturday", "sunday"]}, "2026-05-01T21:59", False),
        ({"weekdays": ["saturday", "sunday"]}, "2026-05-01T22:00", True),  # Saturday in Ljubljana
        ({"weekdays": ["saturday", "sunday"]}, "2026-05-03T21:59", True),
        ({"weekdays": ["saturday", "sunday"]}, "2026-05-03T22:00", False),
        ({"days": [1], "months": [5]}, "2026-04-30T22:00", True),
        ({"days": [1], "months": [5]}, "2026-05-01T22:00", False),
        ({"days": [1], "months": [5]}, "2026-06-01T10:00", False),
        ({"days": [29], "months": [2]}, "2028-02-29T10:00", True),
        ({"months": [7, 8]}, "2026-08-31T21:59", True),
        ({"months": [7, 8]}, "2026-08-31T22:00", False),
        ({"days": [31], "from": "22:00", "to": "02:00"}, "2026-05-31T23:00", True),  # 01:00 of the first of June
        ({"from": "18:00"}, "2026-05-01T21:59", True),  # until midnight
        ({"from": "18:00"}, "2026-05-01T22:00", False),
        ({"to": "06:00"}, "2026-05-01T22:00", True),
        ({"weekdays": ["monday"], "from": "08:00", "to": "08:00"}, "2026-05-05T05:59", True),  # a shift of a day
        ({"weekdays": ["monday"], "from": "08:00", "to": "08:00"}, "2026-05-05T06:00", False),
        ({}, "2026-05-05T05:59", True),
    ],
)
def test_days_months_and_what_is_left_out(said: dict[str, Any], instant: str, *, holds: bool) -> None:
    assert a_time(**said).holds(utc(instant)) is holds


@pytest.mark.parametrize(
    ("day", "begins", "ends", "expected"),
    [
        (SPRING, "22:00", "06:00", ["21:00-04:00"]),  # seven hours
        (AUTUMN, "22:00", "06:00", ["20:00-05:00"]),  # nine
        (SPRING, "02:30", "05:00", ["01:00-03:00"]),  # 02:30 is left out: from the change on
        (SPRING, "00:00", "02:30", ["23:00-01:00"]),
        (SPRING, "02:00", "03:00", []),  # the hour that there is not
        (AUTUMN, "02:30", "05:00", ["00:30-04:00"]),  # from the first 02:30 on, without a hole
        (AUTUMN, "00:00", "02:30", ["22:00-00:30"]),  # to the first, and not again
        (AUTUMN, "02:00", "03:00", ["00:00-02:00"]),  # the hour that comes twice
        (AUTUMN, "03:00", "05:00", ["02:00-04:00"]),
        (AUTUMN, "01:00", "02:00", ["23:00-00:00"]),
    ],
)
def test_on_the_nights_on_which_the_clocks_change(day: datetime, begins: str, ends: str, expected: list[str]) -> None:
    assert hours_in(between(begins, ends), day) == expected


CLOCKS = st.integers(0, 24 * 60 - 1) | st.integers(30, 4 * 60)
CHANGES = {
    "Europe/Ljubljana": ("2026-03-29T01:00", "2026-10-25T01:00"),
    "America/New_York": ("2026-03-08T07:00", "2026-11-01T06:00"),
    "Australia/Lord_Howe": ("2026-04-04T15:00", "2026-10-03T15:30"),
    "UTC": ("2026-01-01T00:00",),
}


@given(CLOCKS, CLOCKS, st.sampled_from([(zone, at) for zone, ats in CHANGES.items() for at in ats]), st.integers())
def test_intervals_that_meet_on_the_clock_meet_in_time(
    one: int, two: int, change: tuple[str, str], minutes: int
) -> None:
    """Of a day and a night there is always exactly one, whatever the clocks do (half an hour on Lord Howe Island)."""
    zone, changed_at = change
    clocks = [f"{clock // 60:02}:{clock % 60:02}" for clock in (one, two)]
    instant = utc(changed_at) + timedelta(minutes=minutes % (12 * 60) - 6 * 60)
    day = a_time(**{"from": clocks[0], "to": clocks[1], "timezone": zone})
    night = a_time(**{"from": clocks[1], "to": clocks[0], "timezone": zone})
    assert (day.holds(instant) is not night.holds(instant)) or one == two
