"""Silences as PostgreSQL keeps them, and which delivery each of them holds back.

Whether one holds is asked in the statement that claims what is to be sent, or whom to call, and by no copy of the
rows: while they cannot be read, nothing is sent.
"""

import uuid
from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from typing import Any, Final, NamedTuple

import sqlalchemy as sa

from consumers import audit
from consumers.audit import Act, Entry
from consumers.notifications import notify
from consumers.silence_tables import silences
from consumers.silencing import FROM_TWO, MOST_STANDING, Matcher, Silence, SilenceRefusal
from consumers.tables import audit as audit_rows
from consumers.tables import deliveries
from schemas.alerts import Severity

ACTOR: Final = "delivery"
PURPOSE: Final = "silence"
_MOST_LISTED: Final = 200
_LOOKS: Final = (str(Act.DISCLOSURE), str(Act.CONSULTATION))


_WITH_DELIVERIES: Final = silences.join(deliveries, silences.c.contact_point == deliveries.c.contact_point)

Moment = datetime | sa.ColumnElement[datetime]
Text = sa.ColumnElement[str]


def holding(now: Moment, delivery: Text) -> sa.ScalarSelect[str]:
    """Return the silence that holds this delivery back now; NULL where none does."""
    return (
        sa.select(silences.c.id)
        .select_from(_WITH_DELIVERIES)
        .where(
            silences.c.ended_at.is_(None),
            silences.c.begins_at <= now,
            silences.c.ends_at > now,
            deliveries.c.id == delivery,
            _counts_for(silences),
        )
        .order_by(silences.c.begins_at, silences.c.id)
        .limit(1)
        .correlate_except(silences, deliveries)
        .scalar_subquery()
    )


def held_until(since: sa.ColumnElement[datetime], now: datetime, delivery: Text) -> sa.ScalarSelect[datetime]:
    """Return when the last silence ended that held this delivery back after `since`; NULL where none did."""
    ended = sa.func.least(silences.c.ends_at, sa.func.coalesce(silences.c.ended_at, silences.c.ends_at))
    return (
        sa.select(sa.func.max(ended))
        .select_from(_WITH_DELIVERIES)
        .where(
            ended > sa.func.greatest(since, silences.c.begins_at),
            ended <= now,
            deliveries.c.id == delivery,
            _counts_for(silences),
        )
        .correlate_except(silences, deliveries)
        .scalar_subquery()
    )


def newest_delivery(alert: Text, contact_point: Text) -> sa.ScalarSelect[str]:
    """Return by which delivery a contact point was told of an alert last."""
    last = deliveries.alias("last")
    return (
        sa.select(last.c.id)
        .where(last.c.alert_id == alert, last.c.contact_point == contact_point, last.c.reply.is_(None))
        .order_by(last.c.sequence.desc())
        .limit(1)
        .correlate_except(last)
        .scalar_subquery()
    )


def _counts_for(asked: sa.FromClause) -> sa.ColumnElement[bool]:
    """Whether a silence counts for a delivery, were it the time.

    Of a withdrawn alert that the contact point has heard of or looked at, none does: somebody may have acted on it.
    """
    told = deliveries.c
    looked = audit_rows.c.alert_id == told.alert_id, audit_rows.c.book == told.contact_point
    # A LIMIT, so that PostgreSQL looks for this alert's rows and never reads the whole audit.
    seen = sa.select(1).where(*looked, audit_rows.c.act.in_(_LOOKS)).limit(1).scalar_subquery()
    one = asked.c
    return sa.and_(
        told.must_tell.is_(False),
        sa.or_(told.withdrawn.is_(False), seen.is_(None)),
        sa.or_(told.severity > FROM_TWO.rank, one.approved_at.is_not(None)),
        sa.or_(one.alert_id.is_(None), one.alert_id == told.alert_id),
        sa.or_(one.kinds.is_(None), told.kind == sa.any_(one.kinds)),
        sa.or_(one.severity.is_(None), told.severity >= one.severity),
        sa.or_(one.places.is_(None), told.places.overlap(one.places)),
        sa.or_(one.countries.is_(None), told.countries.overlap(one.countries)),
    )


class Person(NamedTuple):
    """Who does something with the silences of a contact point: the account, and what the audit calls it."""

    contact_point: str
    account: str
    actor: str


def make(connection: sa.Connection, silence: Silence, by: Person) -> Silence | SilenceRefusal:
    """Make it: its id is new. Refused where its contact point has too many."""
    code = silence.contact_point
    connection.execute(sa.select(sa.func.pg_advisory_xact_lock(sa.func.hashtext(f"silences of {code}"))))
    theirs = silences.c.contact_point == code, silences.c.ended_at.is_(None), silences.c.ends_at > silence.made_at
    standing = sa.select(sa.func.count()).select_from(silences).where(*theirs)
    if connection.execute(standing).scalar_one() >= MOST_STANDING:
        return SilenceRefusal.TOO_MANY
    connection.execute(sa.insert(silences).values(_row(silence)))
    audit.record(connection, [_entry(silence, by.actor, "made", silence.reason)])
    return silence


def new_id() -> str:
    """Return an id that no silence has."""
    return f"sl-{uuid.uuid4().hex[:20]}"


