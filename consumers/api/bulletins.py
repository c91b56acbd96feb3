"""Word to other contact points over HTTP: who would be told, sending, taking back, the list, and threads of replies."""

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from typing import Annotated, Any, Final, Literal, assert_never

from fastapi import APIRouter, Depends, HTTPException, Path, Query, Request, Response, status
from pydantic import Field, StringConstraints, ValidationError

from consumers import audit, bulletins, replies
from consumers.api.access import Caller
from consumers.api.answers import Do
from consumers.api.models import Refused, ReplySaid, Said
from consumers.api.refusals import NotDoneError
from consumers.audience import View
from consumers.audit import Act, Entry
from consumers.bulletins import PURPOSE, BulletinRefusal, BulletinState, Listed
from consumers.configuration import Configuration
from consumers.permissions import Who
from consumers.replies import AddresseeError, Replying, ThreadRefusal
from consumers.telling import Told, tell
from schemas.alerts import Edition, Severity
from schemas.feedback import Bulletin
from schemas.fields import PRINTABLE, AlertId, CountryCode, Evaluation, EventId, HandlingCode, Originator, ShortText

Name = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9._-]{1,40}$")]
"""What a contact point calls a bulletin or a reply of its own, so that sending it twice sends it once."""

Editions = Callable[[Bulletin], Sequence[Edition]]
"""Returns what the engine makes of a bulletin."""

_CONFLICT: Final[dict[int | str, dict[str, Any]]] = {status.HTTP_409_CONFLICT: {"model": Refused}}
_AGAIN: Final[dict[int | str, dict[str, Any]]] = {status.HTTP_200_OK: {"description": "It was there already"}}
_TEXTS: Final = {
    BulletinRefusal.ID_CONFLICT: "this id was given to other content",
    BulletinRefusal.WITHDRAWN: "the bulletin was withdrawn",
}


class Writing(Said):
    """A bulletin; `countries` are those that it is for, none: all contact points. H3 needs a `handling_note`."""

    title: Annotated[str, StringConstraints(min_length=1, max_length=200), PRINTABLE]
    text: Annotated[str, StringConstraints(min_length=1, max_length=20_000), PRINTABLE]
    severity: Severity = Severity.MEDIUM
    handling: HandlingCode = "H1"
    handling_note: ShortText | None = None
    evaluation: Evaluation = Evaluation()
    countries: Annotated[tuple[CountryCode, ...], Field(max_length=50)] = ()
    valid_until: datetime | None = None
    refers_to: Annotated[tuple[EventId, ...], Field(max_length=200)] = ()
    exercise: bool = False


class Sending(Writing):
    """A bulletin with its id."""

    id: Name


class Sent(Said):
    """A bulletin that is stored, and the alert that it becomes or was."""

    id: Name
    alert: AlertId
    state: BulletinState


class WouldBeTold(Said):
    """What a contact point would be told of a bulletin, and why."""

    contact_point: Originator
    view: Literal["full", "restricted", "none"]
    why: list[str]


class Withdrawing(Said):
    """Why a bulletin is taken back."""

    reason: bulletins.Reason


class BulletinSaid(Said):
    """A bulletin of one's own (`id`) or that one was told of; without its content where that is not shown."""

    id: Name | None
    officer: str | None
    alert: AlertId
    state: BulletinState
    at: datetime
    originators: list[str]
    severity: Severity | None
    title: str | None
    delivery: str | None

    @classmethod
    def of(cls, one: Listed) -> "BulletinSaid":
        """Return what is said of it."""
        alert = (one.record.alert if one.record else None) or {}
        return cls(
            id=one.name,
            officer=one.officer,
            alert=one.alert_id,
            state=one.state,
            at=one.at,
            originators=alert.get("originators", []),
            severity=alert.get("severity"),
            title=alert.get("summary"),
            delivery=one.record.delivery if one.record else None,
        )


class ReplyWritten(Said):
    """A reply; `to`: the originator, all, or, of the originator alone, a contact point."""

    id: Name
    text: Annotated[str, StringConstraints(min_length=1, max_length=4_000), PRINTABLE]
    to: Literal["originator", "all"] | Originator = "originator"


