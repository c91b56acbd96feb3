"""Heartbeats: what a contact point should have by now, so that it notices what is missing, and silence too."""

import json
from collections.abc import Collection
from datetime import UTC, datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from consumers.audit import heads
from consumers.contact_points import Channel
from consumers.outbox import ACTOR, Claim
from consumers.tables import sequences


def heartbeats(
    connection: sa.Connection, contact_points: Collection[str], every: timedelta, now: datetime
) -> list[Claim]:
    """Take the heartbeats that are due, so that no other process sends them too.

    Each names the number of the last delivery, and the last row and hash of the contact point's book in the audit: a
    book that is cut short later cannot be passed off for whole.
    """
    if not contact_points:
        return []
    begun = insert(sequences).values([{"contact_point": code, "last": 0} for code in sorted(contact_points)])
    connection.execute(begun.on_conflict_do_nothing())
    due = connection.execute(
        sa.update(sequences)
        .where(sequences.c.contact_point.in_(contact_points), sequences.c.heartbeat_at <= sa.func.now() - every)
        .values(heartbeat_at=sa.func.now())
        .returning(sequences.c.contact_point, sequences.c.last)
    ).all()
    book = heads(connection) if due else {}
    found = []
    for code, last in due:
        number, digest = book.get(code, (0, ""))
        said = {
            "type": "heartbeat",
            "timestamp": now.astimezone(UTC).isoformat(),
            "data": {"contact_point": code, "sequence": last, "audit": {"number": number, "hash": digest}},
        }
        name = f"hb-{code}-{now:%Y%m%dT%H%M%S}"
        found.append(Claim(name, ACTOR, code, Channel.WEBHOOK, json.dumps(said), 1, now))
    return found
