"""Which events were taken back by whoever said them."""

from collections.abc import Sequence

from oracle.reports import Event, update_groups

WHOLE = {"unfounded", "wrong_identity"}


def taken_back(events: Sequence[Event], everything: dict[str, Event]) -> set[str]:
    """Return the ids of all events of one side that no longer count."""
    by_id = {event["id"]: event for event in events}
    reports = [event for event in events if event["type"] == "incident"]
    groups = [{name for case in group for name in case.evidence} for group in update_groups(reports, everything)]
    gone: set[str] = set()
    for retraction in events:
        target = by_id.get(retraction.get("retracts", ""))
        if retraction["type"] != "retraction" or target is None or retraction["originator"] != whose(target):
            continue
        gone.add(target["id"])
        if retraction["reason"] in WHOLE and not target.get("relay_of"):
            gone |= {name for group in groups if target["id"] in group for name in group}
    return gone


def whose(event: Event) -> str | None:
    if event["type"] == "verdict":
        return str(event["contact_point"])
    if event["type"] not in {"incident", "sighting", "watchlist_entry", "bulletin"}:
        return None
    station = event.get("station")
    return event.get("originator") or (station[:2] if station else None)
