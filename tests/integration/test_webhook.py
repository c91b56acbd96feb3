"""Webhooks to real servers: what arrives, and how whatever happens ends."""

from __future__ import annotations

import asyncio
import contextlib
import socket

import pytest
from aiohttp import web
from delivery_rig import in_a_loop
from doors import CLAIM, DELIVERED, NOW, Handler, raw, sent
from endpoints import Answer, endpoint, secret_of
from standardwebhooks.webhooks import Webhook

from consumers.channels.webhook import WebhookChannel
from consumers.contact_points import ContactPoint, WebhookAddress
from consumers.outbox import SendOutcome, SendResult
from infra.services.ports import HOST


async def trickle(request: web.Request) -> web.StreamResponse:
    """Say 200 at once, and then a byte now and again for longer than anybody waits."""
    response = web.StreamResponse(status=200)
    await response.prepare(request)
    for _ in range(600):
        await response.write(b".")
        await asyncio.sleep(0.05)
    return response


@in_a_loop
async def test_an_endless_answer_neither_blocks_nor_undoes_the_delivery() -> None:
    """Who says 200 has the alert; the trickle that follows holds up nobody, and nothing is sent twice."""
    application = web.Application()
    application.router.add_post("/", trickle)
    runner = web.AppRunner(application, shutdown_timeout=0.1, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, HOST, 0).start()

    result = await sent(f"http://{HOST}:{runner.addresses[0][1]}/", 0.5)

    await runner.cleanup()
    assert result == SendResult(SendOutcome.DELIVERED, 200)


@in_a_loop
async def test_what_arrives_is_the_payload_signed_for_its_contact_point() -> None:
    async with endpoint() as server:
        assert await sent(server.url) == DELIVERED
    (request,) = server.requests
    assert request.body == CLAIM.payload.encode()
    assert request.headers["host"] == f"{HOST}:{server.port}"
    assert request.headers["content-length"] == str(len(request.body))
    expected = Webhook(secret_of("SI")).sign("dl-1", NOW, CLAIM.payload)
    assert (request.webhook_id, request.headers["webhook-signature"]) == ("dl-1", expected)


@in_a_loop
async def test_a_redirect_is_not_followed() -> None:
    async with endpoint() as elsewhere, endpoint(Answer(307, {"Location": elsewhere.url})) as server:
        assert await sent(server.url) == SendResult(SendOutcome.REFUSED, 307)
        assert not elsewhere.requests


@in_a_loop
async def test_a_second_answer_is_not_taken_for_that_to_the_next_delivery() -> None:
    """The server says twice that it has the first, and takes nothing after it."""
    answers = [b"HTTP/1.1 204 No Content\r\n\r\n" * 2, b"HTTP/1.1 500 No\r\nContent-Length: 0\r\n\r\n"]

    async def answer_all(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(asyncio.IncompleteReadError):
            while True:
                await reader.readuntil(CLAIM.payload.encode())
                writer.write(answers.pop(0))

    async with raw(answer_all) as url, WebhookChannel(5) as webhook:
        point = ContactPoint("SI", "Slovenia", WebhookAddress(url, secret_of("SI")))
        assert await webhook.send(point, CLAIM, NOW) == DELIVERED
        assert await webhook.send(point, CLAIM, NOW) == SendResult(SendOutcome.FAILED, 500)


async def hang(reader: asyncio.StreamReader, _: asyncio.StreamWriter) -> None:
    await reader.read(-1)


async def reset(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await reader.readline()
    linger = b"\1\0\0\0\0\0\0\0"
    writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)


async def end(reader: asyncio.StreamReader, _: asyncio.StreamWriter) -> None:
    await reader.readline()


async def babble(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.write(b"SSH-2.0-OpenSSH_9.2\r\n\r\n")
    await writer.drain()


async def never_ending_header(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.write(b"HTTP/1.1 200 OK\r\nX: ")
    while True:
        writer.write(b"x" * 4096)
        await writer.drain()


async def slow_header(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    for character in b"HTTP/1.1 200 OK and so on and on":
        writer.write(bytes([character]))
        await asyncio.sleep(0.2)


@pytest.mark.parametrize(
    ("handle", "outcome"),
    [
        (hang, SendOutcome.TIMED_OUT),
        (slow_header, SendOutcome.TIMED_OUT),
        (reset, SendOutcome.UNREACHABLE),
        (end, SendOutcome.UNREACHABLE),
        (babble, SendOutcome.UNREACHABLE),
        (never_ending_header, SendOutcome.UNREACHABLE),
    ],
)
@in_a_loop
async def test_a_server_that_misbehaves_is_an_outcome(handle: Handler, outcome: SendOutcome) -> None:
    async with raw(handle) as url:
        assert await sent(url, 1) == SendResult(outcome)


@in_a_loop
async def test_a_name_that_nobody_has_is_unreachable() -> None:
    for host in ("nobody.invalid", "a" * 70 + ".invalid", "x..invalid"):
        assert await sent(f"https://{host}/") == SendResult(SendOutcome.UNREACHABLE)
