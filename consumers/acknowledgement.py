"""The clock of an alert at a contact point: it runs until somebody there has answered, or nobody is left to call.

Each addressed contact point has a clock of its own; what one answers stops nobody else's. These functions say what a
clock becomes; `clocks` keeps them.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final, NamedTuple

from consumers.audience import View
from consumers.policy import Policy, Step
from schemas.alerts import Alert, AlertKind, Severity
from schemas.feedback import Outcome

FIRST_REPORT: Final = timedelta(hours=24)
"""Implementing Regulation (EU) 2021/581 Art. 9: the first report of an event, after becoming aware of it."""
SIRENE_REPLY: Final = timedelta(hours=12)
"""Regulation (EU) 2018/1862 Art. 8(3): the reply of a SIRENE Bureau."""

_URGENT: Final = frozenset({Severity.CRITICAL, Severity.HIGH})
_SMUGGLING: Final = ".smuggling"
"""How the rules end whose reasons say that an incident is of smuggling, trafficking or clandestine entry."""


class ClockState(StrEnum):
    """Where a clock stands."""

    RUNNING = "running"
    ACKNOWLEDGED = "acknowledged"
    EXHAUSTED = "exhausted"
    """Everybody was called, the fallback and operations were told; an answer still counts."""
    WITHDRAWN = "withdrawn"
    SUPERSEDED = "superseded"


class AnswerRefusal(StrEnum):
    """Why an answer does not count; also a metric label."""

    WITHDRAWN = "withdrawn"
    SUPERSEDED = "superseded"
    ALREADY_ANSWERED = "already_answered"
    SEVERITY_ROSE = "severity_rose"
    """It was given to an earlier revision, of a lower severity."""
    UNKNOWN_REVISION = "unknown_revision"
    ANOTHER_WORLD = "another_world"
    """An exercise's answer to a real alert, or the other way round."""


REFUSALS: Final = {
    AnswerRefusal.WITHDRAWN: "the alert was withdrawn meanwhile: there is nothing to answer any more",
    AnswerRefusal.SUPERSEDED: "the alert goes on as another one, which is to be answered instead",
    AnswerRefusal.ALREADY_ANSWERED: "your contact point has answered so already",
    AnswerRefusal.SEVERITY_ROSE: "a newer revision is more severe: read it, and answer that",
    AnswerRefusal.UNKNOWN_REVISION: "your contact point was told of no such revision",
    AnswerRefusal.ANOTHER_WORLD: "an exercise is answered in the exercise",
}

_ENDED: Final = {
    ClockState.WITHDRAWN: AnswerRefusal.WITHDRAWN,
    ClockState.SUPERSEDED: AnswerRefusal.SUPERSEDED,
}
"""The states in which nothing is to be answered, and what is said then."""


class Timing(NamedTuple):
    """What a clock that starts now runs by."""

    policy: Policy
    now: datetime


@dataclass(frozen=True, slots=True)
class Answer:
    """What a contact point says of an alert; it may say of which revision."""

    outcome: Outcome
    at: datetime
    by: str
    exercise: bool
    revision: int | None = None


@dataclass(frozen=True, slots=True)
class Clock:
    """One alert at one contact point. `severity` and `steps` are those that it runs by, since `since_revision`.

    `restarts` counts how often its answers were taken back.
    """

    alert_id: str
    contact_point: str
    state: ClockState
    severity: Severity
    exercise: bool
    steps: tuple[Step, ...]
    step: int
    due_at: datetime | None
    told_at: datetime
    started_at: datetime
    since_revision: int
    revision: int
    acknowledged_at: datetime | None = None
    acknowledged_by: str | None = None
    outcome: Outcome | None = None
    outcome_at: datetime | None = None
    superseded_by: str | None = None
    first_report_by: datetime | None = None
    sirene_reply_by: datetime | None = None
    restarts: int = 0

    @property
    def awaits(self) -> bool:
        """Whether an answer is wanted."""
        return self.state in {ClockState.RUNNING, ClockState.EXHAUSTED}

    @property
    def elsewhere_at(self) -> datetime | None:
        """When the last step is due at the latest: that of the fallback and operations; None where none is due."""
        if self.due_at is None:
            return None
        return self.due_at + sum((step.after for step in self.steps[self.step + 1 :]), timedelta())

    def passed_over(self) -> "Clock":
        """Return it at its last step: who would have been called before must not be."""
        return replace(self, step=len(self.steps) - 1, due_at=self.elsewhere_at)


def told(before: Clock | None, contact_point: str, alert: Alert, view: View, timing: Timing) -> Clock | None:
    """Return the clock of a contact point that is told of a revision; None where there is nothing to wait for.

    A revision restarts it where the severity rises, and where a withdrawn alert is open again; no other does. A
    deadline of law counts from the first revision to which it applies, and is not moved by later ones.
    """
    if alert.status == "withdrawn":
        return None if before is None else _ended(before, alert, view)
    first_report, sirene_reply = legal_deadlines(alert, timing.now)
    if before is None:
        after = _started(contact_point, alert, timing, told_at=timing.now)
        return replace(after, first_report_by=first_report, sirene_reply_by=sirene_reply)
    again = alert.severity.rank < before.severity.rank or before.state in _ENDED
    return replace(
        _started(contact_point, alert, timing, told_at=before.told_at) if again else before,
        restarts=before.restarts,
        revision=alert.revision,
        first_report_by=before.first_report_by or first_report,
        sirene_reply_by=before.sirene_reply_by or sirene_reply,
    )


