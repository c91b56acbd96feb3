"""Holding back what a silence counts for, and sending it once none does: the newest revision only."""

from collections import defaultdict
from datetime import datetime

import sqlalchemy as sa
from prometheus_client import Gauge

from consumers import audit, silences
from consumers.audit import Act, Entry
from consumers.deliveries import replace_waiting
from consumers.outbox import SendingStatus
from consumers.silences import ACTOR, PURPOSE
from consumers.tables import deliveries, sendings

_active = Gauge("border_consumers_silences_active", "Silences that hold now")
_held = Gauge("border_consumers_deliveries_held", "Deliveries that a silence holds back now")


def attend(connection: sa.Connection, now: datetime) -> None:
    """Release and hold back what silences now say; what is claimed afterwards asks them again.

    In a transaction of its own: its audit rows and a claim's would be in no order of the books.
    """
    release(connection, now)
    audit.record(connection, hold(connection, now))


def hold(connection: sa.Connection, now: datetime) -> list[Entry]:
    """Hold back what is waiting to be sent and a silence counts for; return what the audit is to say of it.

    Of several revisions the newest stands for all.

    What is under way is left alone, and looked at again where it does not arrive.
    """
    codes = silences.active(connection, now)
    if not codes:
        return []
    silence = silences.holding(now, sendings.c.delivery_id)
    waiting = (
        sa.select(sendings.c.delivery_id, sendings.c.channel, silence.label("silence"))
        .where(
            sendings.c.contact_point.in_(set(codes)),
            sendings.c.state == SendingStatus.PENDING,
            sa.or_(sendings.c.lease_until.is_(None), sendings.c.lease_until < sa.func.now()),
            silence.is_not(None),
        )
        .with_for_update(skip_locked=True, of=sendings)
        .cte("waiting")
    )
    held = connection.execute(
        sa.update(sendings)
        .where(sendings.c.delivery_id == waiting.c.delivery_id, sendings.c.channel == waiting.c.channel)
        .values(state=SendingStatus.HELD, lease_owner=None, lease_until=None)
        .returning(sendings.c.delivery_id, waiting.c.silence)
    )
    by: dict[str, set[str]] = defaultdict(set)
    for delivery, one in held:
        by[one].add(delivery)
    entries = [entry for one, ids in sorted(by.items()) for entry in _mark(connection, one, ids)]
    if entries:
        replace_waiting(connection, {one.alert_id for one in entries}, now)
    return entries


def _mark(connection: sa.Connection, silence: str, ids: set[str]) -> list[Entry]:
    named = deliveries.c.contact_point, deliveries.c.alert_id, deliveries.c.revision, deliveries.c.reader
    marked = sa.update(deliveries).where(deliveries.c.id.in_(ids)).values(silenced_by=silence).returning(*named)
    return [
        Entry(Act.CHANGE, ACTOR, code, code, PURPOSE, alert, revision, reader, f"held back by {silence}")
        for code, alert, revision, reader in connection.execute(marked)
    ]


def release(connection: sa.Connection, now: datetime) -> int:
    """Let go what no silence holds any more, channel after channel as it would have been; return how many."""
    free = (
        sa.select(sendings.c.delivery_id, sendings.c.channel)
        .where(sendings.c.state == SendingStatus.HELD, silences.holding(now, sendings.c.delivery_id).is_(None))
        .with_for_update(skip_locked=True, of=sendings)
        .cte("free")
    )
    beside = sendings.alias("beside")
    first = (
        sa.select(sa.func.min(beside.c.next_attempt_at))
        .where(beside.c.delivery_id == sendings.c.delivery_id, beside.c.state == SendingStatus.HELD)
        .scalar_subquery()
    )
    released = connection.execute(
        sa.update(sendings)
        .where(sendings.c.delivery_id == free.c.delivery_id, sendings.c.channel == free.c.channel)
        .values(
            state=SendingStatus.PENDING,
            next_attempt_at=sa.func.now() + (sendings.c.next_attempt_at - first),
        )
    )
    return released.rowcount


def look_after(connection: sa.Connection, now: datetime) -> None:
    """Write down what has expired, and count what holds."""
    silences.expire(connection, now)
    _active.set(len(silences.active(connection, now)))
    ids = sa.func.count(sa.distinct(sendings.c.delivery_id))
    _held.set(connection.execute(sa.select(ids).where(sendings.c.state == SendingStatus.HELD)).scalar_one())
