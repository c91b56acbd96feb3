"""`life_at_risk`: an incident says that somebody's life is in danger. Raised at once, whatever else is known."""

from collections.abc import Iterator

from schemas.alerts import AlertKind, Appearance, Identifier, Reason, Subject
from schemas.events import Incident
from streams.engine.drafts import Draft
from streams.engine.incidents import ResolvedIncident
from streams.rules import LifeAtRiskRules
from streams.typologies.wording import counted, incident_in_words


def find(incident: ResolvedIncident, rules: LifeAtRiskRules) -> Iterator[Draft]:
    """Return the alert of this incident, if its report is of a danger to life."""
    report = incident.report
    if not report.is_life_at_risk:
        return
    yield Draft(
        kind=AlertKind.LIFE_AT_RISK,
        exercise=report.exercise,
        earliest=Appearance(event=report.id, subject=""),
        summary=f"Life at risk: {incident_in_words(report)}{_details(report)}.",
        subjects=tuple(_subjects(report)),
        reasons=tuple(_reasons(incident, rules)),
        incidents=(incident,),
        opened_at=report.occurred_at,
        window=rules.window,
    )


def _reasons(incident: ResolvedIncident, rules: LifeAtRiskRules) -> Iterator[Reason]:
    report, given = incident.report, rules.contributions
    grounds = [
        (report.life_at_risk is True, "flagged", given.flagged, "The reporting officer flagged danger to life."),
        (
            report.kind == "search_and_rescue",
            "search_and_rescue",
            given.search_and_rescue,
            "The report is of a search and rescue.",
        ),
        (
            (report.people.injured or 0) > 0,
            "injured",
            given.injured,
            f"The report counts {counted(report.people.injured or 0, 'injured person', 'injured people')}.",
        ),
    ]
    for holds, ground, contribution, text in grounds:
        if holds:
            yield Reason(
                rule=f"life_at_risk.{ground}", contribution=contribution, text=text, evidence=incident.evidence
            )


def _details(report: Incident) -> str:
    people = report.people
    parts = [
        people.smuggled is not None and counted(people.smuggled, "smuggled person", "smuggled people"),
        people.minors is not None and counted(people.minors, "minor", "minors"),
        people.injured is not None and f"{people.injured} injured",
        people.deceased is not None and f"{people.deceased} dead",
        report.direction and f"direction {report.direction.replace('_', ' ')}",
        *(f"{vehicle.label} aboard or near" for vehicle in _subjects(report) if vehicle.kind == "vehicle"),
    ]
    said = [part for part in parts if part]
    return "; " + ", ".join(said) if said else ""


def _subjects(report: Incident) -> Iterator[Subject]:
    for position, vehicle in enumerate(report.vehicles):
        if report.involvement_of(vehicle) == "rescue_or_official":
            continue
        country = vehicle.plate_country or "country unknown"
        yield Subject(
            kind="vehicle",
            label=f"{vehicle.plate} ({country})",
            identifiers=(Identifier(type="plate", value=vehicle.plate, country=vehicle.plate_country),),
            appearances=(Appearance(event=report.id, subject=f"vehicles/{position}"),),
        )
    yield Subject(
        kind="station",
        label=f"{report.at.name} ({report.at.country})",
        identifiers=(Identifier(type="station", value=report.station, country=report.at.country),),
        appearances=(Appearance(event=report.id, subject=""),),
    )
