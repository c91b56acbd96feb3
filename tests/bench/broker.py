"""The broker of the benchmark: its topics, filling the input, reading an output back."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from confluent_kafka import TIMESTAMP_LOG_APPEND_TIME, Consumer, KafkaException, Producer, TopicPartition
from confluent_kafka.admin import AdminClient
from confluent_kafka.cimpl import NewTopic
from failure import BenchError
from measure import Output
from rich.console import Console
from traffic import PARTITIONS, Expected, Hit, Tally, passages

from infra.progress import progress_shown
from infra.services.kafka import start_kafka

WORKER_CORE: Final = 0
BROKER_CORE: Final = 1
_SECONDS: Final = 30.0
_BATCH: Final = 10_000
_POLL_SECONDS: Final = 0.1
_QUIET: Final = {"log_level": 0}  # errors come as exceptions


@contextlib.contextmanager
def pinned(core: int) -> Iterator[None]:
    """Let what is started inside run on one core; on a machine that has one core only, anywhere."""
    if sys.platform != "linux":
        yield
        return
    before = os.sched_getaffinity(0)
    if core in before and len(before) > 1:
        os.sched_setaffinity(0, {core})
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)


@dataclass
class Broker:
    """A running broker and what is done to its topics."""

    bootstrap: str

    def __post_init__(self) -> None:
        self._admin = AdminClient({"bootstrap.servers": self.bootstrap, **_QUIET})

    def create(self, topic: str, partitions: int = PARTITIONS, config: Mapping[str, str] | None = None) -> None:
        """Create a topic and wait until it is there."""
        new = NewTopic(topic, partitions, 1, config=dict(config or {}))
        for future in self._admin.create_topics([new], operation_timeout=_SECONDS).values():
            future.result()
        deadline = time.monotonic() + _SECONDS
        with self.counter(topic, partitions) as count:
            while True:
                try:
                    count()
                    return
                except KafkaException:  # no partition has its leader at once
                    if time.monotonic() > deadline:
                        raise
                    time.sleep(_POLL_SECONDS)

    def delete_all_of(self, group: str) -> None:
        """Delete the topics that have the group's name in theirs: output, changelog, whatever a library made."""
        topics = [name for name in self._admin.list_topics(timeout=_SECONDS).topics if group in name]
        if topics:
            for future in self._admin.delete_topics(topics, operation_timeout=_SECONDS).values():
                future.result()

    def fill(self, topic: str, records: int, on_progress: Callable[[int], None]) -> Expected:
        """Make the input topic and write all records into it as fast as it goes; what has to come of them."""
        self.create(topic, config={"retention.ms": "-1"})
        tally = Tally(records)
        refused: list[str] = []

        def on_delivery(error: Any, _message: Any) -> None:
            if error is not None:
                refused.append(str(error))

        producer = Producer(
            {
                "bootstrap.servers": self.bootstrap,
                **_QUIET,
                "enable.idempotence": True,  # what is retried keeps its place
                "linger.ms": 20,
                "batch.size": 1_000_000,
                "queue.buffering.max.messages": 500_000,
                "delivery.report.only.error": True,
                "on_delivery": on_delivery,
            }
        )
        for done, passage in enumerate(passages(records), start=1):
            tally.add(passage)
            while True:
                try:
                    producer.produce(topic, passage.value, passage.plate, partition=passage.partition)
                    break
                except BufferError:
                    producer.poll(0.05)
            if done % _BATCH == 0:
                producer.poll(0)
                on_progress(done)
        producer.flush(_SECONDS)
        on_progress(records)
        with self.counter(topic) as count:
            if refused or count() != records:
                raise BenchError(f"{count()} of {records} records are in the input topic: {refused[:1]}")
        return tally.expected

    @contextlib.contextmanager
    def counter(self, topic: str, partitions: int = PARTITIONS) -> Iterator[Callable[[], int]]:
        """Give a function that says how many records a topic holds."""
        consumer = Consumer({"bootstrap.servers": self.bootstrap, "group.id": "bench-counter", **_QUIET})

        def count() -> int:
            return sum(
                consumer.get_watermark_offsets(TopicPartition(topic, partition), timeout=_SECONDS)[1]
                for partition in range(partitions)
            )

        try:
            yield count
        finally:
            consumer.close()

    def read(self, topic: str) -> list[Output]:
        """Return all that is in an output topic, with the broker's append times."""
        consumer = Consumer(
            {
                "bootstrap.servers": self.bootstrap,
                **_QUIET,
                "group.id": "bench-reader",
                "enable.auto.commit": False,
                "auto.offset.reset": "earliest",
            }
        )
        consumer.assign([TopicPartition(topic, partition, 0) for partition in range(PARTITIONS)])
        outputs: list[Output] = []
        deadline = time.monotonic() + _SECONDS
        try:
            with self.counter(topic) as count:
                records = count()
            while len(outputs) < records:
                if time.monotonic() > deadline:
                    raise BenchError(f"{len(outputs)} of {records} outputs could be read back from {topic}")
                outputs.extend(map(_output, consumer.consume(_BATCH, 0.5)))
        finally:
            consumer.close()
        return outputs


def _output(message: Any) -> Output:
    if message.error():
        raise KafkaException(message.error())
    kind, appended_at = message.timestamp()
    said = json.loads(message.value())
    if kind != TIMESTAMP_LOG_APPEND_TIME or set(said) != {"plate", "count"} or message.key() != said["plate"].encode():
        raise BenchError(f"not an output as agreed: key {message.key()!r}, value {message.value()!r}")
    return Output(Hit(said["plate"], said["count"]), appended_at)


@contextlib.contextmanager
def running_broker(directory: Path, cache_dir: Path, console: Console) -> Iterator[Broker]:
    """Run a broker on data of its own, on its own core where there are two."""
    shutil.rmtree(directory, ignore_errors=True)
    with progress_shown(console) as on_progress, pinned(BROKER_CORE):
        kafka = start_kafka(directory, cache_dir, on_progress)
    try:
        yield Broker(kafka.bootstrap)
    finally:
        kafka.stop()
        shutil.rmtree(directory, ignore_errors=True)
