"""Word to other contact points over HTTP: who would be told, sending, taking back, and the list."""

from collections.abc import Callable, Collection, Iterator, Sequence
from datetime import datetime
from typing import Annotated, Any, Literal, assert_never

from fastapi import APIRouter, Depends, HTTPException, Path, Query, Request, Response, status
from pydantic import Field, StringConstraints, ValidationError

from consumers import audit, bulletins
from consumers.api.access import Caller
from consumers.api.answers import Do
from consumers.api.models import Name, Said
from consumers.api.refusals import AGAIN, CONFLICT, conflict, malformed, status_of
from consumers.audience import View
from consumers.audit import Act, Entry
from consumers.bulletins import PURPOSE, BulletinRefusal, BulletinState, Listed
from consumers.configuration import Configuration
from consumers.permissions import Who
from consumers.telling import Told, tell
from schemas.alerts import Edition, Severity
from schemas.feedback import Bulletin
from schemas.fields import PRINTABLE, AlertId, CountryCode, Evaluation, EventId, HandlingCode, Originator, ShortText

Editions = Callable[[Bulletin], Sequence[Edition]]
"""Returns what the engine makes of a bulletin."""


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


def bulletin_routes(
    caller: Callable[[Request], Caller],
    do: Do,
    clock: Callable[[], datetime],
    configuration: Callable[[], Configuration],
    editions: Editions,
) -> APIRouter:
    """Return the routes of bulletins."""
    router = APIRouter()
    Who_ = Annotated[Caller, Depends(caller)]  # noqa: N806 - a type

    def codes() -> Collection[str]:
        return configuration().contact_points

    @router.post("/v1/bulletins/preview")
    def preview(who: Who_, said: Writing) -> list[WouldBeTold]:
        bulletin, now = _written(who, "preview", said, clock(), codes()), configuration()
        looked = Entry(Act.CONSULTATION, who.actor, who.contact_point, purpose=PURPOSE, detail="preview")
        do(lambda connection: audit.record(connection, [looked]))
        told = [one for edition in editions(bulletin) for one in tell(edition, now.table, now.contact_points).told]
        return [_would_be(code, told) for code in sorted(now.contact_points)]

    @router.post("/v1/bulletins", status_code=status.HTTP_201_CREATED, responses=CONFLICT | AGAIN)
    def send(who: Who_, said: Sending, response: Response) -> Sent:
        bulletin = _written(who, said.id, said, clock(), codes())
        new = do(lambda connection: bulletins.send(connection, said.id, bulletin, Who(who.actor, PURPOSE)))
        if isinstance(new, BulletinRefusal):
            raise conflict(new, bulletins.REFUSALS[new])
        response.status_code = status_of(new)
        return Sent(id=said.id, alert=bulletins.alert_of(bulletin), state=BulletinState.ON_ITS_WAY)

    @router.post("/v1/bulletins/{bulletin}/withdrawal", status_code=status.HTTP_201_CREATED, responses=AGAIN)
    def withdrawal(who: Who_, bulletin: Annotated[Name, Path()], said: Withdrawing, response: Response) -> Sent:
        code, at = who.contact_point, clock()
        by = who.account, Who(who.actor, PURPOSE)
        found = do(lambda connection: bulletins.withdraw(connection, code, bulletin, said.reason, at, *by))
        if found is None:
            raise HTTPException(status.HTTP_404_NOT_FOUND, "no such bulletin of yours")
        alert, new = found
        response.status_code = status_of(new)
        return Sent(id=bulletin, alert=alert, state=BulletinState.WITHDRAWING)

    @router.get("/v1/bulletins")
    def listed(who: Who_, limit: Annotated[int, Query(ge=1, le=500)] = 100) -> list[BulletinSaid]:
        by = Who(who.actor, PURPOSE)
        found = do(lambda connection: bulletins.listed(connection, who.contact_point, limit, by))
        return [BulletinSaid.of(one) for one in found]

    return router


def _written(who: Caller, name: str, said: Writing, at: datetime, codes: Collection[str]) -> Bulletin:
    """Return the event; 422 where it contradicts itself, or is for a country that nobody here stands for."""
    absent = sorted(set(said.countries) - set(codes))
    if absent:
        raise malformed(f"countries: {', '.join(absent)}: no contact point here")
    values = said.model_dump(exclude={"id"}) | {
        "type": "bulletin",
        "schema_version": "1.0",
        "id": bulletins.event_id(who.contact_point, name),
        "at": at.isoformat(),
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
        raise malformed(f"{field}: {first['msg']}") from None


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
