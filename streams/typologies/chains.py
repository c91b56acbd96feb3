"""Chains of incidents, and the occurrences in them: what the kinds about somebody who comes back share."""

from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from datetime import datetime, timedelta

from schemas.alerts import Appearance
from schemas.events import Incident
from schemas.fields import StationCode
from streams.engine.cases import Case, CaseT_co, Part, place_of
from streams.engine.incidents import ResolvedIncident
from streams.rules import OccurrenceRules

IncidentPart = Part[ResolvedIncident]
SubjectsOf = Callable[[ResolvedIncident], Iterable[Hashable]]
"""Says which vehicles and persons of an incident may make it one occurrence with another."""


def chains(parts: Iterable[IncidentPart], window: timedelta) -> Iterator[list[IncidentPart]]:
    """Return the incidents, in order of time, in chains: consecutive ones lie within the window."""
    chain: list[IncidentPart] = []
    for part in sorted(parts, key=lambda part: part.case.sort_key):
        if chain and part.case.report.occurred_at - chain[-1].case.report.occurred_at > window:
            yield chain
            chain = []
        chain.append(part)
    if chain:
        yield chain


def occurrence_starts(reports: Iterable[Incident], same_place: timedelta) -> list[datetime]:
    """Return when each occurrence began, for reports in order of time.

    Incidents at one place, each within `same_place` of the one before, are one occurrence: two officers who
    report the same arrest do not make anybody return.
    """
    last_at_place: dict[StationCode, datetime] = {}
    starts = []
    for report in reports:
        before = last_at_place.get(report.at.place)
        if before is None or report.occurred_at - before > same_place:
            starts.append(report.occurred_at)
        last_at_place[report.at.place] = report.occurred_at
    return starts


def occurrences(
    incidents: Sequence[ResolvedIncident], subjects: SubjectsOf, rules: OccurrenceRules
) -> list[tuple[ResolvedIncident, ...]]:
    """Return the incidents at one place, given in order of time, occurrence by occurrence.

    Those that share a subject, each within three hours of the one before, are one.
    """
    group = {one.report.id: one.report.id for one in incidents}

    def root(event: str) -> str:
        while group[event] != event:
            event = group[event]
        return event

    last: dict[Hashable, ResolvedIncident] = {}
    for number, one in enumerate(incidents):
        if not _has_neighbour(incidents, number, rules.same_place):
            continue
        for subject in subjects(one):
            before = last.get(subject)
            if before is not None and apart(before, one) <= rules.same_place:
                group[root(one.report.id)] = root(before.report.id)
            last[subject] = one
    found: dict[str, list[ResolvedIncident]] = {}
    for one in incidents:
        found.setdefault(root(one.report.id), []).append(one)
    return [tuple(several) for several in found.values()]


def occurrences_by_place(
    incidents: Iterable[ResolvedIncident], subjects: SubjectsOf, rules: OccurrenceRules
) -> list[tuple[ResolvedIncident, ...]]:
    """Return the incidents, given in order of time, occurrence by occurrence, of one place after the other."""
    here: dict[StationCode, list[ResolvedIncident]] = {}
    for one in incidents:
        here.setdefault(one.report.at.place, []).append(one)
    return [found for several in here.values() for found in occurrences(several, subjects, rules)]


def appearances(parts: Iterable[Part[CaseT_co]]) -> list[Appearance]:
    """Return where the subject appears, the earliest first."""
    ordered = sorted(parts, key=lambda part: part.case.sort_key)
    return [
        Appearance(event=part.case.report.id, subject=position)
        for part in ordered
        for position in sorted(part.positions, key=place_of)
    ]


def evidence_of(cases: Iterable[Case]) -> tuple[str, ...]:
    """Return every event id that these rest on, sorted."""
    return tuple(sorted(event for case in cases for event in case.evidence))


def of_kinds(incidents: Iterable[ResolvedIncident], kinds: frozenset[str]) -> list[ResolvedIncident]:
    """Return the incidents that are of one of these kinds."""
    return [one for one in incidents if one.report.kind in kinds]


def apart(one: ResolvedIncident, other: ResolvedIncident) -> timedelta:
    """Return how long after one incident another occurred."""
    return other.report.occurred_at - one.report.occurred_at


def _has_neighbour(incidents: Sequence[ResolvedIncident], number: int, near: timedelta) -> bool:
    one = incidents[number]
    around = (*incidents[max(0, number - 1) : number], *incidents[number + 1 : number + 2])
    return any(abs(apart(other, one)) <= near for other in around)
