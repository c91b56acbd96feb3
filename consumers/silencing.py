"""A silence: what a contact point is not sent for a while, by whose word, and what no silence ever holds back.

It suppresses notices and the calls of officers, never the record. For what is high or critical it counts only once
a second person of the contact point has approved it.
"""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Annotated, Final, Self

from pydantic import Field, StringConstraints, model_validator

from consumers.audience import View
from consumers.matching import Place
from consumers.routing import RouteReason
from schemas.alerts import Alert, AlertKind, Severity
from schemas.configuration import Table
from schemas.fields import AlertId, CountryCode

BY_DEFAULT: Final = timedelta(hours=24)
LONGEST: Final = timedelta(days=7)
FURTHEST: Final = timedelta(days=7)
"""How far ahead one may begin."""

MOST_STANDING: Final = 50
"""Of one contact point at a time: each is asked for each notice."""

FROM_TWO: Final = Severity.HIGH
"""This and what is graver needs a second person."""

SilenceId = Annotated[str, StringConstraints(pattern=r"^sl-[0-9a-f]{20}$")]
Why = Annotated[
    str, StringConstraints(min_length=1, max_length=200, strip_whitespace=True, pattern=r"^[^\x00-\x1f\x7f]*$")
]
"""Why there is a silence, on one line."""

_ALWAYS_TOLD: Final = frozenset({RouteReason.UNANSWERED, RouteReason.PERMITTED})
"""Whoever is the fallback, or was permitted what it asked for, is told."""


class Matcher(Table):
    """Which alerts: all that is named must be met; at least one thing must be."""

    alert: AlertId | None = None
    kinds: Annotated[frozenset[AlertKind], Field(min_length=1)] | None = None
    severity_at_most: Severity | None = None
    places: Annotated[tuple[Place, ...], Field(min_length=1, max_length=50)] | None = None
    countries: Annotated[tuple[CountryCode, ...], Field(min_length=1, max_length=50)] | None = None

    @model_validator(mode="after")
    def _names_something(self) -> Self:
        if all(value is None for value in dict(self).values()):
            raise ValueError("names nothing: needs alert, kinds, severity_at_most, places or countries")
        return self


class SilenceStatus(StrEnum):
    """Where a silence stands."""

    PLANNED = "planned"
    ACTIVE = "active"
    EXPIRED = "expired"
    LIFTED = "lifted"


class SilenceRefusal(StrEnum):
    """Why a silence is not made, approved or ended."""

    ENDED = "ended"
    OWN_SILENCE = "own_silence"
    ALREADY_APPROVED = "already_approved"
    TOO_MANY = "too_many"


REFUSALS: Final = {
    SilenceRefusal.ENDED: "the silence has ended; make another one",
    SilenceRefusal.OWN_SILENCE: "its author cannot approve it: that needs another person",
    SilenceRefusal.ALREADY_APPROVED: "somebody has approved it already",
    SilenceRefusal.TOO_MANY: f"your contact point has {MOST_STANDING} silences; end one first",
}


class PeriodError(ValueError):
    """Times that no silence may have: the field, and what is wrong with it."""

    def __init__(self, name: str, text: str) -> None:
        super().__init__(f"{name}: {text}")


@dataclass(frozen=True, slots=True)
class Silence:
    """A silence of a contact point; `ended_by` is None where it has expired."""

    id: str
    contact_point: str
    match: Matcher
    reason: str = field(repr=False)
    author: str
    made_at: datetime
    begins_at: datetime
    ends_at: datetime
    approved_by: str | None = None
    approved_at: datetime | None = None
    ended_at: datetime | None = None
    ended_by: str | None = None

    def status(self, now: datetime) -> SilenceStatus:
        """Return where it stands."""
        if self.ended_by is not None:
            return SilenceStatus.LIFTED
        if self.ended_at is not None or self.ends_at <= now:
            return SilenceStatus.EXPIRED
        return SilenceStatus.PLANNED if now < self.begins_at else SilenceStatus.ACTIVE

    def refused_approval(self, by: str, now: datetime) -> SilenceRefusal | None:
        """Return why this account cannot approve it; None where it can."""
        if (ended := self.refused_end(now)) is not None:
            return ended
        if by.casefold() == self.author.casefold():
            return SilenceRefusal.OWN_SILENCE
        return None if self.approved_by is None else SilenceRefusal.ALREADY_APPROVED

    def refused_end(self, now: datetime) -> SilenceRefusal | None:
        """Return why it cannot be ended; None where it can."""
        ended = self.status(now) in {SilenceStatus.EXPIRED, SilenceStatus.LIFTED}
        return SilenceRefusal.ENDED if ended else None


def period(begins_at: datetime | None, ends_at: datetime | None, now: datetime) -> tuple[datetime, datetime]:
    """Return from when to when a silence holds: from now for a day, where it is not said; raises `PeriodError`."""
    begins = now if begins_at is None else begins_at
    if begins < now:
        raise PeriodError("begins_at", "must not lie in the past")
    if begins > now + FURTHEST:
        raise PeriodError("begins_at", f"must be within {FURTHEST.days} days")
    ends = begins + BY_DEFAULT if ends_at is None else ends_at
    if ends <= begins:
        raise PeriodError("ends_at", "must be later than begins_at")
    if ends > begins + LONGEST:
        raise PeriodError("ends_at", f"must be at most {LONGEST.days} days after begins_at")
    return begins, ends


def must_tell(alert: Alert, view: View, reason: RouteReason) -> bool:
    """Whether no silence may hold this back: danger to life, a recall, and what goes to a fallback or was asked for."""
    endangers_life = alert.life_at_risk or alert.kind is AlertKind.LIFE_AT_RISK
    return endangers_life or view is not View.FULL or reason in _ALWAYS_TOLD
