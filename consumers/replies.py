"""Replies to a bulletin: a thread for those who were told of it and may still see it (`consumers.audience` decides).

A reply is for the bulletin's originator and one contact point that this names, or for all. It is stored, numbered in
its thread, and told as a delivery of the newest revision: by the same channels, numbers and retries. No clock waits
for it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Final

import sqlalchemy as sa

from consumers import audit
from consumers.acknowledgement import Timing
from consumers.audience import Audience, View
from consumers.audit import Act, Entry
from consumers.bulletin_tables import replies
from consumers.bulletins import BulletinRefusal
from consumers.contact_points import ContactPoint
from consumers.deliveries import Draft, store_deliveries, told_before
from consumers.notifications import notify
from consumers.permissions import Who
from consumers.policy import Policy
from consumers.records import shown_reply
from consumers.routing import Assignment, RouteReason
from consumers.storing import seen_now
from schemas.alerts import AlertKind, Edition

ALL: Final = "all"
ORIGINATOR: Final = "originator"


class ThreadRefusal(StrEnum):
    """Why there is no thread for a contact point."""

    NO_BULLETIN = "not_found"
    """It was told of no such bulletin."""
    NOT_SHARED = "not_shared"


class AddresseeError(ValueError):
    """A reply cannot go to whom it names."""


@dataclass(frozen=True, slots=True)
class Replying:
    """What a contact point replies: its own name for it, its text, and `to` whom."""

    contact_point: str
    officer: str
    name: str
    text: str
    to: str
    at: datetime


Shown = dict[str, Any]
Seen = Mapping[str, tuple[Edition, Audience]]


def reply(
    connection: sa.Connection, alert: str, said: Replying, who: Who, contact_points: Mapping[str, ContactPoint]
) -> tuple[Shown, bool] | ThreadRefusal | BulletinRefusal:
    """Take a reply and tell those whom it is for; return it and whether it is new, or why it is not taken.

    Raises `AddresseeError`.
    """
    # One at a time in a thread: else two would have one number.
    connection.execute(sa.select(sa.func.pg_advisory_xact_lock(sa.func.hashtext(f"replies to {alert}"))))
    seen = seen_now(connection, alert)
    refusal = _refusal(seen, said.contact_point)
    if refusal is not None:
        return refusal
    edition, _ = seen[said.contact_point]
    addressee = _addressee(said, edition, seen)
    before = _named(connection, alert, said)
    if before is not None:
        same = before.text == said.text and before.addressee == addressee
        return (shown_reply(before), False) if same else BulletinRefusal.ID_CONFLICT
    if edition.alert.status == "withdrawn":
        return BulletinRefusal.WITHDRAWN
    row = _store(connection, alert, said, addressee)
    shown = shown_reply(row)
    to = shown["to"]
    entry = Entry(
        Act.CHANGE,
        who.actor,
        said.contact_point,
        recipient="" if to == ALL else to,
        purpose=who.purpose,
        alert_id=alert,
        revision=edition.alert.revision,
        reader=edition.reader,
        detail=f"reply {row.number} to {to}",
    )
    audit.record(connection, [entry])
    _tell(connection, seen, row, contact_points)
    return shown, True


def thread(  # noqa: PLR0913, PLR0917 - which part of which thread, for whom
    connection: sa.Connection, alert: str, contact_point: str, after: int, most: int, who: Who
) -> list[Shown] | ThreadRefusal:
    """Return the replies that a contact point may see, or why there is nothing to see; each look is on record."""
    seen = seen_now(connection, alert)
    refusal = _refusal(seen, contact_point)
    if refusal is not None:
        return refusal
    edition, _ = seen[contact_point]
    query = sa.select(replies).where(replies.c.alert_id == alert, replies.c.number > after).order_by(replies.c.number)
    if contact_point not in edition.alert.originators:
        mine = replies.c.addressee.is_(None), replies.c.addressee == contact_point
        query = query.where(sa.or_(*mine, replies.c.contact_point == contact_point))
    found = [shown_reply(row) for row in connection.execute(query.limit(most))]
    numbers = ", ".join(str(one["number"]) for one in found) or "none"
    entry = Entry(
        Act.CONSULTATION,
        who.actor,
        contact_point,
        contact_point,
        who.purpose,
        alert,
        edition.alert.revision,
        edition.reader,
        f"replies: {numbers}",
    )
    audit.record(connection, [entry])
    return found


def _refusal(seen: Seen, contact_point: str) -> ThreadRefusal | None:
    if contact_point not in seen or seen[contact_point][0].alert.kind is not AlertKind.BULLETIN:
        return ThreadRefusal.NO_BULLETIN
    return None if _sees(seen, contact_point) else ThreadRefusal.NOT_SHARED


def _sees(seen: Seen, contact_point: str) -> bool:
    return contact_point in seen and seen[contact_point][1].view is View.FULL


def _addressee(said: Replying, edition: Edition, seen: Seen) -> str | None:
    """Return whom it names, None where it is for all. Only the originator may name others: it knows who was told."""
    if said.to == ALL:
        return None
    originators: Sequence[str] = edition.alert.originators
    if said.contact_point not in originators:
        if said.to not in {ORIGINATOR, *originators}:
            raise AddresseeError("to: is the originator, or all")
        return originators[0]
    if said.to == ORIGINATOR or said.to in originators:
        raise AddresseeError("to: the originator says whom it replies to, or all")
    if not _sees(seen, said.to):
        raise AddresseeError("to: was not told of the bulletin, or may not see it any more")
    return said.to


def _named(connection: sa.Connection, alert: str, said: Replying) -> sa.Row[Any] | None:
    named = {"alert_id": alert, "contact_point": said.contact_point, "name": said.name}
    return connection.execute(sa.select(replies).filter_by(**named)).one_or_none()


def _store(connection: sa.Connection, alert: str, said: Replying, addressee: str | None) -> sa.Row[Any]:
    last = sa.select(sa.func.coalesce(sa.func.max(replies.c.number), 0)).where(replies.c.alert_id == alert)
    row = {
        "alert_id": alert,
        "number": connection.execute(last).scalar_one() + 1,
        "contact_point": said.contact_point,
        "name": said.name,
        "officer": said.officer,
        "addressee": addressee,
        "text": said.text,
        "at": said.at,
    }
    return connection.execute(sa.insert(replies).values(row).returning(*replies.c)).one()


def _tell(connection: sa.Connection, seen: Seen, row: sa.Row[Any], contact_points: Mapping[str, ContactPoint]) -> None:
    shown, drafts = shown_reply(row), []
    for code, (edition, audience) in sorted(seen.items()):
        concerns = row.addressee in {None, code} or code in edition.alert.originators
        if not concerns or code == row.contact_point or code not in contact_points or not _sees(seen, code):
            continue
        text = f"{row.contact_point} has replied to this bulletin."
        assignment = Assignment(code, RouteReason.REPLY, "replies", (text,))
        drafts.append(Draft(edition, assignment, audience.view, shown, row.number))
    at_once = Timing(Policy(), row.at)  # no revision: it waits for none
    store_deliveries(connection, drafts, told_before(connection, [row.alert_id]), contact_points, at_once)
    notify(connection)
