"""A request's body: read no further than it may go, and cut into events whose bytes stay as they were sent."""

import asyncio
import json
from collections.abc import AsyncIterator, Iterator
from enum import StrEnum
from typing import Final

from producers.gateway.answers import GatewayError, Outcome
from schemas.codec import json_lines

LARGEST_BODY_BYTES: Final = 8 * 1024 * 1024
MOST_EVENTS: Final = 500

_LARGEST_READ_BYTES: Final = 4 * LARGEST_BODY_BYTES
"""A body that is too large is read to its end, up to here, and thrown away: who is still sending hears no answer."""

_WHITE: Final = " \t\r\n"
_BYTE_ORDER_MARK: Final = b"\xef\xbb\xbf"
# Nothing is judged here: what a lenient reader lets through is sliced whole, and `schemas.codec` judges the slice.
_READER: Final = json.JSONDecoder(strict=False, parse_int=str, parse_float=str, parse_constant=str)


class Form(StrEnum):
    """How events stand in a body, by its media type."""

    JSON = "application/json"
    LINES = "application/x-ndjson"


def form_of(content_type: str | None, content_encoding: str | None = None) -> Form:
    """Return the form that the headers name; raises `GatewayError`."""
    media, *parameters = [part.strip().lower() for part in (content_type or "").split(";")]
    charsets = {value.strip('"') for name, _, value in (one.partition("=") for one in parameters) if name == "charset"}
    try:
        form = Form(media)
    except ValueError:
        raise GatewayError(
            Outcome.WRONG_CONTENT_TYPE, f"the content type must be {' or '.join(one.value for one in Form)}"
        ) from None
    if not charsets <= {"utf-8", "utf8"}:
        raise GatewayError(Outcome.WRONG_CONTENT_TYPE, "the character set must be UTF-8")
    if (content_encoding or "identity").strip().lower() != "identity":
        raise GatewayError(Outcome.WRONG_CONTENT_TYPE, "the body must not be compressed")
    return form


async def read_body(stream: AsyncIterator[bytes], seconds: float) -> bytes:
    """Return the body; raises `GatewayError` where it is too large or does not come in time.

    What Content-Length says is not asked: it may be absent, and it may be wrong.
    """
    chunks, size = [], 0
    try:
        async with asyncio.timeout(seconds):
            async for chunk in stream:
                size += len(chunk)
                if size <= LARGEST_BODY_BYTES:
                    chunks.append(chunk)
                elif size > _LARGEST_READ_BYTES:
                    break
    except TimeoutError:
        raise GatewayError(
            Outcome.TOO_SLOW, f"the body did not come within {seconds:g} seconds", {"Connection": "close"}
        ) from None
    if size > LARGEST_BODY_BYTES:
        raise too_large_body()
    return b"".join(chunks)


def too_large_body() -> GatewayError:
    """Return what is said of a body that is too large."""
    return GatewayError(
        Outcome.TOO_LARGE, f"the body is larger than {LARGEST_BODY_BYTES} bytes", {"Connection": "close"}
    )


def split_events(body: bytes, form: Form) -> list[bytes]:
    """Return the bytes of each event, as they were sent; raises `GatewayError`.

    A body that begins as an object is one event, whatever becomes of it further on.
    """
    slices: Iterator[bytes]
    if form is Form.LINES:
        slices = (line for _, line in json_lines(body))
    else:
        whole = body.removeprefix(_BYTE_ORDER_MARK).strip(_WHITE.encode())
        if whole.startswith(b"{"):
            return [whole]
        if not whole.startswith(b"["):
            raise GatewayError(Outcome.NOT_JSON, "the body must be a JSON object, or an array of them")
        slices = _elements(whole.decode("utf-8", "surrogateescape"))
    events: list[bytes] = []
    for one in slices:
        if len(events) == MOST_EVENTS:
            raise GatewayError(Outcome.TOO_LARGE, f"the body holds more than {MOST_EVENTS} events")
        events.append(one)
    if not events:
        raise GatewayError(Outcome.NOT_JSON, "the body holds no event")
    return events


def _elements(text: str) -> Iterator[bytes]:
    """Return the slice of each element of a JSON array; bytes that are not UTF-8 travel through as surrogates."""
    last = len(text) - 1
    position = _after_white(text, 1)
    if position == last and text[last] == "]":
        return
    while True:
        try:
            _, end = _READER.raw_decode(text, position)
        except (ValueError, RecursionError):
            raise _not_an_array() from None
        yield text[position:end].encode("utf-8", "surrogateescape")
        position = _after_white(text, end)
        if position == last and text[last] == "]":
            return
        if text[position : position + 1] != ",":
            raise _not_an_array()
        position = _after_white(text, position + 1)


def _not_an_array() -> GatewayError:
    return GatewayError(Outcome.NOT_JSON, "the body is not JSON; nothing of it was taken")


def _after_white(text: str, position: int) -> int:
    while text[position : position + 1] in set(_WHITE):
        position += 1
    return position
