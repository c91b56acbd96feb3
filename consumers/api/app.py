"""The interface of contact points: what they were sent since any point, records, answers, silences, permissions.

Every request is of an account of one contact point and sees that contact point's own alone; what is another's does
not exist here. Each look is in the audit before it is answered.
"""

import traceback
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from typing import Annotated, Any, Final, TypeVar

import sqlalchemy as sa
import structlog
from fastapi import Depends, FastAPI, HTTPException, Query, Request, status
from fastapi.exceptions import RequestValidationError
from fastapi.responses import StreamingResponse
from fastapi.security import HTTPBearer
from starlette.exceptions import HTTPException as StarletteHTTPException
from starlette.types import Receive, Scope, Send

from consumers import audit, permissions, records, sharing
from consumers.acknowledgement import Timing
from consumers.api.access import AccessRefusal, Caller, Known
from consumers.api.accounts import account_routes
from consumers.api.answers import answer_routes
from consumers.api.bulletins import Editions, bulletin_routes
from consumers.api.live import Live
from consumers.api.models import Asking, Deciding, Fetched, Page, PermissionSaid, Purpose, Refused
from consumers.api.refusals import NotDoneError, failed, not_understood, refused
from consumers.api.silences import silence_routes
from consumers.api.threads import thread_routes
from consumers.audience import AudienceReason
from consumers.audit import Act, Entry
from consumers.configuration import Configuration
from consumers.notice import DeliveryId
from consumers.permissions import PermissionState, Which, Who
from consumers.records import Record

MOST_AT_ONCE: Final = 500
DEFAULT_PURPOSE: Final = "delivery"

log = structlog.get_logger()

T = TypeVar("T")
_REFUSALS: Final[dict[int | str, dict[str, Any]]] = {
    code: {"model": Refused} for code in (400, 401, 403, 404, 410, 422, 503)
}
_CHALLENGE: Final = {"WWW-Authenticate": 'Bearer realm="brdo"'}


class Interface:
    """What the routes do; `configuration` returns what is in force now."""

    def __init__(
        self,
        engine: sa.Engine,
        configuration: Callable[[], Configuration],
        live: Live,
        editions: Editions,
        clock: Callable[[], datetime],
    ) -> None:
        self._engine = engine
        self.configuration = configuration
        self.editions = editions
        self._live = live
        self.clock = clock

    def caller(self, request: Request) -> Caller:
        """Return whose request this is; 401 where it is nobody's, 403 where its role may not do this.

        What an account was refused is in the audit, by the route's name alone.
        """
        known = self._known(request)
        if known is None:
            raise HTTPException(status.HTTP_401_UNAUTHORIZED, "a bearer token of a contact point is needed", _CHALLENGE)
        path = request.scope["route"].path
        refusal = known.refused(request.method, path, self.clock())
        if refusal is None:
            return known.caller
        who = known.caller
        entry = Entry(Act.CONSULTATION, who.actor, who.contact_point, purpose="access")
        detail = f"refused, {refusal}: {request.method} {path}"
        self.do(lambda connection: audit.record(connection, [replace(entry, detail=detail)]))
        if refusal is AccessRefusal.EXPIRED:
            error = NotDoneError(status.HTTP_401_UNAUTHORIZED, refusal, "this token has expired")
            error.headers = _CHALLENGE
            raise error
        raise NotDoneError(status.HTTP_403_FORBIDDEN, refusal, f"this is not for the role {who.role}")

    def _known(self, request: Request) -> Known | None:
        return self.configuration().tokens.find(request.headers.get("authorization"))

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
        now = self.configuration()
        points, timing = now.contact_points, Timing(now.duties.policy, self.clock())
        if deciding.contact_point not in points or deciding.contact_point == caller.contact_point:
            raise HTTPException(status.HTTP_422_UNPROCESSABLE_CONTENT, "contact_point: is none to share with")
        which = Which(deciding.alert, caller.contact_point, deciding.contact_point)
        who, state = Who(caller.actor, deciding.purpose), PermissionState(deciding.decision)
        permission = self.do(lambda connection: sharing.decide(connection, which, state, who, points, timing))
        if permission is None:
            raise HTTPException(status.HTTP_404_NOT_FOUND, "no alert with H2 information of yours")
        return PermissionSaid.of(permission)

    def feed(self, caller: Caller, after: int, request: Request) -> StreamingResponse:
        """Return what was sent after a number and what follows, as server-sent events, as long as the token is good."""

        def still() -> bool:
            known = self._known(request)
            return known is not None and known.refused("GET", request.scope["route"].path, self.clock()) is None

        self.do(lambda connection: self._log_list(connection, caller, f"live feed after {after}"))
        return StreamingResponse(
            self._live.events(caller.contact_point, after, still),
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
        # On every route, so that none can be added that is open to all; the first describes it.
        dependencies=[Depends(HTTPBearer(auto_error=False)), Depends(interface.caller)],
        exception_handlers={StarletteHTTPException: refused, RequestValidationError: not_understood, Exception: failed},
    )
    Who_ = Annotated[Caller, Depends(interface.caller)]  # noqa: N806 - a type
    After = Annotated[int, Query(ge=0, le=2**62)]  # noqa: N806

    @app.get("/v1/deliveries")
    def deliveries(caller: Who_, after: After = 0, limit: Annotated[int, Query(ge=1, le=MOST_AT_ONCE)] = 100) -> Page:
        return interface.page(caller, after, limit)

    @app.get("/v1/deliveries/live", response_class=StreamingResponse)
    def live(caller: Who_, request: Request, after: After = 0) -> StreamingResponse:
        return interface.feed(caller, after, request)

    @app.get("/v1/deliveries/{delivery}")
    def delivery(
        caller: Who_,
        delivery: DeliveryId,
        purpose: Annotated[Purpose, Query()] = DEFAULT_PURPOSE,
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

    app.include_router(account_routes(interface.caller, interface.do))
    within = interface.caller, interface.do, interface.clock, interface.configuration
    app.include_router(bulletin_routes(*within, interface.editions))
    app.include_router(thread_routes(*within))
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
