"""What a typology found: everything an alert says, before it has a revision."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from schemas.alerts import AlertKind, Appearance, Reason, Severity, Subject, SuggestedResponse, alert_id
from streams.engine.evidence import Evidence


@dataclass(frozen=True, slots=True)
class Draft:
    """An alert that should be open, given the evidence."""

    kind: AlertKind
    exercise: bool
    earliest: Appearance
    summary: str
    subjects: tuple[Subject, ...]
    reasons: tuple[Reason, ...]
    rests_on: tuple[Evidence, ...]
    opened_at: datetime
    window: timedelta
    by_name_alone: bool = False
    """A person is linked by name and birth date without a document."""
    suggested_responses: tuple[SuggestedResponse, ...] = ()
    other: str = ""
    """The document of an identity conflict."""
    severity: Severity | None = None
    """Said by the author of a bulletin; else the rules say it."""
    countries: tuple[str, ...] = ()
    """Whom a bulletin is for."""
    notes: tuple[str, ...] = ()
    """What is odd beside what is odd about each piece of evidence: a `QualityNote`, or a sentence of its own."""

    @property
    def id(self) -> str:
        """The alert's id, from its earliest appearance."""
        return alert_id(self.kind, exercise=self.exercise, earliest=self.earliest, other=self.other)

    @property
    def evidence(self) -> tuple[str, ...]:
        """Every event id it rests on, sorted."""
        return tuple(sorted(event for piece in self.rests_on for event in piece.ids))

    @property
    def group(self) -> frozenset[str]:
        """The evidence and the reports that it replaced: what connects it with an alert raised before them."""
        return frozenset(event for piece in self.rests_on for event in piece.group)

    @property
    def newest(self) -> Evidence:
        """The last thing that happened."""
        happened = [piece for piece in self.rests_on if piece.type != "watchlist_entry"]
        return max(happened, key=lambda piece: piece.sort_key)

    @property
    def life_at_risk(self) -> bool:
        """Whether the newest incident is of a danger to life: an old one makes no new alert critical."""
        incidents = [piece for piece in self.rests_on if piece.type == "incident"]
        return bool(incidents) and max(incidents, key=lambda piece: piece.sort_key).life_at_risk
