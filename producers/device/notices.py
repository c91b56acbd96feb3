"""What a station is told while the car is still there: its own notices, each at least once, over restarts too."""

import logging
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Final

import structlog
from confluent_kafka import OFFSET_END, Consumer, KafkaException, Message, TopicPartition
from prometheus_client import Counter
from pydantic import ValidationError

from producers.device.kafka_clock import KafkaClock
from producers.errors import SpoolError
from producers.spool.store import Spool
from schemas.devices import Notice
from schemas.topics import NOTICES

OLDEST_AT_FIRST: Final = timedelta(hours=1)
"""What a device is told that reads for the first time: before that, the car is gone."""

_POLL_SECONDS: Final = 0.2
_ASK_SECONDS: Final = 1.0
_CLOCK_SECONDS: Final = 5.0
"""How long to wait for Kafka's time before the device's own decides what is an hour old."""

log = structlog.get_logger()
_read = Counter("border_producers_notices_total", "Notices that the station took")
_skipped = Counter("border_producers_notices_skipped_total", "Records among the notices that are none")


class NoticeReader:
    """Reads the one partition that the station's notices are in. It belongs to no consumer group."""

    def __init__(self, bootstrap: str, station: str, spool: Spool, kafka_clock: KafkaClock) -> None:
        self._bootstrap = bootstrap
        self._station = station
        self._spool = spool
        self._kafka_clock = kafka_clock

    def read(self, timeout_seconds: float | None, is_closed: Callable[[], bool]) -> Iterator[Notice]:
        """Return notices; the place moves on when the next one is asked for.

        Ends when the client is closed, or after so many seconds without one. Raises `SpoolError`.
        """

        def deadline() -> float:
            return float("inf") if timeout_seconds is None else time.monotonic() + timeout_seconds

        consumer = self._consumer()
        try:
            ends_at = deadline()
            clock_by = time.monotonic() + _CLOCK_SECONDS
            place: TopicPartition | None = None
            while not is_closed():
                if place is None:
                    place = self._start(consumer, clock_by)
                message = None if place is None else consumer.poll(_POLL_SECONDS)
                notice = None if message is None else self._notice(message)
                if message is not None and notice is not None:
                    yield notice
                    _read.inc()
                    if is_closed():  # the caller may not have been able to do anything about it
                        return
                    self._spool.remember(*_following(message))
                    ends_at = deadline()
                elif time.monotonic() >= ends_at:
                    return
        except SpoolError:
            if not is_closed():
                raise
        finally:
            consumer.close()

    def _consumer(self) -> Consumer:
        return Consumer(
            {
                "bootstrap.servers": self._bootstrap,
                "group.id": f"station-{self._station}",  # must be there; nothing is committed under it
                "enable.auto.commit": False,
                "auto.offset.reset": "earliest",  # where what was remembered has been deleted by now
                "reconnect.backoff.max.ms": 2_000,
                "error_cb": lambda _: None,
                "log_level": 1,
                "logger": logging.getLogger("librdkafka"),
            }
        )

    def _start(self, consumer: Consumer, clock_by: float) -> TopicPartition | None:
        """Find where to read and begin there; None if Kafka does not answer yet, or is still asked for the time."""
        try:
            partitions = consumer.list_topics(NOTICES.name, timeout=_ASK_SECONDS).topics[NOTICES.name].partitions
            if not partitions:
                time.sleep(_POLL_SECONDS)
                return None
            number = murmur2(self._station.encode()) % len(partitions)
            following = self._spool.position(number)
            if following is None:
                if self._kafka_clock.offset_seconds is None and time.monotonic() < clock_by:
                    time.sleep(_POLL_SECONDS)
                    return None
                following = self._first(consumer, number)
                self._spool.remember(number, following)
            place = TopicPartition(NOTICES.name, number, following)
            consumer.assign([place])
        except KafkaException:
            time.sleep(_POLL_SECONDS)
            return None
        return place

    def _first(self, consumer: Consumer, number: int) -> int:
        """Return the offset of the first record that is not too old, else where the next one will stand."""
        oldest = self._kafka_clock.now() - OLDEST_AT_FIRST
        asked = TopicPartition(NOTICES.name, number, int(oldest.timestamp() * 1000))
        (found,) = consumer.offsets_for_times([asked], timeout=_ASK_SECONDS)
        if found.error is not None:
            raise KafkaException(found.error)
        if found.offset != OFFSET_END:
            return int(found.offset)
        _, high = consumer.get_watermark_offsets(TopicPartition(NOTICES.name, number), timeout=_ASK_SECONDS)
        return int(high)

    def _notice(self, message: Message) -> Notice | None:
        """Return the notice if the record is one, and for this station."""
        if message.error() is not None or message.key() != self._station.encode():
            return None
        try:
            notice = Notice.model_validate_json(message.value() or b"")
        except ValidationError:
            notice = None
        if notice is None or notice.station != self._station:
            _skipped.inc()
            log.warning("notice_skipped", partition=message.partition(), offset=message.offset())
            return None
        return notice


def _following(message: Message) -> tuple[int, int]:
    """Return the partition of a record, and the offset after it."""
    return int(message.partition() or 0), int(message.offset() or 0) + 1


def murmur2(key: bytes) -> int:
    """Return the hash by which Kafka's producers choose a partition (`Utils.murmur2`, made positive)."""
    factor, mask = 0x5BD1E995, 0xFFFFFFFF
    state = 0x9747B28C ^ len(key)
    whole = len(key) // 4 * 4
    for start in range(0, whole, 4):
        word = int.from_bytes(key[start : start + 4], "little") * factor & mask
        word = (word ^ word >> 24) * factor & mask
        state = (state * factor & mask) ^ word
    if key[whole:]:
        state = (state ^ int.from_bytes(key[whole:], "little")) * factor & mask
    state = (state ^ state >> 13) * factor & mask
    return (state ^ state >> 15) & 0x7FFFFFFF
