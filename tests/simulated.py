"""Small simulations for tests, and the plain questions that are put to them."""

import math
from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from functools import cache
from typing import Any, NamedTuple

from producers.simulator import Case, Scenario, Sent, simulate
from schemas.stations import station

ENDS_AT = datetime(2026, 11, 20, 13, 0, tzinfo=UTC)


class Seen(NamedTuple):
    """One appearance of a true entity."""

    at: datetime
    station: str
    event: dict[str, Any]
    said: dict[str, Any]


@cache
def simulated(**more: Any) -> tuple[tuple[Sent, ...], tuple[Case, ...]]:
    """Return the events and the cases of a small scenario."""
    small = {"seed": 7, "ends_at": ENDS_AT, "sightings": 12_000, "incidents": 400, **more}
    simulation = simulate(Scenario(**small))
    return tuple(simulation), simulation.cases


def of_type(events: Iterable[Sent], kind: str) -> Iterator[Sent]:
    """Return the events of a type, each once."""
    return (one for one in events if one.event["type"] == kind and one.truth is not None)


def appearances(events: Iterable[Sent]) -> dict[str, list[Seen]]:
    """Return where and when every entity truly was, in order; drills left out."""
    found: dict[str, list[Seen]] = defaultdict(list)
    for one in events:
        if one.truth is None or "occurred_at" not in one.event or one.event.get("exercise"):
            continue
        for subject, entity in one.truth["subjects"].items():
            at = datetime.fromisoformat(one.event["occurred_at"])
            found[entity].append(Seen(at, one.event["station"], one.event, subject_of(one.event, subject)))
    for seen in found.values():
        seen.sort(key=lambda one: (one.at, one.station))
    return found


def subject_of(event: dict[str, Any], subject: str) -> dict[str, Any]:
    """Return what an event says of a subject: ``vehicles/0``, ``vehicle``."""
    name, _, position = subject.partition("/")
    found: dict[str, Any] = event[name][int(position)] if position else event[name]
    return found


def road_km(one: str, other: str) -> float:
    """Return 1.2 times the great circle between two stations, computed by the law of cosines."""
    a, b = station(one), station(other)
    north, south = math.radians(a.latitude), math.radians(b.latitude)
    turn = math.radians(a.longitude - b.longitude)
    cosine = math.sin(north) * math.sin(south) + math.cos(north) * math.cos(south) * math.cos(turn)
    return 6_371 * math.acos(min(cosine, 1.0)) * 1.2
