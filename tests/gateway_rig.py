"""What tests of the ways in share: Kafkas that remember or refuse, a running gateway, and what stands in a topic."""

from __future__ import annotations

import asyncio
import hashlib
import json
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import httpx
from confluent_kafka import Consumer, Message, TopicPartition

from infra.http_server import listen, serve
from producers.errors import NotPublishedError
from producers.gateway.access import Access
from producers.gateway.app import Limits, gateway_app
from producers.gateway.publisher import GatewayPublisher, PublishesRecords
from schemas.records import Record
from schemas.topics import Topic

LOOPBACK = "127.0.0.1"


class Remembering:
    """Acknowledges everything, and keeps it; with `away` set, nothing."""

    def __init__(self) -> None:
        self.records: list[Record] = []
        self.away = False

    async def publish(self, records: Sequence[Record]) -> None:
        if self.away:
            raise NotPublishedError(len(records), "no answer in time")
        self.records += records

    @property
    def values(self) -> list[bytes]:
        return [record.value for record in self.records]


def an_access(**tokens: str) -> Access:
    """Return the access of stations (SI_OBR stands for SI-OBR) that have these tokens."""
    return Access(
        {hashlib.sha256(token.encode()).hexdigest(): name.replace("_", "-") for name, token in tokens.items()}
    )


def post(  # noqa: PLR0913 - what a request consists of
    publisher: PublishesRecords,
    body: bytes,
    *,
    access: Access | None = None,
    limits: Limits | None = None,
    host: str = LOOPBACK,
    path: str = "/v1/events",
    method: str = "POST",
    **headers: str,
) -> httpx.Response:
    """Send one request to a gateway of its own, without a network; `content_type` and the like are headers."""
    app = gateway_app(publisher, access or Access(), limits)
    given = {name.replace("_", "-"): value for name, value in headers.items()}

    async def send() -> httpx.Response:
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url=f"http://{host}") as client:
            sent = {"content-type": "application/json", **given}
            return await client.request(method, path, content=body, headers=sent)

    return asyncio.run(send())


@contextmanager
def a_gateway(publisher: PublishesRecords, access: Access | None = None, limits: Limits | None = None) -> Iterator[str]:
    """Serve on a free port in a thread and yield the address."""
    access = access or Access()
    listener = listen(LOOPBACK, 0)
    address = f"http://{LOOPBACK}:{listener.getsockname()[1]}"
    started = threading.Event()
    loop, stop = asyncio.new_event_loop(), asyncio.Event()
    serving = serve(gateway_app(publisher, access, limits), listener, stop, started.set)
    thread = threading.Thread(target=loop.run_until_complete, args=(serving,))
    thread.start()
    try:
        assert started.wait(10)
        yield address
    finally:
        loop.call_soon_threadsafe(stop.set)
        thread.join(20)
        assert not thread.is_alive()
        loop.run_until_complete(loop.shutdown_default_executor())
        loop.close()


@contextmanager
def a_publisher(
    bootstrap: str, timeout_seconds: float = 10, on_broken: Callable[[], None] = lambda: None
) -> Iterator[GatewayPublisher]:
    publisher = GatewayPublisher(bootstrap, timeout_seconds=timeout_seconds, on_broken=on_broken)
    try:
        yield publisher
    finally:
        publisher.close()


def messages(bootstrap: str, topic: Topic) -> list[Message]:
    """Return everything that stands in the topic by now."""
    consumer = Consumer({"bootstrap.servers": bootstrap, "group.id": "reader", "enable.auto.commit": False})
    try:
        partitions = [TopicPartition(topic.name, number, 0) for number in range(topic.partitions)]
        ends = {one.partition: consumer.get_watermark_offsets(one, timeout=10)[1] for one in partitions}
        consumer.assign(partitions)
        found: list[Message] = []
        deadline = time.monotonic() + 20
        while len(found) < sum(ends.values()):
            assert time.monotonic() < deadline, "the topic ends before its end"
            found += consumer.consume(1000, timeout=0.2)
        return found
    finally:
        consumer.close()


def ids(values: Iterable[bytes]) -> list[Any]:
    return [json.loads(value)["id"] for value in values]
