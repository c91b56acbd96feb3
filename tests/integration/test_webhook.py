"""A webhook's answer decides by its status, and by nothing that comes after it."""

from __future__ import annotations

import asyncio
from base64 import b64encode
from datetime import UTC, datetime

from aiohttp import web

from consumers.channels.webhook import WebhookChannel
from consumers.contact_points import Channel, ContactPoint, WebhookAddress
from consumers.outbox import Claim, SendOutcome, SendResult

SECRET = "whsec_" + b64encode(b"0123456789abcdef0123456789abcdef").decode()
NOW = datetime(2026, 5, 1, 12, tzinfo=UTC)


async def trickle(request: web.Request) -> web.StreamResponse:
    """Say 200 at once, and then a byte now and again for longer than anybody waits."""
    response = web.StreamResponse(status=200)
    await response.prepare(request)
    for _ in range(600):
        await response.write(b".")
        await asyncio.sleep(0.05)
    return response


def test_an_endless_answer_neither_blocks_nor_undoes_the_delivery() -> None:
    """Who says 200 has the alert; the trickle that follows holds up nobody, and nothing is sent twice."""

    async def run() -> SendResult:
        application = web.Application()
        application.router.add_post("/", trickle)
        runner = web.AppRunner(application, shutdown_timeout=0.1, access_log=None)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        url = f"http://127.0.0.1:{runner.addresses[0][1]}/"
        point = ContactPoint("SI", "SI", WebhookAddress(url, SECRET))
        claimed = Claim("dl-1", "test", "SI", Channel.WEBHOOK, "{}", 0, NOW)
        async with WebhookChannel(0.5) as webhook, asyncio.timeout(5):
            result = await webhook.send(point, claimed, NOW)
        await runner.cleanup()
        return result

    assert asyncio.run(run()) == SendResult(SendOutcome.DELIVERED, 200)
