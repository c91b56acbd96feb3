"""Who may see what, and so what each contact point must hold: the alerts of the events that it may see."""

from collections.abc import Iterable, Sequence

from oracle.alerts import CONTACT_POINTS, OpenAlert
from oracle.judgement import find
from oracle.reports import Event


def visible(events: Iterable[Event], contact_point: str) -> list[Event]:
    """Return all but what is H2 of somebody else."""
    return [event for event in events if restricted_to(event) in {None, contact_point}]


def restricted_to(event: Event) -> str | None:
    if event["type"] not in {"incident", "watchlist_entry"} or event.get("handling") != "H2":
        return None
    return str(event.get("originator") or event["station"][:2])


def held(events: Sequence[Event]) -> dict[str, set[OpenAlert]]:
    """Return what each contact point must hold in the end, an extract that protects as an alert without evidence."""
    dangers = [found for found in find(events) if found.alert.kind == "life_at_risk"]
    owners = {restricted_to(event) for event in events}
    everybody = find(visible(events, ""))
    must = {}
    for code in CONTACT_POINTS:
        mine = find(visible(events, code)) if code in owners else everybody
        seen = {found.alert.id for found in mine}
        extracts = [found for found in dangers if found.alert.id not in seen and code in found.told]
        must[code] = {found.alert for found in mine if code in found.told}
        must[code] |= {found.alert._replace(evidence=()) for found in extracts}
    return {code: alerts for code, alerts in must.items() if alerts}
