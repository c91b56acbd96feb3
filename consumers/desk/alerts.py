"""One alert as its contact point may see it: the record of a delivery, read leniently.

What a contact point may see was decided when the record was read (`consumers.records`): an extract and a recall lack
most fields, and nothing here fills them from elsewhere.
"""

from datetime import datetime
from typing import Any

from pydantic import BaseModel, ConfigDict, ValidationError

from consumers.audience import View
from consumers.desk.harmless import cleaned
from consumers.records import Record
from schemas import stations
from schemas.alerts import AlertKind, Severity
from schemas.errors import UnknownStationError


class _Lenient(BaseModel):
    """What is stored was checked when it was stored; later fields are passed over."""

    model_config = ConfigDict(extra="ignore", frozen=True)


class Identifier(_Lenient):
    """One thing a subject is known by."""

    type: str
    value: str
    country: str | None = None


class Appearance(_Lenient):
    """Where a report names a subject."""

    event: str
    subject: str = ""


class Subject(_Lenient):
    """Who or what the alert is about."""

    kind: str
    label: str
    identifiers: tuple[Identifier, ...] = ()
    appearances: tuple[Appearance, ...] = ()
    safeguarding: bool = False


class Reason(_Lenient):
    """One fact, and the events that show it; an extract names none."""

    rule: str
    text: str
    contribution: float | None = None
    evidence: tuple[str, ...] = ()


class Occurrence(_Lenient):
    """Where and when a piece of evidence happened; an extract does not say which report it was."""

    station: str
    country: str
    occurred_at: datetime
    type: str = ""
    event: str | None = None
    direction: str | None = None
    late: bool = False

    @property
    def place(self) -> str:
        """The station's name and country."""
        try:
            return f"{stations.station(self.station).name} ({self.country})"
        except UnknownStationError:
            return f"{self.station} ({self.country})"


class SuggestedResponse(_Lenient):
    """What the author of a watchlist entry asks for."""

    check: str
    text: str
    originator: str


class Evaluation(_Lenient):
    """Reliability of the source, accuracy of the information."""

    source: str
    information: int


class DeskAlert(_Lenient):
    """The newest revision of one alert that was assigned to this contact point."""

    id: str
    revision: int
    view: View
    why: tuple[str, ...] = ()
    status: str
    kind: AlertKind
    exercise: bool
    updated_at: datetime
    severity: Severity | None = None
    summary: str = ""
    score: float | None = None
    withdrawn_reason: str | None = None
    superseded_by: str | None = None
    subjects: tuple[Subject, ...] = ()
    reasons: tuple[Reason, ...] = ()
    occurrences: tuple[Occurrence, ...] = ()
    suggested_responses: tuple[SuggestedResponse, ...] = ()
    handling_codes: tuple[str, ...] = ()
    evaluation: Evaluation | None = None
    originators: tuple[str, ...] = ()
    quality_notes: tuple[str, ...] = ()
    life_at_risk: bool = False
    opened_at: datetime | None = None
    valid_until: datetime | None = None
    silenced_by: str | None = None
    """The silence of this contact point by which no notice was sent; the record is here all the same."""

    @property
    def key(self) -> tuple[str, int]:
        """Which revision of which alert this is."""
        return self.id, self.revision

    @property
    def is_open(self) -> bool:
        """Whether it stands, not withdrawn."""
        return self.status == "open"

    @property
    def endangers_life(self) -> bool:
        """Whether it stands and says that life is at risk."""
        return self.is_open and (self.life_at_risk or self.kind is AlertKind.LIFE_AT_RISK)

    @property
    def place(self) -> str:
        """Where it happened last; empty where that is not told."""
        return max(self.occurrences, key=lambda one: one.occurred_at).place if self.occurrences else ""


def read_record(record: Record) -> DeskAlert | None:
    """Return the alert of a record, fit for a terminal; None where there is none to be read."""
    if record.alert is None:
        return None
    try:
        shown: Any = cleaned(record.alert)
        known = {"view": record.audience.view, "silenced_by": record.mark.silenced_by}
        return DeskAlert.model_validate({**shown, **known, "why": cleaned(list(record.why))})
    except (ValueError, KeyError, TypeError, RecursionError, ValidationError):
        return None
