"""E-mail over a real SMTP server: what arrives, that it arrives encrypted, and how whatever goes wrong ends."""

from __future__ import annotations

import asyncio
import email
import json
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.message import EmailMessage
from email.policy import default
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, Session
from certificates import Authority
from delivery_rig import in_a_loop
from hypothesis import given, settings
from notices import a_notice, notices

from consumers.channels.email import EmailChannel, SmtpServer, compose
from consumers.contact_points import Channel, ContactPoint, Language
from consumers.notice import Notice
from consumers.outbox import Claim, SendOutcome, SendResult
from consumers.tls import TlsFiles
from consumers.wording import word
from infra.services.ports import HOST
from schemas.alerts import Severity
from schemas.errors import ConfigurationError

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


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    return Authority(tmp_path)


TEXT = """Border alert: Vehicle seen in several incidents (high)

The record is at the link below, for your contact point alone. Each look at it is written down.

https://brdo.example/v1/deliveries/dl-00000000000000000001

Kind: Vehicle seen in several incidents
Severity: high
As of: 15 November 2026, 19:25 UTC
Alert: al-00000000000000000002
Revision: 1
Delivery: dl-00000000000000000001
Contact point: SI
"""


@in_a_loop
async def test_what_arrives_is_the_notice_in_words_and_nothing_else(authority: Authority) -> None:
    post = Post()
    async with post_office(post, authority.server("localhost")) as port:
        assert await sent(a_server(port, authority)) == DELIVERED
    assert post.encrypted == [True]
    message = post.message()
    assert {name.lower() for name in message.keys()} == {  # noqa: SIM118 - a message is no mapping
        *("from", "to", "subject", "date", "message-id", "auto-submitted", "mime-version", "content-type")
    }
    assert (message["From"], message["To"]) == ("alerts@brdo.example", "duty@si.example")
    assert message["Subject"] == "Border alert: Vehicle seen in several incidents (high)"
    assert message["Message-ID"] == "<dl-00000000000000000001@brdo.example>"
    assert message["Auto-Submitted"] == "auto-generated"
    text, html = message.iter_parts()
    assert (text.get_content_type(), html.get_content_type()) == ("text/plain", "text/html")
    assert text.get_content().replace("\r\n", "\n") == TEXT
    assert '<a href="https://brdo.example/v1/deliveries/dl-00000000000000000001">' in html.get_content()


@in_a_loop
async def test_sent_again_it_is_the_same_message(authority: Authority) -> None:
    """So that a mailbox, and a person, know a repetition."""
    post = Post()
    async with post_office(post, authority.server("localhost")) as port:
        for _ in range(2):
            assert await sent(a_server(port, authority)) == DELIVERED
    assert post.taken[0] == post.taken[1]


@in_a_loop
async def test_a_payload_that_says_more_than_a_notice_may_is_not_sent(authority: Authority) -> None:
    said = json.loads(a_notice().text())
    said["data"]["summary"] = "Vehicle SK1717ZZ (MK) is back"
    post = Post()
    async with post_office(post, authority.server("localhost")) as port:
        assert await sent(a_server(port, authority), json.dumps(said)) == SendResult(SendOutcome.INVALID)
    assert not post.taken


@pytest.mark.parametrize(
    ("language", "subject", "line"),
    [
        (Language.SLOVENE, "VAJA: OGROŽENO ŽIVLJENJE: Mejno opozorilo: Konvoj (kritična)", "Stanje: 15. november 2026"),
        (
            Language.SERBIAN_LATIN,
            "VEŽBA: UGROŽEN ŽIVOT: Granično upozorenje: Konvoj (kritična)",
            "Stanje: 15. novembar 2026.",
        ),
        (
            Language.SERBIAN_CYRILLIC,
            "ВЕЖБА: УГРОЖЕН ЖИВОТ: Гранично упозорење: Конвој (критична)",
            "Стање: 15. новембар 2026.",
        ),
    ],
)
@in_a_loop
async def test_a_contact_point_is_told_in_its_language(
    authority: Authority, language: Language, subject: str, line: str
) -> None:
    post = Post()
    notice = a_notice(kind="convoy", severity="critical", exercise=True, life_at_risk=True)
    async with post_office(post, authority.server("localhost")) as port:
        assert await sent(a_server(port, authority), notice, language) == DELIVERED
    assert post.message()["Subject"] == subject
    for part in post.message().iter_parts():
        assert line.split(": ")[1] in part.get_content()
    assert f"{line}, 19:25 UTC" in next(post.message().iter_parts()).get_content()


def composed(notice: Notice) -> EmailMessage:
    server = SmtpServer("mail.example", 25, "alerts@brdo.example")
    return compose(notice, word(notice, Language.ENGLISH, URL), server, "duty@si.example", WRITTEN_AT)


@settings(deadline=None)
@given(notice=notices)
def test_an_exercise_says_so_first_and_danger_to_life_next(notice: Notice) -> None:
    message = composed(notice)
    life = notice.data.life_at_risk or notice.data.kind == "life_at_risk"
    first = ["EXERCISE"] * notice.data.exercise + ["LIFE AT RISK"] * life
    first += ["Withdrawn"] * (notice.data.status == "withdrawn") + ["Border alert"]
    assert message["Subject"].split(": ")[: len(first)] == first
    urgent = life or notice.data.severity is Severity.CRITICAL
    assert (message["Importance"], message["X-Priority"]) == (("high", "1") if urgent else (None, None))
    assert read(bytes(message)).get_body(("html",)) is not None