def answered(clock: Clock, answer: Answer) -> Clock | AnswerRefusal:
    """Return the clock after an answer, or why it does not count as things stand now."""
    return _refusal(clock, answer) or replace(noted(clock, answer), state=ClockState.ACKNOWLEDGED, due_at=None)


def noted(clock: Clock, answer: Answer) -> Clock:
    """Return the clock with what was answered, in whatever state: so that it can carry over."""
    return replace(
        clock,
        acknowledged_at=clock.acknowledged_at or answer.at,
        acknowledged_by=clock.acknowledged_by or answer.by,
        outcome=answer.outcome,
        outcome_at=answer.at,
    )


def taken_back(clock: Clock, remaining: Iterable[Answer], timing: Timing) -> Clock:
    """Return the clock after a verdict was taken back: as the answers that remain leave it.

    Where none of them counts and the alert stands, it runs again: from now, from the first step, by the policy that is
    in force now. What an answer must not be older than (`started_at`) stays: a colleague's from before still counts.
    """
    bare = replace(clock, acknowledged_at=None, acknowledged_by=None, outcome=None, outcome_at=None)
    if clock.state in _ENDED:
        for answer in remaining:
            bare = noted(bare, answer)
        return bare
    if clock.state is not ClockState.ACKNOWLEDGED:
        return clock
    after = replace(bare, state=ClockState.RUNNING, due_at=timing.now)
    for answer in remaining:
        now = answered(after, answer)
        after = now if isinstance(now, Clock) else after
    if not after.awaits:
        return after
    steps = timing.policy.steps(clock.severity)
    return replace(after, steps=steps, step=0, due_at=timing.now + steps[0].after, restarts=clock.restarts + 1)


def carried_over(before: Clock, after: Clock) -> Clock | None:
    """Return the clock of an alert that goes on from another with that one's answer; None where it does not carry.

    It does not where the new alert is more severe than what was answered, or has an answer of its own.
    """
    if before.acknowledged_at is None or after.acknowledged_at is not None:
        return None
    if after.severity.rank < before.severity.rank:
        return None
    return replace(
        after,
        state=ClockState.ACKNOWLEDGED if after.awaits else after.state,
        due_at=None,
        acknowledged_at=before.acknowledged_at,
        acknowledged_by=before.acknowledged_by,
        outcome=before.outcome,
        outcome_at=before.outcome_at,
    )


def legal_deadlines(alert: Alert, aware_at: datetime) -> tuple[datetime | None, datetime | None]:
    """Return until when a first report and a SIRENE reply are due, each None where it does not apply.

    A first report is due of an event that needs a timely reaction, or that is of smuggling: so of alerts that rest on
    an incident and are urgent, or whose reasons name smuggling. A SIRENE reply is due on a hit of the watchlist.
    """
    on_incident = any(one.type == "incident" for one in alert.occurrences)
    grave = alert.severity in _URGENT or any(one.rule.endswith(_SMUGGLING) for one in alert.reasons)
    return (
        aware_at + FIRST_REPORT if on_incident and grave else None,
        aware_at + SIRENE_REPLY if alert.kind is AlertKind.WATCHLIST_HIT else None,
    )


def _started(contact_point: str, alert: Alert, timing: Timing, *, told_at: datetime) -> Clock:
    steps = timing.policy.steps(alert.severity)
    return Clock(
        alert_id=alert.id,
        contact_point=contact_point,
        state=ClockState.RUNNING,
        severity=alert.severity,
        exercise=alert.exercise,
        steps=steps,
        step=0,
        due_at=timing.now + steps[0].after,
        told_at=told_at,
        started_at=timing.now,
        since_revision=alert.revision,
        revision=alert.revision,
    )


def _ended(before: Clock, alert: Alert, view: View) -> Clock:
    """Return the clock of a withdrawn alert; a recall does not say by what it is superseded."""
    successor = None if view is View.RECALL else alert.superseded_by
    state = ClockState.WITHDRAWN if successor is None else ClockState.SUPERSEDED
    return replace(before, state=state, due_at=None, revision=alert.revision, superseded_by=successor)


def _refusal(clock: Clock, answer: Answer) -> AnswerRefusal | None:
    if clock.state in _ENDED:
        return _ENDED[clock.state]
    if answer.exercise != clock.exercise:
        return AnswerRefusal.ANOTHER_WORLD
    if answer.revision is not None and answer.revision > clock.revision:
        return AnswerRefusal.UNKNOWN_REVISION
    if _is_older(answer, clock):
        return AnswerRefusal.SEVERITY_ROSE
    if clock.outcome is not None and answer.outcome in {clock.outcome, "acknowledged"}:
        return AnswerRefusal.ALREADY_ANSWERED
    return None


def _is_older(answer: Answer, clock: Clock) -> bool:
    """Whether it was given before the clock was started anew; an answer that names no revision goes by its time."""
    if answer.revision is not None:
        return answer.revision < clock.since_revision
    return clock.started_at > clock.told_at and answer.at < clock.started_at
