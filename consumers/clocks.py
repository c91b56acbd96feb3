"""Keeping the clocks, in the transaction that makes the deliveries, takes an answer, or escalates."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import asdict, fields, replace
from datetime import datetime
from typing import Any, Final, NamedTuple

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from consumers import audit
from consumers.acknowledgement import Answer, Clock, ClockState, Timing, answered, carried_over, taken_back, told
from consumers.audit import Act, Entry
from consumers.deliveries import Draft
from consumers.errors import NotEscalatedError
from consumers.exercise_tables import verdicts_taken_back
from consumers.policy import frozen, thawed
from consumers.silences import held_until, holding, newest_delivery
from consumers.tables import answers, calls, clocks, escalations
from schemas.alerts import Severity

ACTOR: Final = "dispatcher"
_AT_ONCE: Final = 1000
"""A statement has 65,535 parameters at most; a clock takes 20."""


class Key(NamedTuple):
    """Whose clock it is."""

    alert_id: str
    contact_point: str


def keep(connection: sa.Connection, drafts: Sequence[Draft], timing: Timing) -> None:
    """Start, restart or end the clocks of those who are told by these deliveries."""
    known = lock(connection, {_key(draft) for draft in drafts})
    before, changed = frozenset(known), dict[Key, Clock]()
    for draft in drafts:
        key = _key(draft)
        after = told(known.get(key), key.contact_point, draft.edition.alert, draft.view, timing)
        if after is not None:
            known[key] = changed[key] = after
    for key, given in _answers(connection, changed.keys() - before).items():
        for answer in given:
            now = answered(changed[key], answer)
            changed[key] = now if isinstance(now, Clock) else changed[key]
    save(connection, changed.values())
    carry_over(connection, changed.values())


def lock(connection: sa.Connection, keys: Collection[Key]) -> dict[Key, Clock]:
    """Return these clocks, locked until the transaction's end."""
    if not keys:
        return {}
    query = sa.select(clocks).where(sa.tuple_(clocks.c.alert_id, clocks.c.contact_point).in_(sorted(keys)))
    return _found(connection, query.order_by(clocks.c.alert_id, clocks.c.contact_point).with_for_update())


def due(connection: sa.Connection, now: datetime, passed: Collection[Key] = ()) -> Clock | None:
    """Return the clock that is due longest, locked, any real one before all of exercises.

    Those that another process holds, and `passed`, are passed over. So is one whose alert a silence holds, until nobody
    but the fallback and operations would be left: then it is at that step. One whose silence has ended was due no
    sooner than then. Raises `NotEscalatedError` where what stands there cannot be read.
    """
    told = newest_delivery(clocks.c.alert_id, clocks.c.contact_point)
    silence, silent_until = holding(now, told), held_until(clocks.c.due_at, now, told)
    query = sa.select(clocks, silence.label("silence"), silent_until.label("silent_until")).where(
        clocks.c.state == ClockState.RUNNING,
        clocks.c.due_at <= now,
        sa.or_(silence.is_(None), clocks.c.elsewhere_at <= now),
    )
    if passed:
        query = query.where(sa.tuple_(clocks.c.alert_id, clocks.c.contact_point).not_in(sorted(passed)))
    first = query.order_by(clocks.c.exercise, clocks.c.due_at).limit(1).with_for_update(skip_locked=True, of=clocks)
    row = connection.execute(first).mappings().one_or_none()
    if row is None:
        return None
    try:
        clock = _clock(row)
        return clock.passed_over() if row["silence"] else replace(clock, due_at=row["silent_until"] or clock.due_at)
    except ValueError as error:  # a policy that was frozen in a form that nobody reads any more
        raise NotEscalatedError(row["alert_id"], row["contact_point"]) from error


def find(connection: sa.Connection, key: Key) -> Clock | None:
    """Return a clock as it stands."""
    query = sa.select(clocks).filter_by(**key._asdict())
    return _found(connection, query).get(key)


def found(connection: sa.Connection, contact_point: str, alerts: Collection[str]) -> dict[Key, Clock]:
    """Return a contact point's clocks of these alerts as they stand."""
    mine = clocks.c.contact_point == contact_point, clocks.c.alert_id.in_(alerts)
    return _found(connection, sa.select(clocks).where(*mine)) if alerts else {}


def steps_taken(connection: sa.Connection, clock: Clock) -> list[sa.Row[Any]]:
    """Return the steps that were acted on since a clock was started, in their order."""
    names = "alert_id", "contact_point", "since_revision", "restarts"
    named = {name: getattr(clock, name) for name in names}
    return list(connection.execute(sa.select(escalations).filter_by(**named).order_by(escalations.c.step)))


def running(connection: sa.Connection) -> int:
    """Return how many run."""
    query = sa.select(sa.func.count()).select_from(clocks).where(clocks.c.state == ClockState.RUNNING)
    return connection.execute(query).scalar_one()


