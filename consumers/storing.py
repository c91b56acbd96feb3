"""Storing alert revisions with their deliveries, in the caller's transaction."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from typing import Any, Final, NamedTuple

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import distinct_on, insert

from consumers import audit, clocks
from consumers.acknowledgement import Timing
from consumers.audience import Audience, AudienceReason, View, decide, visible
from consumers.audit import Act, Entry
from consumers.contact_points import ContactPoint
from consumers.database import given
from consumers.deliveries import Draft, Key, ToldBefore, replace_waiting, store_deliveries, told_before
from consumers.errors import ContentConflictError
from consumers.holding import hold
from consumers.permissions import granted
from consumers.routing import Assignment, RouteReason, RoutingTable, route
from consumers.tables import alert_revisions, refused_alerts
from schemas.alerts import Alert, Edition

ACTOR: Final = "dispatcher"


class Arrived(NamedTuple):
    """An edition as it came from Kafka, and where it stood there."""

    edition: Edition
    source: str


def store(
    connection: sa.Connection,
    arrived: Sequence[Arrived],
    table: RoutingTable,
    contact_points: Mapping[str, ContactPoint],
    timing: Timing,
) -> list[list[tuple[Assignment, View]]]:
    """Store revisions, with a delivery and a clock for each reader who is told; storing one again changes nothing.

    Returns of each who was assigned and what they may see (empty where it was stored already). Raises
    `ContentConflictError` where a revision was stored with other content.
    """
    fresh = _store_revisions(connection, arrived)
    alerts = {edition.alert.id for edition, _ in arrived}
    told, grants = told_before(connection, alerts), granted(connection, alerts)
    assigned: list[list[tuple[Assignment, View]]] = []
    drafts: list[Draft] = []
    for number, (edition, _) in enumerate(arrived):
        mine: list[tuple[Assignment, View]] = []
        assigned.append(mine)
        if number not in fresh:
            continue
        before = told[edition.alert.id]
        for assignment in _assign(edition, table, contact_points, sorted(before), grants[edition.alert.id]):
            code = assignment.contact_point
            by = grants[edition.alert.id][code]
            audience = decide(edition, code, told_before=code in before, granted_by=by)
            if audience.reason is AudienceReason.ANOTHER_EDITION:
                continue
            mine.append((assignment, audience.view))
            shown = visible(edition.alert, audience.view)
            if shown is not None:
                drafts.append(Draft(edition, assignment, audience.view, shown))
                before.setdefault(code, None)  # by a revision of this batch
    _deliver(connection, drafts, told, contact_points, timing)
    entries = [entry for number in sorted(fresh) for entry in _entries(arrived[number])]
    audit.record(connection, [*entries, *hold(connection, timing.now)])
    return assigned


def store_refused(connection: sa.Connection, source: str, reason: str, value: bytes) -> None:
    """Keep an alert record that cannot be delivered, whole."""
    connection.execute(
        insert(refused_alerts).values(source=source, reason=reason, value=value).on_conflict_do_nothing()
    )


def _store_revisions(connection: sa.Connection, arrived: Sequence[Arrived]) -> set[int]:
    """Store what is new; return its positions."""
    first: dict[Key, int] = {}
    rows: list[dict[str, Any]] = []
    for number, (edition, source) in enumerate(arrived):
        row = _revision(edition, source)
        rows.append(row)
        if rows[first.setdefault(Key.of(edition), number)]["digest"] != row["digest"]:
            raise ContentConflictError(f"{edition.alert.id} revision {edition.alert.revision} came with two contents")
    key = alert_revisions.c.alert_id, alert_revisions.c.revision, alert_revisions.c.reader
    names = list(rows[0])
    new = given([rows[number] for number in first.values()], *(alert_revisions.c[name] for name in names))
    storing = insert(alert_revisions).from_select(names, sa.select(new))
    added = connection.execute(storing.on_conflict_do_nothing().returning(*key))
    fresh = {Key(*row) for row in added}
    if known := set(first) - fresh:
        query = sa.select(*key, alert_revisions.c.digest).where(sa.tuple_(*key).in_(known))
        for *named, digest in connection.execute(query):
            if rows[first[Key(*named)]]["digest"] != digest:
                raise ContentConflictError(f"{named[0]} revision {named[1]} is stored with other content")
    return {first[one] for one in fresh}


def _revision(edition: Edition, source: str) -> dict[str, Any]:
    alert = edition.alert
    body = alert.model_dump(mode="json", exclude_none=True)
    return {
        **Key.of(edition)._asdict(),
        "apart": list(edition.apart),
        "kind": alert.kind,
        "severity": alert.severity,
        "status": alert.status,
        "exercise": alert.exercise,
        "body": body,
        "digest": hashlib.sha256(json.dumps(body, sort_keys=True).encode()).hexdigest(),
        "source": source,
    }


def _assign(
    edition: Edition,
    table: RoutingTable,
    contact_points: Mapping[str, ContactPoint],
    before: Sequence[str],
    grants: Mapping[str, frozenset[str]],
) -> tuple[Assignment, ...]:
    """Return whom the routes and the originators' permissions lead to."""
    routed = route(edition.alert, table, contact_points, before)
    there = {one.contact_point for one in routed}
    return routed + tuple(
        Assignment(code, RouteReason.PERMITTED, "permissions", (f"{', '.join(sorted(by))} shares this alert.",))
        for code, by in sorted(grants.items())
        if by and code not in there and code in contact_points
    )


