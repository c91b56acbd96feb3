"""Planted cases: which were found, and where something was raised that a case rules out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import NamedTuple

from producers.simulator import Case

NEEDS_ONE = frozenset({"life_at_risk"})
"""Kinds that one event is enough for; all others join two or more."""


class Question(NamedTuple):
    """A kind of case, and a kind of alert that it expects or rules out."""

    case: str
    kind: str


@dataclass(slots=True)
class Planted:
    """How often each question was asked, and how often an alert was there."""

    expected: Counter[Question] = field(default_factory=Counter)
    found: Counter[Question] = field(default_factory=Counter)
    ruled_out: Counter[Question] = field(default_factory=Counter)
    false_alarms: Counter[Question] = field(default_factory=Counter)

    def add(self, other: Planted) -> None:
        """Take in another simulation's answers."""
        self.expected += other.expected
        self.found += other.found
        self.ruled_out += other.ruled_out
        self.false_alarms += other.false_alarms


def judge(cases: Iterable[Case], alerts: Iterable[tuple[str, frozenset[str]]]) -> Planted:
    """Hold the alerts (kind, evidence) against the cases: an alert is of a case where it rests on enough of its events.

    Drills count here: what must not be raised of one must not be raised as a drill either.
    """
    raised = list(alerts)
    planted = Planted()
    for case in cases:
        events = frozenset(case.events)
        there = {kind for kind, evidence in raised if len(evidence & events) >= (1 if kind in NEEDS_ONE else 2)}
        planted.expected.update(Question(case.case, kind) for kind in case.expects)
        planted.found.update(Question(case.case, kind) for kind in case.expects if kind in there)
        planted.ruled_out.update(Question(case.case, kind) for kind in case.expects_not)
        planted.false_alarms.update(Question(case.case, kind) for kind in case.expects_not if kind in there)
    return planted
