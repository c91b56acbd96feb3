"""The outbox: delivery rows that are the queue, from the transaction that stores an alert to its delivery.

A row is claimed by a lease; a process that dies leaves a lease that runs out, and the row is
claimed again under the same id, by which the receiver knows a repetition.
"""

import hashlib
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.ext.asyncio import AsyncConnection

from consumers.contact_points import Channel
from consumers.database import attempts, deliveries

_LONGEST_ASKED: Final = timedelta(seconds=60)


@dataclass(frozen=True, slots=True)
class Pace:
    """How long a claim holds, and how long each failure in turn waits; the last wait repeats."""

    lease: timedelta
    waits: tuple[timedelta, ...]


PACE: Final = Pace(timedelta(seconds=60), tuple(timedelta(seconds=seconds) for seconds in (2, 5, 10, 30, 60)))


class DeliveryStatus(StrEnum):
    """Where a delivery stands. There is no giving up: a pending one is tried until it arrives."""

    PENDING = "pending"
    DELIVERED = "delivered"


class SendOutcome(StrEnum):
    """How one attempt ended; also a metric label."""

    DELIVERED = "delivered"
    REFUSED = "refused"
    FAILED = "failed"
    THROTTLED = "throttled"
    TIMED_OUT = "timed_out"
    UNREACHABLE = "unreachable"
    UNTRUSTED = "untrusted"
    """TLS is missing, or a certificate is not trusted: theirs by us or ours by them."""
    PRIVATE_ADDRESS = "private_address"
    """The name leads into a private network, which its contact point does not allow."""
    INVALID = "invalid"
    """What is to be told cannot be put into the channel's form; nothing was sent."""
    UNCONFIGURED = "unconfigured"


@dataclass(frozen=True, slots=True)
class SendResult:
    """One attempt's outcome; `retry_after` is what the receiver asked for."""

    outcome: SendOutcome
    status_code: int | None = None
    retry_after: timedelta | None = None


@dataclass(frozen=True, slots=True)
class Claim:
    """A delivery that its owner, one process, holds until the lease ends; `attempt` counts from 1."""

    id: str
    owner: str
    contact_point: str
    channel: Channel
    payload: str
    attempt: int
    created_at: datetime


def delivery_id(alert_id: str, revision: int, contact_point: str, channel: Channel) -> str:
    """Return the id that a delivery keeps over all attempts and restarts."""
    text = f"{alert_id}|{revision}|{contact_point}|{channel}"
    return "dl-" + hashlib.sha256(text.encode()).hexdigest()[:20]


def wait_after(
    failures: int, retry_after: timedelta | None = None, waits: tuple[timedelta, ...] = PACE.waits
) -> timedelta:
    """Return how long to wait after that many failed attempts: 2, 5, 10, 30 s, then every minute.

    What the receiver asks for in Retry-After counts where it is longer, up to a minute.
    """
    wait = waits[min(failures, len(waits)) - 1]
    return max(wait, min(retry_after, _LONGEST_ASKED)) if retry_after else wait


async def claim(
    connection: AsyncConnection, owner: str, busy: Collection[tuple[str, Channel]], pace: Pace = PACE
) -> list[Claim]:
    """Claim the delivery that is due longest of each contact point and channel that is not `busy`.

    The attempt is written down as begun, so that one that is cut off by a crash is on record too.
    """
    queue = deliveries.c.contact_point, deliveries.c.channel
    free = sa.tuple_(*queue).not_in([(code, str(one)) for code, one in busy]) if busy else sa.true()
    is_due = sa.and_(
        deliveries.c.state == DeliveryStatus.PENDING,
        deliveries.c.next_attempt_at <= sa.func.now(),
        sa.or_(deliveries.c.lease_until.is_(None), deliveries.c.lease_until < sa.func.now()),
    )
    due = (
        sa.select(deliveries.c.id)
        .where(is_due, free)
        .order_by(*queue, deliveries.c.next_attempt_at, deliveries.c.created_at, deliveries.c.id)
        .ext(distinct_on(*queue))
        .subquery()
    )
    chosen = (
        sa.select(deliveries.c.id).where(deliveries.c.id.in_(sa.select(due.c.id))).with_for_update(skip_locked=True)
    )
    result = await connection.execute(
        sa.update(deliveries)
        # Once more: since this statement began, another process may have claimed and even settled it.
        .where(deliveries.c.id.in_(chosen), is_due)
        .values(lease_owner=owner, lease_until=sa.func.now() + pace.lease, attempts=deliveries.c.attempts + 1)
        .returning(
            deliveries.c.id,
            deliveries.c.contact_point,
            deliveries.c.channel,
            deliveries.c.payload,
            deliveries.c.attempts,
            deliveries.c.created_at,
        )
    )
    claims = [
        Claim(row.id, owner, row.contact_point, Channel(row.channel), row.payload, row.attempts, row.created_at)
        for row in result
    ]
    if claims:
        begun = [{"delivery_id": one.id, "number": one.attempt, "started_at": sa.func.now()} for one in claims]
        await connection.execute(sa.insert(attempts).values(begun))
    return claims


async def settle(connection: AsyncConnection, claimed: Claim, result: SendResult, pace: Pace = PACE) -> None:
    """Write down how the attempt ended, and either that it arrived or when to try again.

    What arrived is delivered whoever holds the lease by now; a failure counts only for its holder.
    """
    await connection.execute(
        sa.update(attempts)
        .where(attempts.c.delivery_id == claimed.id, attempts.c.number == claimed.attempt)
        .values(finished_at=sa.func.clock_timestamp(), outcome=result.outcome, status_code=result.status_code)
    )
    row = sa.update(deliveries).where(deliveries.c.id == claimed.id)
    if result.outcome is SendOutcome.DELIVERED:
        values = {"state": DeliveryStatus.DELIVERED, "delivered_at": sa.func.now()}
    else:
        row = row.where(deliveries.c.lease_owner == claimed.owner, deliveries.c.state == DeliveryStatus.PENDING)
        wait = wait_after(claimed.attempt, result.retry_after, pace.waits)
        values = {"next_attempt_at": sa.func.now() + wait}
    await connection.execute(row.values(**values, lease_owner=None, lease_until=None))
