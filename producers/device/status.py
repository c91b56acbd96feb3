"""What the device says of itself every minute, straight to Kafka and never through the spool: it is old at once."""

import time
import uuid
from dataclasses import dataclass
from typing import Final

import structlog
from confluent_kafka import TIMESTAMP_LOG_APPEND_TIME, KafkaError, KafkaException, Message
from prometheus_client import Counter, Gauge

from producers.device.kafka_clock import Clock, KafkaClock
from producers.device.ordered import producer
from producers.spool.store import Spool
from schemas.devices import StationStatus
from schemas.records import message_record

STATUS_SECONDS: Final = 60.0
_MOST_MILLISECONDS: Final = 5_000
"""After that long without an acknowledgement a status is dropped, and the next one says what is so by then."""

_PAUSE_SECONDS: Final = 1.0

log = structlog.get_logger()
_sent = Counter("border_producers_status_total", "Statuses by what became of them", ["outcome"])
_offset = Gauge("border_producers_clock_offset_seconds", "The device's clock minus Kafka's")


@dataclass(frozen=True, slots=True)
class Device:
    """What reports: of which station, which version of the software, by which clock."""

    station: str
    version: str | None
    clock: Clock


class StatusReporter:
    """Sends statuses, one in flight at most, and learns Kafka's time from what the broker stamps on them."""

    def __init__(
        self, bootstrap: str, spool: Spool, device: Device, kafka_clock: KafkaClock, interval_seconds: float
    ) -> None:
        self.kafka_clock = kafka_clock
        self.is_settled = False
        """Whether it is known what became of the first one."""
        self.in_flight = False
        self._spool = spool
        self._device = device
        self._interval = interval_seconds
        self._due_at = time.monotonic()
        self._failing = self._is_closing = False
        self._producer = producer(bootstrap, {"message.timeout.ms": _MOST_MILLISECONDS})

    def tick(self) -> None:
        """Send a status if it is time, and see what became of the last one."""
        self._producer.poll(0)
        if self.in_flight or time.monotonic() < self._due_at:
            return
        record = message_record(self._status())
        self.in_flight = True
        self._due_at = time.monotonic() + self._interval
        try:
            self._producer.produce(
                record.topic, record.value, record.key, headers=list(record.headers), on_delivery=self._on_delivery
            )
        except KafkaException as error:
            self._fail(error.args[0])

    def close(self) -> None:
        """Let go of what is in flight; the next device status will come from another."""
        self._is_closing = True
        self._producer.purge()
        self._producer.close()

    def _status(self) -> StationStatus:
        return StationStatus(
            type="station_status",
            schema_version="1.0",
            id=str(uuid.uuid4()),
            station=self._device.station,
            at=self._device.clock(),
            spool_events=self._spool.waiting,
            oldest_unsent_at=self._spool.oldest_at,
            clock_offset_seconds=self.kafka_clock.offset_seconds,
            version=self._device.version,
        )

    def _on_delivery(self, error: KafkaError | None, message: Message) -> None:
        self.in_flight = False
        self.is_settled = True
        if error is None:
            _sent.labels("acknowledged").inc()
            self._failing = False
            kind, milliseconds = message.timestamp()
            if kind == TIMESTAMP_LOG_APPEND_TIME:
                self.kafka_clock.measure(milliseconds)
                _offset.set(self.kafka_clock.offset_seconds or 0)
        else:
            self._fail(error)

    def _fail(self, error: KafkaError) -> None:
        self.in_flight = False
        self.is_settled = True
        if self._is_closing:
            return
        self._due_at = time.monotonic() + min(self._interval, _PAUSE_SECONDS)
        _sent.labels("failed").inc()
        if not self._failing:
            self._failing = True
            log.warning("status_not_sent", error=error.str())