def bulletin_routes(
    caller: Callable[[Request], Caller],
    do: Do,
    clock: Callable[[], datetime],
    configuration: Callable[[], Configuration],
    editions: Editions,
) -> APIRouter:
    """Return the routes of bulletins and of the replies to them."""
    router = APIRouter()
    Who_ = Annotated[Caller, Depends(caller)]  # noqa: N806 - a type
    Limit = Annotated[int, Query(ge=1, le=500)]  # noqa: N806

    def written(who: Caller, name: str, said: Writing) -> Bulletin:
        """Return the event; 422 where it contradicts itself, or is for a country that nobody here stands for."""
        absent = sorted(set(said.countries) - configuration().contact_points.keys())
        if absent:
            raise _malformed(f"countries: {', '.join(absent)}: no contact point here")
        values = said.model_dump(exclude={"id"}) | {
            "type": "bulletin",
            "schema_version": "1.0",
            "id": bulletins.event_id(who.contact_point, name),
            "at": clock().isoformat(),
            "originator": who.contact_point,
            "contact_point": who.contact_point,
            "officer": who.account,
            "evaluation": said.evaluation,
            "valid_until": None if said.valid_until is None else said.valid_until.isoformat(),
        }
        try:
            return Bulletin.model_validate(values)
        except ValidationError as error:
            first: Any = error.errors(include_input=False, include_url=False)[0]
            field = ".".join(map(str, first["loc"])) or first.get("ctx", {}).get("field", "")
            raise _malformed(f"{field}: {first['msg']}") from None

    @router.post("/v1/bulletins/preview")
    def preview(who: Who_, said: Writing) -> list[WouldBeTold]:
        bulletin, now = written(who, "preview", said), configuration()
        looked = Entry(Act.CONSULTATION, who.actor, who.contact_point, purpose=PURPOSE, detail="preview")
        do(lambda connection: audit.record(connection, [looked]))
        told = [one for edition in editions(bulletin) for one in tell(edition, now.table, now.contact_points).told]
        return [_would_be(code, told) for code in sorted(now.contact_points)]

    @router.post("/v1/bulletins", status_code=status.HTTP_201_CREATED, responses=_CONFLICT | _AGAIN)
    def send(who: Who_, said: Sending, response: Response) -> Sent:
        bulletin = written(who, said.id, said)
        new = do(lambda connection: bulletins.send(connection, said.id, bulletin, Who(who.actor, PURPOSE)))
        if isinstance(new, BulletinRefusal):
            raise _conflict(new)
        response.status_code = _status(new)
        return Sent(id=said.id, alert=bulletins.alert_of(bulletin), state=BulletinState.ON_ITS_WAY)

    @router.post("/v1/bulletins/{bulletin}/withdrawal", status_code=status.HTTP_201_CREATED, responses=_AGAIN)
    def withdrawal(who: Who_, bulletin: Annotated[Name, Path()], said: Withdrawing, response: Response) -> Sent:
        code, at = who.contact_point, clock()
        by = who.account, Who(who.actor, PURPOSE)
        found = do(lambda connection: bulletins.withdraw(connection, code, bulletin, said.reason, at, *by))
        if found is None:
            raise HTTPException(status.HTTP_404_NOT_FOUND, "no such bulletin of yours")
        alert, new = found
        response.status_code = _status(new)
        return Sent(id=bulletin, alert=alert, state=BulletinState.WITHDRAWING)

    @router.get("/v1/bulletins")
    def listed(who: Who_, limit: Limit = 100) -> list[BulletinSaid]:
        by = Who(who.actor, PURPOSE)
        found = do(lambda connection: bulletins.listed(connection, who.contact_point, limit, by))
        return [BulletinSaid.of(one) for one in found]

    @router.post("/v1/alerts/{alert}/replies", status_code=status.HTTP_201_CREATED, responses=_CONFLICT | _AGAIN)
    def reply(who: Who_, alert: AlertId, said: ReplyWritten, response: Response) -> ReplySaid:
        replying = Replying(who.contact_point, who.account, said.id, said.text, said.to, clock())
        by, points = Who(who.actor, "reply"), configuration().contact_points
        try:
            found = do(lambda connection: replies.reply(connection, alert, replying, by, points))
        except AddresseeError as error:
            raise _malformed(str(error)) from None
        if isinstance(found, ThreadRefusal):
            raise _no_thread(found)
        if isinstance(found, BulletinRefusal):
            raise _conflict(found)
        shown, new = found
        response.status_code = _status(new)
        return ReplySaid.model_validate(shown)

    @router.get("/v1/alerts/{alert}/replies")
    def thread(
        who: Who_, alert: AlertId, after: Annotated[int, Query(ge=0, le=2**31 - 1)] = 0, limit: Limit = 100
    ) -> list[ReplySaid]:
        by = Who(who.actor, "thread")
        found = do(lambda connection: replies.thread(connection, alert, who.contact_point, after, limit, by))
        if isinstance(found, ThreadRefusal):
            raise _no_thread(found)
        return [ReplySaid.model_validate(one) for one in found]

    return router


def _would_be(code: str, told: Sequence[Told]) -> WouldBeTold:
    """Return what one is told: of the editions that one reads most, and why; nothing where no route leads there."""
    mine = [one for one in told if one.assignment.contact_point == code]
    if not mine:
        return WouldBeTold(contact_point=code, view="none", why=["No route leads there."])
    best = max(mine, key=lambda one: (one.audience.view is View.FULL, one.audience.view is not View.WITHHELD))
    why = [*best.assignment.texts, *_limits(best)]
    return WouldBeTold(contact_point=code, view=_view(best.audience.view), why=why)


def _limits(told: Told) -> Iterator[str]:
    if told.audience.view is not View.FULL:
        yield f"But not all is shown: {told.audience.reason.replace('_', ' ')}."


def _view(view: View) -> Literal["full", "restricted", "none"]:
    match view:
        case View.FULL:
            return "full"
        case View.PROTECTION_EXTRACT | View.RECALL:
            return "restricted"
        case View.WITHHELD:
            return "none"
        case _:
            assert_never(view)


def _status(new: bool) -> int:  # noqa: FBT001 - what became of it
    return status.HTTP_201_CREATED if new else status.HTTP_200_OK


def _conflict(reason: BulletinRefusal) -> NotDoneError:
    return NotDoneError(status.HTTP_409_CONFLICT, reason, _TEXTS[reason])


def _malformed(text: str) -> HTTPException:
    return HTTPException(status.HTTP_422_UNPROCESSABLE_CONTENT, text[:500])


def _no_thread(reason: ThreadRefusal) -> HTTPException:
    if reason is ThreadRefusal.NOT_SHARED:
        return HTTPException(status.HTTP_403_FORBIDDEN, "the originator does not share this bulletin any more")
    return HTTPException(status.HTTP_404_NOT_FOUND, "no such bulletin")
