"""From PostgreSQL to HTTP, both real: every delivery arrives, whatever the contact point or the database does."""

from __future__ import annotations

import asyncio
import socket
from collections import Counter
from contextlib import AsyncExitStack
from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa
from aiohttp import web
from delivery_rig import QUICK, Database, deliverer_process, delivering, in_a_loop, until
from endpoints import Answer, Endpoint, a_contact_point, endpoint, secret_of
from factory import an_alert
from prometheus_client import REGISTRY
from standardwebhooks.webhooks import Webhook, WebhookVerificationError

from consumers.outbox import Pace
from consumers.tables import attempts, deliveries, sendings
from infra.services.ports import HOST

pytest_plugins = ["delivery_services"]


async def settled(database: Database, number: int = 1, seconds: float = 10) -> None:
    await until(lambda: database.delivered() == number, seconds)


def same_delivery(server: Endpoint) -> bool:
    """Whether all its requests had one id and one body, so that it can tell a repetition."""
    return len({(request.webhook_id, request.body) for request in server.requests}) == 1


ENDED = attempts.c.outcome.is_not(None)


@in_a_loop
async def test_a_delivery_is_the_payload_of_its_row_signed_with_the_secret_of_the_contact_point(
    database: Database,
) -> None:
    async with endpoint() as server, delivering(database, server.point):
        database.store(an_alert(summary="Röszke → Horgoš"), told=[server.point])
        await settled(database)

    (request,) = server.requests
    (row,) = database.rows(sa.select(deliveries))
    assert request.body == row.notice.encode()
    assert (request.webhook_id, request.path) == (row.id, "/SI")
    assert request.headers["content-type"] == "application/json"
    assert Webhook(secret_of("SI")).verify(request.body, request.headers)["data"]["delivery"] == row.id
    with pytest.raises(WebhookVerificationError):
        Webhook(secret_of("HR")).verify(request.body, request.headers)
    assert database.outcomes("SI") == [("delivered", 204)]


@in_a_loop
async def test_after_a_server_error_the_same_delivery_is_sent_again(database: Database) -> None:
    async with endpoint(Answer(500), Answer(204)) as server, delivering(database, server.point):
        database.store(an_alert(), told=[server.point])
        await settled(database)

    assert len(server.requests) == 2
    assert same_delivery(server)
    assert database.outcomes("SI") == [("failed", 500), ("delivered", 204)]


@in_a_loop
async def test_a_contact_point_that_does_not_answer_in_time_is_tried_again(database: Database) -> None:
    never = Answer(held=asyncio.Event())
    async with endpoint(never, Answer()) as server, delivering(database, server.point, timeout_seconds=0.3):
        database.store(an_alert(), told=[server.point])
        await settled(database)

    assert same_delivery(server)
    assert database.outcomes("SI") == [("timed_out", None), ("delivered", 204)]
    (first, _) = database.rows(sa.select(attempts).order_by(attempts.c.number))
    assert timedelta(seconds=0.3) <= first.finished_at - first.started_at < timedelta(seconds=2)


