"""What the interface says beside what was asked for: that it was there already, or why it is not done."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Any, Final

from fastapi import HTTPException, Request, status
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from prometheus_client import Counter
from starlette.exceptions import HTTPException as StarletteHTTPException

from consumers.api.models import Refused

_requests = Counter("border_consumers_api_requests_total", "Requests to the interface", ["route", "status"])

CONFLICT: Final[dict[int | str, dict[str, Any]]] = {status.HTTP_409_CONFLICT: {"model": Refused}}
AGAIN: Final[dict[int | str, dict[str, Any]]] = {status.HTTP_200_OK: {"description": "It was there already"}}


class NotDoneError(HTTPException):
    """It is not done: the reason is the answer's `error`."""

    def __init__(self, status: int, reason: StrEnum, text: str) -> None:
        super().__init__(status, text)
        self.reason = reason


def status_of(new: bool) -> int:  # noqa: FBT001 - what became of it
    """Return the status of something that may be sent twice."""
    return status.HTTP_201_CREATED if new else status.HTTP_200_OK


def conflict(reason: StrEnum, text: str) -> NotDoneError:
    """Return why something does not count as things stand now."""
    return NotDoneError(status.HTTP_409_CONFLICT, reason, text)


def malformed(text: str) -> HTTPException:
    """Return what is wrong with what was sent."""
    return HTTPException(status.HTTP_422_UNPROCESSABLE_CONTENT, text[:500])


async def refused(request: Request, error: Exception) -> JSONResponse:
    """Answer what is not done, and why."""
    assert isinstance(error, StarletteHTTPException)  # noqa: S101 - for the type checker
    reason = error.reason.value if isinstance(error, NotDoneError) else None
    return _answer(request, error.status_code, str(error.detail), error.headers, reason)


async def not_understood(request: Request, error: Exception) -> JSONResponse:
    """Name the field and the reason; what was sent is not repeated."""
    assert isinstance(error, RequestValidationError)  # noqa: S101 - for the type checker
    first = error.errors()[0]
    field = ".".join(str(part) for part in first["loc"])
    return _answer(request, status.HTTP_422_UNPROCESSABLE_CONTENT, f"{field}: {first['msg']}"[:500])


async def failed(request: Request, error: Exception) -> JSONResponse:
    """Answer that it failed, and nothing of what it was about."""
    del error
    return _answer(request, status.HTTP_500_INTERNAL_SERVER_ERROR, "this failed here; ask again")


def _answer(
    request: Request, code: int, text: str, headers: Mapping[str, str] | None = None, reason: str | None = None
) -> JSONResponse:
    route = request.scope.get("route")
    _requests.labels(getattr(route, "path", "none"), str(code)).inc()
    body = Refused(error=reason or _ERRORS.get(code, "refused"), text=text)
    return JSONResponse(body.model_dump(), code, headers)


_ERRORS: Final[Mapping[int, str]] = {
    400: "malformed",
    401: "no_token",
    403: "not_shared",
    404: "not_found",
    405: "method_not_allowed",
    410: "erased",
    422: "malformed",
    500: "failed",
    503: "database_away",
}
