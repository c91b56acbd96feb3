"""Rules that change while running: modes of a kind, changes as records, whatever comes first."""

import random
from collections.abc import Iterable
from typing import Any

import oracle
import pytest
from factory import NOW, a_vehicle, an_incident, as_line, at
from mixed_traffic import mixed_events, with_retractions
from offline_rig import alerts_in, told
from rules_rig import a_change, from_operations, rules_said, rules_with, taken_back

from schemas import topics
from schemas.alerts import Alert, Edition
from schemas.records import Record
from streams.batches.records import InputRecord
from streams.dead_letters import read_dead_letter
from streams.intake import take_in
from streams.offline import OfflineLine, read_back
from streams.rules import Rules, load_rules

TWICE = [an_incident(id=f"I-{day}", occurred_at=at(day), vehicles=[a_vehicle()]) for day in (1, 5)]
SEEDS = range(24)


def kinds(alerts: Iterable[Alert]) -> list[str]:
    return [alert.kind.value for alert in alerts]


def on(topic: str, records: list[Record]) -> list[Record]:
    return [record for record in records if record.topic == topic]


def of_shadow(records: list[Record]) -> list[Alert]:
    return [Alert.model_validate_json(one.value) for one in on(topics.SHADOW_ALERTS.name, records)]


@pytest.mark.parametrize("mode", ["shadow", "off"])
def test_of_a_kind_that_is_not_live_nobody_is_told(mode: str) -> None:
    line = OfflineLine(rules_with(repeat_vehicle__mode=mode))
    records = [record for event in TWICE for record in told(line, event)]
    assert alerts_in(records) == list(line.open_alerts) == []
    assert not [*on(topics.NOTICES.name, records), *on(topics.EDITIONS.name, records)]
    assert kinds(of_shadow(records)) == kinds(line.shadow_alerts) == (["repeat_vehicle"] if mode == "shadow" else [])


def test_into_shadow_withdraws_what_was_told_and_back_tells_it_again() -> None:
    line = OfflineLine(load_rules())
    for event in TWICE:
        told(line, event)
    hidden = from_operations(line, a_change(rules_said(version="v2", repeat_vehicle__mode="shadow")))
    (withdrawn,), (there,) = alerts_in(hidden), of_shadow(hidden)
    assert (withdrawn.revision, withdrawn.status, withdrawn.withdrawn_reason) == (2, "withdrawn", "rule_change")
    assert (there.id, there.revision, there.status, there.rules_version) == (withdrawn.id, 1, "open", "v2")
    shown = from_operations(line, a_change(rules_said(version="v3"), at=at(1)))
    (again,), (gone,) = alerts_in(shown), of_shadow(shown)
    assert (again.id, again.revision, again.status, again.rules_version) == (withdrawn.id, 3, "open", "v3")
    assert (gone.revision, gone.status, gone.withdrawn_reason) == (2, "withdrawn", "rule_change")


def test_into_shadow_withdraws_each_edition_of_what_was_not_the_same_to_all() -> None:
    line = OfflineLine(load_rules())
    for event in (*TWICE, an_incident(id="I-9", occurred_at=at(9), vehicles=[a_vehicle()], handling="H2")):
        told(line, event)
    assert [line.open_to(one) != line.open_to("AT") for one in ("SI", "HR")] == [True, False]
    hidden = from_operations(line, a_change(rules_said(repeat_vehicle__mode="shadow")))
    editions = [Edition.model_validate_json(one.value) for one in on(topics.EDITIONS.name, hidden)]
    assert {(one.reader, one.alert.status, one.alert.withdrawn_reason) for one in editions} == {
        ("", "withdrawn", "rule_change"),
        ("SI", "withdrawn", "rule_change"),
    }
    assert line.open_to("SI") == line.open_to("AT") == ()


def test_only_what_other_rules_change_is_told_again() -> None:
    line = OfflineLine(load_rules())
    for event in (*TWICE, an_incident(occurred_at=at(2), life_at_risk=True)):
        told(line, event)
    assert alerts_in(from_operations(line, a_change(rules_said(version="v2")))) == []
    louder = rules_said(version="v3", repeat_vehicle__contributions__occurrences=0.9)
    (revised,) = alerts_in(from_operations(line, a_change(louder, at=at(1))))
    assert (revised.kind, revised.revision, revised.score, revised.rules_version) == ("repeat_vehicle", 2, 1.0, "v3")


def test_the_newest_change_holds_and_taken_back_the_one_before() -> None:
    line = OfflineLine(load_rules())
    for event in TWICE:
        told(line, event)
    newest = a_change(rules_said(repeat_vehicle__window_days=3), at=at(9))
    assert [one.status for one in alerts_in(from_operations(line, newest))] == ["withdrawn"]
    late = a_change(rules_said(repeat_vehicle__mode="shadow"), at=at(8))
    assert not on(topics.CASEBOOK.name, from_operations(line, late))[1:], "an older one starts no review"
    back = from_operations(line, taken_back(newest["id"]))
    assert kinds(line.shadow_alerts) == ["repeat_vehicle"]
    assert alerts_in(back) == []
    from_operations(line, taken_back(late["id"]))
    assert kinds(line.open_alerts) == ["repeat_vehicle"]


def test_a_repeated_change_does_nothing() -> None:
    line = OfflineLine(load_rules())
    change = a_change(rules_said(repeat_vehicle__mode="off"))
    from_operations(line, change)
    (record,) = from_operations(line, change)
    assert record.topic == topics.CASEBOOK.name


