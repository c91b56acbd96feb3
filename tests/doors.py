"""Servers for webhooks: one with TLS that remembers who came, one of plain TCP that does as it likes."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from aiohttp import web
from endpoints import secret_of

from consumers.channels.webhook import WebhookChannel
from consumers.contact_points import Channel, ContactPoint, WebhookAddress
from consumers.outbox import Claim, SendOutcome, SendResult
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
