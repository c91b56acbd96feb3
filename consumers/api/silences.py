"""Silences of the caller's own contact point: made, approved by another person, ended."""

from collections.abc import Callable
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Depends, HTTPException, Request, status

from consumers import silences
from consumers.api.access import Caller
from consumers.api.answers import Do
from consumers.api.models import SilenceSaid, Silencing
from consumers.api.refusals import CONFLICT, conflict
from consumers.silences import Person
from consumers.silencing import REFUSALS, PeriodError, Silence, SilenceId, SilenceRefusal, period


def silence_routes(caller: Callable[[Request], Caller], do: Do, clock: Callable[[], datetime]) -> APIRouter:
    """Return the routes of silences."""
    router = APIRouter()
    Who_ = Annotated[Caller, Depends(caller)]  # noqa: N806 - a type

    @router.get("/v1/silences")
    def listed(who: Who_) -> list[SilenceSaid]:
        found = do(lambda connection: silences.listed(connection, _by(who)))
        return [SilenceSaid.of(one, clock()) for one in found]

    @router.post("/v1/silences", status_code=status.HTTP_201_CREATED, responses=CONFLICT)
    def make(who: Who_, asked: Silencing) -> SilenceSaid:
        now = clock()
        made = _silence(who, asked, now)
        return _said(do(lambda connection: silences.make(connection, made, _by(who))), now)

    @router.post("/v1/silences/{silence}/approval", status_code=status.HTTP_201_CREATED, responses=CONFLICT)
    def approve(who: Who_, silence: SilenceId) -> SilenceSaid:
        now = clock()
        return _said(do(lambda connection: silences.approve(connection, silence, _by(who), now)), now)

    @router.post("/v1/silences/{silence}/end", status_code=status.HTTP_201_CREATED, responses=CONFLICT)
    def end(who: Who_, silence: SilenceId) -> SilenceSaid:
        now = clock()
        return _said(do(lambda connection: silences.end(connection, silence, _by(who), now)), now)

    return router


def _by(who: Caller) -> Person:
    return Person(who.contact_point, who.account, who.actor)


def _silence(who: Caller, asked: Silencing, now: datetime) -> Silence:
    """Return the silence that is asked for; 422 where its times are none that it may have."""
    try:
        begins_at, ends_at = period(asked.begins_at, asked.ends_at, now)
    except PeriodError as error:
        raise HTTPException(status.HTTP_422_UNPROCESSABLE_CONTENT, f"body.{error}") from None
    return Silence(
        id=silences.new_id(),
        contact_point=who.contact_point,
        match=asked.match,
        reason=asked.reason,
        author=who.account,
        made_at=now,
        begins_at=begins_at,
        ends_at=ends_at,
    )


def _said(found: Silence | SilenceRefusal | None, now: datetime) -> SilenceSaid:
    if found is None:
        raise HTTPException(status.HTTP_404_NOT_FOUND, "no such silence")
    if isinstance(found, SilenceRefusal):
        raise conflict(found, REFUSALS[found])
    return SilenceSaid.of(found, now)
