"""What all routes of the console need: the database, the boards, the time, whose session a request is of, and pages."""

from collections.abc import Callable
from datetime import datetime
from typing import Any, Final, TypeVar

import sqlalchemy as sa
import structlog
from fastapi import HTTPException, Request, status
from fastapi.responses import HTMLResponse
from starlette.concurrency import run_in_threadpool

from consumers.console import guard, render
from consumers.console.accounts import Officer, officer
from consumers.console.feed import Boards
from consumers.contact_points import Language
from consumers.database import AWAY
from consumers.roles import Right

LANGUAGE: Final = "brdo_language"

log = structlog.get_logger()
T = TypeVar("T")


class Console:
    """What the routes need; `secure` says that it is reached by HTTPS."""

    def __init__(
        self, engine: sa.Engine, boards: Boards, clock: Callable[[], datetime], *, secure: bool = False
    ) -> None:
        self.engine = engine
        self.boards = boards
        self.clock = clock
        self.secure = secure

    async def do(self, work: Callable[[sa.Connection], T]) -> T:
        """Do it in a transaction of its own, its audit rows with it; 503 where the database is away."""

        def run() -> T:
            with self.engine.begin() as connection:
                return work(connection)

        try:
            return await run_in_threadpool(run)
        except AWAY as error:
            log.warning("database_away", error=type(error).__name__)
            raise HTTPException(status.HTTP_503_SERVICE_UNAVAILABLE) from None

    async def signed_in(self, request: Request) -> Officer | None:
        """Return whose session a request is of."""
        token = request.cookies.get(guard.COOKIE)
        return await self.do(lambda connection: officer(connection, token, self.clock())) if token else None

    def answer(
        self, request: Request, name: str, whom: Officer | None = None, code: int = status.HTTP_200_OK, **values: Any
    ) -> HTMLResponse:
        """Return a page."""
        values = {"path": request.url.path, "now": self.clock(), **values}
        return HTMLResponse(render.page(name, language(request), whom, values), code, guard.HEADERS)


def language(request: Request) -> Language:
    """Return the language that a browser asks for: its cookie's, else the first of its languages that is ours."""
    chosen = request.cookies.get(LANGUAGE, "")
    if chosen in {one.value for one in Language}:
        return Language(chosen)
    for wanted in request.headers.get("accept-language", "")[:200].split(","):
        code = wanted.partition(";")[0].strip().lower()
        ours = _BY_CODE.get(code) or _BY_CODE.get(code.partition("-")[0])
        if ours is not None:
            return ours
    return Language.ENGLISH


_BY_CODE: Final = {
    "en": Language.ENGLISH,
    "sl": Language.SLOVENE,
    "sr": Language.SERBIAN_CYRILLIC,
    "sr-latn": Language.SERBIAN_LATIN,
}


class NeedsSignInError(HTTPException):
    """Nobody is signed in, or a password is to be chosen first: `where`."""

    def __init__(self, where: str) -> None:
        super().__init__(status.HTTP_401_UNAUTHORIZED)
        self.where = where


SIGN_IN: Final = "/sign-in"
PASSWORD: Final = "/password"  # noqa: S105 - a path


def of_session(of: Console) -> Callable[[Request], Any]:
    """Return what finds out whose session a request is of, who may look; raises `NeedsSignInError`, or 403."""

    async def whom(request: Request) -> Officer:
        found = await of.signed_in(request)
        if found is None:
            raise NeedsSignInError(SIGN_IN)
        if found.must_choose:
            raise NeedsSignInError(PASSWORD)
        if not found.may(Right.LOOK):
            raise HTTPException(status.HTTP_403_FORBIDDEN)
        return found

    return whom


def sign_in_page(of: Console, request: Request, code: int = status.HTTP_200_OK, **values: Any) -> HTMLResponse:
    """Return the form to sign in; `kept` is what was typed before."""
    nothing: dict[str, Any] = {"wrong": False, "wait": None, "expired": False, "kept": {}}
    return of.answer(request, "sign_in", None, code, **{"contact_point": "", "account": "", **nothing, **values})
