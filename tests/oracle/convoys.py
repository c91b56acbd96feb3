"""Convoys: every pair of passages tried, every chance multiplied out, the whole traffic counted each time."""

import math
import unicodedata
from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import UTC, timedelta
from typing import NamedTuple

from oracle.alerts import Appearance, Found, OpenAlert, identify, told
from oracle.places import countries_of
from oracle.reports import Case, Event, at, place
from oracle.vehicles import belongs, involved, misread
from oracle.verdicts import Apart, parted

TEN_MINUTES, TWELVE_HOURS, A_WEEK = timedelta(minutes=10), timedelta(hours=12), timedelta(days=7)


class Meeting(NamedTuple):
    own: Appearance
    other: Appearance


def convoys(
    vehicles: Sequence[Sequence[Appearance]], seen: Sequence[Appearance], passages: Sequence[Event], apart: Apart
) -> Iterator[Found]:
    """Yield the convoys; `passages` are all sightings, with a vehicle or without."""
    for appearances in vehicles:
        incidents = involved(appearances, {"used", "stolen"})
        incidents = [one for one in incidents if one.case.report["kind"] != "return_or_readmission"]
        readings = {one.subject for one in appearances}
        own = [one for one in seen if belongs(one.subject, readings) and not parted([one], appearances, apart)]
        meetings = [meeting for meeting in companions(own, seen, passages) if incidents]
        if meetings:
            yield found(incidents, meetings)


def companions(own: Sequence[Appearance], seen: Sequence[Appearance], passages: Sequence[Event]) -> Iterator[Meeting]:
    plates = {one.subject.plate for one in own if one.subject.country}
    by_plate = defaultdict(list)
    for one in seen:
        if one.subject.country and drives(one) and not any(like(one.subject.plate, plate) for plate in plates):
            by_plate[one.subject.country, one.subject.plate].append(one)
    for name, others in by_plate.items():
        everywhere = [one for one in seen if (one.subject.country, one.subject.plate) == name]
        together = [Meeting(one, other) for one in own for other in others if meet(one, other)]
        journeys = journeys_of(sorted(together, key=lambda pair: (pair.own.order, pair.other.order)))
        for begin in range(len(journeys)):
            for end in range(begin + 2, len(journeys) + 1):
                several = journeys[begin:end]
                span = at(several[-1][-1].own.case.report) - at(several[0][0].own.case.report)
                places = {place(pair.own.case.report) for journey in several for pair in journey}
                if span <= A_WEEK and len(places) >= 3 and likelihood(several, everywhere, passages) >= 1e4:
                    yield from (pair for journey in several for pair in journey)


def meet(one: Appearance, other: Appearance) -> bool:
    here, there = one.case.report, other.case.report
    return place(here) == place(there) and whither(here) == whither(there) and abs(at(here) - at(there)) <= TEN_MINUTES


def journeys_of(together: Sequence[Meeting]) -> list[list[Meeting]]:
    journeys: list[list[Meeting]] = []
    for pair in together:
        if not journeys:
            journeys.append([pair])
            continue
        last = journeys[-1][-1]
        if at(pair.own.case.report) - at(last.own.case.report) >= TWELVE_HOURS:
            journeys.append([pair])
        elif place(pair.own.case.report) == place(last.own.case.report) or at(pair.other.case.report) >= at(
            last.other.case.report
        ):
            journeys[-1].append(pair)
    return journeys


def likelihood(journeys: Sequence[Sequence[Meeting]], others: Sequence[Appearance], passages: Sequence[Event]) -> float:
    product = 1.0
    for journey in journeys:
        chances = {}
        for pair in reversed(journey):
            here = place(pair.own.case.report)
            there = [at(one) for one in passages if place(one) == here]
            hour = hour_of_week(pair.own.case.report)
            in_hour = [one for one in there if (one.astimezone(UTC).weekday(), one.astimezone(UTC).hour) == hour]
            q = len(in_hour) / len(there) * 20 / 60
            n = sum(place(one.case.report) == here for one in others)
            chances[here] = 1 - (1 - q) ** n
        product /= math.prod(chances.values()) ** (1 / len(chances))
    return product


def hour_of_week(report: Event) -> tuple[int, int]:
    moment = at(report).astimezone(UTC)
    return moment.weekday(), moment.hour


def whither(report: Event) -> str | None:
    """Return the country that is entered, else what is said of the direction."""
    country = report["station"][:2]
    (other,) = set(countries_of(report["station"])) - {country}
    return {"entry": country, "exit": other}.get(report.get("direction", ""), report.get("direction"))


def drives(one: Appearance) -> bool:
    said = one.case.report["vehicle"]
    return said.get("category") != "trailer" and said.get("involvement", "used") in {"used", "stolen"}


def like(one: str, other: str) -> bool:
    """Whether one plate may be the other, misread or without its hooks."""
    bare = [unicodedata.normalize("NFD", plate.replace("Đ", "D")) for plate in (one, other)]
    here, there = ("".join(letter for letter in plate if not unicodedata.combining(letter)) for plate in bare)
    return one == other or here == there or misread(one, other)


def found(incidents: Sequence[Appearance], meetings: Sequence[Meeting]) -> Found:
    mine = [*incidents, *(pair.own for pair in meetings)]
    cases: list[Case] = [one.case for one in (*mine, *(pair.other for pair in meetings))]
    earliest = min(mine, key=lambda one: one.order)
    evidence = tuple(sorted({event for case in cases for event in case.evidence}))
    alert = OpenAlert(identify("convoy", earliest.case.report, earliest.position), "convoy", evidence)
    return Found(alert, told(cases, severe=True))
