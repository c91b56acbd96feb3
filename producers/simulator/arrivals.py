"""When what devices send reaches intake: mostly at once, sometimes late, some of it twice.

Estimates: 2.5 % of what a device sends is late by itself (a minute to six hours, 40 minutes on average); each day
at one or two of the stations the line is down for one to four hours, and what they spooled comes in one burst; 1 %
is sent a second time, because an acknowledgement was lost.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from random import Random
from typing import Any, Final

from producers.simulator.calendar import HOUR, MINUTE
from producers.simulator.descriptions import Subjects
from producers.simulator.scenario import DAY
from schemas.stations import registry

LATE: Final = 0.025
TWICE: Final = 0.01
_OUTAGES_A_DAY: Final = 1.5
_MEAN_LATENESS: Final = 40 * MINUTE
_LATEST: Final = 6 * HOUR


@dataclass(frozen=True, slots=True)
class Told:
    """An event, when it reaches intake (seconds since 1970), and who is in it, truly and as said."""

    arrives: int
    event: dict[str, Any] = field(compare=False)
    subjects: Subjects = field(compare=False)


class Lines:
    """The lines between stations and intake, down now and then."""

    def __init__(self, chance: Random, begins: int, ends: int) -> None:
        codes = tuple(registry())
        self._outages: dict[tuple[str, int], tuple[int, int]] = {}
        for day in range(begins // DAY, ends // DAY + 1):
            for _ in range(int(_OUTAGES_A_DAY + chance.random())):
                down = day * DAY + int(chance.random() * 20 * HOUR)
                lasts = int((1 + 3 * chance.random()) * HOUR)
                self._outages[chance.choice(codes), day] = (down, down + lasts)

    def arrival(self, chance: Random, station: str, sent: int) -> int:
        """Return when something that a station sends at `sent` arrives."""
        outage = self._outages.get((station, sent // DAY))
        if outage is not None and outage[0] <= sent < outage[1]:
            return outage[1] + int(chance.random() * MINUTE)
        if chance.random() < LATE:
            return sent + MINUTE + min(int(chance.expovariate(1 / _MEAN_LATENESS)), _LATEST)
        return sent + 1 + int(chance.random() * 4)


def second_arrival(chance: Random, arrives: int) -> int | None:
    """Return when the event that has arrived comes again; None, mostly, where it does not."""
    if chance.random() >= TWICE:
        return None
    return arrives + 10 + int(chance.expovariate(1 / (10 * MINUTE)))


def in_order(days: Iterable[tuple[int, list[Told]]]) -> Iterator[Told]:
    """Return what every day brings in the order of arrival.

    Each day comes as (the second before which no later day's events arrive, its events in any order).
    """
    waiting: list[Told] = []
    for until, told in days:
        waiting += told
        waiting.sort(key=_order)
        done = next((place for place, one in enumerate(waiting) if one.arrives >= until), len(waiting))
        yield from waiting[:done]
        waiting = waiting[done:]
    yield from waiting


def _order(told: Told) -> tuple[int, str]:
    return told.arrives, told.event["id"]
