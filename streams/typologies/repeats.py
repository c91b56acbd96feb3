"""`repeat_vehicle`: one vehicle used in two or more occurrences, each within the window of the one before.

Incidents of the vehicle at one place, each within three hours of the one before, are one
occurrence: two officers who report the same arrest do not make a vehicle return.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from schemas.alerts import AlertKind, Appearance, Identifier, Reason, Subject
from schemas.events import Incident
from schemas.plates import PlateKey
from streams.engine.drafts import Draft
from streams.engine.evidence import of_incident
from streams.engine.incidents import ResolvedIncident
from streams.rules import OccurrenceRules, RepeatVehicleRules
from streams.typologies.wording import counted, incident_in_words, what, when, where

MINIMUM: Final = 2
"""How many occurrences make a vehicle a repeating one."""

LISTED: Final = 5
"""How many incidents a reason spells out; the occurrences list them all."""


@dataclass(frozen=True, slots=True)
class VehicleIncident:
    """A vehicle's part in an incident: the positions at which the report names it."""

    incident: ResolvedIncident
    positions: tuple[str, ...]


def counts_for_repeats(report: Incident, position: int) -> bool:
    """Whether this vehicle's part in the report can make it a repeating vehicle."""
    vehicle = report.vehicles[position]
    return report.kind != "return_or_readmission" and report.involvement_of(vehicle) == "used"


def find(
    key: PlateKey, incidents: Iterable[VehicleIncident], rules: RepeatVehicleRules, occurrence: OccurrenceRules
) -> Iterator[Draft]:
    """Return one alert for each chain of incidents in which the vehicle occurs at least twice."""
    for chain in _chains(incidents, rules.window):
        opened_at = _completed_at([part.incident.report for part in chain], occurrence.same_place)
        if opened_at is not None:
            yield _draft(key, chain, opened_at, rules, occurrence)


def _chains(incidents: Iterable[VehicleIncident], window: timedelta) -> Iterator[list[VehicleIncident]]:
    chain: list[VehicleIncident] = []
    for part in sorted(incidents, key=lambda part: part.incident.sort_key):
        if chain and part.incident.report.occurred_at - chain[-1].incident.report.occurred_at > window:
            yield chain
            chain = []
        chain.append(part)
    if chain:
        yield chain


def _occurrence_starts(reports: Iterable[Incident], same_place: timedelta) -> list[datetime]:
    """Return when each occurrence began, for reports in order of time."""
    last_at_place: dict[str, datetime] = {}
    starts = []
    for report in reports:
        before = last_at_place.get(report.at.place)
        if before is None or report.occurred_at - before > same_place:
            starts.append(report.occurred_at)
        last_at_place[report.at.place] = report.occurred_at
    return starts


def _completed_at(reports: Sequence[Incident], same_place: timedelta) -> datetime | None:
    starts = _occurrence_starts(reports, same_place)
    return starts[MINIMUM - 1] if len(starts) >= MINIMUM else None


def _draft(
    key: PlateKey,
    chain: Sequence[VehicleIncident],
    opened_at: datetime,
    rules: RepeatVehicleRules,
    occurrence: OccurrenceRules,
) -> Draft:
    reports = [part.incident.report for part in chain]
    times = len(_occurrence_starts(reports, occurrence.same_place))
    appearances = [
        Appearance(event=part.incident.report.id, subject=position) for part in chain for position in part.positions
    ]
    last = reports[-1]
    return Draft(
        kind=AlertKind.REPEAT_VEHICLE,
        exercise=last.exercise,
        earliest=appearances[0],
        summary=f"Vehicle {key} is back: {times} occurrences since {when(reports[0].occurred_at)}, "
        f"the last one {incident_in_words(last)}.",
        subjects=(
            Subject(
                kind="vehicle",
                label=str(key),
                identifiers=(Identifier(type="plate", value=key.plate, country=key.country),),
                appearances=tuple(appearances),
            ),
        ),
        reasons=tuple(_reasons(key, [part.incident for part in chain], times, rules)),
        rests_on=tuple(of_incident(part.incident) for part in chain),
        opened_at=opened_at,
        window=rules.window,
    )


def _reasons(
    key: PlateKey, incidents: Sequence[ResolvedIncident], times: int, rules: RepeatVehicleRules
) -> Iterator[Reason]:
    given = rules.contributions
    recent = [incident_in_words(incident.report) for incident in incidents[-LISTED:]]
    earlier = [f"{len(incidents) - LISTED} earlier"] if len(incidents) > LISTED else []
    listed = "; ".join(earlier + recent)
    yield _reason(
        "occurrences",
        given.occurrences,
        f"{key} was used in {counted(times, 'occurrence', 'occurrences')}, "
        f"each within {rules.window_days:g} days of the one before: {listed}.",
        incidents,
    )
    if further := times - MINIMUM:
        yield _reason(
            "each_further",
            min(given.each_further_limit, given.each_further * further),
            f"It occurred {counted(further, 'time', 'times')} more than the two that raise this alert.",
            incidents,
        )
    smuggling = [incident for incident in incidents if incident.report.kind in rules.smuggling_kinds]
    if smuggling:
        first = smuggling[0].report
        yield _reason(
            "smuggling",
            given.smuggling,
            f"{counted(len(smuggling), 'incident is', 'incidents are')} of smuggling or trafficking, "
            f"the first {what(first)} at {where(first)}.",
            smuggling,
        )
    places = list(dict.fromkeys(incident.report.at.place for incident in incidents))
    if len(places) > 1:
        yield _reason(
            "several_places",
            given.several_places,
            f"The incidents were at {len(places)} different crossings.",
            incidents,
        )


def _reason(rule: str, contribution: float, text: str, incidents: Iterable[ResolvedIncident]) -> Reason:
    evidence = tuple(sorted(event for incident in incidents for event in incident.evidence))
    return Reason(rule=f"repeat_vehicle.{rule}", contribution=contribution, text=text, evidence=evidence)
