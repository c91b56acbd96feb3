"""Standing down: whoever was called is told once, in a short mail, that the call is over.

Found from the rows, and not at the moment of an answer: a call that was under way then, or whose process died, is seen
to as well. Only who was called is told; a call whose attempt was cut off may have arrived, so it counts.
"""

import hashlib
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from consumers.acknowledgement import ClockState
from consumers.calls import About
from consumers.tables import calls, clocks

_WHY: Final = {
    ClockState.ACKNOWLEDGED: About.ANSWERED,
    ClockState.WITHDRAWN: About.WITHDRAWN,
    ClockState.SUPERSEDED: About.SUPERSEDED,
}
_COPIED: Final = (
    *("alert_id", "contact_point", "since_revision", "restarts", "step"),
    *("priority", "officer", "address", "language", "notice"),
)
_RUN: Final = clocks.c.since_revision.label("clock_since"), clocks.c.restarts.label("clock_restarts")
_MOST_AT_ONCE: Final = 200


def stand_down(connection: sa.Connection) -> int:
    """Queue that the call is over for whoever need not act on it any more, save who answered; return how many."""
    reached = sa.or_(
        calls.c.state == "delivered", sa.and_(calls.c.state == "spared", calls.c.lease_until < sa.func.now())
    )
    rows = connection.execute(
        sa.select(calls, clocks.c.state.label("now"), clocks.c.acknowledged_by, *_RUN)
        .join(clocks, sa.and_(clocks.c.alert_id == calls.c.alert_id, clocks.c.contact_point == calls.c.contact_point))
        .where(calls.c.about == About.UNANSWERED, calls.c.stood_down_at.is_(None), reached)
        .where(clocks.c.state.in_([str(one) for one in _WHY]))
        .order_by(calls.c.created_at)
        .limit(_MOST_AT_ONCE)
        .with_for_update(skip_locked=True, of=calls)
    ).all()
    if not rows:
        return 0
    queued = 0
    told = {(row.alert_id, row.contact_point, row.officer): _end_of(row) for row in rows if not _answered_it(row)}
    if told:
        added = insert(calls).values(list(told.values())).on_conflict_do_nothing()
        queued = len(connection.execute(added.returning(calls.c.id)).all())
    ended = calls.c.id.in_([row.id for row in rows])
    connection.execute(sa.update(calls).where(ended).values(stood_down_at=sa.func.now()))
    return queued


def _answered_it(row: sa.Row[Any]) -> bool:
    return bool(row.now == ClockState.ACKNOWLEDGED and row.officer == row.acknowledged_by)


def _end_of(row: sa.Row[Any]) -> dict[str, Any]:
    """Return the mail that ends this call: one for each officer in a run of the clock, of however many calls."""
    run = f"{row.alert_id}|{row.contact_point}|{row.clock_since}|{row.clock_restarts}|{row.officer}"
    identity = "ca-" + hashlib.sha256(f"{run}|over".encode()).hexdigest()[:20]
    return {name: getattr(row, name) for name in _COPIED} | {"id": identity, "about": _WHY[ClockState(row.now)]}
