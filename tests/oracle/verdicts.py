"""Who was told apart: pairs of appearances that a false match names, for as long as its verdict stands."""

from collections.abc import Iterable, Iterator, Sequence

from oracle.alerts import Appearance
from oracle.reports import Case, Event, update_groups

Place = tuple[str, str]
"""A report that holds, and a position in it."""
Apart = set[frozenset[Place]]


def told_apart(events: Sequence[Event], everything: dict[str, Event], cases: Sequence[Case]) -> Apart:
    """Return the pairs that never stand in one cluster, by the reports that hold (`cases`)."""
    by_id = {event["id"]: event for event in events}
    reports = [event for event in events if event["type"] == "incident"]
    groups = [{name for case in group for name in case.evidence} for group in update_groups(reports, everything)]
    holders = {case.report["id"] for case in cases} | {one["id"] for one in events if one["type"] == "sighting"}

    def places(named: Event) -> Iterator[Place]:
        event, position = named["event"], named["subject"]
        family = next((group for group in groups if event in group), {event})
        for holder in family & holders:
            here, before = subjects(by_id[holder]), subjects(by_id[event])
            if position in before:
                same = [place for place, said in here.items() if said == before[position]]
                if holder == event or (not same and position in here):
                    yield holder, position
                elif same:
                    yield holder, same[0]

    return {
        frozenset({one, other})
        for event in events
        if event["type"] == "verdict" and event.get("between")
        for one in places(event["between"][0])
        for other in places(event["between"][1])
    }


def parted(these: Iterable[Appearance], those: Sequence[Appearance], apart: Apart) -> bool:
    """Whether one of these was told apart from one of those."""
    return any(frozenset({where(one), where(other)}) in apart for one in these for other in those)


def where(one: Appearance) -> Place:
    return one.case.report["id"], one.position


def subjects(report: Event) -> dict[str, Event]:
    found = {f"vehicles/{number}": said for number, said in enumerate(report.get("vehicles", ()))}
    if "vehicle" in report:
        found["vehicle"] = report["vehicle"]
    blank = {"status": "unknown", "documents": []}
    return found | {f"persons/{number}": blank | said for number, said in enumerate(report.get("persons", ()))}
