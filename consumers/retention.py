"""The end of retention: what alerts say is erased, and the audit says so. Numbers and the audit itself stay."""

from datetime import datetime, timedelta
from typing import Final

import sqlalchemy as sa

from consumers import audit
from consumers.audit import Act, Entry
from consumers.bulletin_tables import bulletin_events, replies
from consumers.exercise_tables import exercises, verdicts_taken_back
from consumers.silence_tables import silences
from consumers.tables import (
    alert_revisions,
    answers,
    calls,
    clocks,
    deliveries,
    escalations,
    refused_alerts,
)

ACTOR: Final = "delivery"
KEPT: Final = timedelta(days=400)
"""As long as the topics keep what the streams made them from."""

_MOST_AT_ONCE: Final = 500


def erase(connection: sa.Connection, kept: timedelta = KEPT) -> int:
    """Erase what is older, a few hundred revisions at a time; return how many."""
    past = sa.func.now() - kept
    old = (
        sa.select(alert_revisions.c.alert_id, alert_revisions.c.revision, alert_revisions.c.reader)
        .where(alert_revisions.c.body.is_not(None), alert_revisions.c.stored_at < past)
        .limit(_MOST_AT_ONCE)
        .with_for_update(skip_locked=True)
        .cte("old")
    )
    same = [alert_revisions.c[name] == old.c[name] for name in ("alert_id", "revision", "reader")]
    erased = connection.execute(
        sa.update(alert_revisions)
        .where(*same)
        .values(body=sa.null(), erased_at=sa.func.now())
        .returning(alert_revisions.c.alert_id, alert_revisions.c.revision, alert_revisions.c.reader)
    ).all()
    places_too = sa.tuple_(deliveries.c.alert_id, deliveries.c.revision, deliveries.c.reader).in_(erased)
    connection.execute(sa.update(deliveries).where(places_too).values(places=[], countries=[]))
    connection.execute(sa.delete(refused_alerts).where(refused_alerts.c.stored_at < past))
    _forget_answers(connection, past)
    connection.execute(sa.delete(replies).where(replies.c.at < past))
    sent = bulletin_events.c.stored_at < past, bulletin_events.c.state == "published"
    connection.execute(sa.delete(bulletin_events).where(*sent))
    audit.record(
        connection,
        [Entry(Act.ERASURE, ACTOR, purpose="retention", **row._asdict()) for row in erased],
    )
    return len(erased)


def _forget_answers(connection: sa.Connection, past: sa.ColumnElement[datetime]) -> None:
    """Remove who was called, who answered and who silenced, of clocks that stopped; the audit still says it."""
    connection.execute(sa.delete(calls).where(calls.c.created_at < past, calls.c.state != "pending"))
    connection.execute(sa.delete(silences).where(silences.c.ended_at < past))
    connection.execute(sa.delete(answers).where(answers.c.stored_at < past, answers.c.state == "published"))
    connection.execute(sa.delete(verdicts_taken_back).where(verdicts_taken_back.c.stored_at < past))
    connection.execute(sa.delete(exercises).where(exercises.c.stopped_at < past))
    old = sa.and_(clocks.c.told_at < past, clocks.c.state != "running")
    mine = sa.select(clocks.c.alert_id, clocks.c.contact_point).where(
        old, ~sa.exists().where(calls.c.alert_id == clocks.c.alert_id, calls.c.contact_point == clocks.c.contact_point)
    )
    for table in (escalations, clocks):
        theirs = sa.tuple_(table.c.alert_id, table.c.contact_point).in_(mine)
        connection.execute(sa.delete(table).where(theirs))
