"""Why an alert stands, event by event, and what would have made the difference."""

import random
from pathlib import Path

import pytest
from factory import NOW, a_vehicle, an_entry, an_incident, as_line, at
from mixed_traffic import mixed_events
from offline_rig import played, told

from infra.errors import NoSuchAlertError
from infra.explanation import Explanation, explain
from schemas.alerts import Alert
from streams.rules import load_rules

STORY = [
    an_incident(id=f"E-{number}", occurred_at=at(day), kind=kind, vehicles=[a_vehicle()])
    for number, day, kind in ((2, 9, "wanted_vehicle"), (1, 0, "migrant_smuggling"), (3, 20, "document_fraud"))
]
"""0.5 for two occurrences, 0.1 for a third, 0.2 for smuggling; high from 0.8."""


def explained(tmp_path: Path, alert: str, events: list[dict[str, object]]) -> Explanation:
    file = tmp_path / "history.jsonl"
    file.write_bytes(b"\n".join(map(as_line, events)))
    return explain(alert, [file], load_rules(), NOW, lambda _: None)


def test_each_event_in_order_of_time_with_what_it_added_and_what_would_be_without_it(tmp_path: Path) -> None:
    (alert,) = played(STORY).open_alerts
    found = explained(tmp_path, alert.id, STORY)
    assert found.alert.evidence == ("E-1", "E-2", "E-3")
    assert [(one.event, one.added, one.after and one.after.score, one.difference) for one in found.steps] == [
        ("E-1", [], None, "medium instead of high"),
        ("E-2", ["repeat_vehicle.occurrences +0.5", "repeat_vehicle.smuggling +0.2"], 0.7, "medium instead of high"),
        ("E-3", ["repeat_vehicle.occurrences +0", "repeat_vehicle.each_further +0.1"], 0.8, "medium instead of high"),
    ]
    without_the_first = found.steps[0].without
    assert without_the_first is not None
    assert (without_the_first.score, without_the_first.evidence) == (0.5, ("E-2", "E-3"))


def test_what_it_takes_is_not_raised_without_and_what_adds_nothing_leaves_it_as_it_is(tmp_path: Path) -> None:
    entries = [an_entry(id=f"W-{one}", vehicle=a_vehicle(), at=at(-one)) for one in (1, 2)]
    events = [*entries, an_incident(id="E-9", occurred_at=at(1), kind="refused_entry", vehicles=[a_vehicle()])]
    (alert,) = played(events).open_alerts
    found = explained(tmp_path, alert.id, events)
    assert {one.event: one.difference for one in found.steps} == {
        "W-1": "unchanged",
        "W-2": "unchanged",
        "E-9": "not raised",
    }


def test_an_alert_that_does_not_stand_is_not_explained(tmp_path: Path) -> None:
    with pytest.raises(NoSuchAlertError):
        explained(tmp_path, "al-" + "0" * 20, STORY)


def said(alert: Alert | None) -> Alert | None:
    return alert and alert.model_copy(update={"revision": 1, "updated_at": NOW})


@pytest.mark.parametrize("seed", range(6))
def test_without_an_event_it_is_as_if_the_event_had_never_come_and_asking_changes_nothing(seed: int) -> None:
    """Held against a line that never heard of it."""
    events = mixed_events(random.Random(seed), 40)
    line, calm = played(events[:30]), played(events[:30])
    before = line.open_alerts
    for alert in before[:8]:
        for event in alert.evidence[:3]:
            without = line.what_if().without(alert, event)
            never = played([one for one in events[:30] if one["id"] != event])
            alike = [one for one in never.open_alerts if without and one.id == without.id]
            assert [said(one) for one in alike] == ([said(without)] if without else [])
            if without is None:
                assert alert.id not in {one.id for one in never.open_alerts}
        *_, (_, last) = line.what_if().steps(alert)
        assert said(last) == said(alert)
    assert line.open_alerts == before
    for later in events[30:]:
        assert told(line, later) == told(calm, later)
