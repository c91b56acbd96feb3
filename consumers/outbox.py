"""The outbox: rows that are the queues, from the transaction that stores an alert to its arrival.

A sending is a delivery on one channel. It is claimed by a lease; a process that dies leaves a lease that runs out,
and the sending is claimed again under the same delivery id, by which the receiver knows a repetition. What arrives on
one channel spares the others.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final, NamedTuple

import sqlalchemy as sa

from consumers import audit
from consumers.audit import Act, Entry
from consumers.contact_points import Channel
from consumers.database import given
from consumers.silences import Moment, holding
from consumers.tables import attempts, deliveries, sendings

ACTOR: Final = "delivery"
_LONGEST_ASKED: Final = timedelta(seconds=60)
_NOW: Final = sa.func.now()


@dataclass(frozen=True, slots=True)
class Pace:
    """How long a claim holds, how long each failure in turn waits (the last wait repeats), and how many go at once.

    `at_once` is of each queue: a contact point on one channel.
    """

    lease: timedelta
    waits: tuple[timedelta, ...]
    at_once: int = 8


PACE: Final = Pace(timedelta(seconds=60), tuple(timedelta(seconds=seconds) for seconds in (2, 5, 10, 30, 60)))


class SendingStatus(StrEnum):
    """Where a sending stands. There is no giving up: a pending one is tried until its delivery has arrived."""

    PENDING = "pending"
    HELD = "held"
    """By a silence: it is pending again when that has ended."""
    DELIVERED = "delivered"
    SPARED = "spared"
    REPLACED = "replaced"
    """A newer revision is sent instead."""


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
    CUT_OFF = "cut_off"


@dataclass(frozen=True, slots=True)
class SendResult:
    """One attempt's outcome; `retry_after` is what the receiver asked for."""

    outcome: SendOutcome
    status_code: int | None = None
    retry_after: timedelta | None = None


class Queue(NamedTuple):
    """A contact point on one channel: queues keep nothing from each other."""

    contact_point: str
    channel: Channel


@dataclass(frozen=True, slots=True)
class Claim:
    """A sending that its owner, one process, holds until the lease ends: `id` is its delivery, `attempt` from 1."""

    id: str
    owner: str
    contact_point: str
    channel: Channel
    payload: str
    attempt: int
    created_at: datetime

    @property
    def queue(self) -> Queue:
        """Whose it is."""
        return Queue(self.contact_point, self.channel)


def wait_after(
    failures: int, retry_after: timedelta | None = None, waits: tuple[timedelta, ...] = PACE.waits
) -> timedelta:
    """Return how long to wait after that many failed attempts: 2, 5, 10, 30 s, then every minute.

    What the receiver asks for in Retry-After counts where it is longer, up to a minute.
    """
    wait = waits[min(failures, len(waits)) - 1]
    return max(wait, min(retry_after, _LONGEST_ASKED)) if retry_after else wait


def claim(
    connection: sa.Connection, owner: str, room: Mapping[Queue, int], pace: Pace = PACE, now: Moment = _NOW
) -> list[Claim]:
    """Claim of each queue as many sendings as it has room for: danger to life first, then what is due longest.

    What a silence holds back at `now` is passed over, in the same statement.

    Each attempt is written down as begun, so that one that is cut off by a crash is on record too, and each first one
    in the audit: what follows discloses that there is an alert.
    """
    asked = [(*queue, most) for queue, most in room.items() if most > 0]
    if not asked:
        return []
    queues = sa.values(
        sa.column("contact_point", sa.Text),
        sa.column("channel", sa.Text),
        sa.column("most", sa.Integer),
        name="queues",
    ).data([(code, str(channel), most) for code, channel, most in asked])
    due = (
        sa.select(sendings.c.delivery_id, sendings.c.channel)
        .where(
            sendings.c.contact_point == queues.c.contact_point,
            sendings.c.channel == queues.c.channel,
            sendings.c.state == SendingStatus.PENDING,
            sendings.c.next_attempt_at <= sa.func.now(),
            sa.or_(sendings.c.lease_until.is_(None), sendings.c.lease_until < sa.func.now()),
            holding(now, sendings.c.delivery_id).is_(None),
        )
        .order_by(sendings.c.priority, sendings.c.next_attempt_at, sendings.c.created_at)
        .limit(queues.c.most)
        # Locked where it is looked at: what another process claimed or settled since is looked at again, or skipped.
        .with_for_update(skip_locked=True, of=sendings)
        .correlate(queues)
        .lateral("due")
    )
    chosen = sa.select(due.c.delivery_id, due.c.channel).select_from(queues.join(due, sa.true())).cte("chosen")
    claimed = connection.execute(
        sa.update(sendings)
        .where(sendings.c.delivery_id == chosen.c.delivery_id, sendings.c.channel == chosen.c.channel)
        .values(lease_owner=owner, lease_until=sa.func.now() + pace.lease, attempts=sendings.c.attempts + 1)
        .returning(
            sendings.c.delivery_id,
            sendings.c.contact_point,
            sendings.c.channel,
            sendings.c.notice,
            sendings.c.attempts,
            sendings.c.created_at,
        )
    )
    claims = [
        Claim(row.delivery_id, owner, row.contact_point, Channel(row.channel), row.notice, row.attempts, row.created_at)
        for row in claimed
    ]
    if claims:
        begun = [{"delivery_id": one.id, "channel": one.channel, "number": one.attempt} for one in claims]
        new = given(begun, attempts.c.delivery_id, attempts.c.channel, attempts.c.number)
        query = sa.select(new, sa.func.now())
        connection.execute(sa.insert(attempts).from_select([*new.c.keys(), "started_at"], query))
        _disclose(connection, [one for one in claims if one.attempt == 1])
    return claims


