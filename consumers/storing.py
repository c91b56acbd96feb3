"""Storing an alert revision with its deliveries, in the caller's transaction."""

import hashlib
import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from consumers.audience import AudienceReason, View, decide, visible
from consumers.contact_points import Channel, ContactPoint
from consumers.database import alert_revisions, deliveries, refused_alerts
from consumers.errors import ContentConflictError
from consumers.outbox import delivery_id
from consumers.routing import Assignment, RoutingTable, route
from schemas.alerts import Edition


def store(
    connection: sa.Connection,
    edition: Edition,
    source: str,
    table: RoutingTable,
    contact_points: Mapping[str, ContactPoint],
) -> list[tuple[Assignment, View]]:
    """Store one revision and a delivery for each of its readers who is told; storing it again changes nothing.

    Returns who was assigned and what they may see (empty where it was stored already). Raises
    `ContentConflictError` where the same revision was stored with other content.
    """
    alert = edition.alert
    body = alert.model_dump(mode="json", exclude_none=True)
    digest = hashlib.sha256(json.dumps(body, sort_keys=True).encode()).hexdigest()
    named = {"alert_id": alert.id, "revision": alert.revision, "reader": edition.reader}
    added = connection.execute(
        insert(alert_revisions)
        .values(
            **named,
            kind=alert.kind,
            severity=alert.severity,
            status=alert.status,
            exercise=alert.exercise,
            body=body,
            digest=digest,
            source=source,
        )
        .on_conflict_do_nothing()
        .returning(alert_revisions.c.revision)
    )
    if added.first() is None:  # its rowcount would be -1 either way
        known = connection.execute(sa.select(alert_revisions.c.digest).filter_by(**named)).scalar_one()
        if known != digest:
            raise ContentConflictError(f"{alert.id} revision {alert.revision} is stored with other content")
        return []
    told_before = set(
        connection.execute(
            sa.select(deliveries.c.contact_point).where(deliveries.c.alert_id == alert.id).distinct()
        ).scalars()
    )
    assigned = []
    for assignment in route(alert, table, contact_points, sorted(told_before)):
        known = assignment.contact_point in told_before
        audience = decide(edition, assignment.contact_point, told_before=known)
        if audience.reason is AudienceReason.ANOTHER_EDITION:
            continue
        view = audience.view
        assigned.append((assignment, view))
        shown = visible(alert, view)
        if shown is not None:
            for channel in contact_points[assignment.contact_point].channels:
                connection.execute(insert(deliveries).values(_delivery(edition, assignment, channel, view, shown)))
    return assigned


def store_refused(connection: sa.Connection, source: str, reason: str, value: bytes) -> None:
    """Keep an alert record that cannot be delivered, whole."""
    connection.execute(
        insert(refused_alerts).values(source=source, reason=reason, value=value).on_conflict_do_nothing()
    )


def payload(delivery: str, assignment: Assignment, view: View, shown: Mapping[str, Any], written_at: datetime) -> str:
    """Return the bytes of every attempt, as text: they are fixed here, so a repetition is recognised."""
    return json.dumps(
        {
            "type": "alert.revision",
            "timestamp": written_at.isoformat(),
            "data": {
                "delivery": delivery,
                "contact_point": assignment.contact_point,
                "why": assignment.texts,
                "view": view,
                "alert": shown,
            },
        },
        ensure_ascii=False,
    )


def _delivery(
    edition: Edition, assignment: Assignment, channel: Channel, view: View, shown: Mapping[str, Any]
) -> dict[str, Any]:
    alert = edition.alert
    key = delivery_id(alert.id, alert.revision, assignment.contact_point, channel)
    return {
        "id": key,
        "alert_id": alert.id,
        "revision": alert.revision,
        "reader": edition.reader,
        "contact_point": assignment.contact_point,
        "channel": channel,
        "reason": assignment.reason,
        "view": view,
        "payload": payload(key, assignment, view, shown, alert.updated_at),
    }
