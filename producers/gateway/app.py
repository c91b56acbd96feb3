"""The way in over HTTP, for devices that do not speak Kafka: events in, acknowledged by Kafka, or refused by name.

An event counts as accepted only once Kafka has acknowledged it. Where the acknowledgement does not come
in time, nothing is promised and the client sends the same again: an event that arrived already is ignored
then, because it has the same id and the same content. Refused events are published as they stand, so that
intake keeps them whole and raises a danger to life from them.
"""

import asyncio
import json
import re
import traceback
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final

import structlog
from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse
from prometheus_client import Counter
from pydantic import BaseModel
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect

from producers.errors import NotPublishedError
from producers.gateway.access import Access, speaks_for_another, top_level
from producers.gateway.answers import STATUS, Accepted, Failure, GatewayError, Outcome, Refused, Results
from producers.gateway.body import LARGEST_BODY_BYTES, Form, form_of, read_body, split_events, too_large_body
from producers.gateway.openapi import describe
from producers.gateway.publisher import PublishesRecords
from schemas.codec import decode
from schemas.errors import Refusal, RefusalReason
from schemas.records import Record, line_record

EVENTS_PATH: Final = "/v1/events"
RETRY_SECONDS: Final = 5

_ID: Final = re.compile(r"[A-Za-z0-9._:-]{1,64}")

_requests = Counter("border_producers_gateway_requests_total", "Requests to the gateway", ["outcome"])
_accepted = Counter("border_producers_gateway_accepted_total", "Events that Kafka acknowledged", ["type"])
_refused = Counter("border_producers_gateway_refused_total", "Events that the gateway refused", ["reason"])

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Limits:
    """How long a body may take to come, and how many requests may be in hand at once: each may be 8 MiB."""

    body_seconds: float = 30.0
    most_requests: int = 64


@dataclass(frozen=True, slots=True)
class _Judged:
    result: Accepted | Refused
    record: Record | None
    type: str = ""


def gateway_app(publisher: PublishesRecords, access: Access, limits: Limits | None = None) -> FastAPI:
    """Return the application. Without tokens it must listen on loopback alone: `access.require_loopback`."""
    app = _Application(
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
        telemetry={"tracing": False, "metrics": False, "logs": False, "auto_configure": False},
        exception_handlers={HTTPException: _not_ours},
    )
    app.document = describe(EVENTS_PATH, by_token=access.by_token)
    gateway = _Gateway(publisher, access, limits or Limits())
    app.add_api_route(EVENTS_PATH, gateway.receive, methods=["POST"], response_model=None)
    return app


class _Application(FastAPI):
    document: dict[str, Any]

    def openapi(self) -> dict[str, Any]:
        """Return the document: the body is read by hand, so FastAPI could not describe it."""
        return self.document


class _Gateway:
    def __init__(self, publisher: PublishesRecords, access: Access, limits: Limits) -> None:
        self._publisher = publisher
        self._access = access
        self._limits = limits
        self._in_hand = 0

    async def receive(self, request: Request) -> JSONResponse:
        """Answer one request."""
        try:
            outcome, answer, headers = await self._take(request)
        except GatewayError as error:
            outcome, answer, headers = error.outcome, Failure(error=str(error)), dict(error.headers)
        except ClientDisconnect:
            outcome, answer, headers = Outcome.BROKEN_OFF, Failure(error="the body broke off"), {}
        except NotPublishedError as error:
            log.warning("gateway_not_acknowledged", error=str(error))
            outcome, headers = Outcome.NOT_ACKNOWLEDGED, {"Retry-After": str(RETRY_SECONDS)}
            answer = Failure(error="Kafka did not acknowledge in time; nothing is promised, send the same again")
        except Exception as error:  # noqa: BLE001 - the error's own text could repeat what was sent, so it stays here
            where = traceback.extract_tb(error.__traceback__)[-1]
            log.error("gateway_failed", error=type(error).__name__, file=where.filename, line=where.lineno)  # noqa: TRY400
            outcome, answer, headers = Outcome.FAILED, Failure(error="the gateway failed; send the same again"), {}
        _requests.labels(outcome.value).inc()
        return _response(STATUS[outcome], answer, headers)

    async def _take(self, request: Request) -> tuple[Outcome, BaseModel, dict[str, str]]:
        station = self._access.station_of(request.headers.get("authorization"), request.headers.get("host"))
        form = form_of(request.headers.get("content-type"), request.headers.get("content-encoding"))
        if self._in_hand >= self._limits.most_requests:
            raise GatewayError(Outcome.BUSY, "too many requests at once", {"Retry-After": str(RETRY_SECONDS)})
        self._in_hand += 1
        try:
            return await self._take_in(request, form, station)
        finally:
            self._in_hand -= 1

    async def _take_in(
        self, request: Request, form: Form, station: str | None
    ) -> tuple[Outcome, BaseModel, dict[str, str]]:
        declared = request.headers.get("content-length", "")
        if "expect" in request.headers and declared.isdecimal() and int(declared[:20]) > LARGEST_BODY_BYTES:
            raise too_large_body()  # before the client sends it
        body = await read_body(request.stream(), self._limits.body_seconds)
        judged = await asyncio.to_thread(_judge, body, form, station)
        await self._publisher.publish([one.record for one in judged if one.record is not None])
        return _sum_up(judged, form)


