"""The console: the board, live, and the pages of its alerts."""

from collections.abc import AsyncIterator
from http import HTTPStatus
from pathlib import Path
from typing import Annotated, Any, Final

from fastapi import Depends, FastAPI, Request, Response, status
from fastapi.responses import HTMLResponse, RedirectResponse, StreamingResponse
from starlette.exceptions import HTTPException as StarletteHTTPException
from starlette.staticfiles import StaticFiles

from consumers.console import guard, render
from consumers.console.accounts import Officer
from consumers.console.answering import answering
from consumers.console.board import ordered
from consumers.console.context import SIGN_IN, Console, NeedsSignInError, language, of_session, sign_in_page
from consumers.console.signing_in import signing_in

STATIC: Final = Path(__file__).with_name("static")
LIVE: Final = "/live"
SESSION: Final = "/session"


def console(of: Console) -> FastAPI:
    """Return the application; serve it `Guarded`."""
    failures = _Failures(of)
    handlers: Any = {StarletteHTTPException: failures.refused, Exception: failures.failed}
    app = FastAPI(openapi_url=None, docs_url=None, redoc_url=None, redirect_slashes=False, exception_handlers=handlers)
    app.mount("/static", StaticFiles(directory=STATIC))
    app.include_router(signing_in(of))
    app.include_router(answering(of))
    Theirs = Annotated[Officer, Depends(of_session(of))]  # noqa: N806 - a type

    @app.get("/")
    async def board(request: Request, whom: Theirs) -> HTMLResponse:
        news = await of.boards.board(whom.contact_point, whom.actor)
        rows = ordered(news.rows or ())
        shown = [render.row(one, language(request)) for one in rows]
        values: dict[str, Any] = {"rows": rows, "shown": shown, "away": news.rows is None, "left_out": news.left_out}
        return of.answer(request, "board", whom, tally=news.tally, **values)

    @app.get(LIVE)
    async def live(request: Request, whom: Theirs) -> StreamingResponse:
        spoken = language(request)

        async def events() -> AsyncIterator[str]:
            async for news in of.boards.watch(whom.contact_point, whom.actor):
                yield render.event(news, spoken)

        headers = {**guard.HEADERS, "X-Accel-Buffering": "no"}
        return StreamingResponse(events(), media_type="text/event-stream", headers=headers)

    @app.get(SESSION, status_code=status.HTTP_204_NO_CONTENT)
    async def session(whom: Theirs) -> None:
        """Say whether the session goes on."""
        del whom

    return app


class _Failures:
    """Pages for what did not work."""

    def __init__(self, of: Console) -> None:
        self._of = of

    async def refused(self, request: Request, error: Exception) -> Response:
        """Return the page of a refusal; to the sign-in, where that is what lacks."""
        assert isinstance(error, StarletteHTTPException)  # noqa: S101 - for the type checker
        path, code = request.url.path, error.status_code
        if not isinstance(error, NeedsSignInError):
            return self._of.answer(request, "failure", None, code, status=code)
        if path in {LIVE, SESSION}:
            return Response(status_code=code, headers=guard.HEADERS)
        if error.where == SIGN_IN and path != "/":
            return sign_in_page(self._of, request, code, kept={"next": path})
        return RedirectResponse(error.where, status.HTTP_303_SEE_OTHER, guard.HEADERS)

    async def failed(self, request: Request, error: Exception) -> Response:
        """Return the page of a failure of ours; it says nothing of what was read or sent."""
        del error
        code = HTTPStatus.INTERNAL_SERVER_ERROR.value
        return self._of.answer(request, "failure", None, code, status=code)
