"""A breaker of one queue: after failures in a row a single probe at a time goes out, until one arrives.

It drops nothing: what is not sent meanwhile waits in its queue, and is due at once when the contact point answers.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

TRIPS_AFTER: Final = 5
"""Failures in a row."""

PROBE_WAITS: Final = tuple(timedelta(seconds=seconds) for seconds in (5, 10, 30, 60))
"""How long after each failed probe the next one goes; the last wait repeats."""


class BreakerStatus(StrEnum):
    """Closed: all is sent. Open: nothing is, for now. Half open: one probe is on its way, or due."""

    CLOSED = "closed"
    OPEN = "open"
    HALF_OPEN = "half_open"


@dataclass(frozen=True, slots=True)
class Breaker:
    """What is known of a queue's contact point: failures in a row, and when the next probe may go."""

    failures: int = 0
    probe_at: datetime | None = None

    def status(self, now: datetime) -> BreakerStatus:
        """Return where it stands."""
        if self.probe_at is None:
            return BreakerStatus.CLOSED
        return BreakerStatus.HALF_OPEN if now >= self.probe_at else BreakerStatus.OPEN

    def room(self, now: datetime, under_way: int, at_once: int) -> int:
        """Return how many sendings may be started beside those under way."""
        match self.status(now):
            case BreakerStatus.CLOSED:
                return max(0, at_once - under_way)
            case BreakerStatus.HALF_OPEN:
                return 0 if under_way else 1
            case BreakerStatus.OPEN:
                return 0

    def after(self, *, arrived: bool, now: datetime) -> "Breaker":
        """Return the breaker after one more sending ended."""
        if arrived:
            return Breaker()
        failures = self.failures + 1
        if failures < TRIPS_AFTER:
            return Breaker(failures)
        wait = PROBE_WAITS[min(failures - TRIPS_AFTER, len(PROBE_WAITS) - 1)]
        return Breaker(failures, now + wait)
