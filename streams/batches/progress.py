"""How far a worker is: what it applied, what it recovers, how far behind it is; for metrics and for people."""

import time
from dataclasses import dataclass

from prometheus_client import Counter, Gauge

_applied = Counter("border_batches_records_total", "Records applied", ["job"])
_rewinds = Counter("border_batches_rewinds_total", "Times that input was read again from the state's position", ["job"])
_expired = Counter("border_batches_expired_records_total", "Records that their topic deleted unread", ["job"])
_recoveries = Counter("border_batches_recoveries_total", "Partitions recovered", ["job"])
_to_recover = Gauge("border_batches_recovery_remaining_records", "Changelog records still to be read", ["job"])


@dataclass(frozen=True, slots=True)
class Recovering:
    """One partition's recovery: records read, records to read, and when it began (monotonic seconds)."""

    done: int
    total: int
    began: float

    def seconds_left(self, now: float) -> float | None:
        """Return an estimate from the speed so far, or None before there is one."""
        return (now - self.began) / self.done * (self.total - self.done) if self.done else None


class Progress:
    """Told by the app, read from any thread."""

    def __init__(self) -> None:
        self._recovering: dict[tuple[str, int], Recovering] = {}

    def applied(self, job: str, records: int) -> None:
        """Count records that were applied."""
        _applied.labels(job).inc(records)

    def rewound(self, job: str) -> None:
        """Count that input is read again from the state's position."""
        _rewinds.labels(job).inc()

    def expired(self, job: str, records: int) -> None:
        """Count records that were deleted before they were read."""
        _expired.labels(job).inc(records)

    def recovering(self, job: str, partition: int, done: int, total: int) -> None:
        """Note how much of a changelog is read."""
        known = self._recovering.get((job, partition))
        began = known.began if known else time.monotonic()
        self._recovering[job, partition] = Recovering(done, total, began)
        self._show(job)

    def recovered(self, job: str, partition: int) -> None:
        """Note that a partition is as it was."""
        self._recovering.pop((job, partition), None)
        _recoveries.labels(job).inc()
        self._show(job)

    def _show(self, job: str) -> None:
        left = sum(one.total - one.done for (name, _), one in self._recovering.copy().items() if name == job)
        _to_recover.labels(job).set(left)

    def text(self) -> str:
        """Say how far recovery is, in a line; empty where none is under way."""
        now, under_way = time.monotonic(), list(self._recovering.copy().values())
        if not under_way:
            return ""
        done, total = sum(one.done for one in under_way), sum(one.total for one in under_way)
        estimates = [left for one in under_way if (left := one.seconds_left(now)) is not None]
        about = f", about {max(estimates):.0f} s left" if estimates else ""
        return f"recovering: {done:,} of {total:,} changelog records read{about}"
