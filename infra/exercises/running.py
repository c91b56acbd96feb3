"""Starting and stopping an exercise: its events go in as every station's do, and are taken back in the end.

Events are written down before they are sent: wherever it breaks off, `stop` takes back all that may have been sent.
"""

import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from consumers import exercises
from consumers.errors import ExerciseError
from consumers.exercises import Exercise
from infra.exercises.scenario import Scenario
from schemas.codec import encode
from schemas.feedback import Retraction

Send = Callable[[bytes], None]
"""Returns once the event is taken; raises where it is not."""


@dataclass(frozen=True, slots=True)
class Direction:
    """Who directs an exercise: the officer who answers for it, the account that says so, the clock, and the way in."""

    author: str
    actor: str
    send: Send
    clock: Callable[[], datetime]


def start(engine: sa.Engine, name: str, scenario: Scenario, by: Direction) -> Exercise:
    """Begin an exercise; raises `ExerciseError` where one runs, and what `send` raises."""
    now = by.clock()
    exercise = Exercise(f"ex-{uuid.uuid4().hex[:12]}", name, by.author, scenario.expected, now)
    events = scenario.lines(exercise.id, now)
    with engine.begin() as connection:
        exercises.begin(connection, exercise, events, by.actor)
    for event, line in events.items():
        sent_at = by.clock()
        by.send(line)
        with engine.begin() as connection:
            exercises.published(connection, event.id, sent_at)
    return exercise


def stop(engine: sa.Engine, by: Direction) -> Exercise:
    """End the exercise that runs: all its events are taken back; raises `ExerciseError` where none runs."""
    with engine.begin() as connection:
        exercise = exercises.find(connection)
        if exercise is None or exercise.stopped_at is not None:
            raise ExerciseError("no exercise runs")
        events = exercises.events_of(connection, exercise)
    for event in events:
        said = Retraction(
            type="retraction",
            schema_version="1.0",
            id=f"{exercise.id}.{uuid.uuid4().hex[:16]}",
            exercise=True,
            at=by.clock(),
            originator=event.originator,
            officer=by.author,
            retracts=event.id,
            reason="entered_in_error",
        )
        by.send(encode(said))
    with engine.begin() as connection:
        exercises.end(connection, exercise, by.author, by.clock(), by.actor)
    return exercise
