"""E-mail over a real SMTP server: it goes encrypted to whom is trusted, and whatever goes wrong is an outcome."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from certificates import Authority
from delivery_rig import in_a_loop
from post_offices import DELIVERED, Handler, Post, a_server, post_office, sent

from consumers.channels.email import SmtpServer
from consumers.outbox import SendOutcome, SendResult
from infra.services.ports import HOST
from schemas.errors import ConfigurationError


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    return Authority(tmp_path)


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


async def gibberish(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.write(b"220 \xff\xfe\r\n")
    await reader.readline()
    writer.write(b"250-\xff\r\n250-SIZE \xc3\r\n250 AUTH \x00\r\n")
    await reader.readline()
    writer.write(b"999 \xff" + b"x" * 100_000 + b"\r\n")


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
        (gibberish, SendResult(SendOutcome.UNREACHABLE)),
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
    mail = a_server(port, None, starttls=handle not in {forget_to_part, gibberish})
    async with asyncio.timeout(5):  # a farewell that is not answered holds up nobody, however patient we are else
        assert await sent(mail, seconds=30 if handle is forget_to_part else 1) == outcome
    server.close()


@in_a_loop
async def test_nobody_there_is_unreachable() -> None:
    assert await sent(a_server(9, None)) == SendResult(SendOutcome.UNREACHABLE)
