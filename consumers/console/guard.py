"""What each answer carries, and that a request that changes something comes from one of our own pages."""

import hmac
from collections.abc import Mapping
from typing import Final
from urllib.parse import parse_qsl

from fastapi import HTTPException, Request, status

from consumers.console.accounts import Officer

COOKIE: Final = "brdo_session"
MOST_BYTES: Final = 32_768
"""Of a form: a note of 4,000 characters, percent-encoded."""

HEADERS: Final[Mapping[str, str]] = {
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; "
    "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
    "Cache-Control": "no-store",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
}


async def form(request: Request) -> dict[str, str]:
    """Return what a form says; 413 where it is too large, 415 where it is none."""
    if request.headers.get("content-type", "").partition(";")[0].strip() != "application/x-www-form-urlencoded":
        raise HTTPException(status.HTTP_415_UNSUPPORTED_MEDIA_TYPE, "a form is needed")
    body = b""
    async for part in request.stream():
        body += part
        if len(body) > MOST_BYTES:
            raise HTTPException(status.HTTP_413_CONTENT_TOO_LARGE, "the form is too large")
    try:
        return dict(parse_qsl(body.decode("ascii"), keep_blank_values=True, max_num_fields=30, errors="strict"))
    except ValueError:
        raise HTTPException(status.HTTP_422_UNPROCESSABLE_CONTENT, "the form cannot be read") from None


def from_our_page(request: Request) -> bool:
    """Whether a browser says that this was sent from a page of this console; all that it says must agree."""
    origin, site = request.headers.get("origin"), request.headers.get("sec-fetch-site")
    own = f"{request.url.scheme}://{request.headers.get('host', '')}"
    return origin in {None, own} and site in {None, "same-origin", "none"}


def must_be_theirs(request: Request, officer: Officer, said: Mapping[str, str]) -> None:
    """Let pass what was sent from a page that was made for this session; 403 else."""
    agrees = hmac.compare_digest(said.get("csrf", "").encode(), officer.csrf.encode())
    if not agrees or not from_our_page(request):
        raise HTTPException(status.HTTP_403_FORBIDDEN)