@in_a_loop
async def test_a_contact_point_cannot_hold_a_delivery_longer_by_answering_drop_by_drop(database: Database) -> None:
    """Each drop comes within the time that the whole answer may take."""
    gone = asyncio.Event()

    async def drip(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\n")
        try:
            while not gone.is_set():
                writer.write(b"X-Drop: 1\r\n")
                await writer.drain()
                await asyncio.sleep(0.05)
        except ConnectionError:
            gone.set()
        finally:
            writer.close()

    server = await asyncio.start_server(drip, HOST, 0)
    async with server:
        point = a_contact_point("SI", server.sockets[0].getsockname()[1])
        async with delivering(database, point, timeout_seconds=0.3):
            database.store(an_alert(), told=[point])
            await until(lambda: database.count(attempts, ENDED) > 0, 3)
        gone.set()

    assert database.outcomes("SI")[0] == ("timed_out", None)


@in_a_loop
@pytest.mark.parametrize(
    "answer",
    [
        web.Response(body=b"not gzip", headers={"Content-Encoding": "gzip"}),
        web.Response(body=b"", headers={"Content-Length": "10"}),
    ],
    ids=["not decodable", "broken off"],
)
async def test_what_is_wrong_with_the_body_of_a_2xx_answer_changes_nothing(
    database: Database, answer: web.Response
) -> None:
    head = "".join(f"{name}: {value}\r\n" for name, value in answer.headers.items())
    told = 0

    async def respond(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal told
        told += 1
        await reader.readuntil(b"\r\n\r\n")
        assert isinstance(answer.body, bytes)
        writer.write(f"HTTP/1.1 200 OK\r\nConnection: close\r\n{head}\r\n".encode() + answer.body)
        await writer.drain()
        writer.close()

    async with await asyncio.start_server(respond, HOST, 0) as server:
        point = a_contact_point("SI", server.sockets[0].getsockname()[1])
        async with delivering(database, point):
            database.store(an_alert(), told=[point])
            await until(lambda: database.count(attempts, ENDED) > 0)

    assert (told, database.outcomes("SI")) == (1, [("delivered", 200)])


@in_a_loop
async def test_a_contact_point_that_asks_for_more_time_gets_it(database: Database) -> None:
    asks = Answer(429, headers={"Retry-After": "2"})
    async with endpoint(asks, Answer()) as server, delivering(database, server.point):
        database.store(an_alert(), told=[server.point])
        await settled(database)

    first, second = server.requests
    assert timedelta(seconds=2) <= second.received_at - first.received_at < timedelta(seconds=4)
    assert database.outcomes("SI") == [("throttled", 429), ("delivered", 204)]


@in_a_loop
async def test_a_contact_point_that_is_down_gets_its_delivery_when_it_is_up(database: Database) -> None:
    with socket.create_server((HOST, 0)) as taken:
        port = taken.getsockname()[1]
    point = a_contact_point("SI", port)
    async with delivering(database, point):
        database.store(an_alert(), told=[point])
        await until(lambda: database.count(attempts, ENDED) > 0)
        async with endpoint(port=port) as server:
            await settled(database)

    assert len(server.requests) == 1
    assert set(database.outcomes("SI")[:-1]) == {("unreachable", None)}


@in_a_loop
async def test_a_redirect_is_not_followed(database: Database) -> None:
    async with endpoint(code="HR") as elsewhere:
        away = [Answer(status, headers={"Location": elsewhere.url}) for status in (301, 302, 307, 308)]
        async with endpoint(*away, Answer()) as server, delivering(database, server.point):
            database.store(an_alert(), told=[server.point])
            await settled(database)

    assert elsewhere.requests == []
    assert [status for _, status in database.outcomes("SI")] == [301, 302, 307, 308, 204]


@in_a_loop
async def test_a_contact_point_that_hangs_does_not_delay_another(database: Database) -> None:
    """The other has its twenty at once; the one that hangs as many as may be under way, until it lets go."""
    let_go, at_once = asyncio.Event(), 3
    async with (
        endpoint(*[Answer(held=let_go)] * at_once, Answer(), code="HR") as hanging,
        endpoint() as prompt,
        delivering(database, hanging.point, prompt.point, pace=Pace(QUICK.lease, QUICK.waits, at_once)),
    ):
        started_at = datetime.now(UTC)
        database.store(*(an_alert() for _ in range(20)), told=[hanging.point, prompt.point])
        await settled(database, 20)
        released_at = datetime.now(UTC)
        assert (len(prompt.requests), len(hanging.requests)) == (20, at_once)
        let_go.set()
        await settled(database, 40)

    assert prompt.requests[-1].received_at - started_at < timedelta(seconds=15)
    assert hanging.requests[0].received_at < prompt.requests[-1].received_at
    assert hanging.requests[at_once].received_at > released_at
    assert len({request.webhook_id for request in hanging.requests}) == 20


@in_a_loop
async def test_a_database_killed_while_deliveries_are_due_loses_and_repeats_none(database: Database) -> None:
    pace = Pace(timedelta(seconds=2), QUICK.waits)
    async with AsyncExitStack() as stack:
        servers = [
            await stack.enter_async_context(endpoint(Answer(seconds=0.03), code=code)) for code in ("SI", "HR", "AT")
        ]
        points = [server.point for server in servers]
        database.store(*(an_alert() for _ in range(15)), told=points)
        deliverer = await stack.enter_async_context(delivering(database, *points, pace=pace))
        await until(lambda: sum(len(server.requests) for server in servers) >= 10)
        database.server.kill()
        try:
            await until(lambda: not deliverer.ready)
            sent = sum(len(server.requests) for server in servers)
        finally:
            await asyncio.to_thread(database.server.start)
        await settled(database, 45, 20)

    received = Counter(request.webhook_id for server in servers for request in server.requests)
    assert 10 <= sent < 45
    assert received == dict.fromkeys((row.id for row in database.rows(sa.select(deliveries.c.id))), 1)


@in_a_loop
async def test_after_a_deliverer_was_killed_while_sending_another_sends_the_same_when_the_lease_is_over(
    database: Database,
) -> None:
    async with endpoint(Answer(held=asyncio.Event()), Answer()) as server:
        database.store(an_alert(), told=[server.point])
        with deliverer_process(database, server.point, lease_seconds=3) as first:
            await until(lambda: len(server.requests) == 1, 20)
            first.kill()
            first.wait()
        (held,) = database.rows(sa.select(sendings))
        with deliverer_process(database, server.point, lease_seconds=3):
            await settled(database, seconds=20)

    assert held.state == "pending"
    assert len(server.requests) == 2
    assert same_delivery(server)
    assert server.requests[1].received_at > held.lease_until
    assert database.outcomes("SI") == [(None, None), ("delivered", 204)], "the attempt cut off is on record"


@in_a_loop
async def test_only_what_was_acknowledged_counts_in_the_time_to_deliver(database: Database) -> None:
    def counted() -> float:
        return REGISTRY.get_sample_value("border_consumers_delivery_seconds_count", {"channel": "webhook"}) or 0

    before = counted()
    async with endpoint(Answer(500), Answer(503), Answer()) as server, delivering(database, server.point):
        database.store(an_alert(), told=[server.point])
        await settled(database)

    assert counted() - before == 1


@in_a_loop
async def test_a_deliverer_that_is_told_to_stop_finishes_what_it_is_sending(database: Database) -> None:
    async with endpoint(Answer(seconds=0.5)) as server:
        async with delivering(database, server.point):
            database.store(an_alert(), told=[server.point])
            await until(lambda: len(server.requests) == 1)
        assert database.delivered() == 1


@in_a_loop
async def test_a_new_delivery_is_sent_at_its_notification_not_at_the_next_poll(database: Database) -> None:
    """As the dispatcher notifies: ten in a row would take five seconds on the average by polling."""
    async with endpoint() as server, delivering(database, server.point) as deliverer:
        await until(lambda: deliverer.ready)
        waits = []
        for number in range(1, 11):
            database.store(an_alert(), told=[server.point])
            with database.engine.begin() as connection:
                connection.execute(sa.text("SELECT pg_notify('brdo_deliveries', '')"))
            started_at = datetime.now(UTC)
            await settled(database, number)
            waits.append(server.requests[-1].received_at - started_at)

    assert sum(waits, timedelta()) < timedelta(seconds=2)
