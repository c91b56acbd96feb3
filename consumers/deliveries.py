"""Deliveries: one revision for one contact point, numbered without a gap, with a sending for each of its channels."""

import hashlib
import json
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final, NamedTuple, Self

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import distinct_on, insert

from consumers.acknowledgement import Timing
from consumers.audience import View
from consumers.contact_points import ContactPoint
from consumers.database import given
from consumers.grouping import due_at
from consumers.matching import countries_of, places_of
from consumers.notice import Notice, Previous, Told, parse
from consumers.outbox import SendingStatus
from consumers.routing import Assignment
from consumers.silencing import must_tell
from consumers.tables import deliveries, sendings, sequences
from schemas.alerts import Edition, Severity

NEXT_CHANNEL_AFTER: Final = timedelta(seconds=60)
"""How long after one channel of a contact point the next one is tried, if nothing has arrived by then."""


class Key(NamedTuple):
    """What a stored revision is known by."""

    alert_id: str
    revision: int
    reader: str

    @classmethod
    def of(cls, edition: Edition) -> Self:
        """Return the key of an edition."""
        return cls(edition.alert.id, edition.alert.revision, edition.reader)


@dataclass(frozen=True, slots=True)
class Draft:
    """A delivery before it is numbered; of a reply its number in the thread, and `shown` is the reply."""

    edition: Edition
    assignment: Assignment
    view: View
    shown: Mapping[str, Any]
    reply: int | None = None


def delivery_id(key: Key, contact_point: str, digest: str) -> str:
    """Return the id that a delivery keeps on all channels, over all attempts and restarts; another content has another.

    `digest` is that of what is shown.
    """
    text = f"{key.alert_id}|{key.revision}|{key.reader}|{contact_point}|{digest}"
    return "dl-" + hashlib.sha256(text.encode()).hexdigest()[:20]


