"""More occurrences at a place than usual: every window tried, every probability summed."""

import math
from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import timedelta
from fractions import Fraction

from oracle.alerts import Appearance, Found, OpenAlert, identify, told
from oracle.groups import components
from oracle.reports import Case, apart, at, endangered, is_return, moment_and_id, place

SIX_HOURS = timedelta(hours=6)


def surges(cases: Sequence[Case], named: Sequence[Sequence[Appearance]]) -> Iterator[Found]:
    """Yield the alerts of every place; `named` are the appearances in incidents of each vehicle and person."""
    places = defaultdict(list)
    for case in cases:
        if not is_return(case):
            places[place(case.report)].append(case)
    for here in places.values():
        yield from at_one_place(here, named)


def at_one_place(here: Sequence[Case], named: Sequence[Sequence[Appearance]]) -> Iterator[Found]:
    subjects = {case.evidence: set[int]() for case in here}
    for number, appearances in enumerate(named):
        for one in appearances:
            if one.case.evidence in subjects:
                subjects[one.case.evidence].add(number)

    def is_one(one: Case, other: Case) -> bool:
        return apart(one, other) <= timedelta(hours=3) and bool(subjects[one.evidence] & subjects[other.evidence])

    groups = [sorted(group, key=lambda case: moment_and_id(case.report)) for group in components(here, is_one)]
    starts = sorted(groups, key=lambda group: moment_and_id(group[0].report))
    first = at(starts[0][0].report)
    free_from = first
    for number, group in enumerate(starts):
        begin = at(group[0].report)
        if begin < free_from:
            continue
        inside = [one for one in starts[number:] if at(one[0].report) < begin + SIX_HOURS]
        history = min(timedelta(days=28), begin - first)
        if history < timedelta(days=14) or len(inside) < 3:
            continue
        counts = [
            sum(begin - (back + 1) * SIX_HOURS <= at(one[0].report) < begin - back * SIX_HOURS for one in starts)
            for back in range(history // SIX_HOURS)
        ]
        if exceeds(len(inside), counts):
            free_from = begin + SIX_HOURS
            mine = [case for one in inside for case in one if at(case.report) < free_from]
            yield found(mine)


def found(cases: Sequence[Case]) -> Found:
    earliest = min((case.report for case in cases), key=moment_and_id)
    evidence = tuple(sorted(event for case in cases for event in case.evidence))
    alert = OpenAlert(identify("surge", earliest, ""), "surge", evidence)
    return Found(alert, told(cases, severe=endangered(max((case.report for case in cases), key=moment_and_id))))


def exceeds(number: int, counts: Sequence[int]) -> bool:
    """Whether so many are more than the 99.9 % quantile, so that fewer than them have that much probability."""
    mean = Fraction(sum(counts), len(counts))
    variance = Fraction(sum(one * one for one in counts), len(counts)) - mean**2
    if mean == 0:
        return True
    if variance <= mean:
        below = [math.exp(-mean) * float(mean) ** one / math.factorial(one) for one in range(number)]
    else:
        odds, size = float(mean / variance), float(mean**2 / (variance - mean))
        below = []
        for one in range(number):
            ways = math.prod((size + step) / (step + 1) for step in range(one))
            below.append(ways * odds**size * (1 - odds) ** one)
    return sum(below) >= 0.999
