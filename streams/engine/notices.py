"""Word to the station while the car may still be there, as far as handling allows the station to know."""

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Final

from schemas.alerts import Alert, AlertKind, Edition
from schemas.devices import Notice
from schemas.events import Incident, Sighting
from schemas.messages import CaseMessage, Stamped
from streams.rules import NoticeRules

TOLD: Final = frozenset(
    {
        AlertKind.REPEAT_VEHICLE,
        AlertKind.KNOWN_VEHICLE_SIGHTED,
        AlertKind.REPEAT_PERSON,
        AlertKind.KNOWN_PERSON_SIGHTED,
        AlertKind.WATCHLIST_HIT,
        AlertKind.IMPOSSIBLE_JOURNEY,
    }
)
"""Kinds that a station can act on; a danger to life it reported itself."""


def notices(
    stamped: Stamped[CaseMessage], editions: Iterable[Edition], rules: NoticeRules, now: datetime
) -> Iterator[Notice]:
    """Return what the reporting station is told `now` of the alerts that its own report raised or changed."""
    report = stamped.event
    if not isinstance(report, Incident | Sighting) or now - report.occurred_at > rules.fresh:
        return
    for edition in editions:
        alert = edition.alert
        if not edition.is_for(report.at.country):
            continue
        if alert.status == "open" and alert.kind in TOLD and report.id in alert.evidence and may_know(alert, report):
            yield _notice(report, now, alert)


def may_know(alert: Alert, report: Incident | Sighting) -> bool:
    """Whether the handling codes let the station's country know: H2 only of its own, H3 only where all is its own."""
    own = {report.at.country}
    return own.issuperset(alert.restricted_by) and (
        "H3" not in alert.handling_codes or own.issuperset(alert.originators)
    )


def _notice(report: Incident | Sighting, at: datetime, alert: Alert) -> Notice:
    plate = next((one for subject in alert.subjects for one in subject.identifiers if one.type == "plate"), None)
    response = alert.suggested_responses[0] if alert.suggested_responses else None
    return Notice(
        station=report.station,
        alert=alert.id,
        revision=alert.revision,
        at=at,
        exercise=alert.exercise,
        severity=alert.severity,
        check=response.check if response else None,
        suggested_response=response.text if response else None,
        plate=plate.value if plate else None,
        plate_country=plate.country if plate else None,
    )
