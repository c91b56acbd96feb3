"""Every Kafka topic there is, created beforehand from this catalogue; brokers create none by themselves."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

DAY: Final = 86_400
_LONGEST_SEGMENT_SECONDS: Final = 7 * DAY
_SEGMENTS: Final = 28
"""Kafka deletes whole segments, once their newest record is too old: so many make up a retention, at least."""

_STATE_SEGMENT_SECONDS: Final = DAY // 4
_STATE_LAG_SECONDS: Final = DAY
"""See `streams/batches/changelog.py`."""


@dataclass(frozen=True, slots=True)
class Topic:
    """A topic: how many partitions, and how long it keeps its records (seconds; None keeps them all).

    A record is gone from the disk at most 1/28 of its retention later (of 7 days: 6 hours) and two minutes, by when
    the broker has looked and let go of the file. A compacted topic keeps the newest record of each key instead: what
    was deleted or replaced is gone 30 hours later and what the cleaner takes, however quiet the topic is.
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
        if self.compacted:
            return {
                "cleanup.policy": "compact",
                "retention.ms": "-1",
                "segment.ms": _milliseconds(_STATE_SEGMENT_SECONDS),  # the newest segment is never compacted
                "min.compaction.lag.ms": _milliseconds(_STATE_LAG_SECONDS),
                "max.compaction.lag.ms": _milliseconds(_STATE_LAG_SECONDS),
                **self.extra,
            }
        kept = self.retention_seconds
        return {
            "cleanup.policy": "delete",
            "retention.ms": "-1" if kept is None else _milliseconds(kept),
            "segment.ms": _milliseconds(min(_LONGEST_SEGMENT_SECONDS, (kept or math.inf) // _SEGMENTS)),
            **self.extra,
        }


def _milliseconds(seconds: float) -> str:
    return str(int(seconds * 1000))


LARGEST_EVENT_BYTES: Final = 5 * 1024 * 1024
_LARGE: Final = {"max.message.bytes": str(LARGEST_EVENT_BYTES + 1024 * 1024)}
_BROKER_TIME: Final = {"message.timestamp.type": "LogAppendTime"}
_FROM_OUTSIDE: Final = {**_LARGE, **_BROKER_TIME}
"""By a device's own clock the broker would refuse what is an hour ahead, and delete what seems older than it keeps."""

SPREAD: Final = 4
"""Partitions of the topics that grow with traffic."""

INTAKE_APP: Final = "brdo-intake"
CASEBOOK_APP: Final = "brdo-casebook"
WATCH_APP: Final = "brdo-watch"

INCIDENTS: Final = Topic(
    "border.incidents", SPREAD, 400 * DAY, purpose="incidents as stations report them", extra=_FROM_OUTSIDE
)
SIGHTINGS: Final = Topic(
    "border.sightings", SPREAD, 7 * DAY, purpose="passages as cameras read them", extra=_FROM_OUTSIDE
)
WATCHLIST: Final = Topic("border.watchlist", 1, 800 * DAY, purpose="changes of the watchlist", extra=_FROM_OUTSIDE)
FEEDBACK: Final = Topic(
    "border.feedback",
    1,
    400 * DAY,
    purpose="retractions, verdicts and bulletins of contact points",
    extra=_FROM_OUTSIDE,
)
RULES: Final = Topic("border.rules", 1, purpose="changes of the rules, by operations alone", extra=_FROM_OUTSIDE)
STATION_STATUS: Final = Topic(
    "border.station-status",
    1,
    7 * DAY,
    purpose="what devices say of themselves",
    extra=_BROKER_TIME,  # against it, too, a device measures its own clock
)
NOTICES: Final = Topic(
    "border.notices", SPREAD, DAY, purpose="what stations are told while the car is there", extra=_LARGE
)
PASSAGES: Final = Topic("border.passages", SPREAD, 7 * DAY, purpose="accepted sightings by vehicle", extra=_LARGE)
INTERESTS: Final = Topic(
    "border.interests",
    PASSAGES.partitions,  # each holds all of them
    400 * DAY,
    purpose="vehicles and persons that the watch looks out for",
    extra=_LARGE,
)
ROADSIDE: Final = Topic(
    "border.roadside",
    PASSAGES.partitions,  # the watch reads both
    7 * DAY,
    purpose="passages by place, and who passed minutes from a vehicle of interest",
    extra=_LARGE,
)
CASEBOOK: Final = Topic(
    "border.casebook",
    1,
    400 * DAY,
    purpose="accepted events, of sightings those that could matter, in one order",
    extra=_LARGE,
)
ALERTS: Final = Topic("border.alerts", SPREAD, 400 * DAY, purpose="every revision of every alert", extra=_LARGE)
SHADOW_ALERTS: Final = Topic(
    "border.alerts-in-shadow",
    SPREAD,
    400 * DAY,
    purpose="every revision of the alerts of kinds that are tried: nobody is told",
    extra=_LARGE,
)
EDITIONS: Final = Topic(
    "border.editions",
    SPREAD,
    400 * DAY,
    purpose="every revision of every alert, as those read it who may see all or part of its evidence",
    extra=_LARGE,
)
DEAD_LETTERS: Final = Topic(
    "border.dead-letters", 1, 400 * DAY, purpose="refused events, whole, with the reason", extra=_LARGE
)
REFUSED_SIGHTINGS: Final = Topic(
    "border.refused-sightings",
    1,
    SIGHTINGS.retention_seconds,
    purpose="refused sightings, whole, with the reason: gone with those that were accepted",
    extra=_LARGE,
)
CONSULTATIONS: Final = Topic(
    "border.consultations", 1, 1100 * DAY, purpose="who looked at alerts and refused events, when and why"
)
CASEBOOK_STATE: Final = Topic(
    f"{CASEBOOK_APP}-casebook-changelog",
    CASEBOOK.partitions,
    compacted=True,
    purpose="the case book's state",
    extra=_LARGE,
)
WATCH_STATE: Final = Topic(
    f"{WATCH_APP}-watch-changelog",
    PASSAGES.partitions,
    compacted=True,
    purpose="the watch's state",
    extra=_LARGE,
)

INBOUND: Final = (INCIDENTS, SIGHTINGS, WATCHLIST, FEEDBACK, RULES, STATION_STATUS)
"""What intake reads: everything that comes from outside."""

REFUSED: Final = (DEAD_LETTERS, REFUSED_SIGHTINGS)
"""Where dead letters are."""
REFUSED_NAMES: Final = frozenset(topic.name for topic in REFUSED)

CATALOGUE: Final = (
    *INBOUND,
    NOTICES,
    PASSAGES,
    INTERESTS,
    ROADSIDE,
    CASEBOOK,
    ALERTS,
    SHADOW_ALERTS,
    EDITIONS,
    DEAD_LETTERS,
    REFUSED_SIGHTINGS,
    CONSULTATIONS,
    CASEBOOK_STATE,
    WATCH_STATE,
    Topic(f"{INTAKE_APP}-__assignor-__leader", 1, DAY, purpose="Faust's leader election"),
    Topic(f"{CASEBOOK_APP}-__assignor-__leader", 1, DAY, purpose="Faust's leader election"),
    Topic(f"{WATCH_APP}-__assignor-__leader", 1, DAY, purpose="Faust's leader election"),
)
