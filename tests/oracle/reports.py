"""Which report of an incident holds, which ids it rests on, and what it says of time, place and danger."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import cache
from typing import Any, NamedTuple

from oracle.groups import components
from oracle.places import place_of

Event = dict[str, Any]


class Case(NamedTuple):
    """One incident or sighting: the report that holds and the ids it rests on."""

    report: Event
    evidence: tuple[str, ...]


def incidents(events: Sequence[Event], everything: dict[str, Event]) -> list[Case]:
    return [max(group, key=lambda case: told_and_id(case.report)) for group in update_groups(events, everything)]


def update_groups(events: Sequence[Event], everything: dict[str, Event]) -> list[list[Case]]:
    by_id = {event["id"]: event for event in events}
    sound = [event for event in events if not in_circle(event, by_id)]
    names = {event["id"] for event in sound}

    def original(event: Event) -> str:
        earlier = event.get("relay_of")
        if earlier is None:
            return str(event["id"])
        return original(by_id[earlier]) if earlier in names else str(earlier)

    families = []
    for key in {original(event) for event in sound}:
        members = [event for event in sound if original(event) == key]
        holder = by_id[key] if key in names else min(members, key=moment_and_id)
        families.append(Case(holder, tuple(sorted(event["id"] for event in members))))

    def updates_same(one: Case, other: Case) -> bool:
        for newer, older in ((one, other), (other, one)):
            named = newer.report.get("updates")
            if named in older.evidence and everything[named]["station"] == newer.report["station"]:
                return True
        waits_for = one.report.get("updates")
        return (
            waits_for is not None
            and waits_for not in names
            and waits_for == other.report.get("updates")
            and one.report["station"] == other.report["station"]
        )

    return components(families, updates_same)


def in_circle(event: Event, by_id: dict[str, Event]) -> bool:
    seen = [event["id"]]
    while (earlier := by_id[seen[-1]].get("relay_of")) in by_id:
        if earlier == event["id"]:
            return True
        if earlier in seen:
            return False
        seen.append(earlier)
    return False


def endangered(report: Event) -> bool:
    flag = report.get("life_at_risk")
    if flag is not None:
        return bool(flag)
    return bool(report["kind"] == "search_and_rescue" or report.get("people", {}).get("injured", 0) > 0)


def is_return(case: Case) -> bool:
    return bool(case.report["kind"] == "return_or_readmission")


def occurrences(chain: Sequence[Case]) -> int:
    return len(components(chain, same_occurrence))


def same_occurrence(one: Case, other: Case) -> bool:
    return place(one.report) == place(other.report) and apart(one, other) <= timedelta(hours=3)


def apart(one: Case, other: Case) -> timedelta:
    return abs(at(one.report) - at(other.report))


def at(report: Event) -> datetime:
    return moment(report["occurred_at"])


@cache
def moment(text: str) -> datetime:
    return datetime.fromisoformat(text.upper())


def moment_and_id(report: Event) -> tuple[datetime, str]:
    return at(report), report["id"]


def told_and_id(report: Event) -> tuple[datetime, str]:
    return moment(report.get("reported_at") or report["occurred_at"]), report["id"]


def place(report: Event) -> str:
    return place_of(report["station"])
