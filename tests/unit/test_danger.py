"""A form error must not cost a life: a refused message that says so raises `life_at_risk` from what can be read."""

import json
from typing import Any

import pytest
from factory import NOW, a_vehicle, an_incident, as_line, at
from hypothesis import given
from hypothesis import strategies as st
from refusals import CLOCK

from schemas.alerts import Alert
from schemas.danger import read_danger
from schemas.errors import RefusalReason
from streams.batches.records import InputRecord
from streams.correlation import correlate
from streams.engine.casebook import CaseBook
from streams.intake import take_in
from streams.rules import load_rules

RULES = load_rules()
BROKEN = RefusalReason.BROKEN_JSON


def alerts(*lines: bytes, headers: dict[str, bytes] | None = None) -> list[Alert]:
    """Return the alerts that stand after intake and case book took in these lines."""
    casebook = CaseBook(RULES)
    for offset, line in enumerate(lines):
        taken = take_in(InputRecord("border.incidents", 0, offset, None, line, headers or {}), CLOCK, RULES.intake)
        read = [InputRecord(one.topic, 0, offset, one.key, one.value, dict(one.headers)) for one in taken]
        correlate(casebook, [record for record in read if record.topic == "border.casebook"], CLOCK)
    return list(casebook.open_alerts)


def test_the_alert_says_what_could_be_read_and_that_the_form_is_unverified() -> None:
    event = an_incident(
        id="A-1",
        occurred_at="2026-11-20T02:40:00+01:00",
        life_at_risk=True,
        direction="entry",
        vehicles=[a_vehicle("LJ AB-123"), {"plate": 7}, a_vehicle("ZG 1-A", "HR", involvement="rescue_or_official")],
        persons=[{"family_name": "Qarri", "shoe_size": 43}],
        people={"smuggled": 11, "minors": "2"},
        narrative="Knocking heard",
    )
    (alert,) = alerts(as_line(event))
    assert alert.summary == (
        "Unverified form: life at risk at Obrežje (SI) on 20 Nov 2026 01:40 UTC; 11 smuggled people, 2 minors, "
        "direction entry, LJ AB-123 (SI) aboard or near."
    )
    assert (alert.kind, alert.severity, alert.evidence) == ("life_at_risk", "critical", ("A-1",))
    assert alert.quality_notes == (
        "unverified form: the report was refused, only place, time, vehicles and counts were read",
    )
    assert [reason.rule for reason in alert.reasons] == ["life_at_risk.unverified_form"]
    assert "Qarri" not in alert.model_dump_json()
    assert "Knocking" not in alert.model_dump_json()


def test_the_mended_event_takes_its_place_under_the_same_alert() -> None:
    broken = an_incident(id="A-1", occurred_at="2026-11-20T02:40:00+01:00", life_at_risk=True, colour="red")
    mended = {name: value for name, value in broken.items() if name != "colour"}
    (before,) = alerts(as_line(broken))
    for order in ([broken, mended], [mended, broken]):
        (after,) = alerts(*map(as_line, order))
        assert after.id == before.id
        assert after.quality_notes == ()
        assert after.summary.startswith("Life at risk: ")
    assert alerts(as_line(broken), as_line(mended | {"life_at_risk": False})) == [], "the officer took it back"


def test_an_event_refused_for_its_id_raises_it_beside_the_one_that_holds() -> None:
    first = an_incident(id="A-1", occurred_at="2026-11-20T02:40:00+01:00")
    (alert,) = alerts(as_line(first), as_line(first | {"life_at_risk": True}))
    assert alert.quality_notes[0].startswith("unverified form")


@pytest.mark.parametrize(
    "change",
    [
        {"life_at_risk": "true"},
        {"life_at_risk": 1},
        {"lifeAtRisk": True},
        {"life_at_risk": True, "station": "SI-XXX"},
        {"life_at_risk": True, "occurred_at": "2016-05-01T08:00:00Z"},
        {"life_at_risk": True, "occurred_at": "2036-05-01T08:00:00Z"},
        {"life_at_risk": True, "type": "rumour"},
        {"life_at_risk": True, "schema_version": "2.0"},
        {"life_at_risk": True, "religion": "x"},
        {"life_at_risk": True, "id": "not an id"},
        {"life_at_risk": "perhaps", "kind": "search_and_rescue"},
        {"kind": "search_and_rescue", "colour": "red"},
        {"people": {"injured": "3"}},
    ],
)
def test_whatever_it_was_refused_for(change: dict[str, Any]) -> None:
    event = an_incident(occurred_at="2026-11-20T02:40:00+01:00")
    (alert,) = alerts(as_line(event | change))
    assert alert.kind == "life_at_risk"
    assert alert.summary.startswith("Unverified form: ")


