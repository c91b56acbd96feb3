"""Permission to see H2 information: asked for by a contact point, given or refused by the originator, on record.

Nobody but the originator can give it, and it can be taken back: from then on the record is not shown any more.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from consumers import audit
from consumers.audit import Act, Entry
from consumers.tables import permissions


class PermissionState(StrEnum):
    """Where a permission stands."""

    REQUESTED = "requested"
    GRANTED = "granted"
    REFUSED = "refused"
    REVOKED = "revoked"


class Which(NamedTuple):
    """The permission of an originator that a contact point may see its H2 information in an alert."""

    alert_id: str
    originator: str
    contact_point: str


class Who(NamedTuple):
    """Who does something, by account, and why: both stand in the audit."""

    actor: str
    purpose: str


@dataclass(frozen=True, slots=True)
class Permission:
    """A permission, asked for or decided."""

    which: Which
    state: PermissionState
    requested_at: datetime | None
    decided_at: datetime | None


def granted(connection: sa.Connection, alerts: Iterable[str]) -> Mapping[str, Mapping[str, frozenset[str]]]:
    """Return by alert and contact point the originators who let it see their information."""
    found: dict[str, dict[str, frozenset[str]]] = defaultdict(lambda: defaultdict(frozenset))
    query = sa.select(permissions).where(
        permissions.c.alert_id.in_(alerts), permissions.c.state == PermissionState.GRANTED
    )
    for row in connection.execute(query):
        found[row.alert_id][row.contact_point] |= {row.originator}
    return found


def ended(connection: sa.Connection, contact_point: str) -> dict[str, datetime]:
    """Return the alerts of which somebody does not let a contact point see its information, and since when."""
    no_more = permissions.c.state.in_([PermissionState.REFUSED, PermissionState.REVOKED])
    query = (
        sa.select(permissions.c.alert_id, sa.func.max(permissions.c.decided_at).label("since"))
        .where(permissions.c.contact_point == contact_point, no_more)
        .group_by(permissions.c.alert_id)
    )
    return {row.alert_id: row.since for row in connection.execute(query)}


def ask(connection: sa.Connection, which: Which, who: Who) -> Permission:
    """Ask an originator; what it has granted stays granted. Each time it is asked is on record."""
    asked = {"state": PermissionState.REQUESTED, "requested_at": sa.func.now()}
    added = insert(permissions).values(**which._asdict(), **asked)
    connection.execute(
        added.on_conflict_do_update(
            index_elements=which._fields, set_=asked, where=permissions.c.state != PermissionState.GRANTED
        )
    )
    return _recorded(connection, which, who, PermissionState.REQUESTED)


def decide(connection: sa.Connection, which: Which, state: PermissionState, who: Who) -> Permission:
    """Grant, refuse or revoke, as the originator, asked or not."""
    decided = {"state": state, "decided_at": sa.func.now()}
    added = insert(permissions).values(**which._asdict(), **decided)
    connection.execute(added.on_conflict_do_update(index_elements=which._fields, set_=decided))
    return _recorded(connection, which, who, state)


def listed(connection: sa.Connection, contact_point: str) -> list[Permission]:
    """Return all that a contact point asked for or has to decide, the newest first."""
    own = sa.or_(permissions.c.originator == contact_point, permissions.c.contact_point == contact_point)
    newest = sa.func.greatest(permissions.c.requested_at, permissions.c.decided_at).desc()
    return [_said(row) for row in connection.execute(sa.select(permissions).where(own).order_by(newest))]


def _recorded(connection: sa.Connection, which: Which, who: Who, state: PermissionState) -> Permission:
    entry = Entry(
        Act.CHANGE,
        who.actor,
        which.originator,
        recipient=which.contact_point,
        purpose=who.purpose,
        alert_id=which.alert_id,
        detail=f"permission of {which.originator} {state}",
    )
    audit.record(connection, [entry])
    return _said(connection.execute(sa.select(permissions).filter_by(**which._asdict())).one())


def _said(row: sa.Row[Any]) -> Permission:
    which = Which(row.alert_id, row.originator, row.contact_point)
    return Permission(which, PermissionState(row.state), row.requested_at, row.decided_at)
