"""What contact points receive: alerts, their reasons and the evidence they rest on."""

import hashlib
from enum import StrEnum
from typing import Annotated, Literal

from pydantic import Field

from schemas.fields import AlertId, Check, CountryCode, Direction, Evaluation, HandlingCode, Instant, Strict

SCHEMA_VERSION = "1.0"


class AlertKind(StrEnum):
    """All kinds of alert; the README says which are raised today."""

    LIFE_AT_RISK = "life_at_risk"
    REPEAT_VEHICLE = "repeat_vehicle"
    KNOWN_VEHICLE_SIGHTED = "known_vehicle_sighted"
    REPEAT_PERSON = "repeat_person"
    KNOWN_PERSON_SIGHTED = "known_person_sighted"
    WATCHLIST_HIT = "watchlist_hit"
    LINKED_INCIDENTS = "linked_incidents"
    CONVOY = "convoy"
    IMPOSSIBLE_JOURNEY = "impossible_journey"
    IDENTITY_CONFLICT = "identity_conflict"
    SURGE = "surge"
    BULLETIN = "bulletin"


class Severity(StrEnum):
    """How urgent, from most to least."""

    CRITICAL = "critical"
    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"

    @property
    def rank(self) -> int:
        """0 for critical, 3 for low."""
        return list(Severity).index(self)


class Appearance(Strict):
    """A subject's place in a report: ``vehicles/0`` in an incident, ``vehicle`` in a sighting, "" for the report."""

    event: str
    subject: str


class Identifier(Strict):
    """One thing a subject is known by."""

    type: Literal["plate", "vin", "station", "document", "name", "birth_date"]
    value: str
    country: str | None = None


class Subject(Strict):
    """Who or what an alert is about. `safeguarding` marks somebody under 18, whose name no notification tells."""

    kind: Literal["vehicle", "person", "station"]
    label: str
    identifiers: tuple[Identifier, ...]
    appearances: tuple[Appearance, ...]
    safeguarding: bool = False


class Reason(Strict):
    """One verifiable fact in one sentence, and what it adds to the score."""

    rule: str
    contribution: float
    text: str
    evidence: tuple[str, ...]


class Occurrence(Strict):
    """Where and when a piece of evidence happened; late means ingested more than an hour after it occurred."""

    event: str
    type: Literal["incident", "sighting"]
    station: str
    country: str
    occurred_at: Instant
    direction: Direction | None = None
    late: bool


class SuggestedResponse(Strict):
    """What the author of a watchlist entry asks for (Implementing Regulation (EU) 2021/581 Art. 15)."""

    entry: str
    check: Check
    text: str
    originator: str


class Alert(Strict):
    """One revision of an alert. Scores lie in 0 to 1; evidence is sorted by event id.

    `restricted_by` names the originators whose H2 information is part of the evidence; `countries` those that a
    bulletin is for, none where it is for all.
    """

    type: Literal["alert"] = "alert"
    schema_version: str = SCHEMA_VERSION
    id: AlertId
    revision: Annotated[int, Field(ge=1)]
    status: Literal["open", "withdrawn"]
    withdrawn_reason: Literal["superseded", "no_longer_supported", "rule_change"] | None = None
    superseded_by: str | None = None
    kind: AlertKind
    severity: Severity
    score: Annotated[float, Field(ge=0, le=1)]
    summary: str
    rules_version: str
    exercise: bool
    subjects: tuple[Subject, ...]
    reasons: tuple[Reason, ...]
    evidence: tuple[str, ...]
    occurrences: tuple[Occurrence, ...]
    suggested_responses: tuple[SuggestedResponse, ...] = ()
    countries: tuple[CountryCode, ...] = ()
    handling_codes: tuple[HandlingCode, ...]
    handling: HandlingCode
    evaluation: Evaluation
    originators: tuple[str, ...]
    restricted_by: tuple[str, ...] = ()
    quality_notes: tuple[str, ...]
    life_at_risk: bool
    opened_at: Instant
    updated_at: Instant
    valid_until: Instant


class Edition(Strict):
    """A revision of an alert for some contact points, computed from the evidence that they may see.

    An edition of its own goes to one `reader` alone; the common one (no reader) to all but those `apart`. Of one alert
    a contact point reads either, and the revisions that it reads only grow.
    """

    type: Literal["edition"] = "edition"
    alert: Alert
    reader: str = ""
    apart: tuple[str, ...] = ()

    def is_for(self, contact_point: str) -> bool:
        """Whether this contact point reads it."""
        return contact_point == self.reader if self.reader else contact_point not in self.apart


def alert_id(kind: AlertKind, *, exercise: bool, earliest: Appearance, other: str = "") -> str:
    """Return the id that every worker derives alike from the earliest appearance.

    `other` is the document of an identity conflict, else empty. For `life_at_risk` the appearance
    is the incident itself, so its position is empty too.
    """
    drill = "exercise" if exercise else "real"
    text = f"{kind}|{drill}|{earliest.event}|{earliest.subject}|{other}"
    return "al-" + hashlib.sha256(text.encode()).hexdigest()[:20]
