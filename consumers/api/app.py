"""The interface of contact points: what they were sent since any point, records, answers, silences, permissions.

Every request is of an account of one contact point and sees that contact point's own alone; what is another's does
not exist here. Each look is in the audit before it is answered.
"""

import traceback
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Annotated, Any, Final, TypeVar

import sqlalchemy as sa
import structlog
from fastapi import Depends, FastAPI, HTTPException, Query, Request, status
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, StreamingResponse
from prometheus_client import Counter
from starlette.exceptions import HTTPException as StarletteHTTPException
from starlette.types import Receive, Scope, Send

from consumers import audit, permissions, records, sharing
from consumers.acknowledgement import Timing
from consumers.api.access import Caller, Tokens
from consumers.api.answers import answer_routes
from consumers.api.conflict import ConflictError
from consumers.api.live import Live
from consumers.api.models import Asking, Deciding, Fetched, Page, PermissionSaid, Refused
from consumers.api.silences import silence_routes
from consumers.audience import AudienceReason
from consumers.audit import Act, Entry
from consumers.configuration import Configuration
from consumers.notice import DeliveryId
from consumers.permissions import PermissionState, Which, Who
from consumers.records import Record

MOST_AT_ONCE: Final = 500
DEFAULT_PURPOSE: Final = "delivery"

log = structlog.get_logger()
_requests = Counter("border_consumers_api_requests_total", "Requests to the interface", ["route", "status"])

T = TypeVar("T")
_REFUSALS: Final[dict[int | str, dict[str, Any]]] = {
    code: {"model": Refused} for code in (401, 403, 404, 410, 422, 503)
}


class Interface:
    """What the routes do; `configuration` returns what is in force now."""

    def __init__(
        self,
        engine: sa.Engine,
        tokens: Tokens,
        configuration: Callable[[], Configuration],
        live: Live,
        clock: Callable[[], datetime],
    ) -> None:
        self._engine = engine
        self._tokens = tokens
        self._configuration = configuration
        self._live = live
        self.clock = clock

    def caller(self, request: Request) -> Caller:
        """Return whose request this is; 401 where it is nobody's."""
        found = self._tokens.caller(request.headers.get("authorization"))
        if found is None:
            headers = {"WWW-Authenticate": 'Bearer realm="brdo"'}
            raise HTTPException(status.HTTP_401_UNAUTHORIZED, "a bearer token of a contact point is needed", headers)
        return found

    def page(self, caller: Caller, after: int, limit: int) -> Page:
        """Return what was sent after a number."""

        def read(connection: sa.Connection) -> Page:
            found = records.notices(connection, caller.contact_point, after, limit)
            self._log_list(connection, caller, f"notices after {after}")
            return Page.of(found, records.high_water(connection, caller.contact_point))

        return self.do(read)

    def fetch(self, caller: Caller, delivery: str, purpose: str) -> Fetched:
        """Return the record of a delivery; 404 where it is not this contact point's, 403 or 410 where no more."""
        record = self.do(
            lambda connection: records.read_records(
                connection, caller.contact_point, [delivery], Act.DISCLOSURE, Who(caller.actor, purpose)
            )
        )
        if not record:
            raise HTTPException(status.HTTP_404_NOT_FOUND, "no such delivery")
        return Fetched.of(_shown(record[0]))

    def confirm(self, caller: Caller, delivery: str) -> None:
        """Write down that a recall was acted on."""
        who = Who(caller.actor, "recall")
        if not self.do(lambda connection: records.confirm(connection, caller.contact_point, delivery, who)):
            raise HTTPException(status.HTTP_404_NOT_FOUND, "no such delivery")

    def permissions(self, caller: Caller) -> list[PermissionSaid]:
        """Return what this contact point asked for or has to decide."""
        found = self.do(lambda connection: permissions.listed(connection, caller.contact_point))
        return [PermissionSaid.of(one) for one in found]

    def ask(self, caller: Caller, asking: Asking) -> PermissionSaid:
        """Ask an originator for its H2 information in an alert that this contact point was told of."""
        which, who = Which(asking.alert, asking.originator, caller.contact_point), Who(caller.actor, asking.purpose)

        permission = self.do(lambda connection: sharing.ask(connection, which, who))
        if permission is None:
            raise HTTPException(status.HTTP_404_NOT_FOUND, "no such alert")
        return PermissionSaid.of(permission)

    def decide(self, caller: Caller, deciding: Deciding) -> PermissionSaid:
        """Decide, as the originator, whether a contact point may see one's H2 information in an alert."""
        now = self._configuration()
        points, timing = now.contact_points, Timing(now.duties.policy, self.clock())
        if deciding.contact_point not in points or deciding.contact_point == caller.contact_point:
            raise HTTPException(status.HTTP_422_UNPROCESSABLE_CONTENT, "contact_point: is none to share with")
        which = Which(deciding.alert, caller.contact_point, deciding.contact_point)
        who, state = Who(caller.actor, deciding.purpose), PermissionState(deciding.decision)
        permission = self.do(lambda connection: sharing.decide(connection, which, state, who, points, timing))
        if permission is None:
            raise HTTPException(status.HTTP_404_NOT_FOUND, "no alert with H2 information of yours")
        return PermissionSaid.of(permission)

    def feed(self, caller: Caller, after: int) -> StreamingResponse:
        """Return what was sent after a number and what follows, as server-sent events."""
        self.do(lambda connection: self._log_list(connection, caller, f"live feed after {after}"))
        return StreamingResponse(
            self._live.events(caller.contact_point, after),
            media_type="text/event-stream",
            headers={"Cache-Control": "no-store", "X-Accel-Buffering": "no"},
        )

    def _log_list(self, connection: sa.Connection, caller: Caller, detail: str) -> None:
        code = caller.contact_point
        audit.record(connection, [Entry(Act.CONSULTATION, caller.actor, code, code, DEFAULT_PURPOSE, detail=detail)])

    def do(self, work: Callable[[sa.Connection], T]) -> T:
        """Do it in a transaction of its own, its audit rows with it; 503 where the database is away."""
        try:
            with self._engine.begin() as connection:
                return work(connection)
        except (sa.exc.OperationalError, sa.exc.InterfaceError, sa.exc.TimeoutError) as error:
            log.warning("database_away", error=type(error).__name__)
            headers = {"Retry-After": "2"}
            raise HTTPException(status.HTTP_503_SERVICE_UNAVAILABLE, "the database is away", headers) from None