def _judge(body: bytes, form: Form, station: str | None) -> list[_Judged]:
    """Judge every event before any of them is published; raises `GatewayError`."""
    judged = []
    for index, line in enumerate(split_events(body, form)):
        one = _judge_one(index, line, station)
        reason = one.result.reason if isinstance(one.result, Refused) else None
        if station is not None and speaks_for_another(line, station, reason):
            text = f"event {index} speaks for another station than the token's; nothing was taken"
            raise GatewayError(Outcome.OTHER_STATION, text)
        judged.append(one)
    return judged


def _judge_one(index: int, line: bytes, station: str | None) -> _Judged:
    try:
        message = decode(line)
    except Refusal as refusal:
        kept = refusal.reason is not RefusalReason.TOO_LARGE
        result = Refused(
            index=index,
            id=_readable_id(line) if kept else None,
            reason=refusal.reason,
            field=refusal.field,
            text=refusal.text,
            kept=kept,
        )
        return _Judged(result, _refused_record(line, station) if kept else None)
    return _Judged(Accepted(index=index, id=message.id), line_record(line), message.type)


def _refused_record(line: bytes, station: str | None) -> Record:
    """Return the record of a refused event; where a token says whose it is, a danger to life has its place from it."""
    record = line_record(line)
    return record if station is None else record._replace(headers=(*record.headers, ("ce_source", station.encode())))


def _readable_id(line: bytes) -> str | None:
    """Return the event's own id, unless it could be something else that stands in its place."""
    said = [value for name, value in top_level(line) if name == "id"]
    return said[0] if len(said) == 1 and isinstance(said[0], str) and _ID.fullmatch(said[0]) else None


def _sum_up(judged: Sequence[_Judged], form: Form) -> tuple[Outcome, BaseModel, dict[str, str]]:
    """Count and answer what Kafka has acknowledged."""
    results = tuple(one.result for one in judged)
    accepted = tuple(one for one in results if isinstance(one, Accepted))
    refused = tuple(one for one in results if isinstance(one, Refused))
    for one in judged:
        if isinstance(one.result, Refused):
            _refused.labels(one.result.reason.value).inc()
        else:
            _accepted.labels(one.type).inc()
    if not refused:
        return Outcome.ACCEPTED, Results(results=accepted), {}
    error = f"{len(refused)} of {len(results)} events refused"
    outcome = Outcome.MIXED if accepted else Outcome.REFUSED
    if form is Form.JSON and len(results) == 1 and refused[0].reason in _NOT_JSON:
        outcome = Outcome.NOT_JSON
    return outcome, Failure(error=error, results=results), {}


_NOT_JSON: Final = frozenset({RefusalReason.BROKEN_JSON, RefusalReason.INVALID_UTF8})


def _response(status: int, answer: BaseModel, headers: dict[str, str]) -> JSONResponse:
    return JSONResponse(json.loads(answer.model_dump_json(exclude_none=True)), status, headers)


async def _not_ours(_request: Request, error: Exception) -> JSONResponse:
    """Answer what the framework itself refuses (no such page, no such method) in the one form."""
    status, headers = (error.status_code, error.headers) if isinstance(error, HTTPException) else (500, None)
    said: Iterable[str] = {404: ("there is no such page",), 405: ("there is no such method",)}.get(status, ())
    return _response(status, Failure(error=next(iter(said), "not possible")), dict(headers or {}))
