"""The day that is shown: of the simulated days the one with the most to see, moved so that it ends now."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from producers.simulator import Case, Scenario, Sent, simulate

DAY: Final = timedelta(days=1)
DAYS: Final = 150
SIGHTING_DAYS: Final = 6
SIGHTINGS: Final = 6_000
INCIDENTS: Final = 150
CASES: Final = 3
"""Sets of planted cases: enough that some come to a head on one day."""

_TIMES: Final = ("occurred_at", "reported_at", "at", "valid_from", "valid_until")
SHOWN_KINDS: Final = frozenset(
    {
        "life_at_risk",
        "repeat_vehicle",
        "known_vehicle_sighted",
        "repeat_person",
        "known_person_sighted",
        "watchlist_hit",
        "impossible_journey",
    }
)
"""What is raised today; a case that expects one of them makes a story."""


@dataclass(frozen=True, slots=True)
class Timed:
    """An event as it is sent, and when in the day shown, which ends now."""

    at: datetime
    line: bytes
    id: str


@dataclass(frozen=True, slots=True)
class Day:
    """History, the day itself, and what is planted in it: the case to tell first."""

    history: tuple[Timed, ...]
    day: tuple[Timed, ...]
    cases: tuple[Case, ...]


def a_day(seed: int, now: datetime) -> Day:
    """Return the day of this seed, the same for the same seed and time."""
    simulation = simulate(
        Scenario(
            seed=seed,
            ends_at=now + timedelta(days=SIGHTING_DAYS - 2),
            days=DAYS,
            sightings=SIGHTINGS,
            incidents=INCIDENTS,
            sighting_days=SIGHTING_DAYS,
            cases=CASES,
        )
    )
    sent = list(simulation)
    arrives = {one.event["id"]: one.reaches_intake_at for one in sent}
    ends_at = _best_end(simulation.cases, arrives, simulation.scenario.ends_at)
    moved = [_moved(one, now - ends_at) for one in sent if one.reaches_intake_at <= ends_at]
    begins_at = now - DAY
    return Day(
        history=tuple(one for one in moved if one.at <= begins_at),
        day=tuple(one for one in moved if one.at > begins_at),
        cases=tuple(case for case in _told_on(simulation.cases, arrives, ends_at)),
    )


def _best_end(cases: Iterable[Case], arrives: dict[str, datetime], latest: datetime) -> datetime:
    """Return the end of the day on which the most cases come to a head."""
    ends = [latest - timedelta(hours=hours) for hours in range(24 * (SIGHTING_DAYS - 2))]
    return max(ends, key=lambda end: (len(_told_on(cases, arrives, end)), end))


def _told_on(cases: Iterable[Case], arrives: dict[str, datetime], end: datetime) -> Sequence[Case]:
    """Return the cases that end on this day and raise something, those of the most events first."""
    told = []
    for case in cases:
        times = [arrives[event] for event in case.events if event in arrives]
        if times and SHOWN_KINDS.intersection(case.expects) and end - DAY < max(times) <= end:
            told.append(case)
    return sorted(told, key=lambda case: (-len(case.events), case.id))


def _moved(sent: Sent, by: timedelta) -> Timed:
    event: dict[str, Any] = dict(sent.event)
    for name in _TIMES:
        if isinstance(text := event.get(name), str):
            event[name] = (datetime.fromisoformat(text) + by).isoformat(timespec="seconds")
    return Timed(sent.reaches_intake_at + by, json.dumps(event, ensure_ascii=False).encode(), event["id"])
