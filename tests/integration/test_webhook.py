"""Webhooks to real servers: to whom they go, whom they trust, and how whatever happens ends."""

from __future__ import annotations

import asyncio
import socket
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from certificates import Authority
from delivery_rig import in_a_loop
from endpoints import Answer, endpoint, secret_of
from standardwebhooks.webhooks import Webhook

from consumers.channels.webhook import WebhookChannel
from consumers.contact_points import Channel, ContactPoint, WebhookAddress
from consumers.outbox import Claim, SendOutcome, SendResult
from consumers.tls import TlsFiles
from infra.services.ports import HOST

NOW = datetime(2026, 5, 1, 12, tzinfo=UTC)
CLAIM = Claim("dl-1", "test", "SI", Channel.WEBHOOK, '{"from": "Röszke"}', 1, NOW)
DELIVERED = SendResult(SendOutcome.DELIVERED, 204)
Handler = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


async def sent(url: str, timeout_seconds: float = 5, **address: Any) -> SendResult:
    """Return how one delivery to this address ends."""
    point = ContactPoint("SI", "Slovenia", WebhookAddress(url, secret_of("SI"), **address))
    async with WebhookChannel(timeout_seconds) as webhook, asyncio.timeout(timeout_seconds + 5):
        return await webhook.send(point, CLAIM, NOW)


@dataclass
class Door:
    """A server with TLS that says 204 to everything and remembers who came."""

    port: int = 0
    connections: int = 0
    requests: list[dict[str, str]] = field(default_factory=list)

    async def receive(self, request: web.Request) -> web.Response:
        await request.read()
        self.requests.append(dict(request.headers))
        return web.Response(status=204)


@asynccontextmanager
async def door(context: ssl.SSLContext | None = None, host: str = HOST) -> AsyncIterator[Door]:
    opened = Door()
    application = web.Application()
    application.router.add_post("/", opened.receive)
    runner = web.AppRunner(application, shutdown_timeout=0.1, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, host, 0, ssl_context=context).start()
    opened.port = runner.addresses[0][1]
    try:
        yield opened
    finally:
        await runner.cleanup()


@asynccontextmanager
async def raw(handle: Handler) -> AsyncIterator[str]:
    """Serve plain TCP and yield its URL."""

    async def close_after(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await handle(reader, writer)
        finally:
            writer.close()

    server = await asyncio.start_server(close_after, HOST, 0)
    try:
        yield f"http://{HOST}:{server.sockets[0].getsockname()[1]}/"
    finally:
        server.close()


# What an answer decides


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
async def test_a_channel_keeps_its_connection() -> None:
    """One for many deliveries: TLS is not negotiated anew for each alert."""
    async with endpoint() as server, WebhookChannel(5) as webhook:
        point, ports = server.point, set()
        for _ in range(3):
            assert await webhook.send(point, CLAIM, NOW) == DELIVERED
            ports |= _connected_to(server.port)
        assert len(ports) == 1


def _connected_to(port: int) -> set[int]:
    import psutil

    return {one.laddr.port for one in psutil.Process().net_connections("tcp") if one.raddr and one.raddr.port == port}


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


# Whom it connects to


@pytest.mark.parametrize(
    "host", ["127.0.0.1", "127.1", "2130706433", "[::1]", "[::ffff:127.0.0.1]", "[::ffff:7f00:1]", "localhost"]
)
@in_a_loop
async def test_a_private_address_is_refused_however_it_is_written(host: str, tmp_path: Path) -> None:
    authority = Authority(tmp_path)
    server = authority.server("localhost", "127.0.0.1", "::1")
    tls = TlsFiles(authority=authority.file)
    async with door(server, "::1" if host == "[::1]" else HOST) as opened:
        url = f"https://{host}:{opened.port}/"
        assert await sent(url, tls=tls) == SendResult(SendOutcome.PRIVATE_ADDRESS)
        assert not opened.requests


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
@in_a_loop
async def test_a_private_address_is_reached_where_its_contact_point_allows_it(host: str, tmp_path: Path) -> None:
    authority = Authority(tmp_path)
    async with door(authority.server(host)) as opened:
        tls = TlsFiles(authority=authority.file)
        assert await sent(f"https://{host}:{opened.port}/", tls=tls, allow_private=True) == DELIVERED


@asynccontextmanager
async def resolving(answers: dict[str, list[list[str]]], monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[list[str]]:
    """Answer for these names, each time with the next of their lists, and yield what was asked."""
    loop, asked = asyncio.get_running_loop(), []
    ask = loop.getaddrinfo

    async def getaddrinfo(host: Any, port: Any, **more: Any) -> Any:
        asked.append(host)
        if host not in answers:
            return await ask(host, port, **more)
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (one, port)) for one in answers[host].pop(0)]

    monkeypatch.setattr(loop, "getaddrinfo", getaddrinfo)
    yield asked