def save(connection: sa.Connection, changed: Iterable[Clock]) -> None:
    """Write clocks down. Where no answer is wanted any more, nobody is called any more."""
    changed = list(changed)
    for first in range(0, len(changed), _AT_ONCE):
        rows = [_row(one) for one in changed[first : first + _AT_ONCE]]
        added = insert(clocks).values(rows)
        values = {name: added.excluded[name] for name in rows[0] if name not in Key._fields}
        connection.execute(added.on_conflict_do_update(index_elements=Key._fields, set_=values))
    ended = [Key(one.alert_id, one.contact_point) for one in changed if not one.awaits]
    if ended:
        theirs = sa.tuple_(calls.c.alert_id, calls.c.contact_point).in_(sorted(ended))
        waiting = calls.c.state == "pending", calls.c.about == "unanswered"
        connection.execute(sa.update(calls).where(theirs, *waiting).values(state="spared"))


def take_back(connection: sa.Connection, key: Key, timing: Timing) -> Clock | None:
    """Have a clock, which is locked, forget answers that were taken back; return it where that changed it.

    What was carried over from it to the alert that goes on is forgotten there as well.
    """
    before = lock(connection, [key]).get(key)
    if before is None:
        return None
    after = taken_back(before, _answers(connection, [key])[key], timing)
    if after == before:
        return None
    save(connection, [after])
    over = sa.tuple_(calls.c.alert_id, calls.c.contact_point) == sa.tuple_(*key)
    if after.awaits:  # else they would be told that it was answered, and be called again
        waiting = calls.c.state == "pending", calls.c.about != "unanswered"
        connection.execute(sa.update(calls).where(over, *waiting).values(state="spared"))
    carry_over(connection, [after])
    successor = lock(connection, [_successor(before)]).get(_successor(before)) if before.superseded_by else None
    if successor is not None and successor.acknowledged_at == before.acknowledged_at != after.acknowledged_at:
        take_back(connection, _successor(before), timing)
    return after


def carry_over(connection: sa.Connection, changed: Iterable[Clock]) -> None:
    """Carry answers over to the alerts that go on from those that were answered, whichever of the two came first."""
    alerts = {one.superseded_by or one.alert_id for one in changed}
    while alerts:
        query = sa.select(clocks).where(clocks.c.superseded_by.in_(alerts), clocks.c.acknowledged_at.is_not(None))
        before = _found(connection, query).values()
        after = lock(connection, {_successor(one) for one in before})
        carried: dict[Key, Clock] = {}
        for one in sorted(before, key=lambda clock: clock.alert_id):
            key = _successor(one)
            now = carried_over(one, after[key]) if key in after else None
            if now is not None:
                after[key] = carried[key] = now
        save(connection, carried.values())
        audit.record(connection, [_entry(one) for one in carried.values()])
        alerts = {one.superseded_by for one in carried.values() if one.superseded_by is not None}


def _key(draft: Draft) -> Key:
    return Key(draft.edition.alert.id, draft.assignment.contact_point)


def _successor(clock: Clock) -> Key:
    return Key(clock.superseded_by or "", clock.contact_point)


def _answers(connection: sa.Connection, keys: Collection[Key]) -> dict[Key, list[Answer]]:
    """Return what was answered and not taken back; that may be before we knew that anybody was told.

    Kafka keeps no order between topics.
    """
    if not keys:
        return {}
    theirs = sa.tuple_(answers.c.alert_id, answers.c.contact_point).in_(sorted(keys))
    query = sa.select(answers).where(theirs, ~is_taken_back())
    found: dict[Key, list[Answer]] = defaultdict(list)
    for row in connection.execute(query.order_by(answers.c.at, answers.c.id)):
        answer = Answer(row.outcome, row.at, row.officer, row.exercise, row.revision)
        found[Key(row.alert_id, row.contact_point)].append(answer)
    return found


def is_taken_back() -> sa.ColumnElement[bool]:
    """Whether an answer was taken back by its contact point: a real one by a real retraction."""
    return sa.exists().where(
        verdicts_taken_back.c.verdict == answers.c.id,
        verdicts_taken_back.c.contact_point == answers.c.contact_point,
        verdicts_taken_back.c.exercise == answers.c.exercise,
    )


def _entry(clock: Clock) -> Entry:
    code, detail = clock.contact_point, "answer carried over"
    return Entry(Act.CHANGE, ACTOR, code, code, "answer", clock.alert_id, clock.revision, detail=detail)


def _row(clock: Clock) -> dict[str, Any]:
    said = asdict(clock)
    del said["steps"]
    return {**said, "policy": frozen(clock.steps), "elsewhere_at": clock.elsewhere_at}


def _found(connection: sa.Connection, query: sa.Select[Any]) -> dict[Key, Clock]:
    rows = connection.execute(query).mappings()
    return {Key(row["alert_id"], row["contact_point"]): _clock(row) for row in rows}


def _clock(row: sa.RowMapping) -> Clock:
    said = {one.name: row[one.name] for one in fields(Clock) if one.name != "steps"}
    said |= {"state": ClockState(row["state"]), "severity": Severity(row["severity"])}
    return Clock(**said, steps=thawed(row["policy"]))
