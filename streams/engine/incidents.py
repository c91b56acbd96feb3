"""Which report holds, where reports update each other or are relayed between networks.

A relay repeats an event for another network: the family of an event and all its relays is one
incident whose ids are all evidence, told in the original's words. An update replaces an earlier
report of its own station: the newest alone is evidence. Both hold whatever the order of arrival,
because everything here is a function of the set of events.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from schemas.errors import Refusal, RefusalReason
from schemas.events import Incident
from schemas.messages import Stamped
from streams.engine.quality import QualityNote, notes_on
from streams.matching.clusters import Marks

CYCLE: Final = Refusal(
    RefusalReason.RELAY_CYCLE, "relay_of", "these events relay each other in a circle, so none is the original"
)


@dataclass(frozen=True, slots=True)
class ResolvedIncident:
    """One incident: the report that holds, the ids it rests on, and all ids that belong to it."""

    report: Incident
    evidence: tuple[str, ...]
    group: frozenset[str]
    ingested_at: datetime
    notes: tuple[QualityNote, ...] = ()
    marks: Mapping[str, Marks] = field(default_factory=dict)
    """Under which names verdicts know its subjects, by position."""

    @property
    def sort_key(self) -> tuple[datetime, str]:
        """Earliest first, the event id deciding between equals."""
        return self.report.occurred_at, self.report.id


@dataclass(frozen=True, slots=True)
class Resolution:
    """What a set of linked events comes to."""

    incidents: tuple[ResolvedIncident, ...]
    in_relay_cycle: frozenset[str]


def resolve(events: Mapping[str, Stamped[Incident]]) -> Resolution:
    """Resolve events that are linked with each other (any superset is fine) to incidents."""
    reports = {key: stamped.event for key, stamped in events.items()}
    cyclic: set[str] = set()
    resolved: list[ResolvedIncident] = []
    for exercise in (False, True):  # drills and real reports never meet
        side = {key: report for key, report in reports.items() if report.exercise is exercise}
        circle = _relay_cycle(side)
        cyclic |= circle
        families = _relay_families({key: report for key, report in side.items() if key not in circle})
        resolved += _apply_updates(families, events)
    return Resolution(tuple(sorted(resolved, key=lambda incident: incident.sort_key)), frozenset(cyclic))


def _relay_cycle(reports: Mapping[str, Incident]) -> set[str]:
    """Return the events that relay each other in a circle, so that none is the original."""
    cyclic: set[str] = set()
    for start in reports:
        path: list[str] = []
        current: str | None = start
        while current is not None and current in reports and current not in path:
            path.append(current)
            current = reports[current].relay_of
        if current == start:
            cyclic.update(path)
    return cyclic


def _relay_families(reports: Mapping[str, Incident]) -> list[tuple[Incident, tuple[str, ...]]]:
    """Return (the report that holds, ids of the family) for each event with its relays."""
    families: dict[str, list[Incident]] = defaultdict(list)
    for report in reports.values():
        root = report
        while root.relay_of is not None and root.relay_of in reports:
            root = reports[root.relay_of]
        families[root.relay_of or root.id].append(report)
    return [
        (
            reports.get(original) or min(members, key=lambda report: (report.occurred_at, report.id)),
            tuple(sorted(report.id for report in members)),
        )
        for original, members in families.items()
    ]


def _apply_updates(
    families: Iterable[tuple[Incident, tuple[str, ...]]], events: Mapping[str, Stamped[Incident]]
) -> Iterable[ResolvedIncident]:
    """Join families of which one updates another; the newest speaks for all."""
    families = list(families)
    parent = list(range(len(families)))
    member_of = {event: index for index, (_, ids) in enumerate(families) for event in ids}
    waiting: dict[tuple[str, str], int] = {}  # updates whose earlier report has not arrived, by station and its id
    foreign: set[int] = set()
    for index, (holder, _) in enumerate(families):
        if holder.updates is None:
            continue
        earlier = member_of.get(holder.updates)
        if earlier is None:
            earlier = waiting.setdefault((holder.station, holder.updates), index)
        elif events[holder.updates].event.station != holder.station:
            foreign.add(index)
            continue
        parent[_root(parent, index)] = _root(parent, earlier)
    joined: dict[int, list[int]] = defaultdict(list)
    for index in range(len(families)):
        joined[_root(parent, index)].append(index)
    for indexes in joined.values():
        newest = max(indexes, key=lambda index: (families[index][0].told_at, families[index][0].id))
        report, evidence = families[newest]
        foreign_update = [QualityNote.FOREIGN_UPDATE] if foreign.intersection(indexes) else []
        yield ResolvedIncident(
            report=report,
            evidence=evidence,
            group=frozenset(event for index in indexes for event in families[index][1]),
            ingested_at=events[report.id].ingested_at,
            notes=(*foreign_update, *notes_on(report)),
        )


def _root(parent: list[int], index: int) -> int:
    while parent[index] != index:
        parent[index] = parent[parent[index]]
        index = parent[index]
    return index


def links_of(event: object) -> Iterable[str]:
    """Return the ids of the events that this one updates or relays."""
    return tuple(filter(None, (event.updates, event.relay_of))) if isinstance(event, Incident) else ()
