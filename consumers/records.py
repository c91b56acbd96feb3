"""The one way to what an alert says: as much of it as a contact point may see now, and the look is on record.

Need to know is decided anew at each fetch (`consumers.audience`). The audit row is added in the transaction that
reads: where it cannot be written, nothing is shown.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final, NamedTuple

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY

from consumers import audit
from consumers.answered import AllAnswers, Answered
from consumers.audience import Audience, AudienceReason, View, decide, visible
from consumers.audit import Act, Entry
from consumers.bulletin_tables import replies
from consumers.deliveries import content_digest
from consumers.permissions import Who, granted
from consumers.storing import edition_of
from consumers.tables import alert_revisions, deliveries, sequences
from schemas.alerts import AlertKind


class Mark(NamedTuple):
    """Why a delivery may not have been sent: the silence that held it back, the delivery that is sent instead."""

    silenced_by: str | None = None
    replaced_by: str | None = None


_UNMARKED: Final = Mark()


@dataclass(frozen=True, slots=True)
class Record:
    """A delivery with what its contact point may see of the alert; nothing (`alert` is None) where that has ended.

    Where it tells of a reply to a bulletin, that is there too, and `digest` is the reply's.
    """

    delivery: str
    sequence: int
    contact_point: str
    alert_id: str
    revision: int
    why: tuple[str, ...]
    audience: Audience
    digest: str
    alert: dict[str, Any] | None
    created_at: datetime
    confirmed_at: datetime | None
    mark: Mark = _UNMARKED
    reply: dict[str, Any] | None = None
    answers: tuple[Answered, ...] = ()


class Listed(NamedTuple):
    """A notice as it stands in its sequence."""

    sequence: int
    delivery: str
    notice: str
    mark: Mark


def read_records(
    connection: sa.Connection, contact_point: str, ids: Collection[str], act: Act, who: Who
) -> list[Record]:
    """Return a contact point's own deliveries among these, in their sequence, each look logged as `act`."""
    if not ids:
        return []
    named = [column.label(f"delivery_{column.name}") for column in deliveries.c]
    rows = connection.execute(
        sa.select(alert_revisions, *named, *(column.label(f"reply_{column.name}") for column in replies.c))
        .join(deliveries)
        .outerjoin(replies, (replies.c.alert_id == deliveries.c.alert_id) & (replies.c.number == deliveries.c.reply))
        .where(deliveries.c.contact_point == contact_point, deliveries.c.id.in_(ids))
        .order_by(deliveries.c.sequence)
    ).all()
    alerts = {row.alert_id for row in rows}
    grants, given = granted(connection, alerts), AllAnswers(connection, alerts)
    records = [_record(row, contact_point, grants[row.alert_id][contact_point], given) for row in rows]
    audit.record(connection, [_entry(row, record, act, who) for row, record in zip(rows, records, strict=True)])
    return records


def answers_seen(connection: sa.Connection, contact_point: str, alert_id: str) -> tuple[Answered, ...]:
    """Return who answered what of an alert, as far as a contact point may see now by what it was told of it last."""
    query = (
        sa.select(alert_revisions, deliveries.c.sequence)
        .join(deliveries)
        .where(deliveries.c.contact_point == contact_point, deliveries.c.alert_id == alert_id)
        .order_by(deliveries.c.sequence.desc())
        .limit(1)
    )
    row = connection.execute(query).one_or_none()
    if row is None:
        return ()
    granted_by = granted(connection, [alert_id])[alert_id][contact_point]
    return _shown(row, contact_point, granted_by, AllAnswers(connection, [alert_id])).answers


class _Shown(NamedTuple):
    """What a contact point may see now of a stored revision."""

    audience: Audience
    alert: dict[str, Any] | None
    answers: tuple[Answered, ...]


def _shown(row: sa.Row[Any], contact_point: str, granted_by: frozenset[str], given: AllAnswers) -> _Shown:
    if row.body is None:
        audience, alert = Audience(View.WITHHELD, AudienceReason.ERASED), None
    else:
        edition = edition_of(row)
        audience = decide(edition, contact_point, told_before=True, granted_by=granted_by)
        alert = visible(edition.alert, audience.view)
    whole = audience.view is View.FULL
    answers = given.shown(row.alert_id, contact_point, row.reader, whole=whole, exercise=row.exercise)
    return _Shown(audience, alert, answers)


def _record(row: sa.Row[Any], contact_point: str, granted_by: frozenset[str], given: AllAnswers) -> Record:
    shown = _shown(row, contact_point, granted_by, given)
    told = row.reply_number is not None and shown.audience.view is View.FULL
    reply = shown_reply(row, "reply_") if told else None
    return Record(
        row.delivery_id,
        row.delivery_sequence,
        contact_point,
        row.alert_id,
        row.revision,
        tuple(row.delivery_why),
        shown.audience,
        "" if shown.alert is None else content_digest(reply or shown.alert),
        shown.alert,
        row.delivery_created_at,
        row.delivery_confirmed_at,
        Mark(row.delivery_silenced_by, row.delivery_replaced_by),
        reply,
        shown.answers,
    )


