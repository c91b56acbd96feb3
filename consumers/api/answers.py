"""Answering an alert, and where its answer stands. Only a POST answers: mail scanners and previews follow links."""

from collections.abc import Callable
from datetime import datetime
from typing import Annotated, Any, Protocol, TypeVar

import sqlalchemy as sa
from fastapi import APIRouter, Depends, HTTPException, Request, status
from pydantic import ValidationError

from consumers import audit
from consumers.acknowledgement import REFUSALS, AnswerRefusal, Clock
from consumers.answers import give, verdict_of
from consumers.api.access import Caller
from consumers.api.models import Acknowledgement, Answering
from consumers.api.refusals import CONFLICT, conflict
from consumers.audit import Act, Entry
from consumers.clocks import Key, find, steps_taken
from consumers.records import answers_seen
from schemas.feedback import Verdict
from schemas.fields import AlertId

T = TypeVar("T")


class Do(Protocol):
    """Does work in a transaction of its own, its audit rows with it."""

    def __call__(self, work: Callable[[sa.Connection], T]) -> T:
        """Return what the work returns; 503 where the database is away."""


def answer_routes(caller: Callable[[Request], Caller], do: Do, clock: Callable[[], datetime]) -> APIRouter:
    """Return the routes of alerts."""
    router = APIRouter()
    Who_ = Annotated[Caller, Depends(caller)]  # noqa: N806 - a type

    @router.get("/v1/alerts/{alert}")
    def state(who: Who_, alert: AlertId) -> Acknowledgement:
        return do(lambda connection: _state(connection, who, alert, clock()))

    @router.post("/v1/alerts/{alert}/answers", status_code=status.HTTP_201_CREATED, responses=CONFLICT)
    def answer(who: Who_, alert: AlertId, answering: Answering) -> Acknowledgement:
        verdict = _verdict(who, alert, answering, clock())

        def take(connection: sa.Connection) -> Acknowledgement:
            after = give(connection, verdict, answering.revision)
            if after is None:
                raise HTTPException(status.HTTP_404_NOT_FOUND, "no such alert")
            if isinstance(after, AnswerRefusal):
                raise conflict(after, REFUSALS[after])
            return _said(connection, after, verdict.at)

        return do(take)

    return router


def _state(connection: sa.Connection, who: Caller, alert: str, now: datetime) -> Acknowledgement:
    """Return how the caller's own contact point stands to an alert; the look is on record."""
    code = who.contact_point
    found = find(connection, Key(alert, code))
    if found is None:
        raise HTTPException(status.HTTP_404_NOT_FOUND, "no such alert")
    looked = Entry(Act.CONSULTATION, who.actor, code, code, "answer", alert, found.revision, detail="acknowledgement")
    audit.record(connection, [looked])
    return _said(connection, found, now)


def _said(connection: sa.Connection, clock: Clock, now: datetime) -> Acknowledgement:
    seen = answers_seen(connection, clock.contact_point, clock.alert_id)
    return Acknowledgement.of(clock, steps_taken(connection, clock), now, seen)


def _verdict(who: Caller, alert: str, said: Answering, now: datetime) -> Verdict:
    """Return the event that says it; 422 where outcome and `between` do not fit."""
    try:
        return verdict_of(
            who.contact_point, who.account, alert, said.outcome, now, note=said.note, between=said.between
        )
    except ValidationError as error:
        first: Any = error.errors(include_input=False, include_url=False)[0]
        raise HTTPException(status.HTTP_422_UNPROCESSABLE_CONTENT, first["msg"]) from None
