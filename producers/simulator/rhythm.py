"""When who travels: by hour, by weekday and by season.

The weights are estimates made for this simulator, after what is generally known of border traffic: commuters
twice on a weekday, lorries hardly on Sundays (the lorry bans of Austria, Italy, Slovenia and Croatia), holiday
traffic at its height on summer Saturdays and around the year's end. They are measurements of nothing.
"""

from itertools import accumulate
from random import Random
from typing import Final, Literal

from producers.simulator.calendar import HOUR, calendar_date

Purpose = Literal["commuter", "lorry", "coach", "local", "holiday"]
PURPOSES: Final[tuple[Purpose, ...]] = ("commuter", "lorry", "coach", "local", "holiday")

SHARE: Final[dict[Purpose, float]] = {"commuter": 0.27, "lorry": 0.22, "coach": 0.03, "local": 0.28, "holiday": 0.20}
"""Of all passages, by purpose."""

_HOURS: Final[dict[Purpose, tuple[int, ...]]] = {
    "commuter": (0, 0, 0, 1, 6, 20, 30, 22, 9, 3, 1, 1, 1, 1, 1, 1, 1, 1, 1, 0, 0, 0, 0, 0),
    "lorry": (6, 6, 6, 7, 8, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 8, 8, 7, 7, 6, 6),
    "coach": (3, 2, 2, 3, 6, 9, 9, 8, 6, 5, 4, 4, 4, 4, 5, 5, 6, 7, 8, 9, 9, 8, 6, 4),
    "local": (1, 1, 1, 1, 1, 2, 4, 6, 9, 11, 12, 11, 10, 9, 10, 11, 11, 10, 9, 7, 5, 4, 3, 2),
    "holiday": (4, 4, 5, 7, 9, 11, 12, 12, 11, 10, 10, 9, 8, 8, 8, 8, 8, 8, 7, 7, 6, 5, 5, 4),
}
"""Weights of the local hours of departure."""

_CUMULATIVE: Final = {purpose: tuple(accumulate(weights)) for purpose, weights in _HOURS.items()}

_WEEKDAYS: Final[dict[Purpose, tuple[float, ...]]] = {
    "commuter": (10, 10, 10, 10, 10, 1, 0.4),
    "lorry": (10, 11, 11, 11, 10, 5, 2),
    "coach": (9, 7, 7, 8, 12, 12, 12),
    "local": (8, 8, 8, 8, 11, 13, 11),
    "holiday": (6, 5, 5, 6, 12, 18, 14),
}
"""Weights of the weekdays, Monday first."""

_ENDS_OF_YEAR: Final = frozenset({(12, day) for day in range(20, 32)} | {(1, day) for day in range(1, 8)})
_PUBLIC_HOLIDAYS: Final = frozenset({(5, 1), (5, 2), (8, 15), (11, 1)})


def day_weight(purpose: Purpose, day: int) -> float:
    """Return how much of this purpose's traffic falls on a local day, relative to other days."""
    date = calendar_date(day)
    weight = _WEEKDAYS[purpose][date.weekday()]
    monthly = (date.month, date.day)
    if purpose == "commuter":
        return weight * (0.15 if monthly in _PUBLIC_HOLIDAYS else 0.5 if monthly in _ENDS_OF_YEAR else 1.0)
    if purpose == "holiday":
        return weight * (2.5 if date.month in {7, 8} or monthly in _ENDS_OF_YEAR else 1.0)
    return weight


def second_of_day(chance: Random, purpose: Purpose) -> int:
    """Return a second after local midnight at which somebody sets out."""
    cumulative = _CUMULATIVE[purpose]
    point = chance.random() * cumulative[-1]
    hour = next(hour for hour, reached in enumerate(cumulative) if point < reached)
    return hour * HOUR + int(chance.random() * HOUR)
