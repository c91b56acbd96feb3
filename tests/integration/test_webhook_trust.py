"""Webhooks to real servers: to whom they connect, whom they trust, and who trusts them."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from certificates import Authority
from delivery_rig import in_a_loop
from doors import CLAIM, DELIVERED, NOW, door, sent
from endpoints import secret_of

from consumers.channels.webhook import WebhookChannel
from consumers.contact_points import ContactPoint, WebhookAddress
from consumers.outbox import SendOutcome, SendResult
from consumers.tls import TlsFiles
from infra.services.ports import HOST

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