def test_what_went_before_is_answered_to() -> None:
    """A mail program then shows an alert's messages together."""
    before = {"delivery": f"dl-{9:020x}", "timestamp": WRITTEN_AT}
    message = composed(a_notice(revision=2, previous=before))
    assert message["In-Reply-To"] == message["References"] == "<dl-00000000000000000009@brdo.example>"


# Encryption


@in_a_loop
async def test_a_server_without_starttls_gets_nothing(authority: Authority) -> None:
    """Else whoever is in between could take the offer out of its greeting, and read along."""
    post = Post()
    async with post_office(post, None) as port:
        assert await sent(a_server(port, authority)) == SendResult(SendOutcome.UNTRUSTED)
    assert not post.taken


@pytest.mark.parametrize(("name", "trusted"), [("elsewhere.example", True), ("localhost", False)])
@in_a_loop
async def test_a_server_that_is_not_who_it_should_be_gets_nothing(
    authority: Authority, name: str, *, trusted: bool
) -> None:
    post = Post()
    async with post_office(post, authority.server(name)) as port:
        result = await sent(a_server(port, authority if trusted else None))
    assert result == SendResult(SendOutcome.UNTRUSTED)
    assert not post.taken


@in_a_loop
async def test_on_this_machine_alone_encryption_may_be_done_without() -> None:
    post = Post()
    async with post_office(post, None) as port:
        assert await sent(a_server(port, None, starttls=False)) == DELIVERED
    with pytest.raises(ConfigurationError, match="loopback only, not for mail"):
        SmtpServer("mail.example", 25, "alerts@brdo.example", starttls=False)


@in_a_loop
async def test_who_must_log_in_does_so_after_encryption(authority: Authority) -> None:
    post = Post()
    async with post_office(post, authority.server("localhost"), auth_required=True) as port:
        known = a_server(port, authority, username="brdo", password="open sesame")
        assert await sent(known) == DELIVERED
        wrong = a_server(port, authority, username="brdo", password="guess")
        assert await sent(wrong) == SendResult(SendOutcome.REFUSED, 535)
    assert set(post.users) == {"brdo"}
    assert "open sesame" not in repr(known)


# What goes wrong


@pytest.mark.parametrize(
    ("answer", "outcome"),
    [
        ("550 5.1.1 No such user", SendResult(SendOutcome.REFUSED, 550)),
        ("451 4.7.1 Greylisted", SendResult(SendOutcome.THROTTLED, 451)),
        ("452 4.2.2 Mailbox full", SendResult(SendOutcome.THROTTLED, 452)),
        ("454 4.7.0 Temporary failure", SendResult(SendOutcome.FAILED, 454)),
    ],
)
@in_a_loop
async def test_an_answer_is_an_outcome(authority: Authority, answer: str, outcome: SendResult) -> None:
    """Whether it is about the recipient or about the message."""
    for post in (Post(recipient=answer), Post(data=answer)):
        async with post_office(post, authority.server("localhost")) as port:
            assert await sent(a_server(port, authority)) == outcome


async def hang(reader: asyncio.StreamReader, _: asyncio.StreamWriter) -> None:
    await reader.read(-1)


async def hang_in_starttls(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.write(b"220 hello\r\n")
    await reader.readline()
    writer.write(b"250-hello\r\n250 STARTTLS\r\n")
    await reader.readline()
    writer.write(b"220 go ahead\r\n")
    await reader.read(-1)


async def hang_up(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.write(b"220 hello\r\n")


async def babble(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.write(b"HTTP/1.1 400 Bad Request\r\n\r\n")


async def busy(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.write(b"421 too busy\r\n")


async def forget_to_part(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Take the message, and then say nothing more."""
    for answer in (b"220 hello", b"250 hello", b"250 sender", b"250 recipient", b"354 go on"):
        writer.write(answer + b"\r\n")
        await reader.readline()
    while await reader.readline() != b".\r\n":
        pass
    writer.write(b"250 taken\r\n")
    await reader.read(-1)
    await asyncio.sleep(60)


@pytest.mark.parametrize(
    ("handle", "outcome"),
    [
        (hang, SendResult(SendOutcome.TIMED_OUT)),
        (hang_in_starttls, SendResult(SendOutcome.TIMED_OUT)),
        (hang_up, SendResult(SendOutcome.UNREACHABLE)),
        (babble, SendResult(SendOutcome.UNREACHABLE)),
        (busy, SendResult(SendOutcome.THROTTLED, 421)),
        (forget_to_part, DELIVERED),
    ],
)
@in_a_loop
async def test_a_server_that_misbehaves_is_an_outcome(handle: Handler, outcome: SendResult) -> None:
    async def close_after(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await handle(reader, writer)
        finally:
            writer.close()

    server = await asyncio.start_server(close_after, HOST, 0)
    port = server.sockets[0].getsockname()[1]
    mail = a_server(port, None, starttls=handle is not forget_to_part)
    async with asyncio.timeout(5):  # a farewell that is not answered holds up nobody, however patient we are else
        assert await sent(mail, seconds=30 if handle is forget_to_part else 1) == outcome
    server.close()


@in_a_loop
async def test_nobody_there_is_unreachable() -> None:
    assert await sent(a_server(9, None)) == SendResult(SendOutcome.UNREACHABLE)