@in_a_loop
async def test_what_is_connected_to_is_the_address_that_was_judged(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The name is asked for once, so that a second answer cannot lead elsewhere; certificate and Host keep the name."""
    authority = Authority(tmp_path)
    moves = {"moves.example": [["127.0.0.1"], ["127.0.0.66"]]}
    async with door(authority.server("moves.example")) as opened, resolving(moves, monkeypatch) as asked:
        url = f"https://moves.example:{opened.port}/"
        assert await sent(url, tls=TlsFiles(authority=authority.file), allow_private=True) == DELIVERED
        assert asked.count("moves.example") == 1
        assert opened.requests[0]["Host"] == f"moves.example:{opened.port}"


@in_a_loop
async def test_of_several_addresses_one_that_refuses_is_followed_by_the_next(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    authority = Authority(tmp_path)
    two = {"two.example": [["127.0.0.9", "127.0.0.1"]]}
    async with door(authority.server("two.example")) as opened, resolving(two, monkeypatch):
        tls = TlsFiles(authority=authority.file)
        assert await sent(f"https://two.example:{opened.port}/", tls=tls, allow_private=True) == DELIVERED


@in_a_loop
async def test_without_encryption_nothing_leaves_the_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    """Not even where localhost is somebody else, and private addresses are allowed."""
    async with resolving({"localhost": [["10.1.2.3"]]}, monkeypatch):
        assert await sent("http://localhost:9/", allow_private=True) == SendResult(SendOutcome.PRIVATE_ADDRESS)


# Whom it trusts, and who trusts it

TURNED_AWAY = {SendOutcome.UNTRUSTED, SendOutcome.UNREACHABLE}
"""In TLS 1.3 a server says why after the handshake, and may have hung up before it is heard."""


@in_a_loop
async def test_a_server_that_nobody_vouches_for_gets_nothing(tmp_path: Path) -> None:
    ours, theirs = Authority(tmp_path / "ours"), Authority(tmp_path / "theirs")
    async with door(theirs.server("localhost")) as opened:
        url = f"https://localhost:{opened.port}/"
        assert await sent(url, allow_private=True) == SendResult(SendOutcome.UNTRUSTED)
        tls = TlsFiles(authority=ours.file)
        assert await sent(url, tls=tls, allow_private=True) == SendResult(SendOutcome.UNTRUSTED)
        assert not opened.requests


@in_a_loop
async def test_a_certificate_for_another_name_is_not_trusted(tmp_path: Path) -> None:
    authority = Authority(tmp_path)
    async with door(authority.server("elsewhere.example")) as opened:
        tls = TlsFiles(authority=authority.file)
        result = await sent(f"https://localhost:{opened.port}/", tls=tls, allow_private=True)
        assert result == SendResult(SendOutcome.UNTRUSTED)


@in_a_loop
async def test_a_server_that_wants_a_certificate_is_shown_the_right_one(tmp_path: Path) -> None:
    """And who has none, or one that others vouch for, is not let in."""
    ours, others = Authority(tmp_path / "ours"), Authority(tmp_path / "others")
    async with door(ours.server("localhost", clients_of=ours)) as opened:
        url = f"https://localhost:{opened.port}/"
        none = TlsFiles(authority=ours.file)
        for tls in (none, others.client(trusting=ours)):
            assert (await sent(url, tls=tls, allow_private=True)).outcome in TURNED_AWAY
        assert not opened.requests
        assert await sent(url, tls=ours.client(), allow_private=True) == DELIVERED


@in_a_loop
async def test_no_contact_point_rides_on_the_connection_of_another(tmp_path: Path) -> None:
    """Two at one address: who shows no certificate does not get in by the connection of who did."""
    ours = Authority(tmp_path)
    async with door(ours.server("localhost", clients_of=ours)) as opened, WebhookChannel(5) as webhook:
        url, secret = f"https://localhost:{opened.port}/", secret_of("SI")
        known = ContactPoint("SI", "SI", WebhookAddress(url, secret, ours.client(), allow_private=True))
        unknown = ContactPoint("HR", "HR", WebhookAddress(url, secret, TlsFiles(authority=ours.file), True))
        guarded = ContactPoint("AT", "AT", WebhookAddress(url, secret, ours.client(), allow_private=False))
        assert await webhook.send(known, CLAIM, NOW) == DELIVERED
        assert (await webhook.send(unknown, CLAIM, NOW)).outcome in TURNED_AWAY
        assert await webhook.send(guarded, CLAIM, NOW) == SendResult(SendOutcome.PRIVATE_ADDRESS)
