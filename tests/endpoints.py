"""Contact points on loopback that answer as a test wants, and remember what they were asked."""

from __future__ import annotations

import asyncio
import base64
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime

from aiohttp import web

from consumers.contact_points import ContactPoint, WebhookAddress
from infra.services.ports import HOST


@dataclass(frozen=True)
class Answer:
    """What a contact point answers: after `seconds`, and where there is `held`, once that is set."""

    status: int = 204
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    seconds: float = 0
    held: asyncio.Event | None = None


@dataclass(frozen=True)
class Request:
    """What a contact point received, and when it had all of it."""

    received_at: datetime
    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def webhook_id(self) -> str:
        return self.headers["webhook-id"]


@dataclass
class Endpoint:
    """A contact point's server: gives its answers in turn, the last one from then on, and keeps every request."""

    code: str
    port: int
    answers: list[Answer]
    requests: list[Request] = field(default_factory=list)

    @property
    def point(self) -> ContactPoint:
        return a_contact_point(self.code, self.port)

    @property
    def url(self) -> str:
        return url_of(self.code, self.port)

    async def receive(self, request: web.Request) -> web.Response:
        body = await request.read()
        answer = self.answers[min(len(self.requests), len(self.answers) - 1)]
        headers = {name.lower(): value for name, value in request.headers.items()}
        self.requests.append(Request(datetime.now(UTC), request.path, headers, body))
        if answer.held is not None:
            await answer.held.wait()
        if answer.seconds:
            await asyncio.sleep(answer.seconds)
        return web.Response(status=answer.status, headers=answer.headers, body=answer.body)


def a_contact_point(code: str = "SI", port: int = 9) -> ContactPoint:
    return ContactPoint(code, code, WebhookAddress(url_of(code, port), secret_of(code)))


def url_of(code: str, port: int) -> str:
    return f"http://{HOST}:{port}/{code}"


def secret_of(code: str) -> str:
    return "whsec_" + base64.b64encode(f"{code:*^32}".encode()).decode()


@asynccontextmanager
async def endpoint(*answers: Answer, code: str = "SI", port: int = 0) -> AsyncIterator[Endpoint]:
    """Run a contact point's server; without answers it says 204 to everything."""
    running = Endpoint(code, port, list(answers) or [Answer()])
    application = web.Application()
    application.router.add_route("*", "/{path:.*}", running.receive)
    async with serving(application, port) as running.port:
        yield running


@asynccontextmanager
async def serving(application: web.Application, port: int = 0) -> AsyncIterator[int]:
    """Serve on loopback and yield the port."""
    runner = web.AppRunner(application, shutdown_timeout=0.1, handler_cancellation=True)
    await runner.setup()
    await web.TCPSite(runner, HOST, port).start()
    try:
        yield runner.addresses[0][1]
    finally:
        await runner.cleanup()


# The processes under test