@pytest.mark.parametrize(
    "line",
    [
        as_line(an_incident(life_at_risk=True, people={"smuggled": 3}))[:-10],
        as_line(an_incident(life_at_risk=True))[:-1] + b",}",
        str(an_incident(life_at_risk=True)).encode(),
        json.dumps(as_line(an_incident(life_at_risk=True)).decode()).encode(),
        b"[" + as_line(an_incident(life_at_risk=True)) + b"]",
        as_line(an_incident())[:-1] + b', "life_at_risk": true, "life_at_risk": false}',
        as_line(an_incident(life_at_risk=True)).replace(b"migrant", b"\xe8"),
        as_line(an_incident(life_at_risk=True))[:-1] + b', "x": ' + b"[" * 300,
        as_line(an_incident(life_at_risk=True, narrative="x" * 5_300_000)),
    ],
    ids=["cut off", "comma", "python", "in a string", "in a list", "twice", "latin-2", "deep", "large"],
)
def test_however_broken_it_is(line: bytes) -> None:
    (alert,) = alerts(line)
    assert alert.occurrences[0].station == "SI-OBR"


@pytest.mark.parametrize(
    "line",
    [
        as_line(an_incident(colour="red")),
        as_line(an_incident(life_at_risk=False, kind="search_and_rescue", colour="red")),
        as_line(an_incident(narrative='"life_at_risk": true', colour="red")),
        b'{"narrative": "he wrote \\"life_at_risk\\": true", "x":}',
        b"",
        b"\x00\x01",
    ],
)
def test_a_refused_message_that_says_nothing_of_it_raises_nothing(line: bytes) -> None:
    assert alerts(line) == []


def test_what_the_value_does_not_tell_the_records_headers_may() -> None:
    headers = {"ce_source": b"HR-BRE", "ce_time": b"2026-11-20T01:00:00+00:00"}
    (alert,) = alerts(b'{"life_at_risk": true', headers=headers)
    assert (alert.occurrences[0].station, alert.occurrences[0].occurred_at.hour) == ("HR-BRE", 1)
    (unknown,) = alerts(b'{"life_at_risk": true')
    assert (unknown.occurrences, unknown.opened_at) == ((), CLOCK)
    assert "at a place that could not be read at a time that could not be read" in unknown.summary


def test_the_same_bytes_give_the_same_alert_and_a_drill_stays_a_drill() -> None:
    line = b'{"life_at_risk": true, "exercise": true'
    (alert,) = alerts(line, line)
    assert alert.exercise
    assert alert.summary.startswith("EXERCISE: Unverified form")
    assert len(alerts(line, b'{"life_at_risk": true')) == 2


def test_an_unreadable_handling_code_counts_as_the_strictest() -> None:
    (alert,) = alerts(as_line(an_incident(life_at_risk=True, handling="H9")))
    assert (alert.handling, alert.restricted_by) == ("H2", ("SI",))


def test_a_restart_forgets_no_danger() -> None:
    line = as_line(an_incident(id="A-1", occurred_at=at(), life_at_risk=True, colour="red"))
    (danger,) = [one for one in take_in(InputRecord("f", 0, 0, None, line, {}), NOW) if one.topic == "border.casebook"]
    came = InputRecord(danger.topic, 0, 0, danger.key, danger.value, dict(danger.headers))
    result = correlate(CaseBook(RULES), [came], NOW)
    later = CaseBook(RULES)
    for key, value in result.changed.items():
        later.load(key, value or b"")
    assert [alert.evidence for alert in later.open_alerts] == [("A-1",)]
    assert correlate(later, [came], NOW).records == []


def test_a_device_cannot_write_the_platforms_own_headers() -> None:
    headers = {"brdo_form": b"unverified_danger", "brdo_ingested_at": b"never", "mine": b"kept"}
    line = as_line(an_incident(occurred_at="2026-11-20T02:40:00+01:00"))
    (taken,) = take_in(InputRecord("border.incidents", 0, 7, None, line, headers), CLOCK)
    said = dict(taken.headers)
    assert (said["brdo_source"], said["mine"]) == (b"border.incidents/0/7", b"kept")
    assert "brdo_form" not in said


@given(st.binary(max_size=300) | st.text(max_size=200).map(lambda text: b'{"life_at_risk": true,' + text.encode()))
def test_reading_never_fails(value: bytes) -> None:
    read_danger(value, BROKEN)
