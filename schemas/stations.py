"""The station registry: who may report, from where. Read from `crossings.csv` beside this file.

Both sides of a crossing are stations of their own and one *place*, named by its two codes in
alphabetical order. Coordinates are approximate (two to three decimals, WGS 84 degrees), good for
a map and for travel times, not for finding a booth.
"""

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from types import MappingProxyType

from schemas.errors import UnknownStationError


@dataclass(frozen=True, slots=True)
class Station:
    """One side of a crossing."""

    code: str
    name: str
    country: str
    other_country: str
    place: str
    mode: str
    latitude: float
    longitude: float


@cache
def registry() -> Mapping[str, Station]:
    """Return every station by its code."""
    text = resources.files("schemas").joinpath("crossings.csv").read_text(encoding="utf-8")
    stations: dict[str, Station] = {}
    for row in csv.DictReader(text.splitlines()):
        for side in _sides(row):
            if side.code in stations:
                raise ValueError(f"crossings.csv names station {side.code} twice")
            stations[side.code] = side
    return MappingProxyType(stations)


def station(code: str) -> Station:
    """Return the station with this code; raises `UnknownStationError`."""
    try:
        return registry()[code]
    except KeyError:
        raise UnknownStationError(f"{code!r} is not a station of the registry") from None


def _sides(row: dict[str, str]) -> tuple[Station, Station]:
    place = "/".join(sorted((row["code"], row["other_side_code"])))
    latitude, longitude = float(row["latitude"]), float(row["longitude"])
    near = Station(
        row["code"], row["name"], row["country"], row["other_country"], place, row["mode"], latitude, longitude
    )
    far = Station(
        row["other_side_code"],
        row["other_side_name"],
        row["other_country"],
        row["country"],
        place,
        row["mode"],
        latitude,
        longitude,
    )
    return near, far
