"""What comes back from contact points: retractions, verdicts, and word to others.

Each is signed by the officer who answers for it (a human decides: Directive (EU) 2016/680 Art. 11).
"""

from typing import Annotated, Literal, Self

from pydantic import Field, StringConstraints, model_validator

from schemas.alerts import Severity
from schemas.fields import (
    PRINTABLE,
    AlertId,
    CountryCode,
    Evaluation,
    EventId,
    Handled,
    Instant,
    Message,
    Originator,
    ShortText,
    Strict,
    wrong,
)

Outcome = Literal[
    "acknowledged", "confirmed", "not_confirmed", "false_match", "no_action", "clarification_asked", "refused"
]


class SubjectRef(Strict):
    """A subject by its event and its position there: ``vehicles/0``, ``persons/1``; a sighting's ``vehicle``."""

    event: EventId
    subject: Annotated[str, StringConstraints(pattern=r"^(vehicle|(vehicles|persons)/(0|[1-9][0-9]{0,2}))$")]


class Retraction(Message):
    """An originator takes an event back, or a contact point its verdict."""

    type: Literal["retraction"]
    at: Instant
    originator: Originator
    officer: ShortText
    retracts: EventId
    reason: Literal["unfounded", "wrong_identity", "duplicate", "entered_in_error"]


class Verdict(Message):
    """What a contact point made of an alert. `between` names the two that were never the same."""

    type: Literal["verdict"]
    at: Instant
    alert: AlertId
    contact_point: Originator
    officer: ShortText
    outcome: Outcome
    note: Annotated[str, StringConstraints(max_length=4_000), PRINTABLE] | None = None
    between: Annotated[tuple[SubjectRef, ...], Field(min_length=2, max_length=2)] | None = None

    @model_validator(mode="after")
    def _false_match_names_two(self) -> Self:
        if (self.outcome == "false_match") != (self.between is not None):
            raise wrong("between", "goes with outcome false_match, which needs it, and with no other")
        if self.between is not None and self.between[0] == self.between[1]:
            raise wrong("between", "names one subject twice")
        return self


class Bulletin(Message, Handled):
    """Word from one contact point to others on a significant activity."""

    type: Literal["bulletin"]
    at: Instant
    originator: Originator
    contact_point: Originator
    officer: ShortText
    title: Annotated[str, StringConstraints(min_length=1, max_length=200), PRINTABLE]
    text: Annotated[str, StringConstraints(min_length=1, max_length=20_000), PRINTABLE]
    severity: Severity = Severity.MEDIUM
    evaluation: Evaluation = Evaluation()
    countries: tuple[CountryCode, ...] = Field(default=(), max_length=50)
    valid_until: Instant | None = None
    refers_to: tuple[EventId, ...] = Field(default=(), max_length=200)