def settle(connection: sa.Connection, results: Sequence[tuple[Claim, SendResult]], pace: Pace = PACE) -> None:
    """Write down how attempts ended, and either that they arrived or when to try again.

    What arrived is delivered whoever holds the lease by now; a failure counts only for its holder.
    """
    _end(connection, results)
    _arrive(connection, [claimed for claimed, result in results if result.outcome is SendOutcome.DELIVERED])
    for claimed, result in results:
        if result.outcome is SendOutcome.DELIVERED:
            continue
        wait = wait_after(claimed.attempt, result.retry_after, pace.waits)
        connection.execute(
            sa.update(sendings)
            .where(
                sendings.c.delivery_id == claimed.id,
                sendings.c.channel == claimed.channel,
                sendings.c.lease_owner == claimed.owner,
                sendings.c.state == SendingStatus.PENDING,
            )
            .values(next_attempt_at=sa.func.now() + wait, lease_owner=None, lease_until=None)
        )


def hasten(connection: sa.Connection, queue: Queue) -> None:
    """Make what a queue failed to send due at once: its contact point answers again."""
    connection.execute(
        sa.update(sendings)
        .where(
            sendings.c.contact_point == queue.contact_point,
            sendings.c.channel == queue.channel,
            sendings.c.state == SendingStatus.PENDING,
            sendings.c.attempts > 0,
            sendings.c.next_attempt_at > sa.func.now(),
        )
        .values(next_attempt_at=sa.func.now())
    )


def _end(connection: sa.Connection, results: Sequence[tuple[Claim, SendResult]]) -> None:
    ended = sa.values(
        sa.column("id", sa.Text),
        sa.column("channel", sa.Text),
        sa.column("number", sa.Integer),
        sa.column("outcome", sa.Text),
        sa.column("status_code", sa.Integer),
        name="ended",
    ).data([(one.id, str(one.channel), one.attempt, str(how.outcome), how.status_code) for one, how in results])
    connection.execute(
        sa.update(attempts)
        .where(
            attempts.c.delivery_id == ended.c.id,
            attempts.c.channel == ended.c.channel,
            attempts.c.number == ended.c.number,
        )
        .values(
            finished_at=sa.func.clock_timestamp(),
            outcome=ended.c.outcome,
            status_code=sa.cast(ended.c.status_code, sa.Integer),
        )
    )


def _arrive(connection: sa.Connection, arrived: Sequence[Claim]) -> None:
    if not arrived:
        return
    ids = {one.id for one in arrived}
    there = sa.tuple_(sendings.c.delivery_id, sendings.c.channel).in_([(one.id, str(one.channel)) for one in arrived])
    now = sa.func.clock_timestamp()
    connection.execute(
        sa.update(sendings)
        .where(there)
        .values(state=SendingStatus.DELIVERED, delivered_at=now, lease_owner=None, lease_until=None)
    )
    connection.execute(
        sa.update(sendings)
        .where(sendings.c.delivery_id.in_(ids), sendings.c.state.in_((SendingStatus.PENDING, SendingStatus.HELD)))
        .values(state=SendingStatus.SPARED)
    )
    connection.execute(
        sa.update(deliveries).where(deliveries.c.id.in_(ids), deliveries.c.arrived_at.is_(None)).values(arrived_at=now)
    )


def _disclose(connection: sa.Connection, first: Sequence[Claim]) -> None:
    if not first:
        return
    query = sa.select(deliveries).where(deliveries.c.id.in_({one.id for one in first}))
    rows = {row.id: row for row in connection.execute(query)}
    entries = [
        Entry(
            Act.DISCLOSURE,
            ACTOR,
            one.contact_point,
            recipient=one.contact_point,
            purpose=rows[one.id].reason,
            alert_id=rows[one.id].alert_id,
            revision=rows[one.id].revision,
            reader=rows[one.id].reader,
            detail=f"notice by {one.channel}",
        )
        for one in first
    ]
    audit.record(connection, entries)
