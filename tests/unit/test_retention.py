"""What is too old leaves the case book, its changelog and its memory, and nobody is told anything for it."""

from collections.abc import Iterable, Mapping
from datetime import timedelta
from typing import Any

import oracle
from factory import DAY_ONE, a_vehicle, an_incident, at, stamped
from hypothesis import given
from hypothesis import strategies as st

from schemas.danger import Danger
from schemas.errors import RefusalReason
from schemas.messages import Stamped
from streams.engine.casebook import CaseBook
from streams.rules import load_rules

RULES = load_rules()
KEPT_DAYS = 400


def kept_after(events: Iterable[dict[str, Any]]) -> tuple[CaseBook, dict[bytes, bytes]]:
    """Take in each event on the day it occurred; return the case book and what its changelog comes to."""
    casebook, log = CaseBook(RULES), dict[bytes, bytes]()
    for event in events:
        keep(log, casebook.apply(stamped(event, day_of(event))).changed)
    return casebook, log


def keep(log: dict[bytes, bytes], changed: Mapping[bytes, bytes | None]) -> None:
    for key, value in changed.items():
        if value is None:
            del log[key]
        else:
            log[key] = value


def day_of(event: dict[str, Any]) -> Any:
    return stamped(event).event.occurred_at


def standing(casebook: CaseBook) -> set[tuple[str, str, tuple[str, ...]]]:
    return {(alert.id, alert.kind.value, alert.evidence) for alert in casebook.open_alerts}


def test_an_event_is_forgotten_with_its_alerts_once_its_time_is_over() -> None:
    old = [an_incident(id="old-1", life_at_risk=True), an_incident(id="old-2", occurred_at=at(1))]
    for event in old:
        event["vehicles"] = [a_vehicle("LJ OLD-1")]
    casebook, log = kept_after([*old, an_incident(id="in-time", occurred_at=at(KEPT_DAYS))])
    assert b"event/old-1" in log, "exactly as long is not longer"
    assert len(casebook.open_alerts) == 2
    effects = casebook.apply(stamped(an_incident(id="later"), DAY_ONE + timedelta(days=KEPT_DAYS + 2)))
    keep(log, effects.changed)
    assert not effects.alerts
    assert standing(casebook) == set()
    assert sorted(log) == [b"event/in-time", b"event/later"]
    assert b"LJ OLD" not in b"".join(log.values())
    assert casebook.apply(stamped(old[0], DAY_ONE + timedelta(days=KEPT_DAYS + 2))).alerts, "it is news again"


def test_an_alert_stays_while_any_of_its_evidence_does() -> None:
    cars = {"vehicles": [a_vehicle()]}
    events = [an_incident(id=f"e-{day}", occurred_at=at(day), **cars) for day in range(0, 361, 60)]
    casebook, log = kept_after([*events, an_incident(id="e-last", occurred_at=at(KEPT_DAYS + 30))])
    assert b"event/e-0" not in log
    (alert,) = casebook.open_alerts
    assert "e-0" in alert.evidence, "it says what it rested on"
    (again,) = [
        one for one in casebook.apply(stamped(an_incident(occurred_at=at(361), **cars))).alerts if one.revision == 1
    ]
    assert "e-0" not in again.evidence, "what is computed anew rests on what is still kept"


def test_the_editions_of_an_alert_are_forgotten_with_the_last_of_its_evidence() -> None:
    """Once only what nobody may share is left of it, the originator's alert stays; at last nothing does."""
    cars = {"vehicles": [a_vehicle()]}
    events = [an_incident(id=f"e-{day}", occurred_at=at(day), **cars) for day in (0, 30)]
    events.append(an_incident(id="e-60", occurred_at=at(60), handling="H2", **cars))
    casebook, log = kept_after([*events, an_incident(id="later", occurred_at=at(KEPT_DAYS + 40))])
    assert [alert.evidence for alert in casebook.open_to("SI")] == [("e-0", "e-30", "e-60")]
    assert sorted(key.split(b"/")[0] for key in log) == [b"alert", b"event", b"event", b"parted"]
    keep(log, casebook.apply(stamped(an_incident(id="last"), DAY_ONE + timedelta(days=KEPT_DAYS + 61))).changed)
    assert (casebook.open_to("SI"), casebook.open_to("HR")) == ((), ())
    assert sorted(log) == [b"event/last", b"event/later"]


def test_a_danger_read_in_a_refused_message_is_forgotten_too() -> None:
    casebook, log = CaseBook(RULES), dict[bytes, bytes]()
    danger = Danger(id="a:danger", reason=RefusalReason.UNKNOWN_FIELD, station="SI-OBR", occurred_at=DAY_ONE)
    keep(log, casebook.alarm(Stamped(danger, DAY_ONE, "border.incidents/0/0")).changed)
    assert len(casebook.open_alerts) == 1
    keep(log, casebook.apply(stamped(an_incident(id="later"), DAY_ONE + timedelta(days=KEPT_DAYS + 1))).changed)
    assert standing(casebook) == set()
    assert sorted(log) == [b"event/later"]


def test_a_restart_goes_on_forgetting() -> None:
    _, log = kept_after([an_incident(id="old"), an_incident(id="new", occurred_at=at(300))])
    again = CaseBook(RULES)
    for key, value in log.items():
        again.load(key, value)
    changed = again.apply(stamped(an_incident(id="later"), DAY_ONE + timedelta(days=KEPT_DAYS + 1))).changed
    assert [key for key, value in changed.items() if value is None] == [b"event/old"]


@given(days=st.lists(st.integers(0, 900), min_size=1, max_size=12), plates=st.lists(st.sampled_from("AB"), min_size=12))
def test_what_is_kept_is_all_that_memory_and_changelog_hold(days: list[int], plates: list[str]) -> None:
    """A case book that forgot is the case book that never knew, but for alerts that began before."""
    events = [
        an_incident(
            id=f"e-{number}", occurred_at=at(day), vehicles=[a_vehicle(f"LJ {plate}")], life_at_risk=plate == "A"
        )
        for number, (day, plate) in enumerate(zip(sorted(days), plates, strict=False))
    ]
    casebook, log = kept_after(events)
    left = [event for event in events if max(days) - (day_of(event) - DAY_ONE).days <= KEPT_DAYS]
    assert {key for key in log if key.startswith(b"event/")} == {f"event/{event['id']}".encode() for event in left}
    names = {event["id"] for event in left}
    assert all(names & set(alert.evidence) for alert in casebook.open_alerts)
    expected = {alert for alert in oracle.open_alerts(left) if alert.kind == "life_at_risk"}
    assert {alert for alert in standing(casebook) if alert[1] == "life_at_risk"} == expected
