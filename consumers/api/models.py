"""What the interface says, and what it takes."""

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from consumers.acknowledgement import Clock, ClockState
from consumers.answered import Answered
from consumers.audience import AudienceReason, View
from consumers.escalation import EscalationReason
from consumers.notice import DeliveryId, Notice, parse
from consumers.permissions import Permission, PermissionState
from consumers.policy import Whom
from consumers.records import Listed, Record
from consumers.silencing import Matcher, Silence, SilenceId, SilenceStatus, Why
from schemas.alerts import Severity
from schemas.feedback import Outcome, SubjectRef
from schemas.fields import PRINTABLE, AlertId, Instant, Originator

Purpose = Annotated[str, StringConstraints(min_length=1, max_length=200, strip_whitespace=True), PRINTABLE]


Name = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9._-]{1,40}$")]
"""What a contact point calls a bulletin or a reply of its own, so that sending it twice sends it once."""


class Said(BaseModel):
    """Base of what is said and taken."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Marked(Said):
    """Why a delivery may not have been sent: which silence held it back, which delivery is sent in its place."""

    silenced_by: SilenceId | None
    replaced_by: DeliveryId | None


class Page(Said):
    """Notices in their sequence; `high_water` is the number of the last that there is; `marks` are by delivery."""

    deliveries: list[Notice]
    high_water: int
    marks: dict[DeliveryId, Marked] = {}

    @classmethod
    def of(cls, found: Iterable[Listed], high_water: int) -> "Page":
        """Return what is said of deliveries."""
        found = list(found)
        marks = {one.delivery: Marked(**one.mark._asdict()) for one in found if any(one.mark)}
        return cls(deliveries=[parse(one.notice) for one in found], high_water=high_water, marks=marks)


class ReplySaid(Said):
    """A reply to a bulletin: its number in the thread, whose it is, and `to` whom: all, or this contact point."""

    number: int
    contact_point: Originator
    officer: str
    to: str
    text: str
    at: datetime


class AnswerSaid(Said):
    """What a contact point answered; the officer is named to their own contact point alone."""

    contact_point: Originator
    outcome: Outcome
    at: datetime
    officer: str | None

    @classmethod
    def of(cls, one: Answered) -> "AnswerSaid":
        """Return what is said of an answer."""
        return cls(contact_point=one.contact_point, outcome=one.outcome, at=one.at, officer=one.officer)


class Fetched(Said):
    """The record of a delivery, as its contact point may see it now; `digest` is of `alert`, or of a `reply`."""

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
    reply: ReplySaid | None
    answers: list[AnswerSaid]
    silenced_by: SilenceId | None = None
    replaced_by: DeliveryId | None = None

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
            reply=None if record.reply is None else ReplySaid.model_validate(record.reply),
            **record.mark._asdict(),
            answers=[AnswerSaid.of(one) for one in record.answers],
        )


class PermissionSaid(Said):
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


class Asking(Said):
    """A contact point asks an originator."""

    alert: AlertId
    originator: Originator
    purpose: Purpose


class Deciding(Said):
    """An originator decides for a contact point."""

    alert: AlertId
    contact_point: Originator
    decision: Literal["granted", "refused", "revoked"]
    purpose: Purpose


class Answering(Said):
    """A contact point's answer to a revision of an alert; `false_match` names `between`."""

    outcome: Outcome
    revision: Annotated[int, Field(ge=1)]
    note: Annotated[str, StringConstraints(max_length=4_000)] | None = None
    between: tuple[SubjectRef, SubjectRef] | None = None


class Silencing(Said):
    """A silence that is asked for: from now, for a day, where that is not said; at most 7 days."""

    match: Matcher
    reason: Why
    begins_at: Instant | None = None
    ends_at: Instant | None = None


class SilenceSaid(Said):
    """A silence; for what is high or critical it counts only once `approved_by` says who has approved it."""

    id: SilenceId
    contact_point: Originator
    match: Matcher
    reason: str
    status: SilenceStatus
    author: str
    made_at: datetime
    begins_at: datetime
    ends_at: datetime
    approved_by: str | None
    approved_at: datetime | None
    ended_at: datetime | None
    ended_by: str | None

    @classmethod
    def of(cls, silence: Silence, now: datetime) -> "SilenceSaid":
        """Return what is said of a silence."""
        same = {name: getattr(silence, name) for name in Silence.__slots__}
        return cls(**same, status=silence.status(now))


class StepTaken(Said):
    """A step of the escalation: whom it was to tell, what came of it, and whom it told."""

    at: datetime
    whom: Whom
    reason: EscalationReason
    told: list[str]


class Deadline(Said):
    """A deadline of law; `seconds_left` is below 0 once it is over."""

    what: Literal["first_report", "sirene_reply"]
    law: str
    by: datetime
    seconds_left: float


class Acknowledgement(Said):
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


class Refused(Said):
    """Why not."""

    error: str
    text: Annotated[str, Field(max_length=500)]
