"""Who answered what of an alert, as far as a contact point may see.

The contract's alert has no field for verdicts: they are events of their own, and an alert is what its evidence says,
whoever answered. So they are shown beside the alert, where its record is fetched, and no answer makes a revision.

That somebody has answered tells that they were told. So a contact point sees its own answers, and those of others only
while it may see the alert whole, and only of whom was told of what it reads itself. Officers are named to their own.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Final

import sqlalchemy as sa

from consumers.clocks import is_taken_back
from consumers.tables import answers, deliveries
from schemas.feedback import Outcome

_COMMON: Final = ""


@dataclass(frozen=True, slots=True)
class Answered:
    """One answer that stands; `officer` is named to the officer's own contact point alone."""

    contact_point: str
    outcome: Outcome
    at: datetime
    officer: str | None


@dataclass(frozen=True, slots=True)
class _Known:
    answer: Answered
    exercise: bool
    editions: frozenset[str]
    """By reader those of which its contact point was told."""


class AllAnswers:
    """The answers to some alerts that stand, in order of time."""

    def __init__(self, connection: sa.Connection, alerts: Collection[str]) -> None:
        """Read them."""
        self._known: dict[str, list[_Known]] = defaultdict(list)
        same = deliveries.c.alert_id == answers.c.alert_id, deliveries.c.contact_point == answers.c.contact_point
        told = sa.select(sa.func.array_agg(deliveries.c.reader)).where(*same).scalar_subquery()
        query = sa.select(answers, told.label("editions")).where(answers.c.alert_id.in_(alerts), ~is_taken_back())
        for row in connection.execute(query.order_by(answers.c.at, answers.c.id)):
            answer = Answered(row.contact_point, row.outcome, row.at, row.officer)
            self._known[row.alert_id].append(_Known(answer, row.exercise, frozenset(row.editions or ())))

    def shown(
        self, alert_id: str, contact_point: str, reads: str, *, whole: bool, exercise: bool
    ) -> tuple[Answered, ...]:
        """Return what a contact point may see that reads this edition (`reads` is its reader), `whole` or not."""
        mine = (one for one in self._known[alert_id] if one.exercise is exercise)
        return tuple(_seen(mine, contact_point, frozenset({_COMMON, reads}) if whole else frozenset()))


def _seen(known: Iterable[_Known], contact_point: str, editions: frozenset[str]) -> Iterable[Answered]:
    for one in known:
        said = one.answer
        if said.contact_point == contact_point:
            yield said
        elif one.editions & editions:
            yield Answered(said.contact_point, said.outcome, said.at, None)
