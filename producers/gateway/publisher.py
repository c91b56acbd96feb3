"""Records to Kafka for many requests at once: each waits for the acknowledgement of its own, and of no other."""

import asyncio
import logging
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from typing import Final, Protocol

from confluent_kafka import KafkaError, KafkaException, Message, Producer

from producers.errors import NotPublishedError
from schemas.records import Record
from schemas.topics import LARGEST_EVENT_BYTES

ACKNOWLEDGED_SECONDS: Final = 10.0
"""How long a request waits for Kafka, and how long the client itself tries."""

_POLL_SECONDS: Final = 0.1
_PROBE_SECONDS: Final = 1.0
_QUEUE_KILOBYTES: Final = 256 * 1024


class PublishesRecords(Protocol):
    """What the gateway needs of Kafka."""

    async def publish(self, records: Sequence[Record]) -> None:
        """Return once all are acknowledged; raises `NotPublishedError`."""


class GatewayPublisher:
    """One idempotent producer for all requests, with a thread that brings the acknowledgements back.

    `on_broken` is called, from whichever thread, when only a new process will publish again.
    """

    def __init__(
        self,
        bootstrap: str,
        *,
        timeout_seconds: float = ACKNOWLEDGED_SECONDS,
        on_broken: Callable[[], None] = lambda: None,
    ) -> None:
        self._timeout_seconds = timeout_seconds
        self._on_broken = on_broken
        self._broken = threading.Event()
        self._producer = Producer(
            {
                "bootstrap.servers": bootstrap,
                "enable.idempotence": True,
                "acks": "all",
                "partitioner": "murmur2_random",  # as in `producers.publisher`
                "message.max.bytes": LARGEST_EVENT_BYTES + 1024 * 1024,
                "queue.buffering.max.kbytes": _QUEUE_KILOBYTES,
                "delivery.timeout.ms": round(timeout_seconds * 1000),
                "reconnect.backoff.max.ms": 1000,
                "linger.ms": 5,
                "error_cb": self.on_error,
                "log_level": 3,
                "logger": logging.getLogger("librdkafka"),
            }
        )
        self._closed = threading.Event()
        self._poller = threading.Thread(target=self._poll, name="acknowledgements", daemon=True)
        self._poller.start()

    @property
    def broken(self) -> bool:
        """Whether the client has met an error that it cannot come back from."""
        return self._broken.is_set()

    @property
    def ready(self) -> bool:
        """Ask Kafka whether it answers; waits for a second at most."""
        if self.broken:
            return False
        try:
            self._producer.list_topics(timeout=_PROBE_SECONDS)
        except KafkaException:
            return False
        return True

    async def publish(self, records: Sequence[Record]) -> None:
        """Return once Kafka has acknowledged every record; raises `NotPublishedError`, and nothing is promised then.

        A record that was not acknowledged in time may still arrive.
        """
        if not records:
            return
        batch = _Batch(len(records))
        for record in records:
            try:
                self._producer.produce(
                    record.topic,
                    key=record.key or None,
                    value=record.value,
                    headers=list(record.headers),
                    on_delivery=batch.on_delivery,
                )
            except BufferError:
                raise NotPublishedError(len(records), "too many records wait for Kafka") from None
            except KafkaException as error:
                self.on_error(error.args[0])
                raise NotPublishedError(len(records), error.args[0].str()) from None
        try:
            async with asyncio.timeout(self._timeout_seconds):
                failures = await asyncio.wrap_future(batch.done)
        except TimeoutError:
            raise NotPublishedError(len(records), "no answer in time") from None
        if failures:
            raise NotPublishedError(len(failures), failures[0])

    def on_error(self, error: KafkaError) -> None:
        """Take note of what the client says of itself; it recovers from everything that is not fatal."""
        if error.fatal():
            self._broken.set()
            self._on_broken()

    def close(self) -> None:
        """Stop; what is not acknowledged by now was promised to nobody."""
        self._closed.set()
        self._poller.join()
        self._producer.purge()
        self._producer.flush(0)

    def _poll(self) -> None:
        while not self._closed.is_set():
            self._producer.poll(_POLL_SECONDS)


class _Batch:
    """The acknowledgements of one request. Only the polling thread calls it."""

    def __init__(self, size: int) -> None:
        self.done: Future[list[str]] = Future()
        self._open = size
        self._failures: list[str] = []

    def on_delivery(self, error: KafkaError | None, _message: Message) -> None:
        if error is not None:
            self._failures.append(error.str())
        self._open -= 1
        if self._open == 0 and self.done.set_running_or_notify_cancel():  # cancelled: the request has given up
            self.done.set_result(self._failures)
