"""Vehicles: one is known by its country and normalised plate, and cannot be at two places at once."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import timedelta
from itertools import combinations

from oracle.alerts import Appearance, Found, raised
from oracle.chains import repeats, sighted
from oracle.groups import components
from oracle.places import kilometres
from oracle.reports import Case, Event, at, place

Plate = tuple[str, str]


def repeat_vehicles(cases: Sequence[Case]) -> Iterator[Found]:
    for appearances in by_plate(in_incidents(cases, {"used"})).values():
        yield from repeats("repeat_vehicle", 90, appearances)


def known_vehicles_sighted(cases: Sequence[Case], sightings: Sequence[Case]) -> Iterator[Found]:
    seen = by_plate(in_sightings(sightings))
    for plate, appearances in by_plate(in_incidents(cases, {"used", "stolen"})).items():
        yield from sighted("known_vehicle_sighted", 30, appearances, seen.get(plate, []))


def impossible_journeys(sightings: Sequence[Case]) -> Iterator[Found]:
    for appearances in by_plate(in_sightings(sightings)).values():
        pairs = [pair for pair in combinations(appearances, 2) if impossible(*(one.case.report for one in pair))]
        for chain in components(pairs, overlap):
            yield raised("impossible_journey", [one for pair in chain for one in pair], score=0.5)


def impossible(one: Event, other: Event) -> bool:
    shortest = timedelta(hours=0.85 * kilometres(one["station"], other["station"]) * 1.2 / 130)
    return place(one) != place(other) and abs(at(one) - at(other)) < shortest


def overlap(pair: tuple[Appearance, Appearance], other_pair: tuple[Appearance, Appearance]) -> bool:
    """Whether the two closed intervals share a moment."""
    start, end = sorted(at(one.case.report) for one in pair)
    other_start, other_end = sorted(at(one.case.report) for one in other_pair)
    return start <= other_end and other_start <= end


def in_incidents(cases: Sequence[Case], involvements: set[str] | None = None) -> Iterator[Appearance]:
    """Yield the vehicles of incidents, of these involvements or (None) of any."""
    for case in cases:
        for number, vehicle in enumerate(case.report.get("vehicles", ())):
            default = "bystander" if case.report["kind"] in {"search_and_rescue", "refused_entry"} else "used"
            if involvements is None or vehicle.get("involvement", default) in involvements:
                yield Appearance(case, f"vehicles/{number}", plate_of(vehicle))


def in_sightings(sightings: Sequence[Case]) -> Iterator[Appearance]:
    for case in sightings:
        if "vehicle" in case.report:
            yield Appearance(case, "vehicle", plate_of(case.report["vehicle"]))


def by_plate(appearances: Iterator[Appearance]) -> dict[Plate, list[Appearance]]:
    found = defaultdict(list)
    for appearance in appearances:
        if appearance.subject is not None:
            found[appearance.subject].append(appearance)
    return found


def plate_of(vehicle: Event) -> Plate | None:
    """Return country and plate, or None where the country is unknown: that is never a match by itself."""
    if not vehicle.get("plate_country"):
        return None
    return vehicle["plate_country"], "".join(filter(str.isalnum, vehicle["plate"].upper()))
