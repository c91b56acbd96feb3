"""Mail servers on loopback that answer as a test wants and keep what they took, and mail handed to them."""

from __future__ import annotations

import asyncio
import email
import ssl
import threading
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.message import EmailMessage
from email.policy import default
from typing import Any

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, Session
from certificates import Authority
from notices import a_notice

from consumers.channels.email import EmailChannel, SmtpServer
from consumers.contact_points import Channel, ContactPoint, Language
from consumers.notice import Notice
from consumers.outbox import Claim, SendOutcome, SendResult
from consumers.tls import TlsFiles
from infra.services.ports import HOST

WRITTEN_AT = datetime(2026, 11, 15, 19, 25, 4, tzinfo=UTC)
URL = "https://brdo.example"
DELIVERED = SendResult(SendOutcome.DELIVERED, 250)
Handler = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


@dataclass
class Post:
    """A mail server's handler: answers as told and keeps what it took."""

    recipient: str = "250 OK"
    data: str = "250 OK"
    taken: list[bytes] = field(default_factory=list)
    encrypted: list[bool] = field(default_factory=list)
    users: list[str] = field(default_factory=list)

    async def handle_RCPT(  # noqa: N802 - aiosmtpd's name
        self, _server: SMTP, _session: Session, envelope: Envelope, address: str, _options: list[str]
    ) -> str:
        if self.recipient.startswith("2"):
            envelope.rcpt_tos.append(address)
        return self.recipient

    async def handle_DATA(self, _server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802 - likewise
        assert isinstance(envelope.content, bytes)
        self.taken.append(envelope.content)
        self.encrypted.append(session.ssl is not None)
        return self.data

    def authenticate(self, *what: Any) -> AuthResult:
        login = what[-1]
        self.users.append(login.login.decode())
        known = login.password == b"open sesame"
        return AuthResult(success=known, handled=known)  # else aiosmtpd answers nothing at all

    def message(self) -> EmailMessage:
        (one,) = self.taken
        return read(one)


def read(content: bytes) -> EmailMessage:
    message = email.message_from_bytes(content, policy=default)
    assert isinstance(message, EmailMessage)
    return message


@asynccontextmanager
async def post_office(post: Post, context: ssl.SSLContext | None, **options: Any) -> AsyncIterator[int]:
    """Run a mail server in this loop and yield its port."""
    loop = asyncio.get_running_loop()
    server = await loop.create_server(
        lambda: SMTP(post, tls_context=context, authenticator=post.authenticate, loop=loop, **options), HOST, 0
    )
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()


@contextmanager
def running_post_office(post: Post) -> Iterator[int]:
    """Run a mail server in a thread, without TLS, and yield its port."""
    loop, ports, stop, ready = asyncio.new_event_loop(), list[int](), asyncio.Event(), threading.Event()

    async def run() -> None:
        async with post_office(post, None) as port:
            ports.append(port)
            ready.set()
            await stop.wait()

    thread = threading.Thread(target=lambda: loop.run_until_complete(run()))
    thread.start()
    try:
        assert ready.wait(20)
        yield ports[0]
    finally:
        loop.call_soon_threadsafe(stop.set)
        thread.join(20)
        loop.close()


def a_server(port: int, authority: Authority | None, **more: Any) -> SmtpServer:
    tls = TlsFiles(authority=authority.file if authority else None)
    return SmtpServer("localhost", port, "alerts@brdo.example", tls=tls, **more)


def a_claim(notice: Notice) -> Claim:
    return Claim(notice.data.delivery, "test", "SI", Channel.EMAIL, notice.text(), 1, WRITTEN_AT)


async def sent(
    server: SmtpServer, notice: Notice | str | None = None, language: Language = Language.ENGLISH, seconds: float = 5
) -> SendResult:
    """Return how one delivery to this mail server ends."""
    claim = a_claim(notice if isinstance(notice, Notice) else a_notice())
    if isinstance(notice, str):
        claim = Claim(claim.id, claim.owner, "SI", Channel.EMAIL, notice, 1, WRITTEN_AT)
    point = ContactPoint("SI", "Slovenia", email="duty@si.example", language=language)
    async with asyncio.timeout(seconds + 5):
        return await EmailChannel(server, URL, seconds).send(point, claim, WRITTEN_AT)
