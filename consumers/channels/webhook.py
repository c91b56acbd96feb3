"""Signed webhooks after Standard Webhooks v1 (HMAC-SHA256, symmetric secrets ``whsec_…``)."""

import asyncio
import contextlib
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from types import TracebackType
from typing import Final, Self

import httpx
from standardwebhooks.webhooks import Webhook

from consumers.contact_points import ContactPoint
from consumers.outbox import Claim, SendOutcome, SendResult

_MOST_OF_ANSWER_BYTES: Final = 64 * 1024
_LONGEST_ANSWER_SECONDS: Final = 1.0


class WebhookChannel:
    """Sends deliveries to webhooks. Follows no redirect and reads no proxy from the environment."""

    def __init__(self, timeout_seconds: float) -> None:
        self._timeout_seconds = timeout_seconds
        self._client = httpx.AsyncClient(
            timeout=timeout_seconds,
            follow_redirects=False,
            trust_env=False,
            headers={"User-Agent": "brdo", "Content-Type": "application/json"},
        )

    async def __aenter__(self) -> Self:
        """Return the channel itself."""
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close the connections."""
        await self._client.aclose()

    async def send(self, contact_point: ContactPoint, claimed: Claim, now: datetime) -> SendResult:
        """Send one delivery and say how that ended; raises nothing that a receiver can cause."""
        address = contact_point.webhook
        if address is None:  # taken out of the file: what is for it waits until it is back
            return SendResult(SendOutcome.UNCONFIGURED)
        now = now.astimezone(UTC)  # the library signs another time than it is given where this is not UTC
        headers = {
            "webhook-id": claimed.id,
            "webhook-timestamp": str(int(now.timestamp())),
            "webhook-signature": Webhook(address.secret).sign(claimed.id, now, claimed.payload),
        }
        try:
            async with asyncio.timeout(self._timeout_seconds):  # httpx's own counts anew for each piece of an answer
                request = self._client.build_request("POST", address.url, content=claimed.payload, headers=headers)
                answer = await self._client.send(request, stream=True)
        except (httpx.TimeoutException, TimeoutError):
            return SendResult(SendOutcome.TIMED_OUT)
        except httpx.HTTPError:
            return SendResult(SendOutcome.UNREACHABLE)
        await _finish(answer)
        return judge(answer.status_code, answer.headers.get("retry-after"), now)


def judge(status_code: int, retry_after: str | None, now: datetime) -> SendResult:
    """Return what an HTTP answer means for the delivery."""
    if httpx.codes.is_success(status_code):
        return SendResult(SendOutcome.DELIVERED, status_code)
    wait = _retry_after(retry_after, now) if retry_after else None
    if status_code == httpx.codes.TOO_MANY_REQUESTS:
        return SendResult(SendOutcome.THROTTLED, status_code, wait)
    outcome = SendOutcome.FAILED if httpx.codes.is_server_error(status_code) else SendOutcome.REFUSED
    return SendResult(outcome, status_code, wait)


def _retry_after(text: str, now: datetime) -> timedelta | None:
    """Return the wait of a Retry-After header (RFC 9110 section 10.2.3), None where it says nothing usable."""
    try:
        if text.isascii() and text.isdigit():
            return timedelta(seconds=min(int(text), 86_400))
        return max(timedelta(0), parsedate_to_datetime(text).astimezone(UTC) - now)
    except (ValueError, OverflowError):
        return None


async def _finish(answer: httpx.Response) -> None:
    """Read what follows the status so that the connection can be used again, but neither much nor long.

    The status has decided: what goes wrong here changes nothing.
    """
    read = 0
    with contextlib.suppress(httpx.HTTPError, TimeoutError):
        try:
            async with asyncio.timeout(_LONGEST_ANSWER_SECONDS):
                async for chunk in answer.aiter_raw():
                    read += len(chunk)
                    if read > _MOST_OF_ANSWER_BYTES:
                        break
        finally:
            await answer.aclose()
