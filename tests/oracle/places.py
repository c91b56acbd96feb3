"""The station registry: both sides of a crossing are one place."""

import csv
import math
from functools import cache
from pathlib import Path

CROSSINGS = Path(__file__).parents[2] / "schemas" / "crossings.csv"
EARTH_RADIUS_KM = 6371.0088


@cache
def crossing(station: str) -> dict[str, str]:
    (row,) = [row for row in crossings() if station in (row["code"], row["other_side_code"])]
    return row


@cache
def crossings() -> list[dict[str, str]]:
    with CROSSINGS.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def place_of(station: str) -> str:
    return crossing(station)["code"]


def countries_of(station: str) -> set[str]:
    return {crossing(station)["country"], crossing(station)["other_country"]}


@cache
def kilometres(station: str, other_station: str) -> float:
    """Return the length of the great circle, by the haversine formula."""
    (north, east), (other_north, other_east) = (
        (math.radians(float(row["latitude"])), math.radians(float(row["longitude"])))
        for row in (crossing(station), crossing(other_station))
    )
    square = (
        math.sin((other_north - north) / 2) ** 2
        + math.cos(north) * math.cos(other_north) * math.sin((other_east - east) / 2) ** 2
    )
    return 2 * EARTH_RADIUS_KM * math.asin(math.sqrt(square))
