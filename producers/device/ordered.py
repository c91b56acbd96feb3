"""One life of an idempotent producer: rows go in by their sequence, and Kafka has them in that order or not at all."""

import logging
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from confluent_kafka import KafkaError, KafkaException, Producer

from producers.spool.rows import Row
from producers.spool.table import Place
from schemas.topics import LARGEST_EVENT_BYTES

_PERMANENT: Final = frozenset(
    {
        KafkaError.MSG_SIZE_TOO_LARGE,
        KafkaError.INVALID_MSG_SIZE,
        KafkaError.INVALID_RECORD,
        KafkaError.POLICY_VIOLATION,
    }
)
"""What the broker says of a record that it will never take. Of a batch it says so for all its records."""

_LEAVE_SECONDS: Final = 1.0
_POLL_SECONDS: Final = 0.05


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a row: acknowledged, or why not."""

    place: Place
    topic: str
    was_alone: bool
    error: KafkaError | None

    @property
    def is_refused(self) -> bool:
        """Whether the broker refused it (or the batch that it was in) for good."""
        return self.error is not None and self.error.code() in _PERMANENT


class OrderedProducer:
    """Sends rows. After the first that fails, nothing later of this producer is acknowledged: make a new one."""

    def __init__(self, bootstrap: str, on_error: Callable[[KafkaError], None]) -> None:
        self.in_flight = 0
        self.in_flight_bytes = 0
        self.has_failed = False
        self._outcomes: list[Outcome] = []
        self._producer = producer(
            bootstrap,
            {
                "enable.idempotence": True,
                "acks": "all",
                "enable.gapless.guarantee": True,  # a record that failed stops all that follow it
                "message.timeout.ms": 0,  # endless: only the spool forgets
                "linger.ms": 1,  # a live report waits for company no longer than that
                "error_cb": on_error,
            },
        )

    def answers(self, seconds: float) -> bool:
        """Whether a broker can be reached."""
        try:
            return bool(self._producer.list_topics(timeout=seconds).brokers)
        except KafkaException:
            return False

    def send(self, row: Row, *, alone: bool) -> None:
        """Queue a row; `alone` says that nothing else is in flight while it is, so that a refusal means it."""
        record, place, size = row.record, row.place, row.size

        def settle(error: KafkaError | None) -> None:
            self.in_flight -= 1
            self.in_flight_bytes -= size
            self._outcomes.append(Outcome(place, record.topic, alone, error))

        self.in_flight += 1
        self.in_flight_bytes += size
        try:
            self._producer.produce(
                record.topic,
                record.value,
                record.key or None,
                headers=list(record.headers),
                on_delivery=lambda error, _: settle(error),
            )
        except BufferError:
            settle(KafkaError(KafkaError._QUEUE_FULL))  # noqa: SLF001 - its public name
        except KafkaException as error:  # refused before it was in any batch
            alone = True
            settle(error.args[0])

    def poll(self, seconds: float) -> list[Outcome]:
        """Wait for acknowledgements and return what became of rows since the last call."""
        try:
            self._producer.poll(seconds)
        except KafkaException:  # fatal for the producer; what it means for each row is in the outcomes
            self.has_failed = True
        outcomes, self._outcomes = self._outcomes, []
        return outcomes

    def close(self) -> list[Outcome]:
        """Let go of what is in flight, and return what became of it as far as that is known."""
        self._producer.purge()
        deadline = time.monotonic() + _LEAVE_SECONDS
        outcomes = self.poll(0)
        while self.in_flight and time.monotonic() < deadline:
            outcomes += self.poll(_POLL_SECONDS)
        self._producer.close()
        return outcomes


def producer(bootstrap: str, settings: Mapping[str, object]) -> Producer:
    """Return a producer with the settings that all of a device's have in common."""
    return Producer(
        {
            "bootstrap.servers": bootstrap,
            "partitioner": "murmur2_random",  # as Java's, Faust's and kcat's `-X partitioner=murmur2`
            "message.max.bytes": LARGEST_EVENT_BYTES + 1024 * 1024,
            "reconnect.backoff.max.ms": 2_000,
            "error_cb": lambda _: None,  # without it, each vain attempt to connect is a line in the log
            "log_level": 1,  # what goes wrong on the way is told by the callback
            "logger": logging.getLogger("librdkafka"),  # else it writes to standard error as it likes
            **settings,
        }
    )
