"""What tests of silences share: alerts that can be silenced, silences, and what a deliverer would send now."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any, Final

import sqlalchemy as sa
from delivery_rig import QUICK
from endpoints import a_contact_point
from escalation_rig import POINTS, Watch
from factory import a_vehicle, an_alert, an_incident, at

from consumers import silences
from consumers.contact_points import Channel
from consumers.holding import attend
from consumers.notice import parse
from consumers.outbox import Claim, Queue, SendOutcome, SendResult, claim, settle
from consumers.silences import Person
from consumers.silencing import Matcher, Silence
from consumers.tables import deliveries
from schemas.alerts import Alert, AlertKind, Severity

REPEATS: Final[dict[str, Any]] = {"kinds": [AlertKind.REPEAT_VEHICLE]}
ROOM: Final = {Queue(code, channel): 8 for code in POINTS for channel in (Channel.WEBHOOK, Channel.EMAIL)}
ARRIVED: Final = SendResult(SendOutcome.DELIVERED, 204)
FAILED: Final = SendResult(SendOutcome.FAILED, 500)
BOTH: Final = replace(a_contact_point("SI"), email="duty@si.example")
"""Reached by webhook and, after it, by e-mail."""
Told = tuple[str, str, int]
"""A contact point, an alert and its revision."""


def a_repeat(severity: Severity = Severity.MEDIUM, station: str = "SI-OBR", **fields: Any) -> Alert:
    incidents = (an_incident(vehicles=[a_vehicle()], occurred_at=at(day), station=station) for day in (1, 2))
    return an_alert(*incidents, severity=severity, **fields)


def person(account: str = "a.novak", code: str = "SI") -> Person:
    return Person(code, account, f"{code}:{account}")


def a_silence(watch: Watch, code: str = "SI", hours: float = 24, after_hours: float = 0, **match: Any) -> Silence:
    """Return a silence that begins so long after now."""
    begins_at = watch.now + timedelta(hours=after_hours)
    return Silence(
        silences.new_id(),
        code,
        Matcher.model_validate(match or REPEATS),
        "Works at the crossing.",
        "a.novak",
        watch.now,
        begins_at,
        begins_at + timedelta(hours=hours),
    )


def silenced(watch: Watch, *, approved: bool = False, **asked: Any) -> str:
    """Make a silence, approved by another person or not; return its id."""
    made = a_silence(watch, **asked)
    by = person(code=made.contact_point)
    assert watch.done(lambda connection: silences.make(connection, made, by)) == made
    if approved:
        other = person("b.kos", made.contact_point)
        assert isinstance(watch.done(lambda one: silences.approve(one, made.id, other, watch.now)), Silence)
    return made.id


def lifted(watch: Watch, silence: str, code: str = "SI") -> None:
    assert isinstance(watch.done(lambda one: silences.end(one, silence, person(code=code), watch.now)), Silence)


def claimed(watch: Watch) -> list[Claim]:
    """Take what is to be sent now, as a deliverer does."""
    watch.done(lambda connection: attend(connection, watch.now))
    return watch.done(lambda connection: claim(connection, "one", ROOM, QUICK, watch.now))


def sent(watch: Watch) -> list[Told]:
    """Send all that is to be sent now; return what that was."""
    claims = claimed(watch)
    if claims:
        watch.done(lambda connection: settle(connection, [(one, ARRIVED) for one in claims], QUICK))
    notices = [parse(one.payload).data for one in claims]
    return sorted((one.contact_point, one.alert, one.revision) for one in notices)


def to(code: str, *alerts: Alert) -> list[Told]:
    return sorted((code, one.id, one.revision) for one in alerts)


def marks(watch: Watch, code: str = "SI") -> list[tuple[int, str | None, str | None]]:
    """Return of each delivery its number, which silence held it back, and which one was sent instead."""
    query = sa.select(deliveries).filter_by(contact_point=code).order_by(deliveries.c.sequence)
    return [(row.sequence, row.silenced_by, row.replaced_by) for row in watch.database.rows(query)]
