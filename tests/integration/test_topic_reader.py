"""Reading topics while Kafka comes and goes: the reader takes up where it was, however long it was away."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest
from started import Services, wait_until

from infra.errors import TopicsError
from infra.kafka_topics import ensure_topics
from infra.services.kafka import Kafka
from infra.topic_reader import TopicReader
from producers.publisher import Publisher
from schemas import topics
from schemas.records import Record

TOPICS = (topics.INCIDENTS, topics.CASEBOOK, topics.PASSAGES, topics.ALERTS)


@contextmanager
def stopped(kafka: Kafka) -> Iterator[None]:
    """Let Kafka stand still."""
    assert kafka.pid is not None
    os.kill(kafka.pid, signal.SIGSTOP)
    try:
        yield
    finally:
        os.kill(kafka.pid, signal.SIGCONT)


def publish(kafka: Kafka, *values: bytes) -> None:
    with Publisher(kafka.bootstrap) as publisher:
        for value in values:
            publisher.send(Record(topics.INCIDENTS.name, b"SI-OBR", value))


@pytest.mark.timeout(180)
@pytest.mark.parametrize("read_before", [False, True])
def test_reads_on_once_kafka_is_back(services: Services, tmp_path: Path, *, read_before: bool) -> None:
    kafka = services.kafka(tmp_path / "broker")
    ensure_topics(kafka.bootstrap)
    publish(kafka, b"one", b"two")
    found: list[bytes | None] = []

    def has_read(number: int) -> bool:
        try:
            found.extend(record.value for record in reader.read_on())
        except TopicsError:
            return False
        return len(found) >= number

    with closing(TopicReader(kafka.bootstrap, TOPICS)) as reader:
        if read_before:
            assert has_read(2)
        with stopped(kafka), pytest.raises(TopicsError, match="Kafka does not answer"):
            list(reader.read_on())
        publish(kafka, b"three")
        wait_until(lambda: has_read(3), 20)
    assert found == [b"one", b"two", b"three"]