OTHERS: list[dict[str, Any]] = [
    {"repeat_vehicle__mode": "shadow", "known_person_sighted__mode": "off", "severity__high": 0.9},
    {"repeat_person__window_days": 5, "known_vehicle_sighted__window_days": 2, "impossible_journey__mode": "shadow"},
    {
        "impossible_journey__fastest_kmh": 20,
        "known_vehicle_sighted__own_place_hours": 0,
        "occurrence__same_place_hours": 9,
    },
    {"convoy__gap_minutes": 40, "convoy__least_places": 2, "convoy__least_journeys": 1, "convoy__least_ratio": 1.5},
    {
        "surge__least": 2,
        "surge__level": 0.5,
        "surge__shortest_baseline_days": 1,
        "repeat_vehicle__least_occurrences": 3,
    },
    {"life_at_risk__contributions__flagged": 0.4, "identity_conflict__mode": "shadow", "watchlist_hit__mode": "off"},
]


def content(alerts: Iterable[Alert]) -> list[dict[str, Any]]:
    """Return all that alerts say, but for when and by what, and for how busy the roads of a convoy are by now."""
    said = [alert.model_dump(exclude={"revision", "updated_at", "rules_version"}) for alert in alerts]
    for one in said:
        for reason in one["reasons"] if one["kind"] == "convoy" else ():
            del reason["text"]
    return said


def played(line: OfflineLine, events: Iterable[dict[str, Any]]) -> OfflineLine:
    for event in events:
        from_operations(line, event)
    return line


@pytest.mark.parametrize("seed", SEEDS)
def test_in_the_end_everything_is_judged_by_the_newest_rules_whatever_came_first(seed: int) -> None:
    """Held against a line that had these rules from its start."""
    chance = random.Random(seed)
    events = with_retractions(chance, mixed_events(chance, 60), 0.05)
    changes = [a_change(rules_said(**said), at=at(day)) for day, said in enumerate(chance.sample(OTHERS, k=3))]
    *_, before, newest = changes
    back = [taken_back(newest["id"])] if chance.random() < 0.5 else []
    everything = [*events, *changes, *back]
    mixed = chance.sample(everything * 2, k=2 * len(everything))
    line = played(OfflineLine(load_rules()), mixed)
    holds = before if back else newest
    fresh = played(OfflineLine(Rules.model_validate(holds["rules"])), events)
    assert content(line.open_alerts) == content(fresh.open_alerts)
    assert content(line.shadow_alerts) == content(fresh.shadow_alerts)


def test_the_changes_that_are_tried_here_change_much() -> None:
    events = mixed_events(random.Random(3), 60)
    usual = content(played(OfflineLine(load_rules()), events).open_alerts)
    others = [content(played(OfflineLine(rules_with(**said)), events).open_alerts) for said in OTHERS]
    assert [other != usual for other in others] == [True, True, True, False, True, True]


@pytest.mark.parametrize("seed", SEEDS[:8])
def test_back_to_the_rules_of_the_contract_it_is_what_the_contract_says(seed: int) -> None:
    """Judged by the brute force, which knows nothing of changes."""
    chance = random.Random(seed)
    events = mixed_events(chance, 60)
    changes = [a_change(rules_said(**said), at=at(day)) for day, said in enumerate(OTHERS)]
    line = played(OfflineLine(load_rules()), [*events[:40], *changes, *events[40:], a_change(at=at(99))])
    assert {(one.id, one.kind.value, one.evidence) for one in line.open_alerts} == oracle.open_alerts(events)


def refused(event: dict[str, Any], topic: str = "border.rules", *, live: bool = False) -> tuple[str, str, str]:
    limits = load_rules().intake if live else None
    (record,) = take_in(InputRecord(topic, 0, 0, None, as_line(event), {}), NOW, limits)
    assert record.topic == topics.DEAD_LETTERS.name
    letter = read_dead_letter(read_back(record))
    return letter.reason, letter.field, letter.text


@pytest.mark.parametrize(
    ("rules", "reason", "field"),
    [
        (rules_said(repeat_vehicle__window_days=-1), "invalid_value", "rules.repeat_vehicle.window_days"),
        (rules_said(surge__mode="loud"), "invalid_value", "rules.surge.mode"),
        (rules_said(nationality={"RS": 0.1}), "unknown_field", "rules.nationality"),
        ({"version": "v2"}, "missing_field", "rules.severity"),
    ],
)
def test_a_change_that_is_not_right_or_not_whole_is_refused_by_field(
    rules: dict[str, Any], reason: str, field: str
) -> None:
    assert refused(a_change(rules))[:2] == (reason, field)


def test_what_intake_read_at_its_start_is_not_changed_while_it_runs() -> None:
    said = rules_said(intake__longest_ahead_hours=48)
    assert refused(a_change(said, at=NOW.isoformat()), live=True)[:2] == ("invalid_value", "rules.intake")


@pytest.mark.parametrize("topic", ["border.incidents", "border.feedback", "border.watchlist"])
def test_stations_and_contact_points_change_no_rules(topic: str) -> None:
    assert refused(a_change(), topic)[:2] == ("unknown_type", "type")
    assert refused(taken_back("rules-1"), topic)[:2] == ("invalid_value", "originator")
