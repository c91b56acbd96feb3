"""What a worker does where Kafka itself is not as it should be."""

import signal
from collections.abc import Iterator
from pathlib import Path

import pytest
from confluent_kafka import Producer, TopicPartition
from confluent_kafka.admin import AdminClient
from confluent_kafka.cimpl import NewTopic
from counting import Crew, Load, Truth, make_topics, reader
from started import Services, wait_until

from infra.services.kafka import Kafka
from streams.batches.worker import EXIT_CODE


@pytest.fixture
def kafka(services: Services, tmp_path: Path) -> Kafka:
    return services.kafka(tmp_path / "kafka")


@pytest.fixture
def crew(kafka: Kafka, tmp_path: Path) -> Iterator[Crew]:
    crew = Crew(kafka.bootstrap, "test", "rocksdb", tmp_path)
    yield crew
    crew.stop()


UNREAD = 50


def load(kafka: Kafka) -> Truth:
    """Publish some thousand records and return what they come to."""
    sending = Load(kafka.bootstrap, 1, 2_000)
    sending.start()
    wait_until(lambda: sending.number > 3_000, 30)
    sending.finish()
    return sending.truth


def one_that_counted_and_died(kafka: Kafka, crew: Crew) -> tuple[int, Truth]:
    """Return the number of a worker that is no more, and what it had counted."""
    make_topics(kafka.bootstrap, "test")
    number = crew.join()
    sent = load(kafka)
    wait_until(lambda: crew.memory() == sent, 60)
    crew.leave(number, signal.SIGKILL)
    return number, sent


def test_a_changelog_of_other_partitions_than_its_input_stops_the_worker(
    kafka: Kafka, crew: Crew, tmp_path: Path
) -> None:
    """It would keep the state of two input partitions in one, and lose one of them in silence."""
    make_topics(kafka.bootstrap, "test")
    admin = AdminClient({"bootstrap.servers": kafka.bootstrap})
    admin.delete_topics(["test-counts-changelog"])["test-counts-changelog"].result(30)
    wait_until(lambda: "test-counts-changelog" not in admin.list_topics(timeout=10).topics, 30)
    admin.create_topics([NewTopic("test-counts-changelog", 2, 1)])["test-counts-changelog"].result(30)
    worker = crew.workers[crew.join()]
    assert worker.process.wait(60) == EXIT_CODE
    assert "TopicsMismatchError" in (tmp_path / "worker-1" / "log").read_text()


def test_records_that_were_deleted_before_they_were_read_are_told_and_the_rest_goes_on(
    kafka: Kafka, crew: Crew, tmp_path: Path
) -> None:
    number, sent = one_that_counted_and_died(kafka, crew)
    admin = AdminClient({"bootstrap.servers": kafka.bootstrap})
    with reader(kafka.bootstrap) as consumer:
        ends = [consumer.get_watermark_offsets(TopicPartition("three", one))[1] for one in range(3)]
    more = load(kafka)
    deleted = [TopicPartition("three", partition, end + UNREAD) for partition, end in enumerate(ends)]
    for done in admin.delete_records(deleted).values():
        done.result(30)
    crew.join(number)
    expected = {job: sum(count for part in (sent, more) for count, _ in part[job].values()) for job in sent}
    expected["sums"] -= UNREAD * len(deleted)

    def counted(job: str) -> int:
        return sum(count for count, _ in (crew.memory() or {}).get(job, {}).values())

    wait_until(lambda: {job: counted(job) for job in expected} == expected, 60)
    log = (tmp_path / f"worker-{number}" / "log").read_text()
    assert log.count("records_expired") == 3


def test_an_input_that_was_made_anew_is_read_from_its_beginning(kafka: Kafka, crew: Crew, tmp_path: Path) -> None:
    """The position in the state belongs to a topic that is no more, and lies beyond the end of this one."""
    number, sent = one_that_counted_and_died(kafka, crew)
    admin = AdminClient({"bootstrap.servers": kafka.bootstrap})
    admin.delete_topics(["one"])["one"].result(30)
    wait_until(lambda: "one" not in admin.list_topics(timeout=10).topics, 30)
    admin.create_topics([NewTopic("one", 4, 1)])["one"].result(30)
    producer = Producer({"bootstrap.servers": kafka.bootstrap})
    for _ in range(10):
        producer.produce("one", key="new", value="1")
    producer.flush(30)
    crew.join(number)
    expected = sent["counts"] | {"new": (10, 10)}
    wait_until(lambda: (crew.memory() or {}).get("counts") == expected, 60)
    assert "topic_made_anew" in (tmp_path / f"worker-{number}" / "log").read_text()
