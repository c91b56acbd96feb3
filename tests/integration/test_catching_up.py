"""A worker with much to catch up on does it without keeping a danger to life waiting, and in bounded memory."""

import os
import signal
from pathlib import Path
from typing import Any

import psutil
import pytest
from confluent_kafka import Consumer, Message, TopicPartition
from factory import a_sighting, a_vehicle, an_incident, as_line, lately
from line import settings_for
from started import wait_until

from infra import wiring
from infra.system import System, running
from infra.workers import CORRELATING, Announcement, WorkerName
from producers.publisher import Publisher
from schemas import topics
from schemas.records import line_record

BEHIND = 60_000
LARGEST_BYTES = 600 * 1024**2


def progress(system: System) -> dict[str, Any]:
    announcement = Announcement.read(system.data_dir, WorkerName.INTAKE)
    return announcement.progress() if announcement else {}


def publish_backlog(system: System) -> None:
    with Publisher(system.bootstrap) as publisher:
        for number in range(BEHIND):
            sighting = a_sighting(id=f"S-{number}", occurred_at=lately(), vehicle=a_vehicle(f"LJ {number % 9_000:04}"))
            publisher.send(line_record(as_line(sighting)))


def read_all(system: System, topic: topics.Topic) -> list[Message]:
    """Return every record that the topic has now."""
    consumer = Consumer({"bootstrap.servers": system.bootstrap, "group.id": "test", "enable.auto.commit": False})
    records: list[Message] = []
    try:
        for number in range(topic.partitions):
            offset, end = consumer.get_watermark_offsets(TopicPartition(topic.name, number), timeout=10)
            consumer.assign([TopicPartition(topic.name, number, offset)])
            while offset < end:
                records += (came := consumer.consume(5_000, 1))
                offset += len(came)
    finally:
        consumer.close()
    return records


@pytest.mark.timeout(180)
def test_a_live_danger_does_not_wait_for_the_backlog(tmp_path: Path, kafka_cache: Path) -> None:
    settings = settings_for(tmp_path, kafka_cache)
    prepare = wiring.preparation(settings)
    with running(wiring.place(settings), CORRELATING, lambda _done, _total, _label: None, prepare) as system:
        pid = system.workers.pid(WorkerName.INTAKE)
        os.kill(pid, signal.SIGSTOP)
        publish_backlog(system)
        with Publisher(system.bootstrap) as publisher:
            publisher.send(line_record(as_line(an_incident(id="live", occurred_at=lately(), life_at_risk=True))))
        os.kill(pid, signal.SIGCONT)
        estimates: list[float] = []
        sizes: list[int] = []

        def is_current() -> bool:
            sizes.append(psutil.Process(system.workers.pid(WorkerName.INTAKE)).memory_info().rss)
            said = progress(system)
            estimates.append(said.get("seconds_to_current", 0.0))
            return bool(estimates[-1] == 0 and max(estimates) > 0 and said["behind"] == 0)

        wait_until(is_current, 90)
        passages = read_all(system, topics.PASSAGES)
        (alert,) = read_all(system, topics.ALERTS)
    assert len(passages) == BEHIND
    before = sum(one.timestamp()[1] <= alert.timestamp()[1] for one in passages)
    assert before < BEHIND / 2, f"{before} of {BEHIND} sightings went first"
    assert max(sizes) < LARGEST_BYTES
