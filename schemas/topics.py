"""Every Kafka topic there is, created beforehand from this catalogue; brokers create none by themselves."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

DAY: Final = 86_400


@dataclass(frozen=True, slots=True)
class Topic:
    """A topic: how many partitions, and how long it keeps its records (seconds; None keeps them all).

    A compacted topic keeps the newest record of each key instead.
    """

    name: str
    partitions: int
    retention_seconds: int | None = None
    compacted: bool = False
    purpose: str = ""
    extra: Mapping[str, str] = field(default_factory=dict)

    @property
    def config(self) -> dict[str, str]:
        """The topic's settings under their Kafka names."""
        milliseconds = -1 if self.retention_seconds is None else self.retention_seconds * 1000
        return {
            "cleanup.policy": "compact" if self.compacted else "delete",
            "retention.ms": str(milliseconds),
            **self.extra,
        }


LARGEST_EVENT_BYTES: Final = 5 * 1024 * 1024
_LARGE: Final = {"max.message.bytes": str(LARGEST_EVENT_BYTES + 1024 * 1024)}
SPREAD: Final = 4
"""Partitions of the topics that grow with traffic."""

INTAKE_APP: Final = "brdo-intake"
CASEBOOK_APP: Final = "brdo-casebook"

INCIDENTS: Final = Topic(
    "border.incidents", SPREAD, 400 * DAY, purpose="incidents as stations report them", extra=_LARGE
)
SIGHTINGS: Final = Topic("border.sightings", SPREAD, 7 * DAY, purpose="passages as cameras read them", extra=_LARGE)
PASSAGES: Final = Topic("border.passages", SPREAD, 7 * DAY, purpose="accepted sightings by vehicle", extra=_LARGE)
CASEBOOK: Final = Topic("border.casebook", 1, 400 * DAY, purpose="accepted incidents in one order", extra=_LARGE)
ALERTS: Final = Topic("border.alerts", SPREAD, 400 * DAY, purpose="every revision of every alert", extra=_LARGE)
DEAD_LETTERS: Final = Topic(
    "border.dead-letters", 1, 400 * DAY, purpose="refused events, whole, with the reason", extra=_LARGE
)
CASEBOOK_STATE: Final = Topic(
    f"{CASEBOOK_APP}-casebook-changelog",
    CASEBOOK.partitions,
    compacted=True,
    purpose="the case book's state",
    extra=_LARGE,
)

CATALOGUE: Final = (
    INCIDENTS,
    SIGHTINGS,
    PASSAGES,
    CASEBOOK,
    ALERTS,
    DEAD_LETTERS,
    CASEBOOK_STATE,
    Topic(f"{INTAKE_APP}-__assignor-__leader", 1, DAY, purpose="Faust's leader election"),
    Topic(f"{CASEBOOK_APP}-__assignor-__leader", 1, DAY, purpose="Faust's leader election"),
)
