"""Small dense weeks in which few vehicles follow each other over few crossings, for comparing with the oracle."""

import random
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

Event = dict[str, Any]

MONDAY = datetime(2026, 3, 2, tzinfo=UTC)
ROUTES = (("SI-OBR", "SI-GRU", "RS-HOR", "AL-HOT"), ("HR-BRE", "HR-MAC", "HU-ROS", "ME-BOZ"))
"""Both sides of four crossings."""

PLATES = ("LJ AB-123", "ZG 4567-XY", "ZG 4S67-XY", "NI 777-KK")
MINUTES = (-5, -4, -2.01, 0, 0, 0, 2, 5, 5, 5.02)


def events(rng: random.Random, traffic: Sequence[int] = (500, 1200)) -> list[Event]:
    """Return the events of one week and a half, in no order, in one of these densities of other traffic."""
    found = [*_journeys(rng), *_incidents(rng), *_traffic(rng, rng.choice(traffic))]
    named = [{**event, "id": f"E-{number}"} for number, event in enumerate(found)]
    rng.shuffle(named)
    return named


def _journeys(rng: random.Random) -> list[Event]:
    """Let some vehicles go ahead of and behind each other, twice or more, at the limits of the rules."""
    found, cast = [], rng.sample(PLATES, rng.choice((2, 2, 3)))
    starts = [rng.choice((14, 40, 60)) for _ in range(rng.choice((2, 3, 3)))]
    for hours in (sum(starts[: number + 1]) for number in range(len(starts))):
        side = rng.choice(ROUTES)
        places = sorted(rng.sample(range(4), rng.choice((2, 3, 4, 4, 4))))
        plates = cast if rng.random() < 0.9 else rng.sample(PLATES, 2)
        moment = MONDAY + timedelta(hours=hours)
        usual = {plate: rng.choice(MINUTES) for plate in plates}
        for place in places:
            for plate in plates:
                apart = timedelta(minutes=usual[plate] if rng.random() < 0.9 else rng.choice(MINUTES))
                both = rng.choice((side, side, side, side, *ROUTES))
                directions = ("entry", "exit") if both[0] == "SI-OBR" else ("exit", "entry")
                direction = directions[0] if rng.random() < 0.95 else rng.choice((directions[1], None))
                found.append(_sighting(rng, both[place], moment + apart, plate, direction))
            moment += timedelta(minutes=rng.choice((4, 50, 100)))
    return found


def _incidents(rng: random.Random) -> list[Event]:
    return [
        {
            "type": "incident",
            "schema_version": "1.0",
            "station": rng.choice(ROUTES[0]),
            "occurred_at": (MONDAY + timedelta(hours=rng.randrange(-200, 400))).isoformat(),
            "kind": rng.choice(("migrant_smuggling",) * 4 + ("return_or_readmission",)),
            "vehicles": [{"plate": rng.choice(PLATES), "plate_country": "HR", "involvement": _part(rng)}],
        }
        for _ in range(rng.choice((2, 3, 4)))
    ]


def _part(rng: random.Random) -> str:
    return rng.choice(("used", "used", "used", "used", "stolen", "bystander"))


def _traffic(rng: random.Random, number: int) -> list[Event]:
    """Return other passages, so many that some convoys are just likely enough."""
    return [
        _sighting(rng, rng.choice(rng.choice(ROUTES)), MONDAY + timedelta(hours=rng.random() * 168), None, "entry")
        for _ in range(number)
    ]


def _sighting(rng: random.Random, station: str, at: datetime, plate: str | None, direction: str | None) -> Event:
    event: Event = {"type": "sighting", "schema_version": "1.0", "station": station, "occurred_at": at.isoformat()}
    if direction:
        event["direction"] = direction
    written = plate or f"KP {rng.randrange(1000):03}-AA"
    event["vehicle"] = {"plate": written, "plate_country": "HR" if rng.random() < 0.97 else "SI"}
    if rng.random() < 0.03:
        event["vehicle"]["category"] = "trailer"
    return event
