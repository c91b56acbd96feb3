"""Threads of replies to a bulletin over HTTP."""

from collections.abc import Callable
from datetime import datetime
from typing import Annotated, Literal

from fastapi import APIRouter, Depends, HTTPException, Query, Request, Response, status
from pydantic import StringConstraints

from consumers import replies
from consumers.api.access import Caller
from consumers.api.answers import Do
from consumers.api.models import Name, ReplySaid, Said
from consumers.api.refusals import AGAIN, CONFLICT, conflict, malformed, status_of
from consumers.bulletins import REFUSALS, BulletinRefusal
from consumers.configuration import Configuration
from consumers.permissions import Who
from consumers.replies import AddresseeError, Replying, ThreadRefusal
from schemas.fields import PRINTABLE, AlertId, Originator


class ReplyWritten(Said):
    """A reply; `to`: the originator, all, or, of the originator alone, a contact point."""

    id: Name
    text: Annotated[str, StringConstraints(min_length=1, max_length=4_000), PRINTABLE]
    to: Literal["originator", "all"] | Originator = "originator"


def thread_routes(
    caller: Callable[[Request], Caller],
    do: Do,
    clock: Callable[[], datetime],
    configuration: Callable[[], Configuration],
) -> APIRouter:
    """Return the routes of threads."""
    router = APIRouter()
    Who_ = Annotated[Caller, Depends(caller)]  # noqa: N806 - a type
    After = Annotated[int, Query(ge=0, le=2**31 - 1)]  # noqa: N806
    Limit = Annotated[int, Query(ge=1, le=500)]  # noqa: N806

    @router.post("/v1/alerts/{alert}/replies", status_code=status.HTTP_201_CREATED, responses=CONFLICT | AGAIN)
    def reply(who: Who_, alert: AlertId, said: ReplyWritten, response: Response) -> ReplySaid:
        replying = Replying(who.contact_point, who.account, said.id, said.text, said.to, clock())
        by, points = Who(who.actor, "reply"), configuration().contact_points
        try:
            found = do(lambda connection: replies.reply(connection, alert, replying, by, points))
        except AddresseeError as error:
            raise malformed(str(error)) from None
        if isinstance(found, ThreadRefusal):
            raise _no_thread(found)
        if isinstance(found, BulletinRefusal):
            raise conflict(found, REFUSALS[found])
        shown, new = found
        response.status_code = status_of(new)
        return ReplySaid.model_validate(shown)

    @router.get("/v1/alerts/{alert}/replies")
    def thread(who: Who_, alert: AlertId, after: After = 0, limit: Limit = 100) -> list[ReplySaid]:
        by = Who(who.actor, "thread")
        found = do(lambda connection: replies.thread(connection, alert, who.contact_point, after, limit, by))
        if isinstance(found, ThreadRefusal):
            raise _no_thread(found)
        return [ReplySaid.model_validate(one) for one in found]

    return router


def _no_thread(reason: ThreadRefusal) -> HTTPException:
    if reason is ThreadRefusal.NOT_SHARED:
        return HTTPException(status.HTTP_403_FORBIDDEN, "the originator does not share this bulletin any more")
    return HTTPException(status.HTTP_404_NOT_FOUND, "no such bulletin")
