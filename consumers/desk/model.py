"""The state of a duty desk, what it is told, and what it asks to be done outside."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Final

from consumers.desk import words
from consumers.desk.alerts import DeskAlert
from consumers.desk.answers import Answer, Answers
from schemas.feedback import Outcome, Verdict
from schemas.messages import AnyMessage

Key = tuple[str, int]
"""An alert and its revision."""

STALE_SECONDS: Final = 10.0
"""How old the list may be before it is called stale; it is read every other second."""


class Field(StrEnum):
    """What is being typed."""

    FILTER = "filter"
    NOTE = "note"


@dataclass(frozen=True, slots=True)
class Listing:
    """The list is shown."""


@dataclass(frozen=True, slots=True)
class Opening:
    """An alert is to be shown once it is written down who looks at it."""

    alert: DeskAlert


@dataclass(frozen=True, slots=True)
class Detail:
    """One revision is shown whole; it stays that one until a newer one is opened."""

    alert: DeskAlert
    scroll: int = 0


@dataclass(frozen=True, slots=True)
class Choosing:
    """The outcome is being chosen."""

    alert: DeskAlert
    back: Listing | Detail


@dataclass(frozen=True, slots=True)
class Typing:
    """A text is being typed: the filter, or the note of an answer."""

    field: Field
    text: str
    back: Listing | Detail
    alert: DeskAlert | None = None
    outcome: Outcome | None = None


@dataclass(frozen=True, slots=True)
class Help:
    """The keys are explained."""

    back: Listing | Detail
    scroll: int = 0


Mode = Listing | Opening | Detail | Choosing | Typing | Help


@dataclass(frozen=True, slots=True)
class Standing:
    """What the contact point answered to an alert: its newest verdict, and whether the alert changed since."""

    verdict: Verdict | None = None
    changed_since: bool = False


@dataclass(frozen=True, slots=True)
class Desk:
    """Everything that the screen shows. `recorded` are the revisions whose listing is written down."""

    contact_point: str
    answers: Answers
    officer: str | None = None
    alerts: Mapping[str, DeskAlert] = field(default_factory=dict)
    standings: Mapping[str, Standing] = field(default_factory=dict)
    recorded: frozenset[Key] = frozenset()
    recording: frozenset[Key] = frozenset()
    pending: Mapping[str, Answer] = field(default_factory=dict)
    answers_known: bool = False
    filter: str = ""
    selected: str | None = None
    mode: Mode = Listing()
    message: str = ""
    leaving: bool = False
    read_at: datetime | None = None
    left_out: int = 0
    unreadable: int = 0
    away: str = ""
    answers_away: str = ""

    def standing(self, alert: DeskAlert) -> Standing:
        """Return what was answered to this alert."""
        return self.standings.get(alert.id, _UNANSWERED)


_UNANSWERED: Final = Standing()


@dataclass(frozen=True, slots=True)
class Consult:
    """Effect: write down that this revision is looked at, then show it."""

    alert: DeskAlert


@dataclass(frozen=True, slots=True)
class RecordList:
    """Effect: write down which revisions are listed."""

    keys: tuple[Key, ...]


@dataclass(frozen=True, slots=True)
class Send:
    """Effect: publish an answer."""

    answer: Answer


@dataclass(frozen=True, slots=True)
class Ring:
    """Effect: ring the terminal's bell."""


@dataclass(frozen=True, slots=True)
class Quit:
    """Effect: leave."""


Effect = Consult | RecordList | Send | Ring | Quit


@dataclass(frozen=True, slots=True)
class Read:
    """News: the delivery tables as they stand; of the alerts only those that are new or changed."""

    alerts: tuple[DeskAlert, ...]
    at: datetime
    left_out: int = 0
    unreadable: int = 0


@dataclass(frozen=True, slots=True)
class Away:
    """News: the database does not answer."""

    why: str


@dataclass(frozen=True, slots=True)
class Answered:
    """News: messages that came on the feedback topic, verdicts among them."""

    messages: tuple[AnyMessage, ...]


@dataclass(frozen=True, slots=True)
class AnswersAway:
    """News: the feedback topic cannot be read."""

    why: str


@dataclass(frozen=True, slots=True)
class Recorded:
    """News: it is written down who looks at this (a detail, or what is listed), or why it is not."""

    of: Consult | RecordList
    failure: str = ""


@dataclass(frozen=True, slots=True)
class Sent:
    """News: Kafka acknowledged an answer."""

    answer: Answer
    verdict: Verdict


@dataclass(frozen=True, slots=True)
class NotSent:
    """News: an answer did not get to Kafka."""

    answer: Answer
    why: str


News = Read | Away | Answered | AnswersAway | Recorded | Sent | NotSent


def is_stale(desk: Desk, now: datetime) -> bool:
    """Whether what is listed may not be all there is."""
    return bool(desk.away) or (desk.read_at is not None and (now - desk.read_at).total_seconds() > STALE_SECONDS)


def rank(alert: DeskAlert) -> int:
    """Return 0 for critical, and the last rank where no severity is told."""
    return alert.severity.rank if alert.severity is not None else len(words.LETTERS)
