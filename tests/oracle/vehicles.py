"""Vehicles: which readings are one, by country and plate and what bridges a misread; none is at two places at once."""

import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from itertools import combinations, combinations_with_replacement, product
from typing import NamedTuple

from oracle.alerts import Appearance, Found, raised
from oracle.chains import repeats, sighted
from oracle.groups import components
from oracle.places import kilometres
from oracle.reports import Case, Event, at, place
from oracle.verdicts import Apart, parted

TAKEN_FOR_EACH_OTHER = ({*"0ODQ"}, {*"1IL"}, {*"2Z"}, {*"5S"}, {*"6G"}, {*"8B3"})
PALE = {"white", "silver", "grey", "gray"}


class Read(NamedTuple):
    """A vehicle as a report describes it; "" where it says nothing."""

    country: str
    plate: str
    vin: str
    make: str
    colour: str
    category: str
    sure: bool


def repeat_vehicles(vehicles: Sequence[Sequence[Appearance]]) -> Iterator[Found]:
    for appearances in vehicles:
        yield from repeats("repeat_vehicle", 90, involved(appearances, {"used"}))


def known_vehicles_sighted(
    vehicles: Sequence[Sequence[Appearance]], sightings: Sequence[Appearance], apart: Apart
) -> Iterator[Found]:
    by_read = alike(sightings)
    for appearances in vehicles:
        vehicle = {one.subject for one in appearances}
        like = [sightings[number] for read, numbers in by_read.items() if belongs(read, vehicle) for number in numbers]
        seen = [one for one in like if not parted([one], appearances, apart)]
        yield from sighted("known_vehicle_sighted", 30, involved(appearances, {"used", "stolen"}), seen)


def belongs(seen: Read, vehicle: set[Read]) -> bool:
    """Whether a sighting is of this vehicle: like one of its readings, and contrary to none."""
    return any(same_vehicle(seen, one) for one in vehicle) and not any(contrary(seen, one) for one in vehicle)


def vehicles_of(appearances: Sequence[Appearance], apart: Apart) -> list[list[Appearance]]:
    """Return the appearances vehicle by vehicle: strong links before weak ones, old ones before new ones."""
    group_of = {number: [number] for number in range(len(appearances))}
    for one, other in sorted(links(appearances), key=lambda pair: taken_first(*map(appearances.__getitem__, pair))):
        here, there = group_of[one], group_of[other]
        if here is there:
            continue
        contraries = any(contrary(appearances[a].subject, appearances[b].subject) for a in here for b in there)
        ones, others = ([appearances[number] for number in group] for group in (here, there))
        if not contraries and not parted(ones, others, apart):
            group_of |= dict.fromkeys(here + there, here + there)
    return [
        [appearances[number] for number in group]
        for group in {min(group): group for group in group_of.values()}.values()
    ]


def links(appearances: Sequence[Appearance]) -> Iterator[tuple[int, int]]:
    by_read = alike(appearances)
    for one, other in combinations_with_replacement(by_read, 2):
        if same_vehicle(one, other):
            pairs = combinations(by_read[one], 2) if one == other else product(by_read[one], by_read[other])
            yield from pairs


def alike(appearances: Sequence[Appearance]) -> dict[Read, list[int]]:
    """Return the numbers of those that read exactly the same."""
    found = defaultdict(list)
    for number, one in enumerate(appearances):
        found[one.subject].append(number)
    return found


def taken_first(one: Appearance, other: Appearance) -> tuple[float, list[tuple[datetime, str, int]]]:
    return -strength(one.subject, other.subject), sorted((one.order, other.order), reverse=True)


def same_vehicle(one: Read, other: Read) -> bool:
    if contradict(one.vin, other.vin) or contradict(one.country, other.country):
        return False
    same_vin = one.vin != "" and one.vin == other.vin
    same_look = "" not in {one.make, one.colour} and (one.make, one.colour) == (other.make, other.colour)
    if not (one.country and other.country):
        return one.plate == other.plate and (same_vin or same_look)
    if one.plate == other.plate:
        return True
    if not misread(one.plate, other.plate) or contradict(one.category, other.category):
        return False
    unsure = not (one.sure and other.sure)
    return same_vin or same_look or (unsure and not any(map(contradict, one[2:6], other[2:6])))


def contrary(one: Read, other: Read) -> bool:
    """Whether these can never be one vehicle, by whatever way round."""
    bridged_categories = one.plate != other.plate and contradict(one.category, other.category)
    return bridged_categories or contradict(one.vin, other.vin) or contradict(one.country, other.country)


