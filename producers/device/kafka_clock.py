"""What time it is at Kafka, as far as a device knows whose own clock may be wrong by years."""

import time
from collections.abc import Callable
from datetime import UTC, datetime

Clock = Callable[[], datetime]


class KafkaClock:
    """Kafka's clock, from the last moment that the broker stamped; kept going by monotonic time."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._stamp: tuple[float, float] | None = None
        self.offset_seconds: float | None = None
        """The device's clock minus Kafka's; None until measured."""

    def measure(self, broker_milliseconds: int) -> None:
        """Take in when the broker stamped a record whose acknowledgement has come just now."""
        stamped = broker_milliseconds / 1000
        self._stamp = stamped, time.monotonic()
        self.offset_seconds = round(self._clock().timestamp() - stamped, 3)

    def now(self) -> datetime:
        """Return Kafka's time, or the device's own while Kafka's is not known."""
        if self._stamp is None:
            return self._clock()
        stamped, measured = self._stamp
        return datetime.fromtimestamp(stamped + time.monotonic() - measured, UTC)
