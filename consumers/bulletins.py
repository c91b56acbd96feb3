"""Word of a contact point to others, as its officers send it here: stored with who said it, and published from there.

A bulletin goes the way of every report: over Kafka to the case book, and as an alert to those whom the routes lead to.
Its event is named after the contact point and the name that this gave it: whatever is sent twice is one bulletin, and
no contact point can take another's name. What takes it back goes the same way.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Final, Literal

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from consumers import audit
from consumers.audience import AudienceReason, View
from consumers.audit import Act, Entry
from consumers.bulletin_tables import bulletin_events
from consumers.deliveries import content_digest
from consumers.permissions import Who
from consumers.records import Record, newest_of_kind, read_records
from schemas.alerts import AlertKind, Appearance, alert_id
from schemas.codec import encode
from schemas.feedback import Bulletin, Retraction

Reason = Literal["unfounded", "wrong_identity", "duplicate", "entered_in_error"]

PURPOSE: Final = "bulletin"


class BulletinState(StrEnum):
    """Where a bulletin stands."""

    ON_ITS_WAY = "on_its_way"
    OPEN = "open"
    WITHDRAWING = "withdrawing"
    WITHDRAWN = "withdrawn"
    NOT_SHARED = "not_shared"
    ERASED = "erased"


class BulletinRefusal(StrEnum):
    """Why a bulletin or a reply is not taken."""

    ID_CONFLICT = "id_conflict"
    """The same id was given to other content."""
    WITHDRAWN = "withdrawn"


REFUSALS: Final = {
    BulletinRefusal.ID_CONFLICT: "this id was given to other content",
    BulletinRefusal.WITHDRAWN: "the bulletin was withdrawn",
}


@dataclass(frozen=True, slots=True)
class Listed:
    """A bulletin in the list of a contact point: its own under its name, or one that it was told of as a record."""

    alert_id: str
    state: BulletinState
    at: datetime
    name: str | None = None
    officer: str | None = None
    record: Record | None = None


def event_id(contact_point: str, name: str) -> str:
    """Return the id of the event of a bulletin that this contact point calls so."""
    return f"bulletin:{contact_point}:{name}"


def alert_of(bulletin: Bulletin) -> str:
    """Return the id of the alert that it becomes."""
    earliest = Appearance(event=bulletin.id, subject="")
    return alert_id(AlertKind.BULLETIN, exercise=bulletin.exercise, earliest=earliest)


def send(connection: sa.Connection, name: str, bulletin: Bulletin, who: Who) -> bool | BulletinRefusal:
    """Store a bulletin to be published; return whether it is new, or why it is not taken."""
    added = _store(connection, name, bulletin, alert_of(bulletin), content_digest(_said(bulletin)))
    if added is True:
        _record(connection, bulletin, alert_of(bulletin), who, f"bulletin, {bulletin.handling}")
    return added


def withdraw(  # noqa: PLR0913, PLR0917 - whose, which, why, when, by whom
    connection: sa.Connection, contact_point: str, name: str, reason: Reason, at: datetime, officer: str, who: Who
) -> tuple[str, bool] | None:
    """Take a bulletin of one's own back; return its alert and whether that is new, None where there is none."""
    named = {"contact_point": contact_point, "name": name, "type": "bulletin"}
    own = connection.execute(sa.select(bulletin_events).filter_by(**named)).one_or_none()
    if own is None:
        return None
    event = Retraction(
        type="retraction",
        schema_version="1.0",
        id=f"withdrawal:{contact_point}:{name}",
        exercise=own.exercise,
        at=at,
        originator=contact_point,
        officer=officer,
        retracts=own.id,
        reason=reason,
    )
    new = _store(connection, name, event, own.alert_id, "") is True
    if new:
        _record(connection, event, own.alert_id, who, f"bulletin withdrawn, {reason}")
    return own.alert_id, new


def listed(connection: sa.Connection, contact_point: str, most: int, who: Who) -> list[Listed]:
    """Return the newest bulletins of a contact point and those that it was told of; each that is shown is on record."""
    ids = newest_of_kind(connection, contact_point, AlertKind.BULLETIN, most)
    records = {one.alert_id: one for one in read_records(connection, contact_point, ids, Act.CONSULTATION, who)}
    mine = bulletin_events.c.contact_point == contact_point
    newest = sa.select(bulletin_events).where(mine).order_by(bulletin_events.c.at.desc()).limit(2 * most)
    own: dict[str, sa.Row[Any]] = {}
    withdrawn: set[str] = set()
    for row in connection.execute(newest):
        if row.type == "bulletin":
            own[row.alert_id] = row
        else:
            withdrawn.add(row.alert_id)
    found = [_listed(alert, records.get(alert), own.get(alert), alert in withdrawn) for alert in {**records, **own}]
    entry = Entry(Act.CONSULTATION, who.actor, contact_point, contact_point, who.purpose, detail="bulletins")
    audit.record(connection, [entry])
    return sorted(found, key=lambda one: (one.at, one.alert_id), reverse=True)[:most]


def _listed(alert: str, record: Record | None, own: sa.Row[Any] | None, withdrawn: bool) -> Listed:  # noqa: FBT001
    state = BulletinState.ON_ITS_WAY if record is None else _state(record)
    if withdrawn and state in {BulletinState.OPEN, BulletinState.ON_ITS_WAY}:
        state = BulletinState.WITHDRAWING
    if own is not None:
        return Listed(alert, state, own.at, own.name, own.officer, record)
    assert record is not None  # noqa: S101 - for the type checker: it is one or the other
    return Listed(alert, state, record.created_at, record=record)


def _state(record: Record) -> BulletinState:
    if record.audience.reason is AudienceReason.ERASED:
        return BulletinState.ERASED
    if record.alert is None or record.audience.view is View.WITHHELD:
        return BulletinState.NOT_SHARED
    return BulletinState.OPEN if record.alert["status"] == "open" else BulletinState.WITHDRAWN


def _said(bulletin: Bulletin) -> Mapping[str, Any]:
    """Return what its author said, whenever and under whichever account."""
    return bulletin.model_dump(mode="json", exclude={"at", "officer"})


def _store(
    connection: sa.Connection, name: str, event: Bulletin | Retraction, alert: str, digest: str
) -> bool | BulletinRefusal:
    row = {
        "id": event.id,
        "type": event.type,
        "contact_point": event.originator,
        "name": name,
        "officer": event.officer,
        "alert_id": alert,
        "exercise": event.exercise,
        "digest": digest,
        "at": event.at,
        "state": "to_publish",
        "body": encode(event).decode(),
    }
    added = insert(bulletin_events).values(row).on_conflict_do_nothing().returning(bulletin_events.c.id)
    if connection.execute(added).scalar_one_or_none() is not None:
        return True
    known = sa.select(bulletin_events.c.digest).where(bulletin_events.c.id == event.id)
    return False if connection.execute(known).scalar_one() == digest else BulletinRefusal.ID_CONFLICT


def _record(connection: sa.Connection, event: Bulletin | Retraction, alert: str, who: Who, detail: str) -> None:
    entry = Entry(Act.CHANGE, who.actor, event.originator, purpose=who.purpose, alert_id=alert, detail=detail)
    audit.record(connection, [entry])