def content_digest(shown: Mapping[str, Any]) -> str:
    """Return the SHA-256 of an alert as it is shown: its JSON with sorted keys and without spaces, in UTF-8."""
    text = json.dumps(shown, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return "sha-256=" + hashlib.sha256(text.encode()).hexdigest()


ToldBefore = Mapping[str, dict[str, "Notice | None"]]
"""By alert and contact point the notice by which it was told last; None while that is still a draft."""


def told_before(connection: sa.Connection, alerts: Iterable[str]) -> ToldBefore:
    """Return who was told of these alerts, and how last."""
    found: dict[str, dict[str, Notice | None]] = defaultdict(dict)
    pair = deliveries.c.alert_id, deliveries.c.contact_point
    newest = (
        sa.select(*pair, deliveries.c.notice)
        .where(deliveries.c.alert_id.in_(alerts), deliveries.c.reply.is_(None))
        .order_by(*pair, deliveries.c.sequence.desc())
        .ext(distinct_on(*pair))
    )
    for alert, code, notice in connection.execute(newest):
        found[alert][code] = parse(notice)
    return found


def store_deliveries(
    connection: sa.Connection,
    drafts: Sequence[Draft],
    told: ToldBefore,
    contact_points: Mapping[str, ContactPoint],
    timing: Timing,
) -> None:
    """Give the drafts their numbers, in their order, and queue them; `told` follows.

    A further revision may have to wait; what waits when a newer one comes is not sent any more.
    """
    if not drafts:
        return
    due = last_due(connection, {pair for draft in drafts if told[(pair := _pair(draft))[0]][pair[1]] is not None})
    sequence = _numbers(connection, Counter(draft.assignment.contact_point for draft in drafts))
    rows, queued = [], []
    for draft in drafts:
        code, alert = draft.assignment.contact_point, draft.edition.alert
        before = told[alert.id][code]
        notice = notice_of(draft, sequence[code], before)
        waits, last = timing.policy.revisions_wait_seconds, due.get(_pair(draft))
        due[_pair(draft)] = due_at(notice.data, before.data if before else None, last, waits, timing.now)
        sequence[code] += 1
        if draft.reply is None:
            told[alert.id][code] = notice
        rows.append(
            {
                **Key.of(draft.edition)._asdict(),
                "id": notice.data.delivery,
                "contact_point": code,
                "sequence": notice.data.sequence,
                "reason": draft.assignment.reason,
                "why": list(draft.assignment.texts),
                "view": draft.view,
                "digest": notice.data.digest,
                "notice": notice.text(),
                "reply": draft.reply,
                "due_at": due[_pair(draft)].isoformat(),
                **_known_by(draft),
            }
        )
        queued += [
            {
                "delivery_id": notice.data.delivery,
                "channel": channel,
                "contact_point": code,
                "notice": rows[-1]["notice"],
                "priority": priority(notice),
                "wait": (due[_pair(draft)] - timing.now + place * NEXT_CHANNEL_AFTER).total_seconds(),
            }
            for place, channel in enumerate(contact_points[code].channels)
        ]
    names = list(rows[0])
    new = given(rows, *(deliveries.c[name] for name in names))
    connection.execute(insert(deliveries).from_select(names, sa.select(new)))
    *names, _ = queued[0]
    columns = [sendings.c[name] for name in names]
    each = given(queued, *columns, sa.column("wait", sa.Float))
    first = sa.func.now() + each.c.wait * sa.literal(timedelta(seconds=1), sa.Interval)
    query = sa.select(*(each.c[name] for name in names), first)
    connection.execute(insert(sendings).from_select([*names, "next_attempt_at"], query))


def _pair(draft: Draft) -> tuple[str, str]:
    return draft.edition.alert.id, draft.assignment.contact_point


def _known_by(draft: Draft) -> dict[str, Any]:
    """Return what silences go by: of what is shown, that it is withdrawn included."""
    alert, whole = draft.edition.alert, draft.view is View.FULL
    return {
        "kind": alert.kind,
        "severity": alert.severity.rank,
        "withdrawn": alert.status == "withdrawn",
        "places": sorted(places_of(alert)) if whole else [],
        "countries": sorted(countries_of(alert)) if whole else [],
        "must_tell": must_tell(alert, draft.view, draft.assignment.reason),
    }


def last_due(connection: sa.Connection, told: Collection[tuple[str, str]]) -> dict[tuple[str, str], datetime]:
    """Return when the last revision of these alerts was or is to be sent to these contact points."""
    if not told:
        return {}
    pair = deliveries.c.alert_id, deliveries.c.contact_point
    newest = (
        sa.select(*pair, deliveries.c.due_at)
        .where(sa.tuple_(*pair).in_(sorted(told)), deliveries.c.due_at.is_not(None), deliveries.c.reply.is_(None))
        .order_by(*pair, deliveries.c.sequence.desc())
        .ext(distinct_on(*pair))
    )
    return {(alert, code): due for alert, code, due in connection.execute(newest)}


def replace_waiting(connection: sa.Connection, alerts: Collection[str], now: datetime) -> None:
    """Let the newest revision of each of these alerts go in the place of those that wait, or that a silence holds.

    What is being sent, was tried, or is due is left alone.
    """
    newer = deliveries.alias("newer")
    instead = (
        sa.select(newer.c.id)
        .where(
            newer.c.alert_id == deliveries.c.alert_id,
            newer.c.contact_point == deliveries.c.contact_point,
            newer.c.sequence > deliveries.c.sequence,
            newer.c.revision > deliveries.c.revision,
            newer.c.reply.is_(None),
        )
        .order_by(newer.c.sequence.desc())
        .limit(1)
        .scalar_subquery()
    )
    waits = sa.and_(sendings.c.state == SendingStatus.PENDING, sendings.c.attempts == 0, deliveries.c.due_at > now)
    old = (
        sa.select(sendings.c.delivery_id, sendings.c.channel, instead.label("instead"))
        .join(deliveries)
        .where(
            deliveries.c.alert_id.in_(alerts),
            deliveries.c.reply.is_(None),
            sa.or_(sendings.c.state == SendingStatus.HELD, waits),
            instead.is_not(None),
        )
        .with_for_update(skip_locked=True, of=sendings)
        .cte("old")
    )
    replaced = connection.execute(
        sa.update(sendings)
        .where(sendings.c.delivery_id == old.c.delivery_id, sendings.c.channel == old.c.channel)
        .values(state=SendingStatus.REPLACED)
        .returning(sendings.c.delivery_id, old.c.instead)
    )
    for delivery, one in {tuple(row) for row in replaced}:
        connection.execute(sa.update(deliveries).where(deliveries.c.id == delivery).values(replaced_by=one))


def priority(notice: Notice) -> int:
    """Return what goes first, the least number: danger to life, then by severity; all of an exercise after all real."""
    urgency = 0 if notice.data.life_at_risk else notice.data.severity.rank
    return urgency + len(Severity) * notice.data.exercise


def _numbers(connection: sa.Connection, counts: Mapping[str, int]) -> dict[str, int]:
    """Return the next number of each contact point and take so many; until the commit they are nobody else's."""
    taken = insert(sequences).values([{"contact_point": code, "last": counts[code]} for code in sorted(counts)])
    more = taken.on_conflict_do_update(
        index_elements=["contact_point"], set_={"last": sequences.c.last + taken.excluded.last}
    )
    found = connection.execute(more.returning(sequences.c.contact_point, sequences.c.last))
    last: dict[str, int] = {row.contact_point: row.last for row in found}
    return {code: last[code] - counts[code] + 1 for code in counts}


def notice_of(draft: Draft, sequence: int, before: Notice | None) -> Notice:
    """Return what is sent: of a recall nothing that the contact point was not told before."""
    alert, code, digest = draft.edition.alert, draft.assignment.contact_point, content_digest(draft.shown)
    delivery = delivery_id(Key.of(draft.edition), code, digest)
    previous = Previous(delivery=before.data.delivery, timestamp=before.timestamp) if before else None
    recall = draft.view is View.RECALL
    severity: Severity = before.data.severity if recall and before else alert.severity
    return Notice(
        type="alert.revision" if draft.reply is None else "bulletin.reply",
        timestamp=alert.updated_at,
        data=Told(
            delivery=delivery,
            sequence=sequence,
            contact_point=code,
            alert=alert.id,
            revision=alert.revision,
            previous=previous if draft.reply is None else None,  # it takes the place of nothing
            status=alert.status,
            superseded_by=None if recall else alert.superseded_by,
            kind=alert.kind,
            severity=severity,
            exercise=alert.exercise,
            life_at_risk=alert.life_at_risk and not recall,
            view=draft.view,
            digest=digest,
            link=f"/v1/deliveries/{delivery}",
            reply=draft.reply,
        ),
    )
