"""E-mail that says that there is an alert and where to read it, over SMTP with STARTTLS."""

import asyncio
import contextlib
import ssl
from dataclasses import dataclass, field
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP as SMTP_POLICY
from typing import Final

import aiosmtplib
from pydantic import ValidationError

from consumers.calls import Call
from consumers.contact_points import ContactPoint
from consumers.notice import Notice, parse
from consumers.outbox import Claim, SendOutcome, SendResult
from consumers.reach import names_loopback
from consumers.tls import SYSTEM_TLS, TlsFiles
from consumers.wording import Wording, endangers_life, word
from schemas.alerts import Severity
from schemas.errors import ConfigurationError

_FIRST_PERMANENT_CODE: Final = 500
_BUSY_CODES: Final = frozenset({421, 450, 451, 452})
"""Not now: the service or the mailbox is busy, greylisted, out of room (RFC 5321 section 4.2.2)."""

_LONGEST_FAREWELL_SECONDS: Final = 1.0


@dataclass(frozen=True, slots=True)
class SmtpServer:
    """Where mail is handed over. Without STARTTLS only on this machine; raises `ConfigurationError` elsewhere."""

    host: str
    port: int
    sender: str
    username: str | None = None
    password: str | None = field(default=None, repr=False)
    starttls: bool = True
    tls: TlsFiles = SYSTEM_TLS

    def __post_init__(self) -> None:
        if not self.starttls and not names_loopback(self.host):
            raise ConfigurationError(f"SMTP without STARTTLS is for loopback only, not for {self.host}")

    @property
    def domain(self) -> str:
        """The sender's domain, in which our message ids are unique."""
        return self.sender.rpartition("@")[2]


class EmailChannel:
    """Sends deliveries by e-mail, a connection each: alerts are too few to hold one open."""

    def __init__(self, server: SmtpServer, public_url: str, timeout_seconds: float) -> None:
        self._server = server
        self._public_url = public_url
        self._timeout_seconds = timeout_seconds
        self._tls = server.tls.context() if server.starttls else None

    async def send(self, contact_point: ContactPoint, claimed: Claim, _now: datetime) -> SendResult:
        """Send one delivery and say how that ended; raises nothing that a receiver can cause."""
        if contact_point.email is None:  # taken out of the file: what is for it waits until it is back
            return SendResult(SendOutcome.UNCONFIGURED)
        try:
            notice = parse(claimed.payload)
        except ValidationError:
            return SendResult(SendOutcome.INVALID)
        wording = word(notice, contact_point.language, self._public_url)
        return await self._post(compose(notice, wording, self._server, contact_point.email, claimed.created_at))

    async def call(self, call: Call) -> SendResult:
        """Send an officer, or operations, the notice that nobody has answered, or that an earlier call is over."""
        try:
            notice = parse(call.notice)
        except ValidationError:
            return SendResult(SendOutcome.INVALID)
        wording = word(notice, call.language, self._public_url, call.about)
        return await self._post(compose(notice, wording, self._server, call.address, call.created_at, call.id))

    async def _post(self, message: EmailMessage) -> SendResult:
        client = aiosmtplib.SMTP(
            hostname=self._server.host,
            port=self._server.port,
            timeout=self._timeout_seconds,
            local_hostname=self._server.domain,
            start_tls=False,  # below, where its lack is an outcome
            tls_context=self._tls,
        )
        try:
            async with asyncio.timeout(
                self._timeout_seconds
            ):  # all of it; the client's own counts anew for each answer
                return await self._hand_over(client, message)
        except TimeoutError:  # aiosmtplib's is one
            return SendResult(SendOutcome.TIMED_OUT)
        except (aiosmtplib.SMTPException, OSError) as error:
            return judge(error)
        finally:
            await _part(client)

    async def _hand_over(self, client: aiosmtplib.SMTP, message: EmailMessage) -> SendResult:
        await client.connect()
        if self._server.starttls:
            await client.ehlo()
            if not client.supports_extension("starttls"):
                return SendResult(SendOutcome.UNTRUSTED)
            await client.starttls()
        if self._server.username is not None:
            await client.login(self._server.username, self._server.password or "")
        await client.send_message(message)
        return SendResult(SendOutcome.DELIVERED, aiosmtplib.SMTPStatus.completed)


def compose(  # noqa: PLR0913, PLR0917 - what a message is made of
    notice: Notice, wording: Wording, server: SmtpServer, to: str, written_at: datetime, call: str | None = None
) -> EmailMessage:
    """Return the message; sent again, it has the same id and the same bytes. That of a call goes by the call's id."""
    message = EmailMessage(SMTP_POLICY)
    message["From"] = Address(addr_spec=server.sender)
    message["To"] = Address(addr_spec=to)
    message["Subject"] = wording.subject
    message["Date"] = written_at
    message["Message-ID"] = _message_id(call or notice.data.delivery, server)
    if notice.data.previous is not None and call is None:
        message["In-Reply-To"] = _message_id(notice.data.previous.delivery, server)
        message["References"] = _message_id(notice.data.previous.delivery, server)
    message["Auto-Submitted"] = "auto-generated"  # RFC 3834: no automatic answers
    if wording.html and (notice.data.severity is Severity.CRITICAL or endangers_life(notice)):
        message["Importance"] = "high"
        message["X-Priority"] = "1"
    message.set_content(wording.text)
    if wording.html:
        message.add_alternative(wording.html, subtype="html")
        message.set_boundary(f"={call or notice.data.delivery}=")
    return message


def judge(error: Exception) -> SendResult:
    """Return what went wrong: with whom is trusted, with the server's answer, or with the connection."""
    match error:
        case aiosmtplib.SMTPRecipientsRefused(recipients=[aiosmtplib.SMTPResponseException() as refusal, *_]):
            return judge(refusal)
        case aiosmtplib.SMTPResponseException(code=code) if code >= _FIRST_PERMANENT_CODE:
            return SendResult(SendOutcome.REFUSED, code)
        case aiosmtplib.SMTPResponseException(code=code) if code > 0:
            return SendResult(SendOutcome.THROTTLED if code in _BUSY_CODES else SendOutcome.FAILED, code)
        case ssl.SSLError():
            return SendResult(SendOutcome.UNTRUSTED)
        case _:
            return SendResult(SendOutcome.UNREACHABLE)


def _message_id(delivery: str, server: SmtpServer) -> str:
    return f"<{delivery}@{server.domain}>"


async def _part(client: aiosmtplib.SMTP) -> None:
    """Say goodbye, but wait for no answer that does not come: what became of the message is decided."""
    with contextlib.suppress(aiosmtplib.SMTPException, OSError, TimeoutError):
        async with asyncio.timeout(_LONGEST_FAREWELL_SECONDS):
            await client.quit()
    client.close()
