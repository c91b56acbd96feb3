"""An alert's page, and answering it. No GET answers anything."""

from datetime import datetime
from typing import Annotated, Any, Final

from fastapi import APIRouter, Depends, HTTPException, Request, Response, status
from fastapi.responses import HTMLResponse, RedirectResponse
from pydantic import ValidationError

from consumers.acknowledgement import AnswerRefusal
from consumers.answers import give, verdict_of
from consumers.console import guard, page
from consumers.console.accounts import Officer
from consumers.console.context import Console, of_session, sign_in_page
from consumers.roles import Right
from schemas.feedback import Verdict

LONGEST_NOTE: Final = 4_000


def answering(of: Console) -> APIRouter:
    """Return the routes."""
    router = APIRouter()
    Theirs = Annotated[Officer, Depends(of_session(of))]  # noqa: N806 - a type

    @router.get("/alerts/{alert}")
    async def show(request: Request, whom: Theirs, alert: str) -> HTMLResponse:
        return await show_alert(of, request, whom, alert)

    @router.post("/alerts/{alert}/answers")
    async def answer(request: Request, alert: str) -> Response:
        said = await guard.form(request)
        whom = await of.signed_in(request)
        if whom is None or whom.must_choose:  # what was typed is kept over the sign-in
            kept = {"note": said.get("note", "")[:LONGEST_NOTE], "next": f"/alerts/{alert}"}
            return sign_in_page(of, request, status.HTTP_401_UNAUTHORIZED, expired=True, kept=kept)
        guard.must_be_theirs(request, whom, said)
        if not whom.may(Right.ANSWER):
            raise HTTPException(status.HTTP_403_FORBIDDEN)
        return await _give(of, request, whom, alert, said)

    return router


async def show_alert(
    of: Console, request: Request, whom: Officer, alert: str, code: int = status.HTTP_200_OK, **values: Any
) -> HTMLResponse:
    """Return the page of an alert; 404 where this contact point was not told of it."""
    found = await of.do(lambda connection: page.read(connection, whom.contact_point, alert, whom.actor))
    if found is None:
        raise HTTPException(status.HTTP_404_NOT_FOUND)
    values = {"may_answer": whom.may(Right.ANSWER), "refused": "", "refusal": "", "note": "", **values}
    return of.answer(request, "alert", whom, code, page=found, **values)


async def _give(of: Console, request: Request, whom: Officer, alert: str, said: dict[str, str]) -> Response:
    note = said.get("note", "")
    try:
        verdict, revision = _verdict(whom, alert, said, of.clock()), int(said.get("revision", ""))
    except ValueError as error:
        refused = error.errors()[0]["msg"] if isinstance(error, ValidationError) else "revision, between: unreadable"
        code = status.HTTP_422_UNPROCESSABLE_CONTENT
        return await show_alert(of, request, whom, alert, code, refused=refused, note=note)
    after = await of.do(lambda connection: give(connection, verdict, revision))
    if after is None:
        raise HTTPException(status.HTTP_404_NOT_FOUND)
    if isinstance(after, AnswerRefusal):
        return await show_alert(of, request, whom, alert, status.HTTP_409_CONFLICT, refusal=after, note=note)
    of.boards.wake()
    return RedirectResponse(f"/alerts/{alert}", status.HTTP_303_SEE_OTHER, guard.HEADERS)


def _verdict(whom: Officer, alert: str, said: dict[str, str], now: datetime) -> Verdict:
    """Return the event that says it; raises `ValueError`."""
    outcome: Any = said.get("outcome", "")
    note = said.get("note", "").strip()[:LONGEST_NOTE] or None
    between = page.refs(said.get("between", "")) if outcome == "false_match" else None
    return verdict_of(whom.contact_point, whom.account, alert, outcome, now, note=note, between=between)
