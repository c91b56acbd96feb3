"""What the interface says, and what it takes."""

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from consumers.acknowledgement import Clock, ClockState
from consumers.answered import Answered
from consumers.audience import AudienceReason, View
from consumers.escalation import EscalationReason
from consumers.notice import Notice
from consumers.permissions import Permission, PermissionState
from consumers.policy import Whom
from consumers.records import Record
from schemas.alerts import Severity
from schemas.feedback import Outcome, SubjectRef
from schemas.fields import AlertId, Originator

Purpose = Annotated[str, StringConstraints(min_length=1, max_length=200, strip_whitespace=True)]


class _Said(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Page(_Said):
    """Notices in their sequence; `high_water` is the number of the last that there is."""

    deliveries: list[Notice]
    high_water: int


class AnswerSaid(_Said):
    """What a contact point answered; the officer is named to their own contact point alone."""

    contact_point: Originator
    outcome: Outcome
    at: datetime
    officer: str | None

    @classmethod
    def of(cls, one: Answered) -> "AnswerSaid":
        """Return what is said of an answer."""
        return cls(contact_point=one.contact_point, outcome=one.outcome, at=one.at, officer=one.officer)


class Fetched(_Said):
    """The record of a delivery, as its contact point may see it now; `digest` is of `alert` alone."""

    delivery: str
    sequence: int
    contact_point: str
    view: View
    reason: AudienceReason
    why: list[str]
    digest: str
    alert: dict[str, Any]
    created_at: datetime
    confirmed_at: datetime | None
    answers: list[AnswerSaid]

    @classmethod
    def of(cls, record: Record) -> "Fetched":
        """Return what is said of a record that is shown."""
        if record.alert is None:
            raise ValueError("a record that is not shown")
        return cls(
            delivery=record.delivery,
            sequence=record.sequence,
            contact_point=record.contact_point,
            view=record.audience.view,
            reason=record.audience.reason,
            why=list(record.why),
            digest=record.digest,
            alert=record.alert,
            created_at=record.created_at,
            confirmed_at=record.confirmed_at,
            answers=[AnswerSaid.of(one) for one in record.answers],
        )


class PermissionSaid(_Said):
    """A permission, asked for or decided."""

    alert: AlertId
    originator: Originator
    contact_point: Originator
    state: PermissionState
    requested_at: datetime | None
    decided_at: datetime | None

    @classmethod
    def of(cls, one: Permission) -> "PermissionSaid":
        """Return what is said of a permission."""
        return cls(
            alert=one.which.alert_id,
            originator=one.which.originator,
            contact_point=one.which.contact_point,
            state=one.state,
            requested_at=one.requested_at,
            decided_at=one.decided_at,
        )


class Asking(_Said):
    """A contact point asks an originator."""

    alert: AlertId
    originator: Originator
    purpose: Purpose


class Deciding(_Said):
    """An originator decides for a contact point."""

    alert: AlertId
    contact_point: Originator
    decision: Literal["granted", "refused", "revoked"]
    purpose: Purpose


class Answering(_Said):
    """A contact point's answer to a revision of an alert; `false_match` names `between`."""

    outcome: Outcome
    revision: Annotated[int, Field(ge=1)]
    note: Annotated[str, StringConstraints(max_length=4_000)] | None = None
    between: tuple[SubjectRef, SubjectRef] | None = None


class StepTaken(_Said):
    """A step of the escalation: whom it was to tell, what came of it, and whom it told."""

    at: datetime
    whom: Whom
    reason: EscalationReason
    told: list[str]


class Deadline(_Said):
    """A deadline of law; `seconds_left` is below 0 once it is over."""

    what: Literal["first_report", "sirene_reply"]
    law: str
    by: datetime
    seconds_left: float


class Acknowledgement(_Said):
    """How a contact point stands to an alert that it was told of."""

    alert: AlertId
    contact_point: Originator
    revision: int
    state: ClockState
    severity: Severity
    exercise: bool
    told_at: datetime
    acknowledged_at: datetime | None
    acknowledged_by: str | None
    outcome: Outcome | None
    outcome_at: datetime | None
    superseded_by: AlertId | None
    next_step_at: datetime | None
    seconds_left: float | None
    steps: list[StepTaken]
    deadlines: list[Deadline]
    answers: list[AnswerSaid]

    @classmethod
    def of(
        cls, clock: Clock, steps: Iterable[Any], now: datetime, answers: Iterable[Answered] = ()
    ) -> "Acknowledgement":
        """Return what is said of a clock, the steps that were taken, and the answers that are seen."""
        return cls(
            alert=clock.alert_id,
            contact_point=clock.contact_point,
            revision=clock.revision,
            state=clock.state,
            severity=clock.severity,
            exercise=clock.exercise,
            told_at=clock.told_at,
            acknowledged_at=clock.acknowledged_at,
            acknowledged_by=clock.acknowledged_by,
            outcome=clock.outcome,
            outcome_at=clock.outcome_at,
            superseded_by=clock.superseded_by,
            next_step_at=clock.due_at,
            seconds_left=None if clock.due_at is None else (clock.due_at - now).total_seconds(),
            steps=[StepTaken(at=one.at, whom=one.whom, reason=one.reason, told=one.told) for one in steps],
            deadlines=[*_deadlines(clock, now)],
            answers=[AnswerSaid.of(one) for one in answers],
        )


def _deadlines(clock: Clock, now: datetime) -> Iterator[Deadline]:
    if clock.first_report_by is not None:
        left = (clock.first_report_by - now).total_seconds()
        law = "Implementing Regulation (EU) 2021/581 Art. 9"
        yield Deadline(what="first_report", law=law, by=clock.first_report_by, seconds_left=left)
    if clock.sirene_reply_by is not None:
        left = (clock.sirene_reply_by - now).total_seconds()
        law = "Regulation (EU) 2018/1862 Art. 8(3)"
        yield Deadline(what="sirene_reply", law=law, by=clock.sirene_reply_by, seconds_left=left)


class Refused(_Said):
    """Why not."""

    error: str
    text: Annotated[str, Field(max_length=500)]
