"""One alert for its page: the record as this contact point may see it, and what is to be done by when."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from typing import Any

import sqlalchemy as sa

from consumers.acknowledgement import Clock
from consumers.audit import Act
from consumers.clocks import Key, find, steps_taken
from consumers.console.feed import PURPOSE
from consumers.console.region import Map, draw
from consumers.desk.alerts import DeskAlert, Occurrence, Subject, read_record
from consumers.permissions import Who
from consumers.records import Record, read_records
from consumers.silences import newest_delivery
from schemas.feedback import SubjectRef


@dataclass(frozen=True, slots=True)
class Pair:
    """Two appearances that an alert takes for one subject, and that an officer may call two."""

    value: str
    label: str


@dataclass(frozen=True, slots=True)
class Page:
    """What the page shows; `alert` is None where the record may not be seen any more."""

    record: Record
    alert: DeskAlert | None
    clock: Clock | None
    steps: tuple[Any, ...]
    map: Map | None

    @property
    def events(self) -> list[tuple[int, Occurrence]]:
        """What happened, the newest first; numbered from the first on, as on the map."""
        several = self.alert.occurrences if self.alert else ()
        numbered = enumerate(sorted(several, key=lambda one: one.occurred_at), start=1)
        return list(numbered)[::-1]

    @property
    def last(self) -> Occurrence | None:
        """Where and when it was last."""
        return self.events[0][1] if self.events else None

    @property
    def deadlines(self) -> list[tuple[str, datetime]]:
        """Deadlines of law, the next first."""
        clock = self.clock
        both = (("first_report", clock.first_report_by), ("sirene_reply", clock.sirene_reply_by)) if clock else ()
        return sorted(((what, by) for what, by in both if by is not None), key=lambda one: one[1])

    @property
    def pairs(self) -> list[Pair]:
        """Return which appearances may be called two: each with the one before it."""
        return [pair for subject in (self.alert.subjects if self.alert else ()) for pair in _pairs(subject)]


def read(connection: sa.Connection, contact_point: str, alert: str, actor: str) -> Page | None:
    """Return the page of an alert that a contact point was told of, the look on record; None where it was not."""
    newest = sa.select(newest_delivery(sa.literal(alert), sa.literal(contact_point)))
    ids = [one for one in connection.execute(newest).scalars() if one is not None]
    records = read_records(connection, contact_point, ids, Act.CONSULTATION, Who(actor, PURPOSE))
    if not records:
        return None
    shown = read_record(records[0])
    clock = find(connection, Key(alert, contact_point))
    steps = tuple(steps_taken(connection, clock)) if clock else ()
    return Page(records[0], shown, clock, steps, draw(shown.occurrences) if shown else None)


def refs(value: str) -> tuple[SubjectRef, SubjectRef]:
    """Return the two appearances of a pair's value; raises `ValueError`."""
    one, other = value.split(" ")
    return _ref(one), _ref(other)


def _ref(text: str) -> SubjectRef:
    event, _, subject = text.partition("#")
    return SubjectRef(event=event, subject=subject)


def _pairs(subject: Subject) -> Iterator[Pair]:
    told = [one for one in subject.appearances if one.subject]
    for before, after in pairwise(told):
        value = f"{before.event}#{before.subject} {after.event}#{after.subject}"
        yield Pair(value, f"{subject.label}: {before.event} / {after.event}")