def fall_back(
    connection: sa.Connection,
    alert_id: str,
    codes: Sequence[str],
    contact_points: Mapping[str, ContactPoint],
    timing: Timing,
) -> tuple[str, ...]:
    """Deliver an alert that nobody answers to these contact points, as much as they may see; return who is told by it.

    Whoever was told before is left out: they have a clock of their own.
    """
    told = told_before(connection, [alert_id])
    assignments = [
        Assignment(code, RouteReason.UNANSWERED, "duties", ("Nobody has answered this alert in time.",))
        for code in dict.fromkeys(codes)
        if code in contact_points and code not in told[alert_id]
    ]
    editions = newest_editions(connection, alert_id)
    return deliver_newest(connection, editions, assignments, told, contact_points, timing)


def deliver_newest(  # noqa: PLR0913, PLR0917 - what, to whom, and how they are reached
    connection: sa.Connection,
    editions: Sequence[Edition],
    assignments: Sequence[Assignment],
    told: ToldBefore,
    contact_points: Mapping[str, ContactPoint],
    timing: Timing,
) -> tuple[str, ...]:
    """Deliver editions that are stored, as much of each as these contact points may see; return who is told by it."""
    grants = granted(connection, {edition.alert.id for edition in editions})
    drafts = []
    for assignment in assignments:
        code = assignment.contact_point
        for edition in editions:
            alert = edition.alert
            view = decide(edition, code, granted_by=grants[alert.id][code]).view
            shown = visible(alert, view)
            if shown is not None:
                drafts.append(Draft(edition, assignment, view, shown))
                told[alert.id].setdefault(code, None)
    _deliver(connection, drafts, told, contact_points, timing)
    return tuple(dict.fromkeys(draft.assignment.contact_point for draft in drafts))


def _deliver(
    connection: sa.Connection,
    drafts: Sequence[Draft],
    told: ToldBefore,
    contact_points: Mapping[str, ContactPoint],
    timing: Timing,
) -> None:
    clocks.keep(connection, drafts, timing)  # before the numbers: whoever escalates takes them in this order
    store_deliveries(connection, drafts, told, contact_points, timing)
    replace_waiting(connection, {draft.edition.alert.id for draft in drafts}, timing.now)


def newest_editions(connection: sa.Connection, alert_id: str) -> list[Edition]:
    """Return of each of its editions the newest revision."""
    query = (
        sa.select(alert_revisions)
        .where(alert_revisions.c.alert_id == alert_id, alert_revisions.c.body.is_not(None))
        .order_by(alert_revisions.c.reader, alert_revisions.c.revision.desc())
        .ext(distinct_on(alert_revisions.c.reader))
    )
    return [edition_of(row) for row in connection.execute(query)]


def seen_now(connection: sa.Connection, alert_id: str) -> dict[str, tuple[Edition, Audience]]:
    """Return of each contact point that was told of an alert what it may see of it now; of what is erased nobody."""
    editions = newest_editions(connection, alert_id)
    grants = granted(connection, [alert_id])[alert_id]
    found: dict[str, tuple[Edition, Audience]] = {}
    for code in told_before(connection, [alert_id])[alert_id]:
        for edition in editions:
            audience = decide(edition, code, told_before=True, granted_by=grants[code])
            if code not in found or audience.view is View.FULL:
                found[code] = edition, audience
    return found


def edition_of(row: sa.Row[Any]) -> Edition:
    """Return the edition that a row of the revisions holds."""
    return Edition(alert=Alert.model_validate_json(json.dumps(row.body)), reader=row.reader, apart=tuple(row.apart))


def _entries(arrived: Arrived) -> tuple[Entry, Entry]:
    """Return what the audit says of a new revision: that it was taken in, and what the streams combined."""
    alert, named = arrived.edition.alert, Key.of(arrived.edition)._asdict()
    return (
        Entry(Act.COLLECTION, ACTOR, **named, detail=arrived.source),
        Entry(Act.COMBINATION, "streams", **named, purpose=alert.kind, detail=f"rules {alert.rules_version}"),
    )
