"""Incidents that several subjects link: every pair tried, everything counted anew for each question."""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from itertools import combinations
from typing import NamedTuple

from oracle.alerts import SEVERE_SCORE, Appearance, Found, OpenAlert, identify, told
from oracle.chains import ByName, smuggled
from oracle.groups import components
from oracle.reports import Case, apart, endangered, is_return, moment_and_id, place

Name = tuple[str, ...]
"""The ids that an incident rests on."""


class Subject(NamedTuple):
    """A vehicle or person by its appearances in incidents that count, and how many days may lie between two."""

    appearances: Sequence[Appearance]
    days: int
    by_name: ByName


class Pair(NamedTuple):
    """Two incidents that a subject (by its number) links."""

    one: Case
    other: Case
    subject: int


def linked_incidents(subjects: Sequence[Subject], named: Sequence[Sequence[Appearance]]) -> Iterator[Found]:
    """Yield the alerts; `named` are the appearances by which incidents at one place are one occurrence."""
    pairs = [pair for number, subject in enumerate(subjects) for pair in pairs_of(subject, number)]
    for network in networks(pairs):
        occurrences = occurrences_of(network, named)
        if enough(network, occurrences):
            yield found(network, occurrences, subjects)


def pairs_of(subject: Subject, number: int) -> Iterator[Pair]:
    cases = {one.case.evidence: one.case for one in subject.appearances if not is_return(one.case)}
    for one, other in combinations(cases.values(), 2):
        if apart(one, other) <= timedelta(days=subject.days):
            yield Pair(one, other, number)


def networks(pairs: Sequence[Pair]) -> list[list[Pair]]:
    cases = list({case.evidence: case for pair in pairs for case in pair[:2]}.values())
    linked = {frozenset({pair.one.evidence, pair.other.evidence}) for pair in pairs}
    groups = components(cases, lambda one, other: frozenset({one.evidence, other.evidence}) in linked)
    names = [{case.evidence for case in group} for group in groups]
    return [[pair for pair in pairs if pair.one.evidence in those] for those in names]


def occurrences_of(network: Sequence[Pair], named: Sequence[Sequence[Appearance]]) -> dict[Name, int]:
    """Return the number of the occurrence that each incident is of."""
    bearers: dict[Name, set[int]] = {}
    for number, appearances in enumerate(named):
        for one in appearances:
            bearers.setdefault(one.case.evidence, set()).add(number)

    def is_one(one: Case, other: Case) -> bool:
        near = place(one.report) == place(other.report) and apart(one, other) <= timedelta(hours=3)
        return near and bool(bearers[one.evidence] & bearers[other.evidence])

    groups = components(cases_in(network), is_one)
    return {case.evidence: number for number, group in enumerate(groups) for case in group}


def enough(network: Sequence[Pair], occurrences: dict[Name, int]) -> bool:
    met = {occurrences[case.evidence] for case in cases_in(network)}
    return len(met) >= 3 and len(linking(network, occurrences)) >= 2


def linking(network: Sequence[Pair], occurrences: dict[Name, int]) -> set[int]:
    return {pair.subject for pair in network if occurrences[pair.one.evidence] != occurrences[pair.other.evidence]}


def found(network: Sequence[Pair], occurrences: dict[Name, int], subjects: Sequence[Subject]) -> Found:
    cases = cases_in(network)
    earliest = min(
        (one for number in linking(network, occurrences) for one in parts(network, subjects, number)), key=order
    )
    evidence = tuple(sorted(event for case in cases for event in case.evidence))
    named = identify("linked_incidents", earliest.case.report, earliest.position)
    times = len({occurrences[case.evidence] for case in cases})
    score = 0.5 + min(0.2, 0.1 * (times - 3)) + 0.2 * smuggled(cases)
    score += 0.1 * (len({place(case.report) for case in cases}) > 1)
    sure = [pair for pair in network if not by_name(network, subjects, pair.subject)]
    holds = any(enough(part, occurrences) for part in networks(sure))
    newest = max((case.report for case in cases), key=moment_and_id)
    severe = endangered(newest) or (holds and round(score, 6) >= SEVERE_SCORE)
    return Found(OpenAlert(named, "linked_incidents", evidence), told(cases, severe=severe))


def by_name(network: Sequence[Pair], subjects: Sequence[Subject], number: int) -> bool:
    return subjects[number].by_name(parts(network, subjects, number))


def parts(network: Sequence[Pair], subjects: Sequence[Subject], number: int) -> list[Appearance]:
    """Return where a subject appears in the incidents that it links."""
    linked = {case.evidence for pair in network if pair.subject == number for case in pair[:2]}
    return [one for one in subjects[number].appearances if one.case.evidence in linked]


def order(one: Appearance) -> tuple[datetime, str, str, int]:
    moment, event, number = one.order
    return moment, event, one.position.partition("/")[0], number


def cases_in(network: Sequence[Pair]) -> list[Case]:
    return list({case.evidence: case for pair in network for case in pair[:2]}.values())
