"""The case book against the oracle: order, repetition and restarts change nothing."""

import json
from datetime import UTC, datetime
from typing import Any

import oracle
import pytest
from factory import a_vehicle, an_incident, at, stamped
from hypothesis import given, settings
from hypothesis import strategies as st

from schemas.alerts import Alert
from schemas.errors import RefusalReason
from schemas.events import Incident
from streams.engine.casebook import CaseBook
from streams.engine.effects import ApplyReason
from streams.engine.entries import write_stamped
from streams.errors import EngineError
from streams.rules import load_rules
from streams.typologies import repeats

RULES = load_rules()


def standing(casebook: CaseBook) -> set[tuple[str, str, tuple[str, ...]]]:
    return {(alert.id, alert.kind.value, alert.evidence) for alert in casebook.open_alerts}


def content(casebook: CaseBook) -> list[dict[str, Any]]:
    """Return all that the open alerts say, but for what depends on when it was learnt."""
    return [alert.model_dump(exclude={"revision", "updated_at"}) for alert in casebook.open_alerts]


def played(events: list[dict[str, Any]]) -> CaseBook:
    casebook = CaseBook(RULES)
    for event in events:
        casebook.apply(stamped(event))
    return casebook


IDS = [f"E-{number}" for number in range(8)]


@st.composite
def histories(draw: st.DrawFn) -> list[dict[str, Any]]:
    """Return incidents that often share vehicles, places and moments, and update or relay each other."""
    events = []
    for key in draw(st.lists(st.sampled_from(IDS), unique=True, min_size=1)):
        event = an_incident(
            id=key,
            station=draw(st.sampled_from(["SI-OBR", "HR-BRE", "SI-GRU", "RS-HOR"])),
            occurred_at=at(draw(st.sampled_from([0, 1, 89, 90, 91, 180])), hours=draw(st.sampled_from([0, 2, 3, 6]))),
            kind=draw(
                st.sampled_from(["migrant_smuggling", "refused_entry", "search_and_rescue", "return_or_readmission"])
            ),
            exercise=draw(st.sampled_from([False, False, False, True])),
        )
        country = st.sampled_from(["SI", "HR", None])
        plate = st.sampled_from(["LJ AB-123", "ljab123", "ZG 1-X"])
        involvement = st.sampled_from(["used", "bystander"])
        event["vehicles"] = [
            a_vehicle(draw(plate), draw(country), involvement=draw(involvement))
            for _ in range(draw(st.integers(min_value=0, max_value=3)))
        ]
        extra = draw(
            st.fixed_dictionaries(
                {},
                optional={
                    "updates": st.sampled_from(IDS),
                    "relay_of": st.sampled_from(IDS),
                    "reported_at": st.sampled_from([at(200), at(201)]),
                    "life_at_risk": st.booleans(),
                    "originator": st.sampled_from(["EUROPOL", "HR"]),
                },
            )
        )
        events.append(event | extra)
    return events


@settings(max_examples=400, deadline=None)
@given(histories())
def test_the_open_alerts_are_what_the_contract_says(events: list[dict[str, Any]]) -> None:
    """Judged by a brute force that shares no code with the engine."""
    assert standing(played(events)) == oracle.open_alerts(events)


@settings(max_examples=200, deadline=None)
@given(histories().flatmap(lambda events: st.tuples(st.just(events), st.permutations(events + events))))
def test_order_and_repetition_change_nothing(both: tuple[list[dict[str, Any]], list[dict[str, Any]]]) -> None:
    events, shuffled = both
    assert content(played(shuffled)) == content(played(events))


@settings(max_examples=100, deadline=None)
@given(histories(), st.data())
def test_state_taken_back_in_any_order_is_the_state(events: list[dict[str, Any]], data: st.DataObject) -> None:
    """A restart reads the state's entries in the changelog's order, whatever that is."""
    cut = data.draw(st.integers(min_value=0, max_value=len(events)))
    before, kept = CaseBook(RULES), dict[bytes, bytes | None]()
    for event in events[:cut]:
        kept.update(before.apply(stamped(event)).changed)
    after = CaseBook(RULES)
    for key in data.draw(st.permutations(sorted(kept))):
        after.load(key, kept[key] or b"")
    for event in events[cut:]:
        assert after.apply(stamped(event)).alerts == before.apply(stamped(event)).alerts
    assert after.open_alerts == before.open_alerts


