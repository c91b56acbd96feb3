"""Chains of incidents, and the occurrences in them: what the kinds about somebody who comes back share."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta

from schemas.alerts import Appearance
from schemas.events import Incident
from schemas.fields import StationCode
from streams.engine.cases import Case, CaseT_co, Part, place_of
from streams.engine.incidents import ResolvedIncident

IncidentPart = Part[ResolvedIncident]


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


def of_kinds(parts: Sequence[IncidentPart], kinds: frozenset[str]) -> list[ResolvedIncident]:
    """Return the incidents that are of one of these kinds."""
    return [part.case for part in parts if part.case.report.kind in kinds]