def contradict(one: str, other: str) -> bool:
    return bool(one and other) and one != other


def misread(one: str, other: str) -> bool:
    return lookalike(one, other) or lost_one(one, other) or lost_one(other, one)


def lookalike(one: str, other: str) -> bool:
    if len(one) != len(other):
        return False
    pairs = zip(one, other, strict=True)
    return all(a == b or any({a, b} <= alike for alike in TAKEN_FOR_EACH_OTHER) for a, b in pairs)


def lost_one(longer: str, shorter: str) -> bool:
    if len(longer) != len(shorter) + 1:
        return False
    return any(longer[:place] + longer[place + 1 :] == shorter for place in range(len(longer)))


def strength(one: Read, other: Read) -> float:
    """Return the bits of a link."""
    bits = 14.0 if one.plate == other.plate else 8.0 if lookalike(one.plate, other.plate) else 6.0
    if one.plate != other.plate and not (one.sure and other.sure):
        bits += 3
    if not (one.country and other.country):
        bits -= 6
    weights = ((16.0, 20.0), (2.0, 4.0), (1.0, 1.5), (1.0, 6.0))
    for (agreeing, differing), said, other_said in zip(weights, one[2:6], other[2:6], strict=True):
        if said and said == other_said:
            bits += agreeing
        elif contradict(said, other_said) and not {said, other_said} <= PALE:
            bits -= differing
    return bits


def impossible_journeys(sightings: Sequence[Appearance]) -> Iterator[Found]:
    for appearances in by_plate(sightings).values():
        places = defaultdict(list)
        for appearance in appearances:
            places[place(appearance.case.report)].append(appearance)
        apart = (pair for here, there in combinations(places.values(), 2) for pair in product(here, there))
        pairs = [pair for pair in apart if impossible(*(one.case.report for one in pair))]
        for chain in components(pairs, overlap):
            yield raised("impossible_journey", [one for pair in chain for one in pair], score=0.5)


def impossible(one: Event, other: Event) -> bool:
    shortest = timedelta(hours=0.85 * kilometres(one["station"], other["station"]) * 1.2 / 130)
    return abs(at(one) - at(other)) < shortest


def overlap(pair: tuple[Appearance, Appearance], other_pair: tuple[Appearance, Appearance]) -> bool:
    """Whether the two closed intervals share a moment."""
    start, end = sorted(at(one.case.report) for one in pair)
    other_start, other_end = sorted(at(one.case.report) for one in other_pair)
    return start <= other_end and other_start <= end


def in_incidents(cases: Sequence[Case]) -> list[Appearance]:
    return [
        Appearance(case, f"vehicles/{number}", read_vehicle(said))
        for case in cases
        for number, said in enumerate(case.report.get("vehicles", ()))
    ]


def in_sightings(sightings: Sequence[Case]) -> list[Appearance]:
    seen = [case for case in sightings if "vehicle" in case.report]
    return [Appearance(case, "vehicle", read_vehicle(case.report["vehicle"])) for case in seen]


def involved(appearances: Iterable[Appearance], involvements: set[str]) -> list[Appearance]:
    """Return those in which the vehicle had one of these parts."""
    found = []
    for one in appearances:
        said = one.case.report["vehicles"][int(one.position.partition("/")[2])]
        default = "bystander" if one.case.report["kind"] in {"search_and_rescue", "refused_entry"} else "used"
        if said.get("involvement", default) in involvements:
            found.append(one)
    return found


def read_vehicle(said: Event) -> Read:
    return Read(
        said.get("plate_country") or "",
        letters(said["plate"].upper()),
        letters(said.get("vin", "").upper()).translate(str.maketrans("OQI", "001")),
        plain(said.get("make", "")),
        plain(said.get("colour", "")),
        said.get("category", ""),
        said.get("plate_confidence", 1.0) >= 0.8,
    )


def plain(text: str) -> str:
    """Return small letters without their marks."""
    return letters(unicodedata.normalize("NFD", text.lower()))


def letters(text: str) -> str:
    return "".join(filter(str.isalnum, text))


def by_plate(appearances: Iterable[Appearance]) -> dict[tuple[str, str], list[Appearance]]:
    """Return them by exactly what was read; an unknown country is never a match by itself."""
    found = defaultdict(list)
    for one in appearances:
        if one.subject.country:
            found[one.subject.country, one.subject.plate].append(one)
    return found
