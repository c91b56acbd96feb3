"""Calls: what an officer, or operations, is sent because nobody has answered, and that a call is over.

The rows are the queue, as in the outbox. A call is claimed by a lease and tried until it arrives, under one id, or
until its alert is answered or withdrawn.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from consumers import audit
from consumers.acknowledgement import Clock
from consumers.audit import Act, Entry
from consumers.contact_points import Language
from consumers.deliveries import priority
from consumers.notice import Notice
from consumers.outbox import PACE, Pace, SendingStatus, SendOutcome, SendResult, wait_after
from consumers.rota import Officer
from consumers.silences import Moment, holding, newest_delivery
from consumers.tables import calls

ACTOR: Final = "escalator"
OPERATIONS: Final = "operations"
"""Whom the audit names where operations are called."""

_NOW: Final = sa.func.now()


class About(StrEnum):
    """Of what a call tells: that nobody has answered, or why an earlier one is over."""

    UNANSWERED = "unanswered"
    ANSWERED = "answered"
    WITHDRAWN = "withdrawn"
    SUPERSEDED = "superseded"


@dataclass(frozen=True, slots=True)
class Call:
    """A call that its owner, one process, holds until the lease ends; `notice` is the newest of its contact point."""

    id: str
    owner: str
    alert_id: str
    contact_point: str
    officer: str
    address: str
    language: Language
    notice: str
    attempt: int
    created_at: datetime
    about: About = About.UNANSWERED


def queue(connection: sa.Connection, clock: Clock, officers: Mapping[str, Officer], notice: Notice) -> None:
    """Queue a call to each of these officers at the clock's present step; those without an address are left out."""
    named = {
        "alert_id": clock.alert_id,
        "contact_point": clock.contact_point,
        "since_revision": clock.since_revision,
        "restarts": clock.restarts,
        "step": clock.step,
        "priority": priority(notice),
        "notice": notice.text(),
    }
    rows = [
        {
            **named,
            "id": _call_id(clock, name),
            "officer": name,
            "address": one.email,
            "language": one.language,
        }
        for name, one in officers.items()
        if one.email is not None
    ]
    if rows:
        connection.execute(insert(calls).values(rows))


def claim_calls(connection: sa.Connection, owner: str, most: int, pace: Pace = PACE, now: Moment = _NOW) -> list[Call]:
    """Claim calls that are due, danger to life first and exercises last.

    The first attempt of each is in the audit before it is made. Officers are not called while a silence holds their
    alert back at `now`; operations are, and whoever was called is told that it is over.
    """
    told = newest_delivery(calls.c.alert_id, calls.c.contact_point)
    is_end = calls.c.about != About.UNANSWERED
    wanted = sa.or_(calls.c.officer == OPERATIONS, is_end, holding(now, told).is_(None))
    free = sa.or_(calls.c.lease_until.is_(None), calls.c.lease_until < sa.func.now())
    due = (
        sa.select(calls.c.id)
        .where(calls.c.state == SendingStatus.PENDING, calls.c.next_attempt_at <= sa.func.now(), free, wanted)
        .order_by(calls.c.priority, calls.c.next_attempt_at)
        .limit(most)
        .with_for_update(skip_locked=True, of=calls)
        .cte("due")
    )
    claimed = connection.execute(
        sa.update(calls)
        .where(calls.c.id == due.c.id)
        .values(lease_owner=owner, lease_until=sa.func.now() + pace.lease, attempts=calls.c.attempts + 1)
        .returning(calls)
    )
    found = [
        Call(
            row.id,
            owner,
            row.alert_id,
            row.contact_point,
            row.officer,
            row.address,
            Language(row.language),
            row.notice,
            row.attempts,
            row.created_at,
            About(row.about),
        )
        for row in claimed
    ]
    audit.record(connection, [_entry(one) for one in found if one.attempt == 1])
    return found


def settle_call(connection: sa.Connection, call: Call, result: SendResult, pace: Pace = PACE) -> None:
    """Write down how an attempt ended: that it arrived, or when to try again."""
    arrived = result.outcome is SendOutcome.DELIVERED
    free = {"lease_owner": None, "lease_until": None, "outcome": str(result.outcome)}
    mine = sa.update(calls).where(calls.c.id == call.id)
    if arrived:
        now = sa.func.clock_timestamp()
        connection.execute(mine.values(state=SendingStatus.DELIVERED, delivered_at=now, **free))
        return
    again = sa.func.now() + wait_after(call.attempt, result.retry_after, pace.waits)
    held = calls.c.lease_owner == call.owner, calls.c.state != SendingStatus.DELIVERED
    connection.execute(mine.where(*held).values(next_attempt_at=again, **free))


def _call_id(clock: Clock, officer: str) -> str:
    run = f"{clock.since_revision}.{clock.restarts}" if clock.restarts else str(clock.since_revision)
    text = f"{clock.alert_id}|{clock.contact_point}|{run}|{clock.step}|{officer}"
    return "ca-" + hashlib.sha256(text.encode()).hexdigest()[:20]


def _entry(call: Call) -> Entry:
    to = OPERATIONS if call.officer == OPERATIONS else f"{call.contact_point}:{call.officer}"
    return Entry(
        Act.DISCLOSURE,
        ACTOR,
        call.contact_point,
        recipient=to,
        purpose="escalation",
        alert_id=call.alert_id,
        detail="call by email" if call.about is About.UNANSWERED else "end of a call by email",
    )
