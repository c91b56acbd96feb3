"""An account about itself, and the audit of its contact point for whoever watches over it."""

from collections.abc import Callable
from datetime import datetime
from typing import Annotated, Any

import sqlalchemy as sa
from fastapi import APIRouter, Depends, Query, Request

from consumers import audit
from consumers.api.access import Caller
from consumers.api.answers import Do
from consumers.api.models import Said
from consumers.audit import Act, Entry
from consumers.roles import RIGHTS, Right, Role


class AccountSaid(Said):
    """Whose token it is, and what it may do."""

    contact_point: str
    account: str
    role: Role
    rights: list[Right]


class AuditRow(Said):
    """A row of the contact point's book: who did what with which alert, when, why, and to whom it was shown."""

    number: int
    at: datetime
    act: Act
    actor: str
    recipient: str
    purpose: str
    alert: str
    revision: int
    detail: str
    previous: str
    hash: str


def account_routes(caller: Callable[[Request], Caller], do: Do) -> APIRouter:
    """Return the routes of accounts."""
    router = APIRouter()
    Who_ = Annotated[Caller, Depends(caller)]  # noqa: N806 - a type

    @router.get("/v1/account")
    def account(who: Who_) -> AccountSaid:
        rights = sorted(RIGHTS[who.role])
        return AccountSaid(contact_point=who.contact_point, account=who.account, role=who.role, rights=rights)

    @router.get("/v1/audit")
    def rows(
        who: Who_,
        after: Annotated[int, Query(ge=0, le=2**62)] = 0,
        limit: Annotated[int, Query(ge=1, le=500)] = 100,
    ) -> list[AuditRow]:
        return do(lambda connection: _rows(connection, who, after, limit))

    return router


def _rows(connection: sa.Connection, who: Caller, after: int, limit: int) -> list[AuditRow]:
    code = who.contact_point
    looked = Entry(Act.CONSULTATION, who.actor, code, code, "audit", detail=f"audit rows after {after}")
    audit.record(connection, [looked])
    return [_said(row) for row in audit.read(connection, audit.of_book(code, after, limit))]


def _said(row: audit.Row) -> AuditRow:
    one: Any = row.entry
    return AuditRow(
        number=row.number,
        at=row.at,
        act=one.act,
        actor=one.actor,
        recipient=one.recipient,
        purpose=one.purpose,
        alert=one.alert_id,
        revision=one.revision,
        detail=one.detail,
        previous=row.previous,
        hash=row.hash,
    )
