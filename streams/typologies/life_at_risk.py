"""`life_at_risk`: an incident says that somebody's life is in danger. Raised at once, whatever else is known.

A form error must not cost a life: a refused message that says so raises it too, from what could be
read, marked as an unverified form.
"""

from collections.abc import Iterable, Iterator
from datetime import datetime

from schemas.alerts import AlertKind, Appearance, Identifier, Reason, Subject
from schemas.danger import Danger
from schemas.events import Incident, People
from schemas.fields import Direction
from schemas.messages import Stamped
from schemas.stations import Station, station
from streams.engine.about import about_station
from streams.engine.drafts import Draft
from streams.engine.evidence import of_danger, of_incident
from streams.engine.incidents import ResolvedIncident
from streams.rules import LifeAtRiskRules
from streams.typologies.wording import counted, incident_in_words, named, when


def find(incident: ResolvedIncident, rules: LifeAtRiskRules) -> Iterator[Draft]:
    """Return the alert of this incident, if its report is of a danger to life."""
    report = incident.report
    if not report.is_life_at_risk:
        return
    vehicles = tuple(_vehicles(report.id, _involved(report)))
    earliest = Appearance(event=report.id, subject="")
    yield Draft(
        kind=AlertKind.LIFE_AT_RISK,
        exercise=report.exercise,
        earliest=earliest,
        summary=f"Life at risk: {incident_in_words(report)}{_details(report.people, report.direction, vehicles)}.",
        subjects=(*vehicles, about_station(report.at).subject([earliest])),
        reasons=tuple(_reasons(incident, rules)),
        rests_on=(of_incident(incident),),
        opened_at=report.occurred_at,
        window=rules.window,
    )


def find_unverified(stamped: Stamped[Danger], rules: LifeAtRiskRules) -> Draft:
    """Return the alert of a message that was refused and says that life is at risk."""
    danger = stamped.event
    place = station(danger.station) if danger.station else None
    read = ((one.position, one.plate, one.plate_country) for one in danger.vehicles)
    vehicles = tuple(_vehicles(danger.id, read))
    earliest = Appearance(event=danger.id, subject="")
    return Draft(
        kind=AlertKind.LIFE_AT_RISK,
        exercise=danger.exercise,
        earliest=earliest,
        summary=f"Unverified form: life at risk {_where(place)} {_when(danger.occurred_at)}"
        f"{_details(danger.people, danger.direction, vehicles)}.",
        subjects=(*vehicles, about_station(place).subject([earliest])) if place else vehicles,
        reasons=(
            Reason(
                rule="life_at_risk.unverified_form",
                contribution=rules.contributions.unverified_form,
                text=f"A message that was refused ({danger.reason.value}) says that life is at risk.",
                evidence=(danger.id,),
            ),
        ),
        rests_on=(of_danger(stamped),),
        opened_at=danger.occurred_at or stamped.ingested_at,
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


def _details(people: People, direction: Direction | None, vehicles: Iterable[Subject]) -> str:
    parts = [
        people.smuggled is not None and counted(people.smuggled, "smuggled person", "smuggled people"),
        people.minors is not None and counted(people.minors, "minor", "minors"),
        people.injured is not None and f"{people.injured} injured",
        people.deceased is not None and f"{people.deceased} dead",
        direction and f"direction {direction.replace('_', ' ')}",
        *(f"{vehicle.label} aboard or near" for vehicle in vehicles),
    ]
    said = [part for part in parts if part]
    return "; " + ", ".join(said) if said else ""


def _involved(report: Incident) -> Iterator[tuple[int, str, str | None]]:
    for position, vehicle in enumerate(report.vehicles):
        if report.involvement_of(vehicle) != "rescue_or_official":
            yield position, vehicle.plate, vehicle.plate_country


def _vehicles(event: str, plates: Iterable[tuple[int, str, str | None]]) -> Iterator[Subject]:
    for position, plate, country in plates:
        yield Subject(
            kind="vehicle",
            label=f"{plate} ({country or 'country unknown'})",
            identifiers=(Identifier(type="plate", value=plate, country=country),),
            appearances=(Appearance(event=event, subject=f"vehicles/{position}"),),
        )


def _where(place: Station | None) -> str:
    return f"at {named(place)}" if place else "at a place that could not be read"


def _when(moment: datetime | None) -> str:
    return f"on {when(moment)}" if moment else "at a time that could not be read"
