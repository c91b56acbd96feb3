"""What an alert can be about: the key under which the case book finds what one more event may change."""

from collections.abc import Iterator

from schemas.alerts import Alert, AlertKind
from schemas.plates import PlateKey
from streams.engine.incidents import ResolvedIncident
from streams.typologies import repeats

Scope = tuple[AlertKind, bool, str]
"""Kind, exercise, and the vehicle or the event."""


def vehicles_of(incident: ResolvedIncident) -> set[tuple[bool, PlateKey]]:
    """Return the vehicles that count for repeats, each with whether it is an exercise."""
    report = incident.report
    return {
        (report.exercise, vehicle.key)
        for position, vehicle in enumerate(report.vehicles)
        if vehicle.key is not None and repeats.counts_for_repeats(report, position)
    }


def positions_of(incident: ResolvedIncident, key: PlateKey) -> tuple[str, ...]:
    """Return where a vehicle that counts for repeats stands in the report."""
    report = incident.report
    return tuple(
        f"vehicles/{position}"
        for position, vehicle in enumerate(report.vehicles)
        if vehicle.key == key and repeats.counts_for_repeats(report, position)
    )


def scopes_of(alert: Alert) -> Iterator[Scope]:
    """Return what an alert is about."""
    match alert.kind:
        case AlertKind.LIFE_AT_RISK:
            for event in alert.evidence:
                yield alert.kind, alert.exercise, event
        case AlertKind.REPEAT_VEHICLE:
            plate = alert.subjects[0].identifiers[0]
            yield alert.kind, alert.exercise, f"{plate.country}/{plate.value}"