def shown_reply(row: sa.Row[Any], prefix: str = "") -> dict[str, Any]:
    """Return what is shown of a reply to whoever may see it; `prefix` is how the row's columns begin."""

    def said(name: str) -> Any:
        return getattr(row, prefix + name)

    return {
        "number": said("number"),
        "contact_point": said("contact_point"),
        "officer": said("officer"),
        "to": said("addressee") or "all",
        "text": said("text"),
        "at": said("at").astimezone(UTC).isoformat(),
    }


def _entry(row: sa.Row[Any], record: Record, act: Act, who: Who) -> Entry:
    return Entry(
        act,
        who.actor,
        record.contact_point,
        recipient=record.contact_point,
        purpose=who.purpose,
        alert_id=row.alert_id,
        revision=row.revision,
        reader=row.reader,
        detail=f"record, {record.audience.view}" + (f", reply {record.reply['number']}" if record.reply else ""),
    )


def notices(connection: sa.Connection, contact_point: str, after: int, most: int) -> list[Listed]:
    """Return the deliveries of a contact point after one of its numbers: notices, nothing more; sent or not."""
    mine = deliveries.c.contact_point == contact_point, deliveries.c.sequence > after
    query = sa.select(deliveries).where(*mine).order_by(deliveries.c.sequence).limit(most)
    return [
        Listed(row.sequence, row.id, row.notice, Mark(row.silenced_by, row.replaced_by))
        for row in connection.execute(query)
    ]


def newest_of_kind(connection: sa.Connection, contact_point: str, kind: AlertKind, most: int) -> list[str]:
    """Return the newest delivery of each alert of a kind that a contact point was told of, the newest alerts alone."""
    newest = (
        sa.select(sa.func.max(deliveries.c.sequence))
        .join(alert_revisions)
        .where(
            deliveries.c.contact_point == contact_point, alert_revisions.c.kind == kind, deliveries.c.reply.is_(None)
        )
        .group_by(deliveries.c.alert_id)
        .order_by(sa.func.max(deliveries.c.sequence).desc())
        .limit(most)
    )
    mine = deliveries.c.contact_point == contact_point, deliveries.c.sequence.in_(newest)
    return list(connection.execute(sa.select(deliveries.c.id).where(*mine)).scalars())


def was_told(connection: sa.Connection, contact_point: str, alert_id: str) -> bool:
    """Whether a contact point was sent any revision of an alert."""
    mine = deliveries.c.contact_point == contact_point, deliveries.c.alert_id == alert_id
    return connection.execute(sa.select(sa.exists().where(*mine))).scalar_one()


def high_water(connection: sa.Connection, contact_point: str) -> int:
    """Return how many deliveries a contact point has: they are numbered from 1."""
    last = sa.select(sequences.c.last).where(sequences.c.contact_point == contact_point)
    return connection.execute(last).scalar_one_or_none() or 0


def confirm(connection: sa.Connection, contact_point: str, delivery: str, who: Who) -> bool:
    """Write down that a contact point has acted on a recall; False where it has no such delivery. Once is enough."""
    row = connection.execute(
        sa.select(deliveries.c.confirmed_at, deliveries.c.alert_id, deliveries.c.revision, deliveries.c.reader)
        .where(deliveries.c.contact_point == contact_point, deliveries.c.id == delivery)
        .with_for_update()
    ).one_or_none()
    if row is None:
        return False
    if row.confirmed_at is None:
        connection.execute(
            sa.update(deliveries).where(deliveries.c.id == delivery).values(confirmed_at=sa.func.clock_timestamp())
        )
        named = {"alert_id": row.alert_id, "revision": row.revision, "reader": row.reader}
        entry = Entry(Act.CHANGE, who.actor, contact_point, contact_point, who.purpose, **named, detail="confirmed")
        audit.record(connection, [entry])
    return True


def unconfirmed_recalls(connection: sa.Connection) -> list[sa.Row[Any]]:
    """Return the deliveries that say that an alert is withdrawn and that nobody has confirmed, the oldest first."""
    named = deliveries.c.contact_point, deliveries.c.id, deliveries.c.alert_id, deliveries.c.created_at
    return list(
        connection.execute(
            sa.select(*named, deliveries.c.arrived_at)
            .join(alert_revisions)
            .where(alert_revisions.c.status == "withdrawn", deliveries.c.confirmed_at.is_(None))
            .order_by(deliveries.c.created_at)
        )
    )


def revisions_on(connection: sa.Connection, events: Collection[str], since: datetime) -> list[sa.Row[Any]]:
    """Return the revisions that rest on some of these events: ids, kinds and times, nothing they say."""
    evidence = alert_revisions.c.body["evidence"]
    names = "alert_id", "revision", "reader", "kind", "severity", "status"
    return list(
        connection.execute(
            sa.select(*(alert_revisions.c[name] for name in names), evidence.label("evidence"))
            .where(alert_revisions.c.stored_at >= since, alert_revisions.c.body.is_not(None))
            .where(evidence.has_any(sa.cast(list(events), ARRAY(sa.Text))))
            .order_by(alert_revisions.c.alert_id, alert_revisions.c.revision)
        )
    )
