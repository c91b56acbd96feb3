"""Many large records at once: the topics of the catalogue take every batch that the workers make of them."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from aiokafka import AIOKafkaProducer
from started import Services

from infra.kafka_topics import ensure_topics
from schemas import topics
from schemas.records import Record
from schemas.topics import Topic
from streams.batches.wire import LARGEST_REQUEST_BYTES, KafkaWire

WRITTEN = (
    topics.ALERTS,
    topics.NOTICES,
    topics.INTERESTS,
    topics.ROADSIDE,
    topics.CASEBOOK,
    topics.PASSAGES,
    topics.DEAD_LETTERS,
    topics.CASEBOOK_STATE,
    topics.WATCH_STATE,
)
VALUE = b"x" * 100_000
REQUESTS = 3
NUMBER = REQUESTS * LARGEST_REQUEST_BYTES // len(VALUE)


async def publish(bootstrap: str, topic: Topic) -> int:
    """Publish one input's worth of large outputs to one partition; return how many batches were acknowledged."""
    producer = AIOKafkaProducer(
        bootstrap_servers=bootstrap,
        acks="all",
        max_batch_size=LARGEST_REQUEST_BYTES,
        max_request_size=LARGEST_REQUEST_BYTES,
    )
    await producer.start()
    try:
        wire = KafkaWire(lambda: producer, lambda *_: None)
        sent = await wire.publish([Record(topic.name, b"one", VALUE) for _ in range(NUMBER)])
        return len([await acknowledged for acknowledged in sent])
    finally:
        await producer.stop()


@pytest.mark.timeout(180)
def test_the_topics_that_workers_write_take_their_largest_batches(services: Services, tmp_path: Path) -> None:
    """Three requests' worth of records for one partition: an alert that lists hundreds of sightings, revised often."""
    kafka = services.kafka(tmp_path / "kafka")
    ensure_topics(kafka.bootstrap)
    for topic in WRITTEN:
        assert asyncio.run(publish(kafka.bootstrap, topic)) >= REQUESTS, topic.name
