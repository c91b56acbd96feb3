"""The gateway on a real broker, over a real socket: acknowledged means that it stands in the topic."""

from __future__ import annotations

import asyncio
import itertools
import json
import os
import signal
import socket
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import pytest
from confluent_kafka import KafkaError
from confluent_kafka.admin import AdminClient
from confluent_kafka.cimpl import NewTopic
from factory import a_sighting, an_incident, as_line
from gateway_rig import a_gateway, a_publisher, ids, messages
from started import Services, wait_until

from infra.kafka_topics import ensure_topics
from producers.errors import NotPublishedError
from producers.gateway.publisher import GatewayPublisher
from schemas.records import Record, line_record
from schemas.topics import INCIDENTS, SIGHTINGS

JSON = {"content-type": "application/json"}
LINES = {"content-type": "application/x-ndjson"}


@pytest.fixture(scope="module")
def bootstrap(kafka_cache: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Return a broker that the tests share; each knows its own events by their ids."""
    services = Services(kafka_cache)
    try:
        kafka = services.kafka(tmp_path_factory.mktemp("kafka"))
        ensure_topics(kafka.bootstrap)
        yield kafka.bootstrap
    finally:
        services.stop_all()


def values(bootstrap: str, begin: str) -> list[bytes]:
    """Return the values that came in whose id begins so."""
    found = [message.value() or b"" for message in messages(bootstrap, INCIDENTS)]
    return [value for value in found if f'"id": "{begin}'.encode() in value]


def test_what_is_answered_as_accepted_stands_in_kafka_byte_for_byte(bootstrap: str) -> None:
    incident, sighting = an_incident(id="whole", narrative="Živa meja"), a_sighting(id="passage")
    spaced = json.dumps(incident, indent=2, ensure_ascii=False).encode()
    with a_publisher(bootstrap) as publisher, a_gateway(publisher) as address:
        answer = httpx.post(
            f"{address}/v1/events", content=b"[" + spaced + b"," + as_line(sighting) + b"]", headers=JSON
        )
    assert (answer.status_code, [one["status"] for one in answer.json()["results"]]) == (202, ["accepted"] * 2)
    assert "server" not in answer.headers
    (message,) = (one for one in messages(bootstrap, INCIDENTS) if dict(one.headers() or []).get("ce_id") == b"whole")
    assert (message.value(), message.key()) == (spaced, b"SI-OBR")
    assert ids(message.value() or b"" for message in messages(bootstrap, SIGHTINGS)) == ["passage"]


def test_a_field_that_stands_twice_in_an_arrays_element_is_refused_and_kept_as_it_was_sent(bootstrap: str) -> None:
    twice = as_line(an_incident(id="twice"))[:-1] + b', "station": "HR-BRE"}'
    with a_publisher(bootstrap) as publisher, a_gateway(publisher) as address:
        answer = httpx.post(f"{address}/v1/events", content=b"[" + twice + b"]", headers=JSON)
    (result,) = answer.json()["results"]
    assert (answer.status_code, result["reason"], result["field"]) == (422, "duplicate_field", "station")
    assert result["kept"]
    assert values(bootstrap, "twice") == [twice]


def test_requests_at_once_do_not_take_each_others_results(bootstrap: str) -> None:
    """Every request carries a wrong event of its own among its right ones."""

    def send(number: int) -> httpx.Response:
        events = [as_line(an_incident(id=f"many-{number}-{one}")) for one in range(20)] + [
            b'{"id": "many-%d-wrong"}' % number
        ]
        return httpx.post(f"{address}/v1/events", content=b"\n".join(events), headers=LINES, timeout=30)

    with (
        a_publisher(bootstrap) as publisher,
        a_gateway(publisher) as address,
        ThreadPoolExecutor(8) as pool,
    ):
        answers = list(pool.map(send, range(40)))
    sent = [[f"many-{number}-{one}" for one in [*range(20), "wrong"]] for number in range(40)]
    assert {answer.status_code for answer in answers} == {207}
    assert [[result["id"] for result in answer.json()["results"]] for answer in answers] == sent
    assert sorted(ids(values(bootstrap, "many-"))) == sorted(itertools.chain(*sent))


def test_one_requests_failure_is_not_anothers(bootstrap: str) -> None:
    """A topic that takes only small records stands for whatever the broker refuses."""
    admin = AdminClient({"bootstrap.servers": bootstrap})
    admin.create_topics([NewTopic("narrow", 1, 1, config={"max.message.bytes": "1000"})])["narrow"].result(10)
    large, good = Record("narrow", b"", b"x" * 5000), line_record(as_line(an_incident(id="good")))

    async def both(publisher: GatewayPublisher) -> list[BaseException | None]:
        sending = (publisher.publish([good, large]), publisher.publish([good]), publisher.publish([]))
        return list(await asyncio.gather(*sending, return_exceptions=True))

    with a_publisher(bootstrap) as publisher:
        first, second, third = asyncio.run(both(publisher))
        assert publisher.ready
    assert isinstance(first, NotPublishedError)
    assert "too large" in str(first)
    assert (second, third) == (None, None)
    assert ids(values(bootstrap, "good")) == ["good", "good"]


def test_a_publisher_that_can_never_publish_again_says_so() -> None:
    broken = threading.Event()
    with a_publisher("127.0.0.1:9", on_broken=broken.set) as publisher:
        found = []
        for error in (
            KafkaError(KafkaError._ALL_BROKERS_DOWN, "none answers"),  # noqa: SLF001 - its public name
            KafkaError(KafkaError._FATAL, "fenced", fatal=True),  # noqa: SLF001
        ):
            publisher.on_error(error)
            found.append((publisher.broken, broken.is_set()))
        assert found == [(False, False), (True, True)]
        assert not publisher.ready


def test_while_kafka_is_dead_nothing_is_promised_and_the_same_request_arrives_when_it_is_back(
    services: Services, tmp_path: Path
) -> None:
    kafka = services.kafka(tmp_path)
    ensure_topics(kafka.bootstrap)
    body = as_line(an_incident(id="a"))
    with a_publisher(kafka.bootstrap, timeout_seconds=2) as publisher, a_gateway(publisher) as address:

        def send() -> httpx.Response:
            return httpx.post(f"{address}/v1/events", content=body, headers=JSON, timeout=30)

        assert send().status_code == 202
        assert kafka.pid is not None
        os.kill(kafka.pid, signal.SIGKILL)
        lost = send()
        assert (lost.status_code, lost.headers["retry-after"]) == (503, "5")
        assert lost.json()["results"] == []
        assert not publisher.ready
        kafka.stop()
        assert services.kafka(tmp_path).bootstrap == kafka.bootstrap
        wait_until(lambda: publisher.ready, 20)
        wait_until(lambda: send().status_code == 202, 30)
        assert not publisher.broken
    found = values(kafka.bootstrap, "a")
    assert len(found) >= 2
    assert set(found) == {body}  # however often: the same id with the same content counts once


def test_a_body_that_breaks_off_publishes_nothing(bootstrap: str) -> None:
    body = as_line(an_incident(id="half"))
    head = (
        f"POST /v1/events HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\nContent-Length: {len(body)}"
    )
    with a_publisher(bootstrap) as publisher, a_gateway(publisher) as address:
        port = int(address.rpartition(":")[2])
        with socket.create_connection(("127.0.0.1", port)) as connection:
            connection.sendall(head.encode() + b"\r\n\r\n" + body[:-10])
        assert httpx.get(f"{address}/openapi.json").status_code == 200
    assert values(bootstrap, "half") == []


def test_a_large_body_is_refused_before_a_client_that_asks_first_sends_it(bootstrap: str) -> None:
    head = (
        "POST /v1/events HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
        "Content-Length: 99999999\r\nExpect: 100-continue\r\n\r\n"
    )
    with a_publisher(bootstrap) as publisher, a_gateway(publisher) as address:
        port = int(address.rpartition(":")[2])
        with socket.create_connection(("127.0.0.1", port), timeout=10) as connection:
            connection.sendall(head.encode())
            assert connection.recv(100).startswith(b"HTTP/1.1 413 ")
