"""Exercises of the whole chain: which one runs, what was published for it, and what was to be seen of it afterwards."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, NamedTuple

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from consumers import audit
from consumers.audit import Act, Entry
from consumers.errors import ExerciseError
from consumers.exercise_tables import exercise_events, exercises
from consumers.records import revisions_on

_CLOCKS_DIFFER: Final = timedelta(hours=1)
"""How far the database's clock may be behind that of whoever starts an exercise."""


class ExerciseEvent(NamedTuple):
    """An event of an exercise, and who may take it back."""

    id: str
    originator: str


@dataclass(frozen=True, slots=True)
class Exercise:
    """One exercise; `expected` are the contact points that its scenario says are to be told."""

    id: str
    scenario: str
    author: str
    expected: tuple[str, ...]
    started_at: datetime
    stopped_at: datetime | None = None
    stopped_by: str | None = None


def begin(connection: sa.Connection, exercise: Exercise, events: Iterable[ExerciseEvent], actor: str) -> None:
    """Write down what is going to be published; raises `ExerciseError` where another exercise runs."""
    row = {name: getattr(exercise, name) for name in ("id", "scenario", "author", "started_at")}
    added = insert(exercises).values(**row, expected=list(exercise.expected)).on_conflict_do_nothing()
    if connection.execute(added.returning(exercises.c.id)).one_or_none() is None:
        other = find(connection)
        raise ExerciseError(f"{other.id if other else 'another exercise'} runs already; stop it first")
    rows = [{"event": one.id, "exercise": exercise.id, "originator": one.originator} for one in events]
    connection.execute(insert(exercise_events).values(rows))
    audit.record(connection, [_entry(exercise, actor, f"started, scenario {exercise.scenario}")])


def published(connection: sa.Connection, event: str, at: datetime) -> None:
    """Write down when an event was sent, once it is taken."""
    connection.execute(sa.update(exercise_events).where(exercise_events.c.event == event).values(published_at=at))


def end(connection: sa.Connection, exercise: Exercise, by: str, at: datetime, actor: str) -> None:
    """Write down that it is over."""
    mine = sa.update(exercises).where(exercises.c.id == exercise.id)
    connection.execute(mine.values(stopped_at=at, stopped_by=by))
    audit.record(connection, [_entry(exercise, actor, "stopped")])


def find(connection: sa.Connection, identity: str | None = None) -> Exercise | None:
    """Return an exercise, the newest unless one is named; one that runs is the newest."""
    query = sa.select(exercises).order_by(exercises.c.stopped_at.is_not(None), exercises.c.started_at.desc()).limit(1)
    row = connection.execute(query if identity is None else query.where(exercises.c.id == identity)).one_or_none()
    if row is None:
        return None
    return Exercise(**{**row._asdict(), "expected": tuple(row.expected)})


def events_of(connection: sa.Connection, exercise: Exercise) -> dict[ExerciseEvent, datetime | None]:
    """Return its events and when each was published."""
    mine = sa.select(exercise_events).where(exercise_events.c.exercise == exercise.id).order_by(exercise_events.c.event)
    return {ExerciseEvent(row.event, row.originator): row.published_at for row in connection.execute(mine)}


def alerts_of(connection: sa.Connection, exercise: Exercise) -> dict[str, bool]:
    """Return the alerts that rested on its events, and whether each still stands open."""
    found = revisions_of(connection, exercise, [one.id for one in events_of(connection, exercise)])
    last: dict[tuple[str, str], bool] = {(row.alert_id, row.reader): row.status == "open" for row in found}
    return {alert: any(is_open for (one, _), is_open in last.items() if one == alert) for alert, _ in last}


def revisions_of(connection: sa.Connection, exercise: Exercise, events: Sequence[str]) -> list[sa.Row[tuple[str, ...]]]:
    """Return the revisions that rest on its events."""
    return revisions_on(connection, events, exercise.started_at - _CLOCKS_DIFFER)


def _entry(exercise: Exercise, actor: str, detail: str) -> Entry:
    return Entry(Act.CHANGE, actor, purpose=f"exercise of {exercise.author}", detail=f"{exercise.id} {detail}")
