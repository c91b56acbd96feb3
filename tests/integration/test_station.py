"""A device and a real broker: what publish said yes to arrives, once the broker is there, in order and unchanged."""

from __future__ import annotations

import itertools
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import pytest
from confluent_kafka import TIMESTAMP_LOG_APPEND_TIME, Producer
from confluent_kafka.admin import (  # type: ignore[attr-defined]  # not exported as mypy wants it
    AdminClient,
    AlterConfigOpType,
    ConfigEntry,
    ConfigResource,
    ResourceType,
)
from prometheus_client import REGISTRY
from started import wait_until
from station_rig import (
    NOW,
    NOWHERE,
    QUICK,
    STATION,
    Broker,
    Clock,
    a_broker,
    a_child,
    a_client,
    a_fast_clock,
    an_event,
    said,
    yes_ids,
)

from producers.errors import NotPublishedError, OtherStationError
from schemas import topics
from schemas.codec import decode
from schemas.errors import Refusal


@pytest.fixture(scope="module")
def bootstrap(tmp_path_factory: pytest.TempPathFactory, kafka_cache: Path) -> Iterator[str]:
    with a_broker(tmp_path_factory.mktemp("broker"), kafka_cache) as address:
        yield address


@pytest.fixture
def broker(bootstrap: str) -> Broker:
    return Broker(bootstrap)


def test_an_event_arrives_as_it_was_checked_and_the_spool_is_empty_then(broker: Broker, tmp_path: Path) -> None:
    with a_client(broker.bootstrap, tmp_path / "spool") as client:
        checked = client.publish(an_event("E-1", narrative="Röszke"))
        client.publish(decode(an_event("E-2")))
        client.flush(20)
        assert client.waiting == 0

    first, second = broker.records()
    assert decode(first.value()) == checked
    assert (first.key(), dict(first.headers() or [])["ce_id"]) == (STATION.encode(), b"E-1")
    assert said(second)["id"] == "E-2"


def test_what_was_stored_while_the_broker_was_away_arrives_from_the_next_process(
    broker: Broker, tmp_path: Path
) -> None:
    """And the first status tells of it: how many wait, and since when by the device's clock."""
    clock = Clock(NOW)
    with a_client(NOWHERE, tmp_path / "spool", clock=clock) as client:
        for number in range(30):
            client.publish(an_event(f"E-{number:02}"))
            clock.now += timedelta(minutes=1)
        with pytest.raises(NotPublishedError, match="30 records are not acknowledged"):
            client.flush(0.3)
        started_at = time.monotonic()
    assert time.monotonic() - started_at < 2.5, "leaving does not wait for a broker that is away"

    with a_client(broker.bootstrap, tmp_path / "spool", clock=clock) as client:
        assert client.waiting == 30
        client.flush(20)

    assert broker.ids == [f"E-{number:02}" for number in range(30)]
    status = broker.statuses[0]
    assert (status["spool_events"], status["oldest_unsent_at"]) == (30, "2026-05-20T12:00:00Z")
    assert (status["at"], status["version"], status["station"]) == ("2026-05-20T12:30:00Z", "1.4", STATION)


def test_what_a_process_had_its_yes_for_before_it_died_arrives_from_the_next(broker: Broker, tmp_path: Path) -> None:
    log = tmp_path / "yes"
    with a_child("store", tmp_path / "spool", log, 30) as child:
        child.end()
    with a_client(broker.bootstrap, tmp_path / "spool") as client:
        assert client.waiting == 30
        client.flush(20)

    assert broker.ids == yes_ids(log) == [f"E-{number:05}" for number in range(30)]


def test_a_clock_that_jumps_by_ten_years_changes_neither_order_nor_content(broker: Broker, tmp_path: Path) -> None:
    clock = Clock(NOW)
    with a_client(broker.bootstrap, tmp_path / "spool", clock=clock) as client:
        for number, years in enumerate((0, -10, 10, 0)):
            clock.now = NOW + timedelta(days=365 * years)
            client.publish(an_event(f"E-{number}", reported_at=clock.now.isoformat()))
        client.flush(20)

    found = broker.records()
    assert [said(one)["id"] for one in found] == ["E-0", "E-1", "E-2", "E-3"]
    assert [said(one)["reported_at"][:4] for one in found] == ["2026", "2016", "2036", "2026"]


def test_a_refused_message_raises_intakes_words_and_is_not_sent(broker: Broker, tmp_path: Path) -> None:
    with a_client(broker.bootstrap, tmp_path / "spool") as client:
        with pytest.raises(Refusal, match="kind: should be 'migrant_smuggling'"):
            client.publish(an_event("E-1", kind="smuggling"))
        with pytest.raises(OtherStationError, match="of AT-SPI, and this device publishes for SI-OBR alone"):
            client.publish(an_event("E-2", station="AT-SPI"))
        assert client.waiting == 0
        client.publish(an_event("E-3"))
        client.flush(20)

    assert broker.ids == ["E-3"]


