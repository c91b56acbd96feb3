"""Builders: events as devices write them, with what a test does not care about filled in."""

import itertools
import json
from datetime import UTC, datetime, timedelta
from typing import Any

from schemas.alerts import Alert
from schemas.codec import decode_as
from schemas.events import Incident
from schemas.messages import Stamped
from streams.engine.casebook import CaseBook
from streams.rules import load_rules

DAY_ONE = datetime(2026, 5, 1, 8, 0, tzinfo=UTC)
NOW = datetime(2026, 5, 20, 12, 0, tzinfo=UTC)
_numbers = itertools.count(1)


def at(days: float = 0, *, hours: float = 0) -> str:
    """Return a moment so long after the first of May 2026, 08:00 UTC."""
    return (DAY_ONE + timedelta(days=days, hours=hours)).isoformat()


def lately(days_ago: float = 0) -> str:
    """Return a moment that live intake takes, whenever the test runs."""
    return (datetime.now(UTC) - timedelta(days=days_ago, minutes=1)).isoformat()


def a_vehicle(plate: str = "LJ AB-123", country: str | None = "SI", **more: Any) -> dict[str, Any]:
    said = {"plate": plate, "plate_country": country, **more}
    return {name: value for name, value in said.items() if value is not None}


def an_incident(**fields: Any) -> dict[str, Any]:
    return {
        "type": "incident",
        "schema_version": "1.0",
        "id": f"inc-{next(_numbers):04}",
        "station": "SI-OBR",
        "occurred_at": at(),
        "kind": "migrant_smuggling",
        **fields,
    }


def a_sighting(**fields: Any) -> dict[str, Any]:
    return {
        "type": "sighting",
        "schema_version": "1.0",
        "id": f"sig-{next(_numbers):04}",
        "station": "SI-OBR",
        "occurred_at": at(),
        "vehicle": a_vehicle(),
        **fields,
    }


def a_person(*, document: str | None = None, **said: Any) -> dict[str, Any]:
    """Return a driver; a document is a Serbian passport with this number."""
    documents = [{"type": "passport", "number": document, "issuer": "SRB"}] if document else []
    return {"role": "driver", "documents": documents, **said}


def an_entry(**fields: Any) -> dict[str, Any]:
    """Return an entry of the watchlist that is valid from the first of May on; it lacks whom it is about."""
    return {
        "type": "watchlist_entry",
        "schema_version": "1.0",
        "id": f"ent-{next(_numbers):04}",
        "action": "upsert",
        "at": at(),
        "originator": "RS",
        "check": "discreet",
        "suggested_response": "Report place and time to the originator.",
        "valid_until": at(300),
        **fields,
    }


def a_removal(entry: str, **fields: Any) -> dict[str, Any]:
    """Return the end of an entry of the watchlist."""
    return {
        "type": "watchlist_entry",
        "schema_version": "1.0",
        "id": f"ent-{next(_numbers):04}",
        "entry": entry,
        "action": "remove",
        "at": at(),
        "originator": "RS",
        **fields,
    }


def a_bulletin(**fields: Any) -> dict[str, Any]:
    return {
        "type": "bulletin",
        "schema_version": "1.0",
        "id": f"bul-{next(_numbers):04}",
        "at": at(),
        "originator": "RS",
        "contact_point": "RS",
        "officer": "RS-0044",
        "title": "Vans with a false wall behind the driver",
        "text": "Three vans with the same conversion were stopped within a week. Knock on the wall; listen.",
        **fields,
    }


def as_line(event: dict[str, Any]) -> bytes:
    return json.dumps(event, ensure_ascii=False).encode()


def stamped(event: dict[str, Any], ingested_at: datetime = NOW) -> Stamped[Incident]:
    return Stamped(decode_as(Incident, as_line(event)), ingested_at, "border.incidents/0/0")


def revisions(*events: dict[str, Any]) -> list[Alert]:
    """Return every alert revision that a fresh case book raises for these events, in order."""
    casebook = CaseBook(load_rules())
    return [alert for event in events for alert in casebook.apply(stamped(event)).alerts]


def open_alerts(*events: dict[str, Any]) -> list[Alert]:
    """Return the alerts that stand open after these events."""
    casebook = CaseBook(load_rules())
    for event in events:
        casebook.apply(stamped(event))
    return list(casebook.open_alerts)


def an_alert(*events: dict[str, Any], **fields: Any) -> Alert:
    """Return the first alert of these events (by default a danger to life), with fields replaced."""
    alert = revisions(*(events or [an_incident(life_at_risk=True, vehicles=[a_vehicle()])]))[-1]
    return Alert.model_validate(alert.model_dump() | fields)
