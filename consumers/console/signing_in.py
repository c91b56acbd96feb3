"""Signing in and out, choosing a password, choosing a language."""

from datetime import timedelta
from typing import Final

from fastapi import APIRouter, HTTPException, Request, Response, status
from fastapi.responses import RedirectResponse

from consumers.console import accounts, guard
from consumers.console.answering import show_alert
from consumers.console.attempts import Attempts
from consumers.console.context import LANGUAGE, PASSWORD, SIGN_IN, Console, sign_in_page
from consumers.console.passwords import LEAST_LENGTH, MOST_LENGTH
from consumers.contact_points import Language

_LONGEST_NAME: Final = 64


def signing_in(of: Console) -> APIRouter:
    """Return the routes."""
    router, attempts = APIRouter(), Attempts()

    @router.get(SIGN_IN)
    async def show(request: Request) -> Response:
        return sign_in_page(of, request)

    @router.post(SIGN_IN)
    async def sign_in(request: Request) -> Response:
        said = await guard.form(request)
        if not guard.from_our_page(request):
            raise HTTPException(status.HTTP_403_FORBIDDEN)
        return await _sign_in(of, attempts, request, said)

    @router.post("/sign-out")
    async def sign_out(request: Request) -> Response:
        whom, token, _ = await _posting(of, request)
        await of.do(lambda connection: accounts.sign_out(connection, whom, token))
        answer = RedirectResponse(SIGN_IN, status.HTTP_303_SEE_OTHER, guard.HEADERS)
        answer.delete_cookie(guard.COOKIE)
        return answer

    @router.get(PASSWORD)
    async def password(request: Request) -> Response:
        whom = await of.signed_in(request)
        if whom is None:
            return RedirectResponse(SIGN_IN, status.HTTP_303_SEE_OTHER, guard.HEADERS)
        return of.answer(request, "password", whom, least=LEAST_LENGTH, differ=False, refused=False)

    @router.post(PASSWORD)
    async def choose(request: Request) -> Response:
        whom, token, said = await _posting(of, request)
        return await _choose(of, request, whom, token, said)

    @router.post("/language")
    async def language(request: Request) -> Response:
        said = await guard.form(request)
        if not guard.from_our_page(request) or said.get("language") not in {one.value for one in Language}:
            raise HTTPException(status.HTTP_403_FORBIDDEN)
        answer = RedirectResponse(_inside(said.get("next", "")), status.HTTP_303_SEE_OTHER, guard.HEADERS)
        _set(answer, of, LANGUAGE, said["language"], timedelta(days=365))
        return answer

    return router


async def _sign_in(of: Console, attempts: Attempts, request: Request, said: dict[str, str]) -> Response:
    code, account = (said.get(name, "").strip()[:_LONGEST_NAME] for name in ("contact_point", "account"))
    whom, now, kept = f"{code}:{account}", of.clock(), {name: said.get(name, "") for name in ("note", "next")}
    named = {"contact_point": code, "account": account, "kept": kept}
    if wait := attempts.wait(whom, now):
        refused = sign_in_page(of, request, status.HTTP_429_TOO_MANY_REQUESTS, wait=wait, **named)
        refused.headers["Retry-After"] = str(int(wait.total_seconds()) + 1)
        return refused
    password = said.get("password", "")[:MOST_LENGTH]
    token = await of.do(lambda connection: accounts.sign_in(connection, code, account, password, now))
    if token is None:
        attempts.failed(whom, now)
        return sign_in_page(of, request, status.HTTP_401_UNAUTHORIZED, wrong=True, **named)
    attempts.succeeded(whom)
    answer = await _onwards(of, request, token, kept)
    _set(answer, of, guard.COOKIE, token, accounts.SHIFT)
    return answer


async def _choose(of: Console, request: Request, whom: accounts.Officer, token: str, said: dict[str, str]) -> Response:
    new, differ = said.get("password", ""), said.get("password") != said.get("again")
    if differ or not LEAST_LENGTH <= len(new) <= MOST_LENGTH:
        code = status.HTTP_422_UNPROCESSABLE_CONTENT
        return of.answer(request, "password", whom, code, least=LEAST_LENGTH, differ=differ, refused=True)
    await of.do(lambda connection: accounts.choose(connection, whom, new, token))
    return RedirectResponse("/", status.HTTP_303_SEE_OTHER, guard.HEADERS)


async def _posting(of: Console, request: Request) -> tuple[accounts.Officer, str, dict[str, str]]:
    """Return who sends a form, the session's token, and what it says; 403 where it is not of the session's page."""
    said = await guard.form(request)
    whom = await of.signed_in(request)
    if whom is None:
        raise HTTPException(status.HTTP_403_FORBIDDEN)
    guard.must_be_theirs(request, whom, said)
    return whom, request.cookies[guard.COOKIE], said


async def _onwards(of: Console, request: Request, token: str, kept: dict[str, str]) -> Response:
    """Return where somebody goes who has signed in: back to what was being typed, where something was."""
    whom = await of.do(lambda connection: accounts.officer(connection, token, of.clock()))
    where = _inside(kept["next"])
    if whom is not None and not whom.must_choose and kept["note"] and where != "/":
        return await show_alert(of, request, whom, where.removeprefix(_ALERTS), note=kept["note"])
    return RedirectResponse(where, status.HTTP_303_SEE_OTHER, guard.HEADERS)


def _inside(where: str) -> str:
    """Return the path of an alert, or of the board: nobody is led elsewhere."""
    name = where.removeprefix(_ALERTS)
    return where if where.startswith(_ALERTS) and name.replace("-", "").isalnum() else "/"


_ALERTS: Final = "/alerts/"


def _set(answer: Response, of: Console, name: str, value: str, lasts: timedelta) -> None:
    seconds = int(lasts.total_seconds())
    answer.set_cookie(name, value, max_age=seconds, httponly=True, secure=of.secure, samesite="strict")