class Guarded:
    """An application whose failures are logged without what they say: that could repeat what was read or sent."""

    def __init__(self, app: FastAPI) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request; its failure was answered already."""
        try:
            await self._app(scope, receive, send)
        except Exception as error:  # noqa: BLE001 - as above
            where = traceback.extract_tb(error.__traceback__)[-1]
            log.error("api_failed", error=type(error).__name__, file=where.filename, line=where.lineno)  # noqa: TRY400


def api(interface: Interface) -> FastAPI:
    """Return the application; serve it `Guarded`."""
    app = FastAPI(
        title="Border alert network: deliveries",
        version="1",
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
        responses=_REFUSALS,
        exception_handlers={StarletteHTTPException: _refused, RequestValidationError: _malformed, Exception: _failed},
    )
    Who_ = Annotated[Caller, Depends(interface.caller)]  # noqa: N806 - a type
    After = Annotated[int, Query(ge=0, le=2**62)]  # noqa: N806

    @app.get("/v1/deliveries")
    def deliveries(caller: Who_, after: After = 0, limit: Annotated[int, Query(ge=1, le=MOST_AT_ONCE)] = 100) -> Page:
        return interface.page(caller, after, limit)

    @app.get("/v1/deliveries/live", response_class=StreamingResponse)
    def live(caller: Who_, after: After = 0) -> StreamingResponse:
        return interface.feed(caller, after)

    @app.get("/v1/deliveries/{delivery}")
    def delivery(
        caller: Who_,
        delivery: DeliveryId,
        purpose: Annotated[str, Query(min_length=1, max_length=200)] = DEFAULT_PURPOSE,
    ) -> Fetched:
        return interface.fetch(caller, delivery, purpose)

    @app.post("/v1/deliveries/{delivery}/confirmation", status_code=status.HTTP_204_NO_CONTENT)
    def confirmation(caller: Who_, delivery: DeliveryId) -> None:
        interface.confirm(caller, delivery)

    @app.get("/v1/permissions")
    def listed(caller: Who_) -> list[PermissionSaid]:
        return interface.permissions(caller)

    @app.post("/v1/permissions/requests", status_code=status.HTTP_201_CREATED)
    def requests(caller: Who_, asking: Asking) -> PermissionSaid:
        return interface.ask(caller, asking)

    @app.post("/v1/permissions/decisions", status_code=status.HTTP_201_CREATED)
    def decisions(caller: Who_, deciding: Deciding) -> PermissionSaid:
        return interface.decide(caller, deciding)

    for routes in (answer_routes, silence_routes):
        app.include_router(routes(interface.caller, interface.do, interface.clock))
    return app


def _shown(record: Record) -> Record:
    """Return the record; 410 where its content is erased, 403 where it is not shared any more."""
    if record.alert is not None:
        return record
    if record.audience.reason is AudienceReason.ERASED:
        raise HTTPException(status.HTTP_410_GONE, "the record was erased when its retention ended")
    raise HTTPException(status.HTTP_403_FORBIDDEN, "the originator does not share this record any more")


async def _refused(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, StarletteHTTPException)  # noqa: S101 - for the type checker
    reason = error.reason.value if isinstance(error, ConflictError) else None
    return _answer(request, error.status_code, str(error.detail), error.headers, reason)


async def _malformed(request: Request, error: Exception) -> JSONResponse:
    """Name the field and the reason; what was sent is not repeated."""
    assert isinstance(error, RequestValidationError)  # noqa: S101 - for the type checker
    first = error.errors()[0]
    field = ".".join(str(part) for part in first["loc"])
    return _answer(request, status.HTTP_422_UNPROCESSABLE_CONTENT, f"{field}: {first['msg']}"[:500])


async def _failed(request: Request, error: Exception) -> JSONResponse:
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
    401: "no_token",
    403: "not_shared",
    404: "not_found",
    405: "method_not_allowed",
    410: "erased",
    422: "malformed",
    500: "failed",
    503: "database_away",
}
