"""Topics read from their beginning to their present end, without a consumer group."""

import time
from collections import deque
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from typing import Final, cast

from confluent_kafka import TIMESTAMP_NOT_AVAILABLE, Consumer, KafkaException, Message, TopicPartition

from infra.errors import TopicsError
from schemas.topics import Topic
from streams.batches.records import InputRecord

_SILENCE_SECONDS: Final = 30.0


class TopicReader:
    """Reads topics of the catalogue again and again, each time up to where they end by then."""

    def __init__(self, bootstrap: str, topics: Iterable[Topic]) -> None:
        self._settings = {
            "bootstrap.servers": bootstrap,
            "group.id": "brdo-reader",
            "enable.auto.commit": False,
            "auto.offset.reset": "earliest",  # where retention took what would have been next
            "fetch.wait.max.ms": 10,  # a question about the end waits behind a fetch
            "log_level": 0,
        }
        self._next = {(topic.name, partition): 0 for topic in topics for partition in range(topic.partitions)}
        self._connect()

    def close(self) -> None:
        """Leave the broker."""
        self._consumer.close()

    def read_on(self) -> Iterator[InputRecord]:
        """Return what came since the last time; raises `TopicsError` if Kafka is away."""
        try:
            yield from self._to_the_end()
        except TopicsError:
            # What librdkafka took for known while Kafka was away it may believe for minutes: partitions "unknown".
            self._consumer.close()
            self._connect()
            raise

    def _connect(self) -> None:
        self._read: deque[Message] = deque()
        self._consumer = Consumer(self._settings)
        self._consumer.assign([TopicPartition(*place, offset) for place, offset in self._next.items()])

    def _to_the_end(self) -> Iterator[InputRecord]:
        ends = dict(self._ends())
        deadline = time.monotonic() + _SILENCE_SECONDS
        while self._read or any(self._next[place] < end for place, end in ends.items()):
            while self._read:  # what a caller who broke off left, too
                deadline = time.monotonic() + _SILENCE_SECONDS
                record = _record(self._read.popleft())
                self._next[record.topic, record.partition] = record.offset + 1
                yield record
            if time.monotonic() > deadline:
                raise TopicsError(f"Kafka sent nothing for {_SILENCE_SECONDS:g} s")
            self._read.extend(self._consumer.consume(1000, timeout=0.05))

    def _ends(self) -> Iterator[tuple[tuple[str, int], int]]:
        for topic, partition in self._next:
            try:
                low, high = self._consumer.get_watermark_offsets(TopicPartition(topic, partition), timeout=10.0)
            except KafkaException as error:
                raise TopicsError(f"Kafka does not answer: {error.args[0].str()}") from None
            yield (topic, partition), high if high > low else 0


def _record(message: Message) -> InputRecord:
    """Return confluent-kafka's message as a record; raises `TopicsError` for an error in its place."""
    topic, partition, offset = message.topic(), message.partition(), message.offset()
    error = message.error()
    if error is not None or topic is None or partition is None or offset is None:
        raise TopicsError(f"reading {topic} failed: {error.str() if error else 'no position'}")
    pairs = cast(list[tuple[str, bytes | None]], message.headers() or [])
    headers = {name: value for name, value in pairs if value is not None}
    form, milliseconds = message.timestamp()
    appended_at = None if form == TIMESTAMP_NOT_AVAILABLE else datetime.fromtimestamp(milliseconds / 1000, UTC)
    return InputRecord(topic, partition, offset, message.key(), message.value(), headers, appended_at)
