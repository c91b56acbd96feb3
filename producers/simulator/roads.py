"""Places, the roads between them, and the routes that traffic takes over them.

A road is 1.2 times as long as the great circle between two crossings. How busy a place or a corridor is, is an
estimate made for this simulator.
"""

import math
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from random import Random
from typing import Final

from schemas.stations import Station, registry

ROAD_FACTOR: Final = 1.2
SLOWEST_KMH: Final = 60.0
FASTEST_KMH: Final = 110.0
_EARTH_KM: Final = 6_371.0
_DETOUR_KM: Final = 120.0
_VARIANTS: Final = 25

SCHENGEN: Final = frozenset({"AT", "BG", "GR", "HR", "HU", "IT", "RO", "SI"})
"""States without checks on persons at the borders between them (Bulgaria and Romania on land since January 2025)."""

_BUSY: Final = {
    "SI-OBR": 12, "SI-GRU": 9, "SI-DRA": 4, "SI-JEL": 6, "SI-SEC": 4, "SI-FER": 10, "SI-SKO": 6, "SI-VRT": 5,
    "SI-SEN": 10, "SI-KAR": 7, "SI-PIN": 5, "HR-STG": 6, "HR-SLB": 4, "HR-ZUP": 4, "HR-MAL": 3, "HR-NSE": 4,
    "HR-SVI": 4, "HR-BAJ": 10, "HR-KSV": 4, "HR-GOC": 6, "HU-ROS": 12, "HU-TOM": 4, "RS-PRE": 10, "RS-GRD": 9,
    "RS-VAT": 3, "RS-MRD": 5, "XK-HEL": 5, "XK-VER": 5, "AL-HOT": 4, "AL-MUR": 4, "AL-KAP": 4, "AL-KAK": 4,
    "MK-BOG": 8, "MK-DBA": 3, "RS-SRA": 3, "RS-MZV": 3,
}  # fmt: skip
"""Relative traffic of the busier places, by one of their stations; the others have 1."""

_CORRIDORS: Final = (
    (10, "BA HR SI IT"), (8, "BA HR SI AT"), (12, "RS HR SI AT"), (8, "RS HR SI IT"), (9, "MK RS HU"),
    (9, "GR MK RS HU"), (6, "GR MK RS HR SI AT"), (5, "BG RS HR SI IT"), (5, "BG RS HU"), (5, "XK RS HU"),
    (4, "XK MK RS HR SI AT"), (4, "AL ME HR"), (3, "AL XK RS HU"), (3, "XK ME BA HR SI"), (4, "HU SI IT"),
    (3, "RO RS MK GR"), (3, "BA HR HU"), (4, "AL MK GR"), (4, "ME BA HR SI"), (4, "ME RS HU"), (3, "BG MK AL"),
    (8, "HR SI AT"), (8, "HR SI IT"), (3, "RS BA HR"),
)  # fmt: skip
"""Countries that long journeys pass, with their weights; each is driven both ways."""


@dataclass(frozen=True, slots=True)
class Crossing:
    """A place passed in one direction: out of `leaves` into `enters`, `km` of road after the crossing before."""

    leaves: Station
    enters: Station
    km: float

    @property
    def checked(self) -> bool:
        """Whether travellers show documents here."""
        return not {self.leaves.country, self.enters.country} <= SCHENGEN


Route = tuple[Crossing, ...]


@cache
def _sides() -> dict[str, dict[str, Station]]:
    """Return both stations of every place on a road, by place and country."""
    places: dict[str, dict[str, Station]] = {}
    for station in registry().values():
        if station.mode == "road":
            places.setdefault(station.place, {})[station.country] = station
    return places


@cache
def borders() -> dict[tuple[str, str], tuple[str, ...]]:
    """Return the places on the road between two countries, in both orders of the countries."""
    found: dict[tuple[str, str], list[str]] = {}
    for place, sides in _sides().items():
        one, other = sides
        found.setdefault((one, other), []).append(place)
        found.setdefault((other, one), []).append(place)
    return {border: tuple(places) for border, places in found.items()}


@cache
def road_km(one: str, other: str) -> float:
    """Return the kilometres of road between two places."""
    (a, *_), (b, *_) = _sides()[one].values(), _sides()[other].values()
    north, south = math.radians(a.latitude), math.radians(b.latitude)
    chord = (
        math.sin((north - south) / 2) ** 2
        + math.cos(north) * math.cos(south) * math.sin(math.radians(a.longitude - b.longitude) / 2) ** 2
    )
    return round(2 * _EARTH_KM * math.asin(math.sqrt(chord)) * ROAD_FACTOR, 1)


def travel_seconds(km: float, kmh: float) -> int:
    """Return the time that a stretch of road takes at a speed, rounded up."""
    return math.ceil(km / kmh * 3_600)


def crossing(place: str, leaves: str, enters: str, km: float = 0.0) -> Crossing:
    """Return the place, passed from one country into the other."""
    sides = _sides()[place]
    return Crossing(sides[leaves], sides[enters], km)


def back(route: Route) -> Route:
    """Return the route as it is driven home."""
    reach = [one.km for one in route[1:]]
    return tuple(
        Crossing(one.enters, one.leaves, km) for one, km in zip(reversed(route), [0.0, *reversed(reach)], strict=True)
    )


def route_over(places: tuple[str, ...], countries: tuple[str, ...]) -> Route:
    """Return the route over these places; `countries` are one more than they."""
    reach = [0.0, *(road_km(one, other) for one, other in pairwise(places))]
    steps = zip(places, countries, countries[1:], reach, strict=False)
    return tuple(crossing(place, leaves, enters, km) for place, leaves, enters, km in steps)


def route_through(chance: Random, countries: tuple[str, ...], *, at_least_busy: int = 0) -> Route:
    """Return a route through these countries; the next place is rather a busy and a near one.

    No place with less traffic than `at_least_busy` is taken, on the scale of `_BUSY`.
    """
    places: list[str] = []
    for border in pairwise(countries):
        options = [place for place in borders()[border] if _busy(place) >= at_least_busy]
        weights = [
            _busy(place) * (math.exp(-round(road_km(places[-1], place) / _DETOUR_KM, 3)) if places else 1.0)
            for place in options
        ]
        places += chance.choices(options, weights)
    return route_over(tuple(places), countries)


class Network:
    """The routes of one simulation, drawn once."""

    def __init__(self, chance: Random) -> None:
        self._places = tuple(_sides())
        self._busy = [_busy(place) for place in self._places]
        self._routes: list[Route] = []
        self._weights: list[float] = []
        for weight, text in _CORRIDORS:
            for _ in range(_VARIANTS):
                route = route_through(chance, tuple(text.split()))
                self._routes += [route, back(route)]
                self._weights += [weight, weight]

    def long_route(self, chance: Random) -> Route:
        """Return a route of two to five crossings."""
        return chance.choices(self._routes, self._weights)[0]

    def short_route(self, chance: Random) -> Route:
        """Return a route over one crossing."""
        place = chance.choices(self._places, self._busy)[0]
        one, other = _sides()[place]
        return (crossing(place, one, other) if chance.random() < 0.5 else crossing(place, other, one),)  # noqa: PLR2004 - either side


def _busy(place: str) -> int:
    return max(_BUSY.get(code, 1) for code in place.split("/"))
