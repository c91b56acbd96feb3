"""A slow brute force of the contract: from events to the open alerts, and to who must hold them.

Written from the contract alone. It imports nothing of the product, works on plain dictionaries and
finds groups as connected components over all pairs, where the engine keeps sorted chains.
"""

import csv
import hashlib
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

Event = dict[str, Any]

CROSSINGS = Path(__file__).parents[1] / "schemas" / "crossings.csv"
CONTACT_POINTS = {"AL", "AT", "BA", "HR", "HU", "IT", "ME", "MK", "RS", "SI", "XK", "EUROPOL", "FRONTEX"}
SMUGGLING = {"migrant_smuggling", "human_trafficking", "clandestine_entry"}


class OpenAlert(NamedTuple):
    """What the contract says identifies an open alert."""

    id: str
    kind: str
    evidence: tuple[str, ...]


class Found(NamedTuple):
    """An open alert and the contact points that must hold it."""

    alert: OpenAlert
    told: frozenset[str]


class Case(NamedTuple):
    """One incident: the report that holds and the ids it rests on."""

    report: Event
    evidence: tuple[str, ...]


def open_alerts(events: Iterable[Event]) -> set[OpenAlert]:
    return {found.alert for found in find(events)}


def find(events: Iterable[Event]) -> list[Found]:
    first: dict[str, Event] = {}
    reports = [event for event in events if event["type"] == "incident"]
    refused = [event for event in reports if event != first.setdefault(event["id"], event)]
    found = []
    for exercise in (False, True):
        mine = [event for event in first.values() if event.get("exercise", False) is exercise]
        cases = incidents(mine, first)
        found += [life_at_risk(case) for case in cases if endangered(case.report)]
        found += repeat_vehicles(cases)
        by_id = {event["id"]: event for event in mine}
        refused += [event for event in mine if in_circle(event, by_id)]
    known = {one.alert.id for one in found}
    unverified = [life_at_risk(Case(event, (event["id"],))) for event in refused if endangered(event)]
    return found + list({one.alert.id: one for one in unverified if one.alert.id not in known}.values())


def incidents(events: Sequence[Event], everything: dict[str, Event]) -> list[Case]:
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

    return [max(group, key=lambda case: told_and_id(case.report)) for group in components(families, updates_same)]


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


def life_at_risk(case: Case) -> Found:
    alert = OpenAlert(identify("life_at_risk", case.report, ""), "life_at_risk", case.evidence)
    return Found(alert, told([case], severe=False) | {"FRONTEX"})


def repeat_vehicles(cases: Sequence[Case]) -> list[Found]:
    plates = {plate for case in cases for plate in used_plates(case.report).values()}
    found = []
    for plate in plates:
        with_it = [case for case in cases if plate in used_plates(case.report).values()]
        for chain in components(with_it, lambda one, other: apart(one, other) <= timedelta(days=90)):
            times = len(components(chain, same_occurrence))
            if times >= 2:
                found.append(repeat_vehicle(plate, chain, times))
    return found


def repeat_vehicle(plate: tuple[str, str], chain: Sequence[Case], times: int) -> Found:
    earliest = min(chain, key=lambda case: moment_and_id(case.report)).report
    position = min(position for position, one in used_plates(earliest).items() if one == plate)
    evidence = tuple(sorted(event for case in chain for event in case.evidence))
    alert = OpenAlert(identify("repeat_vehicle", earliest, f"vehicles/{position}"), "repeat_vehicle", evidence)
    score = 0.5 + min(0.2, 0.1 * (times - 2))
    score += 0.2 * any(case.report["kind"] in SMUGGLING for case in chain)
    score += 0.1 * (len({place(case.report) for case in chain}) > 1)
    newest = max(chain, key=lambda case: moment_and_id(case.report)).report
    return Found(alert, told(chain, severe=round(score, 6) >= 0.8 or endangered(newest)))


def told(cases: Sequence[Case], *, severe: bool) -> frozenset[str]:
    countries = {country for case in cases for country in countries_of(case.report)}
    originators = {case.report.get("originator", case.report["station"][:2]) for case in cases}
    someone = (countries | originators | ({"EUROPOL"} if severe else set())) & CONTACT_POINTS
    return frozenset(someone or {"EUROPOL", "FRONTEX"})


def used_plates(report: Event) -> dict[int, tuple[str, str]]:
    if report["kind"] == "return_or_readmission":
        return {}
    default = "bystander" if report["kind"] in {"search_and_rescue", "refused_entry"} else "used"
    return {
        position: (vehicle["plate_country"], "".join(filter(str.isalnum, vehicle["plate"].upper())))
        for position, vehicle in enumerate(report.get("vehicles", ()))
        if vehicle.get("plate_country") and vehicle.get("involvement", default) == "used"
    }


def same_occurrence(one: Case, other: Case) -> bool:
    return place(one.report) == place(other.report) and apart(one, other) <= timedelta(hours=3)


def apart(one: Case, other: Case) -> timedelta:
    return abs(at(one.report) - at(other.report))


def at(report: Event) -> datetime:
    return datetime.fromisoformat(report["occurred_at"])


def moment_and_id(report: Event) -> tuple[datetime, str]:
    return at(report), report["id"]


def told_and_id(report: Event) -> tuple[datetime, str]:
    return datetime.fromisoformat(str(report.get("reported_at", report["occurred_at"]))), report["id"]


def identify(kind: str, report: Event, position: str) -> str:
    drill = "exercise" if report.get("exercise") else "real"
    return "al-" + hashlib.sha256(f"{kind}|{drill}|{report['id']}|{position}|".encode()).hexdigest()[:20]


def crossing(report: Event) -> dict[str, str]:
    (row,) = [row for row in crossings() if report["station"] in (row["code"], row["other_side_code"])]
    return row


@cache
def crossings() -> list[dict[str, str]]:
    with CROSSINGS.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def place(report: Event) -> str:
    return crossing(report)["code"]


def countries_of(report: Event) -> set[str]:
    return {crossing(report)["country"], crossing(report)["other_country"]}


def components(items: Sequence[Case], linked: Callable[[Case, Case], bool]) -> list[list[Case]]:
    left = list(items)
    groups = []
    while left:
        group = [left.pop()]
        for one in group:  # grows while it is walked
            near = [other for other in left if linked(one, other)]
            left = [other for other in left if not linked(one, other)]
            group += near
        groups.append(group)
    return groups
