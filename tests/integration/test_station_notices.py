"""What a station is told: its own notices alone, each at least once, over restarts."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import pytest
from confluent_kafka import Producer
from prometheus_client import REGISTRY
from started import wait_until
from station_rig import NOW, STATION, a_broker, a_client

from producers.device.notices import murmur2
from schemas.alerts import Severity
from schemas.devices import Notice
from schemas.records import notice_record
from schemas.topics import NOTICES


@pytest.fixture(scope="module")
def bootstrap(tmp_path_factory: pytest.TempPathFactory, kafka_cache: Path) -> Iterator[str]:
    with a_broker(tmp_path_factory.mktemp("broker"), kafka_cache) as address:
        yield address


def a_notice(number: int, station: str = STATION) -> Notice:
    return Notice(station=station, alert=f"al-{number:020x}", revision=1, at=NOW, severity=Severity.HIGH, plate="LJ 1")


@contextmanager
def telling(bootstrap: str) -> Iterator[Producer]:
    """Give a producer as the streams have one."""
    producer = Producer({"bootstrap.servers": bootstrap, "partitioner": "murmur2_random"})
    yield producer
    assert producer.flush(10) == 0


def tell(producer: Producer, notice: Notice, *, ago: timedelta = timedelta(0)) -> None:
    record = notice_record(notice)
    moment = int((time.time() - ago.total_seconds()) * 1000)
    producer.produce(record.topic, record.value, record.key, timestamp=moment)


def test_a_station_hears_its_own_notices_and_what_it_missed_while_it_was_away(bootstrap: str, tmp_path: Path) -> None:
    """The one that was taken last, without asking for another, comes again: it may not have been read."""
    with telling(bootstrap) as producer:
        tell(producer, a_notice(1), ago=timedelta(hours=2))
        for number in range(2, 5):
            tell(producer, a_notice(number, "AT-SPI"))
            tell(producer, a_notice(number))

    with a_client(bootstrap, tmp_path / "spool") as client:
        notices = client.notices(timeout_seconds=15)
        assert next(notices) == a_notice(2)
        assert next(notices) == a_notice(3)
    with telling(bootstrap) as producer:
        tell(producer, a_notice(5))
    with a_client(bootstrap, tmp_path / "spool") as client:
        assert list(client.notices(timeout_seconds=2)) == [a_notice(3), a_notice(4), a_notice(5)]
        assert list(client.notices(timeout_seconds=1)) == []


def test_a_device_that_found_nothing_at_first_hears_later_of_what_came_in_between(
    bootstrap: str, tmp_path: Path
) -> None:
    with a_client(bootstrap, tmp_path / "spool", station="HR-BRE") as client:
        assert list(client.notices(timeout_seconds=2)) == []
    with telling(bootstrap) as producer:
        tell(producer, a_notice(1, "HR-BRE"), ago=timedelta(hours=3))
    with a_client(bootstrap, tmp_path / "spool", station="HR-BRE") as client:
        assert list(client.notices(timeout_seconds=2)) == [a_notice(1, "HR-BRE")]


def test_what_is_no_notice_is_skipped_and_counted(bootstrap: str, tmp_path: Path) -> None:
    def skipped() -> float:
        return REGISTRY.get_sample_value("border_producers_notices_skipped_total") or 0

    before = skipped()
    with telling(bootstrap) as producer:
        for value in (b"{", b"", None, a_notice(1, "AT-SPI").model_dump_json().encode()):
            producer.produce(NOTICES.name, value, "SI-GRU")
        tell(producer, a_notice(2, "SI-GRU"))
    with a_client(bootstrap, tmp_path / "spool", station="SI-GRU") as client:
        assert list(client.notices(timeout_seconds=2)) == [a_notice(2, "SI-GRU")]

    assert skipped() - before == 4


def test_waiting_for_a_notice_ends_when_the_client_is_closed(bootstrap: str, tmp_path: Path) -> None:
    heard: list[Notice] = []
    with a_client(bootstrap, tmp_path / "spool", station="RS-HOR") as client:
        listening = threading.Thread(target=lambda: heard.extend(client.notices()))
        listening.start()
        with telling(bootstrap) as producer:
            tell(producer, a_notice(1, "RS-HOR"))
        wait_until(lambda: len(heard) == 1, 15)
    listening.join(5)

    assert not listening.is_alive()


@pytest.mark.parametrize(
    ("key", "expected"),
    [(b"21", -973932308), (b"foobar", -790332482), (b"a-little-bit-long-string", -985981536), (b"abc", 479470107)],
)
def test_the_partition_is_chosen_as_kafka_does(key: bytes, expected: int) -> None:
    """The values are those of Kafka's own test, org.apache.kafka.common.utils.UtilsTest."""
    assert murmur2(key) == expected & 0x7FFFFFFF