@settings(max_examples=100, deadline=None)
@given(histories())
def test_revisions_of_an_alert_are_numbered_without_a_gap_and_each_says_something_new(
    events: list[dict[str, Any]],
) -> None:
    casebook = CaseBook(RULES)
    last: dict[str, Alert] = {}
    for event in events:
        for alert in casebook.apply(stamped(event)).alerts:
            before = last.get(alert.id)
            assert alert.revision == (before.revision + 1 if before else 1)
            if before is not None:
                assert alert.model_copy(update={"revision": before.revision, "updated_at": before.updated_at}) != before
            last[alert.id] = alert


def test_the_same_event_again_is_ignored_and_another_under_its_id_refused() -> None:
    casebook = CaseBook(RULES)
    event = an_incident(id="A-1", life_at_risk=True)
    assert casebook.apply(stamped(event)).reason is ApplyReason.CORRELATED
    reordered = json.loads(json.dumps(event, sort_keys=True))
    again = casebook.apply(stamped(reordered))
    assert (again.reason, again.alerts, again.changed) == (ApplyReason.REPEATED, (), {})
    conflict = casebook.apply(stamped(event | {"kind": "document_fraud"}))
    ((refused, refusal),) = conflict.refused
    assert (conflict.reason, refusal.reason, refusal.field) == (
        ApplyReason.ID_CONFLICT,
        RefusalReason.ID_CONFLICT,
        "id",
    )
    assert isinstance(refused.event, Incident)
    assert refused.event.kind == "document_fraud"
    assert [alert.evidence for alert in casebook.open_alerts] == [("A-1",)]


def test_the_event_that_closes_a_circle_of_relays_sends_all_of_it_to_the_dead_letters() -> None:
    casebook = CaseBook(RULES)
    first = casebook.apply(stamped(an_incident(id="A-1", relay_of="A-2", life_at_risk=True)))
    assert [alert.status for alert in first.alerts] == ["open"]
    closing = casebook.apply(stamped(an_incident(id="A-2", relay_of="A-1")))
    assert [(one.event.id, refusal.reason) for one, refusal in closing.refused] == [
        ("A-1", RefusalReason.RELAY_CYCLE),
        ("A-2", RefusalReason.RELAY_CYCLE),
    ]
    (alert,) = casebook.open_alerts
    assert alert.evidence == ("A-1",), "a refused event that says life at risk still raises it"
    assert "unverified form" in alert.quality_notes[0]


def test_a_rule_that_fails_leaves_the_case_book_as_it_was(monkeypatch: pytest.MonkeyPatch) -> None:
    """The event can then go to the dead letters, and the next one is judged as if it had never come."""
    first, second, third = (
        an_incident(id=f"A-{one}", occurred_at=at(one), vehicles=[a_vehicle()]) for one in (1, 2, 3)
    )
    casebook = played([first])
    with monkeypatch.context() as patch:
        patch.setattr(repeats, "find", lambda *_: 1 / 0)
        with pytest.raises(EngineError, match="ZeroDivisionError"):
            casebook.apply(stamped(second | {"updates": "A-1", "station": "SI-OBR"}))
    casebook.apply(stamped(third))
    assert content(casebook) == content(played([first, third]))


def test_the_state_of_an_event_reads_back_as_it_was() -> None:
    event = an_incident(vehicles=[a_vehicle()], narrative="first\nsecond", exercise=True)
    casebook = CaseBook(RULES)
    casebook.load(b"event/" + event["id"].encode(), write_stamped(stamped(event)))
    assert casebook.apply(stamped(event)).reason is ApplyReason.REPEATED


def test_late_means_ingested_more_than_an_hour_after_it_occurred() -> None:
    occurred = datetime(2026, 5, 1, 8, 0, tzinfo=UTC)
    for minutes, late in ((60, False), (61, True)):
        casebook = CaseBook(RULES)
        came = stamped(an_incident(life_at_risk=True), occurred.replace(hour=8 + minutes // 60, minute=minutes % 60))
        (alert,) = casebook.apply(came).alerts
        assert alert.occurrences[0].late is late