def test_a_refused_message_that_says_that_life_is_at_risk_is_sent_as_it_stands(broker: Broker, tmp_path: Path) -> None:
    refused = an_event("E-1", kind="smuggling", life_at_risk=True)
    with a_client(broker.bootstrap, tmp_path / "spool") as client:
        for _ in range(2):
            with pytest.raises(Refusal, match="kind: should be"):
                client.publish(refused)
        with pytest.raises(OtherStationError):
            client.publish(an_event("E-2", station="AT-SPI", life_at_risk=True))
        client.flush(20)

    by_key = {one.key(): one for one in broker.records()}
    assert set(by_key) == {b"SI-OBR", b"AT-SPI"}
    assert by_key[b"SI-OBR"].value() == refused
    assert dict(by_key[b"SI-OBR"].headers() or [])["ce_source"] == b"SI-OBR"
    assert said(by_key[b"AT-SPI"])["id"] == "E-2"


@contextmanager
def largest_record(bootstrap: str, size: int) -> Iterator[None]:
    """Let the topic take no larger batch for a while."""
    admin = AdminClient({"bootstrap.servers": bootstrap})

    def limit_to(size: int) -> None:
        entry = ConfigEntry("max.message.bytes", str(size), incremental_operation=AlterConfigOpType.SET)
        resource = ConfigResource(ResourceType.TOPIC, topics.INCIDENTS.name, incremental_configs=[entry])
        admin.incremental_alter_configs([resource])[resource].result(10)

    limit_to(size)
    try:
        yield
    finally:
        limit_to(topics.LARGEST_EVENT_BYTES)


def test_a_record_that_the_broker_never_takes_is_set_aside_and_the_rest_goes_on(broker: Broker, tmp_path: Path) -> None:
    """Even where batches are refused of which each record by itself would be taken."""

    def set_aside() -> float:
        name, labels = "border_producers_spool_set_aside_total", {"reason": "refused_by_broker"}
        return REGISTRY.get_sample_value(name, labels) or 0

    before = set_aside()
    with largest_record(broker.bootstrap, 3_000), a_client(broker.bootstrap, tmp_path / "spool") as client:
        for number in range(20):
            client.publish(an_event(f"E-{number:02}", narrative="x" * (3_500 if number in {0, 7} else 900)))
        with pytest.raises(NotPublishedError, match="2 records are not acknowledged by Kafka: refused"):
            client.flush(30)

    found = list(dict.fromkeys(broker.ids))
    assert found == [f"E-{number:02}" for number in range(20) if number not in {0, 7}]
    assert set_aside() - before == 2


def test_the_device_reports_on_itself_at_every_interval_and_measures_its_clock(broker: Broker, tmp_path: Path) -> None:
    """A device whose clock is five minutes fast says so; nothing goes through the spool."""
    with a_client(NOWHERE, tmp_path / "spool", pace=QUICK) as client:
        time_at_start = client.waiting
    with a_client(broker.bootstrap, tmp_path / "spool", clock=a_fast_clock(300), pace=QUICK) as client:
        wait_until(lambda: len(broker.statuses) >= 6, 20)
        assert client.waiting == time_at_start == 0

    found = broker.records(topics.STATION_STATUS)
    offsets = [said(one).get("clock_offset_seconds") for one in found]
    assert offsets[0] is None
    assert all(offset == pytest.approx(300, abs=1) for offset in offsets[1:]), offsets
    times = [one.timestamp()[1] for one in found]
    gaps = [later - earlier for earlier, later in itertools.pairwise(times)]
    assert all(250 <= gap <= 3_000 for gap in gaps), gaps


@pytest.mark.parametrize("days", [-36_500, 36_500])
@pytest.mark.parametrize("topic", topics.INBOUND, ids=lambda topic: topic.name)
def test_records_bear_kafkas_time_whatever_their_sender_says(broker: Broker, topic: topics.Topic, days: int) -> None:
    """The sender's would be refused if it is ahead, and let the record be deleted at once if it is years behind."""
    now = time.time()
    sender = Producer({"bootstrap.servers": broker.bootstrap, "acks": "all"})
    sender.produce(topic.name, b"{}", b"a clock far off", timestamp=int((now + days * 86_400) * 1000))
    assert sender.flush(20) == 0

    (found,) = [one for one in broker.records(topic) if one.key() == b"a clock far off"]
    form, milliseconds = found.timestamp()
    assert form == TIMESTAMP_LOG_APPEND_TIME
    assert milliseconds / 1000 == pytest.approx(now, abs=30)


def test_a_message_larger_than_any_topic_takes_is_refused_before_it_is_stored(tmp_path: Path) -> None:
    with a_client(NOWHERE, tmp_path / "spool") as client, pytest.raises(Refusal, match="larger than"):
        client.publish(an_event("E-1", narrative="x" * topics.LARGEST_EVENT_BYTES))


def test_records_of_others_in_the_topic_do_not_matter_to_the_order(broker: Broker, tmp_path: Path) -> None:
    other = Producer({"bootstrap.servers": broker.bootstrap, "partitioner": "murmur2_random"})
    with a_client(broker.bootstrap, tmp_path / "spool") as client:
        for number in range(50):
            client.publish(an_event(f"E-{number:02}"))
            other.produce(topics.INCIDENTS.name, an_event(f"X-{number:02}"), STATION)
        client.flush(20)
    other.flush(10)

    found = [one for one in broker.ids if one.startswith("E")]
    assert found == [f"E-{number:02}" for number in range(50)]
