"""`impossible_journey`: one plate, exactly read, at two places sooner than anybody drives.

It means a cloned plate, a misread or a wrong clock, not guilt; it never merges or separates subjects.
"""

from collections.abc import Iterable, Iterator, Sequence
from datetime import timedelta
from functools import lru_cache
from math import asin, cos, radians, sin, sqrt
from typing import Final

from schemas.alerts import AlertKind, Reason
from schemas.stations import Station
from streams.engine.cases import Part, Passage
from streams.engine.drafts import Draft
from streams.engine.evidence import of_passage
from streams.rules import JourneyRules
from streams.typologies.chains import appearances, evidence_of
from streams.typologies.repeats import Describe
from streams.typologies.wording import named, passage_in_words

EARTH_RADIUS_KM: Final = 6371.0088
"""Mean radius (IUGG)."""

_TOLD: Final = 3
"""How many pairs the reason spells out."""

PassagePart = Part[Passage]
Pair = tuple[PassagePart, PassagePart]


def find(describe: Describe, passages: Iterable[PassagePart], rules: JourneyRules) -> Iterator[Draft]:
    """Return one alert for each chain of pairs that overlap in time."""
    ordered = sorted(passages, key=lambda part: part.case.sort_key)
    chain: list[Pair] = []
    ends_at = None
    for pair in _pairs(ordered, rules):
        if ends_at is not None and pair[0].case.report.occurred_at > ends_at:
            yield _draft(describe, chain, rules)
            chain = []
        chain.append(pair)
        ends_at = max(second.case.report.occurred_at for _, second in chain)
    if chain:
        yield _draft(describe, chain, rules)


def soonest(one: Station, other: Station, rules: JourneyRules) -> timedelta:
    """Return the time below which nobody gets from one place to the other; zero at one place."""
    if one.place == other.place:
        return timedelta(0)
    distance_km = great_circle_km(one.latitude, one.longitude, other.latitude, other.longitude)
    return timedelta(hours=rules.share_of_normal * distance_km * rules.road_factor / rules.fastest_kmh)


@lru_cache(maxsize=20_000)
def great_circle_km(latitude: float, longitude: float, other_latitude: float, other_longitude: float) -> float:
    """Return the distance of two points in kilometres, from WGS 84 degrees (haversine)."""
    here, there = radians(latitude), radians(other_latitude)
    half = sin((there - here) / 2) ** 2
    half += cos(here) * cos(there) * sin(radians(other_longitude - longitude) / 2) ** 2
    return 2 * EARTH_RADIUS_KM * asin(sqrt(half))


def _pairs(ordered: Sequence[PassagePart], rules: JourneyRules) -> Iterator[Pair]:
    """Return the pairs that nobody drives, by the time of their first."""
    places = {part.case.report.at.place: part.case.report.at for part in ordered}.values()
    longest = max((soonest(one, other, rules) for one in places for other in places), default=timedelta(0))
    for index, first in enumerate(ordered):
        for second in ordered[index + 1 :]:
            apart = second.case.report.occurred_at - first.case.report.occurred_at
            if apart >= longest:
                break
            if apart < soonest(first.case.report.at, second.case.report.at, rules):
                yield first, second


def _draft(describe: Describe, pairs: Sequence[Pair], rules: JourneyRules) -> Draft:
    parts = {part.case.report.id: part for pair in pairs for part in pair}
    ordered = sorted(parts.values(), key=lambda part: part.case.sort_key)
    described, seen = describe(ordered), appearances(ordered)
    about = described.about
    first, second = min(pairs, key=lambda pair: (pair[1].case.sort_key, pair[0].case.sort_key))
    return Draft(
        kind=AlertKind.IMPOSSIBLE_JOURNEY,
        exercise=first.case.report.exercise,
        earliest=seen[0],
        summary=f"{about.named} was read at {passage_in_words(first.case.report)} and at "
        f"{passage_in_words(second.case.report)}, sooner than anybody drives: a cloned plate, "
        "a misread or a wrong clock.",
        subjects=(about.subject(seen),),
        reasons=(
            Reason(
                rule="impossible_journey.impossible",
                contribution=rules.contributions.impossible,
                text="; ".join(_explained(one, other, rules) for one, other in pairs[:_TOLD]) + ".",
                evidence=evidence_of(part.case for part in ordered),
            ),
        ),
        rests_on=tuple(of_passage(part.case) for part in ordered),
        opened_at=second.case.report.occurred_at,
        window=rules.window,
        notes=described.notes,
    )


def _explained(one: PassagePart, other: PassagePart, rules: JourneyRules) -> str:
    here, there = one.case.report.at, other.case.report.at
    minutes = (other.case.report.occurred_at - one.case.report.occurred_at) / timedelta(minutes=1)
    limit = soonest(here, there, rules) / timedelta(minutes=1)
    distance = great_circle_km(here.latitude, here.longitude, there.latitude, there.longitude)
    return (
        f"{minutes:.0f} minutes from {named(here)} to {named(there)}, {distance:.0f} km as the crow flies, "
        f"where {limit:.0f} minutes are the least"
    )
