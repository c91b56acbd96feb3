"""POSTs signed after Standard Webhooks v1 (HMAC-SHA256, symmetric secrets ``whsec_…``)."""

import asyncio
import contextlib
import ssl
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from types import TracebackType
from typing import Final, Self
from urllib.parse import urlsplit

import httpcore
from standardwebhooks.webhooks import Webhook

from consumers.channels.connecting import GuardedBackend, OutOfReachError
from consumers.contact_points import WebhookAddress
from consumers.outbox import SendOutcome, SendResult
from consumers.reach import Reach
from consumers.tls import TlsFiles

_MOST_OF_ANSWER_BYTES: Final = 64 * 1024
_LONGEST_ANSWER_SECONDS: Final = 1.0
_BROKEN: Final = (httpcore.NetworkError, httpcore.ProtocolError, OSError)  # OSError: TLS that ends after its handshake


class SignedPosts:
    """Base of the channels that POST. Follows no redirect and reads no proxy from the environment.

    Each delivery has a connection of its own: on one that is used again, a second answer to this delivery would be
    taken for that to the next.
    """

    def __init__(self, timeout_seconds: float) -> None:
        self._timeout_seconds = timeout_seconds
        self._pools: dict[tuple[TlsFiles, Reach], httpcore.AsyncConnectionPool] = {}

    async def __aenter__(self) -> Self:
        """Return the channel itself."""
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close the connections."""
        for pool in self._pools.values():
            await pool.aclose()

    async def post(
        self, address: WebhookAddress, delivery: str, body: str, content_type: str, now: datetime
    ) -> SendResult:
        """Send one delivery and say how that ended; raises nothing that a receiver can cause."""
        now = now.astimezone(UTC)  # the library signs another time than it is given where this is not UTC
        content = body.encode()
        headers = {
            "Host": urlsplit(address.url).netloc,
            "User-Agent": "brdo",
            "Connection": "close",
            "Content-Type": content_type,
            "Content-Length": str(len(content)),
            "webhook-id": delivery,
            "webhook-timestamp": str(int(now.timestamp())),
            "webhook-signature": Webhook(address.secret).sign(delivery, now, body),
        }
        try:
            async with asyncio.timeout(self._timeout_seconds):  # all of it; httpcore's own counts anew for each piece
                answer = await self._pool(address).handle_async_request(
                    httpcore.Request(
                        "POST",
                        address.url,
                        headers=list(headers.items()),
                        content=content,
                        extensions={"timeout": {"connect": self._timeout_seconds}},
                    )
                )
        except OutOfReachError:
            return SendResult(SendOutcome.PRIVATE_ADDRESS)
        except (httpcore.TimeoutException, TimeoutError):
            return SendResult(SendOutcome.TIMED_OUT)
        except _BROKEN as error:
            return SendResult(SendOutcome.UNTRUSTED if _is_about_trust(error) else SendOutcome.UNREACHABLE)
        await _finish(answer)
        return judge(answer.status, _header(answer, b"retry-after"), now)

    def _pool(self, address: WebhookAddress) -> httpcore.AsyncConnectionPool:
        identity = address.tls, address.reach
        if identity not in self._pools:
            self._pools[identity] = httpcore.AsyncConnectionPool(
                ssl_context=None if address.reach is Reach.LOOPBACK else address.tls.context(),
                max_connections=None,
                network_backend=GuardedBackend(address.reach),
            )
        return self._pools[identity]


def judge(status: int, retry_after: str | None, now: datetime) -> SendResult:
    """Return what an HTTP answer means for the delivery."""
    if HTTPStatus.OK <= status < HTTPStatus.MULTIPLE_CHOICES:
        return SendResult(SendOutcome.DELIVERED, status)
    wait = _wait(retry_after, now) if retry_after else None
    if status == HTTPStatus.TOO_MANY_REQUESTS:
        return SendResult(SendOutcome.THROTTLED, status, wait)
    outcome = SendOutcome.FAILED if status >= HTTPStatus.INTERNAL_SERVER_ERROR else SendOutcome.REFUSED
    return SendResult(outcome, status, wait)


def _wait(retry_after: str, now: datetime) -> timedelta | None:
    """Return the wait of a Retry-After header (RFC 9110 section 10.2.3), None where it says nothing usable."""
    try:
        if retry_after.isascii() and retry_after.isdigit():
            return timedelta(seconds=min(int(retry_after), 86_400))
        return max(timedelta(0), parsedate_to_datetime(retry_after).astimezone(UTC) - now)
    except (ValueError, OverflowError):
        return None


def _header(answer: httpcore.Response, name: bytes) -> str | None:
    return next((value.decode("latin-1") for key, value in answer.headers if key.lower() == name), None)


def _is_about_trust(error: BaseException | None) -> bool:
    """Whether TLS itself is what failed: a certificate that is not trusted, ours or theirs."""
    while error is not None:
        if isinstance(error, ssl.SSLError):
            return True
        error = error.__cause__ or error.__context__
    return False


async def _finish(answer: httpcore.Response) -> None:
    """Read what follows the status so that the connection can be used again, but neither much nor long.

    The status has decided: what goes wrong here changes nothing.
    """
    read = 0
    with contextlib.suppress(httpcore.TimeoutException, TimeoutError, *_BROKEN):
        try:
            async with asyncio.timeout(_LONGEST_ANSWER_SECONDS):
                async for chunk in answer.aiter_stream():
                    read += len(chunk)
                    if read > _MOST_OF_ANSWER_BYTES:
                        break
        finally:
            await answer.aclose()
