"""Where an alert's events happened, on a map of the region: stations as numbered dots, in the order of time.

Borders: Natural Earth (public domain), by way of world-atlas 2.0.2. Coordinates of stations are approximate.
"""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final

from consumers.desk.alerts import Occurrence
from schemas import stations
from schemas.errors import UnknownStationError

_FILE: Final = Path(__file__).with_name("region.json")
_LEAST_WIDTH: Final = 300.0
"""Of the part that is shown, in units of the map: some 500 km, so that a border can be recognised."""
_MARGIN: Final = 60.0
_RATIO: Final = 16 / 10


_LABELS: Final = {
    "AL": (41.1, 20.0), "AT": (47.4, 14.2), "BA": (44.3, 17.8), "BG": (42.7, 25.3), "CZ": (49.6, 15.3),
    "DE": (48.5, 11.6), "GR": (39.6, 22.1), "HR": (45.55, 16.75), "HU": (47.1, 19.2), "IT": (45.4, 11.0),
    "ME": (42.8, 19.2), "MK": (41.6, 21.7), "RO": (45.8, 24.6), "RS": (44.1, 20.8), "SI": (46.1, 14.6),
    "SK": (48.8, 19.4), "UA": (48.9, 25.8), "XK": (42.6, 20.9),
}  # fmt: skip
"""Where a country's code is written: latitude and longitude, in the middle of it or where there is room."""


@dataclass(frozen=True, slots=True)
class Dot:
    """A place where something happened; `numbers` say which of the events, the first is 1."""

    x: float
    y: float
    name: str
    numbers: tuple[int, ...]
    is_last: bool


@dataclass(frozen=True, slots=True)
class Map:
    """What is drawn: the part of the region that is shown (x, y, width, height), borders, places, and the way."""

    box: tuple[float, float, float, float]
    borders: tuple[str, ...]
    dots: tuple[Dot, ...]
    way: str
    countries: tuple[tuple[str, float, float], ...]
    """Codes of countries, and where each is written."""

    @property
    def scale(self) -> float:
        """How large a letter or dot must be drawn, to look the same in every part."""
        return self.box[2] / 400


def draw(occurrences: Iterable[Occurrence]) -> Map | None:
    """Return the map of what happened where; None where no place is told."""
    places: dict[str, list[int]] = {}
    way: list[tuple[float, float]] = []
    for number, one in enumerate(sorted(occurrences, key=lambda one: one.occurred_at), start=1):
        try:
            station = stations.station(one.station)
        except UnknownStationError:
            continue
        places.setdefault(station.code, []).append(number)
        way.append(_point(station.latitude, station.longitude))
    if not way:
        return None
    last = max(number for numbers in places.values() for number in numbers)
    dots = []
    for code, numbers in places.items():
        station = stations.station(code)
        x, y = _point(station.latitude, station.longitude)
        dots.append(Dot(x, y, f"{station.name} ({station.country})", tuple(numbers), last in numbers))
    line = " ".join(f"{x:.0f},{y:.0f}" for x, y in way)
    countries = tuple((code, *_point(*where)) for code, where in _LABELS.items())
    return Map(_box(way), tuple(_region()["countries"].values()), tuple(dots), line, countries)


@cache
def _region() -> dict[str, dict[str, str]]:
    said: dict[str, dict[str, str]] = json.loads(_FILE.read_text(encoding="utf-8"))
    return said


def _point(latitude: float, longitude: float) -> tuple[float, float]:
    """Return where this is on the map: equirectangular, true in length along 44° north."""
    region: dict[str, float] = _region()  # type: ignore[assignment] # its numbers
    across = (longitude - region["west"]) / (region["east"] - region["west"])
    down = (region["north"] - latitude) / (region["north"] - region["south"])
    return round(across * region["width"], 1), round(down * region["height"], 1)


def _box(points: Iterable[tuple[float, float]]) -> tuple[float, float, float, float]:
    xs, ys = zip(*points, strict=True)
    width = max(max(xs) - min(xs) + 2 * _MARGIN, (max(ys) - min(ys) + 2 * _MARGIN) * _RATIO, _LEAST_WIDTH)
    height = width / _RATIO
    x, y = (max(xs) + min(xs)) / 2 - width / 2, (max(ys) + min(ys)) / 2 - height / 2
    return round(x, 1), round(y, 1), round(width, 1), round(height, 1)
