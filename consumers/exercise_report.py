"""What came of an exercise at each contact point: told, fetched, answered, who was called, and what is missing."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import distinct_on

from consumers import audit
from consumers.acknowledgement import Clock
from consumers.audit import Act, Entry
from consumers.clocks import Key, find, steps_taken
from consumers.exercises import Exercise, events_of, revisions_of
from consumers.tables import audit as rows_of_the_audit
from consumers.tables import deliveries, sendings


class Missing(StrEnum):
    """What a contact point did not do, or what did not reach it."""

    NOT_TOLD = "not told"
    NOT_ARRIVED = "not arrived"
    NOT_FETCHED = "not fetched"
    NOT_ANSWERED = "not answered"


@dataclass(frozen=True, slots=True)
class Step:
    """A step of the escalation, and whom it told."""

    at: datetime
    whom: str
    reason: str
    told: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Line:
    """One alert at one contact point; `delay_seconds` is from the publishing of the event that raised it."""

    contact_point: str
    missing: tuple[Missing, ...]
    alert: str | None = None
    kind: str | None = None
    severity: str | None = None
    told_at: datetime | None = None
    delay_seconds: float | None = None
    channel: str | None = None
    fetched_at: datetime | None = None
    acknowledged_at: datetime | None = None
    acknowledged_by: str | None = None
    outcome: str | None = None
    steps: tuple[Step, ...] = ()


@dataclass(frozen=True, slots=True)
class Report:
    """An exercise and what came of it, by contact point."""

    exercise: Exercise
    events: int
    lines: tuple[Line, ...]


def report(connection: sa.Connection, exercise: Exercise, actor: str) -> Report:
    """Return what came of it until now; the look is on record."""
    published = {event.id: at for event, at in events_of(connection, exercise).items() if at is not None}
    raised = {(row.alert_id, row.revision, row.reader): row for row in revisions_of(connection, exercise, [*published])}
    lines = [*_lines(connection, raised, published)]
    told = {one.contact_point for one in lines}
    lines += [Line(code, (Missing.NOT_TOLD,)) for code in exercise.expected if code not in told]
    detail = f"{exercise.id} report"
    audit.record(connection, [Entry(Act.CONSULTATION, actor, purpose=f"exercise of {exercise.author}", detail=detail)])
    return Report(exercise, len(published), tuple(sorted(lines, key=lambda one: (one.contact_point, one.alert or ""))))


def _lines(
    connection: sa.Connection, raised: dict[tuple[str, int, str], sa.Row[Any]], published: dict[str, datetime]
) -> Iterator[Line]:
    alerts = {alert for alert, _, _ in raised}
    for first in _first_deliveries(connection, alerts):
        revision = raised.get((first.alert_id, first.revision, first.reader))
        if revision is None:
            continue
        key = Key(first.alert_id, first.contact_point)
        clock, fetched_at = find(connection, key), _fetched_at(connection, key)
        arrived = _arrival(connection, first.id)
        began = max((published[one] for one in revision.evidence if one in published), default=None)
        late = (first.arrived_at - began).total_seconds() if first.arrived_at and began else None
        yield Line(
            first.contact_point,
            tuple(_missing(first.arrived_at, fetched_at, clock)),
            first.alert_id,
            revision.kind,
            revision.severity,
            first.arrived_at,
            late,
            arrived,
            fetched_at,
            clock.acknowledged_at if clock else None,
            clock.acknowledged_by if clock else None,
            clock.outcome if clock else None,
            tuple(_steps(connection, clock)),
        )


def _first_deliveries(connection: sa.Connection, alerts: Collection[str]) -> list[sa.Row[Any]]:
    """Return how each contact point was told of each alert first."""
    pair = deliveries.c.alert_id, deliveries.c.contact_point
    query = sa.select(deliveries).where(deliveries.c.alert_id.in_(alerts)).order_by(*pair, deliveries.c.sequence)
    return list(connection.execute(query.ext(distinct_on(*pair))))


def _arrival(connection: sa.Connection, delivery: str) -> str | None:
    """Return the channel by which a delivery arrived."""
    mine = sendings.c.delivery_id == delivery, sendings.c.delivered_at.is_not(None)
    query = sa.select(sendings.c.channel).where(*mine).order_by(sendings.c.delivered_at).limit(1)
    return connection.execute(query).scalar_one_or_none()


def _fetched_at(connection: sa.Connection, key: Key) -> datetime | None:
    """Return when the record of any delivery of it was first shown there, over the interface or at the duty desk."""
    told = rows_of_the_audit.c
    mine = told.alert_id == key.alert_id, told.recipient == key.contact_point, told.detail.startswith("record, ")
    found: datetime | None = connection.execute(sa.select(sa.func.min(told.at)).where(*mine)).scalar_one()
    return found


def _steps(connection: sa.Connection, clock: Clock | None) -> Iterator[Step]:
    for row in steps_taken(connection, clock) if clock else ():
        yield Step(row.at, row.whom, row.reason, tuple(row.told))


def _missing(arrived_at: datetime | None, fetched_at: datetime | None, clock: Clock | None) -> Iterator[Missing]:
    if arrived_at is None:
        yield Missing.NOT_ARRIVED
    if fetched_at is None:
        yield Missing.NOT_FETCHED
    if clock is None or clock.acknowledged_at is None:
        yield Missing.NOT_ANSWERED