def approve(connection: sa.Connection, identity: str, by: Person, now: datetime) -> Silence | SilenceRefusal | None:
    """Approve it as another person; None where the contact point has no such silence."""
    silence = _locked(connection, by.contact_point, identity)
    if silence is None:
        return None
    if (refused := silence.refused_approval(by.account, now)) is not None:
        return refused
    return _changed(connection, replace(silence, approved_by=by.account, approved_at=now), by, "approved")


def end(connection: sa.Connection, identity: str, by: Person, now: datetime) -> Silence | SilenceRefusal | None:
    """Lift it before its time; None where the contact point has no such silence."""
    silence = _locked(connection, by.contact_point, identity)
    if silence is None:
        return None
    if (refused := silence.refused_end(now)) is not None:
        return refused
    notify(connection)
    return _changed(connection, replace(silence, ended_by=by.account, ended_at=now), by, "lifted")


def expire(connection: sa.Connection, now: datetime) -> int:
    """Write down which silences have expired; return how many."""
    over = sa.select(silences).where(silences.c.ended_at.is_(None), silences.c.ends_at <= now)
    expired = [_silence(row) for row in connection.execute(over.with_for_update(skip_locked=True))]
    if expired:
        ids = silences.c.id.in_([one.id for one in expired])
        connection.execute(sa.update(silences).where(ids).values(ended_at=silences.c.ends_at))
        audit.record(connection, [_entry(one, ACTOR, "expired") for one in expired])
    return len(expired)


def listed(connection: sa.Connection, by: Person) -> list[Silence]:
    """Return the silences of one's contact point, the newest first; the look is on record."""
    query = sa.select(silences).filter_by(contact_point=by.contact_point)
    rows = connection.execute(query.order_by(silences.c.made_at.desc(), silences.c.id).limit(_MOST_LISTED)).all()
    audit.record(connection, [_look(by, "list of silences")])
    return [_silence(row) for row in rows]


def active(connection: sa.Connection, now: datetime) -> list[str]:
    """Return of each silence that holds now whose it is."""
    holds = silences.c.ended_at.is_(None), silences.c.begins_at <= now, silences.c.ends_at > now
    return list(connection.execute(sa.select(silences.c.contact_point).where(*holds)).scalars())


def preview(connection: sa.Connection, match: Matcher, by: Person) -> list[sa.Row[Any]]:
    """Return the open alerts of one's contact point that a silence would hold back; the look is on record.

    `needs_approval` says of each whether it would only once a second person has approved it.
    """
    said = _matched(match) | {"approved_at": sa.func.now()}
    asked = sa.select(*(sa.cast(one, silences.c[name].type).label(name) for name, one in said.items())).subquery(
        "asked"
    )
    told, last = deliveries.c, newest_delivery(deliveries.c.alert_id, deliveries.c.contact_point)
    query = (
        sa.select(told.alert_id, told.revision, told.kind, told.severity)
        .add_columns((told.severity <= FROM_TWO.rank).label("needs_approval"))
        .select_from(deliveries.join(asked, sa.true()))
        .where(told.contact_point == by.contact_point, told.id == last, told.withdrawn.is_(False), _counts_for(asked))
        .order_by(told.severity, told.sequence.desc())
    )
    audit.record(connection, [_look(by, "preview of a silence")])
    return list(connection.execute(query))


def _look(by: Person, detail: str) -> Entry:
    return Entry(Act.CONSULTATION, by.actor, by.contact_point, by.contact_point, PURPOSE, detail=detail)


def _locked(connection: sa.Connection, contact_point: str, identity: str) -> Silence | None:
    query = sa.select(silences).filter_by(contact_point=contact_point, id=identity).with_for_update()
    row = connection.execute(query).one_or_none()
    return None if row is None else _silence(row)


def _changed(connection: sa.Connection, silence: Silence, by: Person, how: str) -> Silence:
    connection.execute(sa.update(silences).where(silences.c.id == silence.id).values(_row(silence)))
    audit.record(connection, [_entry(silence, by.actor, how)])
    return silence


def _entry(silence: Silence, actor: str, how: str, purpose: str = PURPOSE) -> Entry:
    code = silence.contact_point
    alert = silence.match.alert or ""
    return Entry(Act.CHANGE, actor, code, code, purpose, alert_id=alert, detail=f"silence {silence.id} {how}")


def _matched(match: Matcher) -> dict[str, Any]:
    return {
        "alert_id": match.alert,
        "kinds": _sorted(match.kinds),
        "severity": None if match.severity_at_most is None else match.severity_at_most.rank,
        "places": _sorted(match.places),
        "countries": _sorted(match.countries),
    }


def _sorted(several: Iterable[str] | None) -> list[str] | None:
    return None if several is None else sorted(str(one) for one in several)


def _row(silence: Silence) -> dict[str, Any]:
    same = {name: getattr(silence, name) for name in Silence.__slots__ if name != "match"}
    return {**same, **_matched(silence.match)}


def _silence(row: sa.Row[Any]) -> Silence:
    said = dict(row._mapping)  # noqa: SLF001 - SQLAlchemy's own way to a row's names
    rank = said.pop("severity")
    match = Matcher(
        alert=said.pop("alert_id"),
        kinds=said.pop("kinds"),
        severity_at_most=None if rank is None else list(Severity)[rank],
        places=said.pop("places"),
        countries=said.pop("countries"),
    )
    return Silence(match=match, **said)
