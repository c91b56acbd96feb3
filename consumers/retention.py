"""The end of retention: what alerts say is erased, and the audit says so. Numbers and the audit itself stay."""

from datetime import datetime, timedelta
from typing import Final

import sqlalchemy as sa

from consumers import audit
from consumers.audit import Act, Entry
from consumers.exercise_tables import exercises, verdicts_taken_back
from consumers.tables import alert_revisions, answers, calls, clocks, escalations, refused_alerts

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
    connection.execute(sa.delete(refused_alerts).where(refused_alerts.c.stored_at < past))
    _forget_answers(connection, past)
    audit.record(
        connection,
        [Entry(Act.ERASURE, ACTOR, purpose="retention", **row._asdict()) for row in erased],
    )
    return len(erased)


def _forget_answers(connection: sa.Connection, past: sa.ColumnElement[datetime]) -> None:
    """Remove who was called and who answered, of clocks that stopped; the audit still says it."""
    connection.execute(sa.delete(calls).where(calls.c.created_at < past, calls.c.state != "pending"))
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
