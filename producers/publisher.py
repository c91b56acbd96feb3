"""Records to Kafka, idempotently: what the broker acknowledged stands there once, in the order it was sent."""

import logging
from types import TracebackType
from typing import Final, Self

from confluent_kafka import KafkaError, KafkaException, Message, Producer
from prometheus_client import Counter

from producers.errors import NotPublishedError
from schemas.records import Record
from schemas.topics import LARGEST_EVENT_BYTES

DELIVERY_SECONDS: Final = 120
"""How long the client itself tries before a record counts as not published."""

_published = Counter("border_producers_published_total", "Records that Kafka acknowledged", ["topic"])
_failed = Counter("border_producers_failed_total", "Records that Kafka did not acknowledge in time")


class Publisher:
    """An idempotent producer. Use it as a context manager: leaving waits for the acknowledgements."""

    def __init__(self, bootstrap: str) -> None:
        self._producer = Producer(
            {
                "bootstrap.servers": bootstrap,
                "enable.idempotence": True,
                "acks": "all",
                "partitioner": "murmur2_random",  # as Java's, Faust's and kcat's `-X partitioner=murmur2`
                "message.max.bytes": LARGEST_EVENT_BYTES + 1024 * 1024,
                "delivery.timeout.ms": DELIVERY_SECONDS * 1000,
                "linger.ms": 5,
                "log_level": 3,
                "logger": logging.getLogger("librdkafka"),  # else it writes to standard error as it likes
            }
        )
        self._failures: list[str] = []

    def send(self, record: Record, *, partition: int | None = None) -> None:
        """Queue a record, waiting for room where the queue is full; `flush` tells whether it arrived."""
        while True:
            try:
                self._producer.produce(
                    record.topic,
                    key=record.key or None,
                    value=record.value,
                    headers=list(record.headers),
                    partition=-1 if partition is None else partition,  # -1: by the key
                    on_delivery=self._on_delivery,
                )
            except BufferError:
                self._producer.poll(0.1)
                continue
            except KafkaException as error:
                self._failures.append(str(error.args[0]))
            self._producer.poll(0)
            return

    def flush(self, timeout_seconds: float = DELIVERY_SECONDS) -> None:
        """Wait until Kafka has acknowledged all that was sent; raises `NotPublishedError`."""
        waiting = self._producer.flush(timeout_seconds)
        failures, self._failures = self._failures, []
        if waiting or failures:
            raise NotPublishedError(waiting + len(failures), failures[0] if failures else "no answer in time")

    def __enter__(self) -> Self:
        """Return the publisher itself."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Wait for the acknowledgements, unless something else went wrong already."""
        if kind is None:
            self.flush()

    def _on_delivery(self, error: KafkaError | None, message: Message) -> None:
        if error is None:
            _published.labels(message.topic()).inc()
        else:
            _failed.inc()
            self._failures.append(error.str())
