"""How far a worker is: what it applied, what it recovers, how far behind it is; for metrics and for people."""

import time
from collections import Counter, defaultdict, deque
from typing import Any, Final, NamedTuple

from prometheus_client import Counter as Total
from prometheus_client import Gauge

_applied = Total("border_batches_records_total", "Records applied", ["job"])
_rewinds = Total("border_batches_rewinds_total", "Times that input was read again", ["job"])
_expired = Total("border_batches_expired_records_total", "Records that their topic deleted unread", ["job"])
_recoveries = Total("border_batches_recoveries_total", "Partitions recovered", ["job"])
_to_recover = Gauge("border_batches_recovery_remaining_records", "Changelog records still to be read", ["job"])


_lag = Gauge("border_batches_lag_records", "Records still to be read", ["job"])
_to_current = Gauge("border_batches_to_current_seconds", "Time until all is read, at the present speed", ["job"])

_SPEED_OVER: Final = 10
"""How many of the last calls of `behind` the speed is taken over."""


class Recovering(NamedTuple):
    """One partition's recovery: changelog records read, and to be read in all."""

    done: int
    total: int


class Progress:
    """Told by the app, read from any thread."""

    def __init__(self) -> None:
        self._recovering: dict[tuple[str, int], Recovering] = {}
        self._done: Counter[str] = Counter()
        self._moments: dict[str, deque[tuple[float, int]]] = defaultdict(lambda: deque(maxlen=_SPEED_OVER))
        self._lag: dict[str, int] = {}
        self._left: dict[str, float] = {}

    def applied(self, job: str, records: int) -> None:
        """Count records that were applied."""
        self._done[job] += records
        _applied.labels(job).inc(records)

    def rewound(self, job: str) -> None:
        """Count that input is read again from the state's position."""
        _rewinds.labels(job).inc()

    def expired(self, job: str, records: int) -> None:
        """Count records that were deleted before they were read."""
        _expired.labels(job).inc(records)

    def recovering(self, job: str, partition: int, done: int, total: int) -> None:
        """Note how much of a changelog is read."""
        self._recovering[job, partition] = Recovering(done, total)
        self._show(job)

    def recovered(self, job: str, partition: int) -> None:
        """Note that a partition is as it was."""
        self._recovering.pop((job, partition), None)
        _recoveries.labels(job).inc()
        self._show(job)

    def _show(self, job: str) -> None:
        left = sum(one.total - one.done for (name, _), one in self._recovering.copy().items() if name == job)
        _to_recover.labels(job).set(left)

    def behind(self, job: str, records: int) -> None:
        """Note how many records a job has still to read; call it every second or so."""
        now, done = time.monotonic(), self._done[job]
        moments = self._moments[job]
        moments.append((now, done))
        began, before = moments[0]
        speed = (done - before) / (now - began) if now > began else 0.0
        self._lag[job] = records
        self._left[job] = records / speed if records and speed else 0.0
        _lag.labels(job).set(records)
        _to_current.labels(job).set(self._left[job])

    def said(self) -> dict[str, Any]:
        """Return all this for people: what is being recovered, what is still to be read, and for how long."""
        under_way = list(self._recovering.copy().values())
        recovering = None
        if under_way:
            recovering = {"done": sum(one.done for one in under_way), "total": sum(one.total for one in under_way)}
        behind = sum(self._lag.copy().values())
        return {
            "recovering": recovering,
            "behind": behind,
            "seconds_to_current": max(self._left.copy().values(), default=0.0),
        }
