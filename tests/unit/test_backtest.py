"""History through two sets of rules, and how right each is."""

import json
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest
from factory import NOW, a_vehicle, an_incident, as_line, at
from offline_rig import alert_id
from rules_rig import a_change, rules_said, rules_with, taken_back

from infra.backtest import Backtest, Fate, backtest
from infra.backtest_picture import svg
from infra.errors import TruthError
from infra.judgement import Judge, Score
from streams.rules import load_rules

Events = list[dict[str, Any]]
NEAR, FAR, THREE = (
    "repeat_vehicle|real|N-1|vehicles/0|",
    "repeat_vehicle|real|F-1|vehicles/0|",
    "repeat_vehicle|real|T-1|vehicles/0|",
)


def met(name: str, plate: str, *days: float) -> Events:
    return [
        an_incident(id=f"{name}-{number}", occurred_at=at(day), vehicles=[a_vehicle(plate)])
        for number, day in enumerate(days, start=1)
    ]


HISTORY = [*met("N", "NE 111-AA", 0, 5), *met("F", "FA 222-BB", 0, 60), *met("T", "TH 333-CC", 0, 40, 80)]
"""With a window of 50 days the second is lost, and with one occurrence more to raise it, two of three are."""


def run(tmp_path: Path, history: Events, judges: tuple[Judge, ...] = (), **changed: Any) -> Backtest:
    file = tmp_path / "history.jsonl"
    file.write_bytes(b"\n".join(map(as_line, history)))
    after = rules_with(**changed)
    return backtest([file], load_rules(), after, now=NOW, on_progress=lambda *_: None, judges=judges)


def fates(result: Backtest) -> dict[str, Fate]:
    return {one.shown.id: one.fate for one in result.alerts}


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        ({"version": "other"}, {}),
        ({"repeat_vehicle__window_days": 50}, {NEAR: Fate.CHANGED, FAR: Fate.LOST, THREE: Fate.CHANGED}),
        ({"repeat_vehicle__least_occurrences": 3}, {NEAR: Fate.LOST, FAR: Fate.LOST, THREE: Fate.CHANGED}),
        ({"repeat_vehicle__mode": "shadow"}, {NEAR: Fate.LOST, FAR: Fate.LOST, THREE: Fate.LOST}),
        ({"severity__high": 1}, {NEAR: Fate.SAME, FAR: Fate.SAME, THREE: Fate.CHANGED}),
    ],
)
def test_alerts_are_gained_lost_and_changed(tmp_path: Path, changed: dict[str, Any], expected: dict[str, Fate]) -> None:
    """At the limit of high: two at one place have 0.7 and are medium, three have 0.8 and are high."""
    all_same = dict.fromkeys((NEAR, FAR, THREE), Fate.SAME)
    assert fates(run(tmp_path, HISTORY, **changed)) == {
        alert_id(key): fate for key, fate in (all_same | expected).items()
    }


def test_what_only_the_new_rules_raise_is_gained_and_counted_by_kind_and_severity(tmp_path: Path) -> None:
    result = run(tmp_path, met("L", "LA 444-DD", 0, 100), repeat_vehicle__window_days=100)
    assert {(str(kind), str(severity)): counted for (kind, severity), counted in result.counts.items()} == {
        ("repeat_vehicle", "medium"): {Fate.GAINED: 1}
    }


def test_changes_of_rules_in_the_history_are_left_out(tmp_path: Path) -> None:
    off = a_change(rules_said(repeat_vehicle__mode="off"))
    result = run(tmp_path, [off, *HISTORY, taken_back("rules-x")])
    assert set(fates(result).values()) == {Fate.SAME}
    assert len(result.alerts) == 3


def answer(number: int, key: str, outcome: str, **fields: Any) -> dict[str, Any]:
    said = {"type": "verdict", "schema_version": "1.0", "id": f"V-{number}", "at": at(90, hours=number)}
    return said | {"alert": alert_id(key), "contact_point": "SI", "officer": "A. Kos", "outcome": outcome} | fields


def test_the_newest_answers_that_were_not_taken_back_say_what_is_right(tmp_path: Path) -> None:
    answers = [
        answer(1, NEAR, "confirmed"),
        answer(2, FAR, "confirmed"),
        answer(3, FAR, "not_confirmed"),
        answer(4, FAR, "acknowledged"),
        answer(5, THREE, "confirmed"),
        answer(6, THREE, "not_confirmed"),
        taken_back("V-6", originator="SI"),
        taken_back("V-1", originator="HR"),
    ]
    result = run(tmp_path, [*HISTORY, *answers], repeat_vehicle__least_occurrences=3)
    assert result.scores == {"verdicts": (Score(judged=3, right=2, expected=2, found=2), Score(1, 1, 2, 1))}
    before, after = result.scores["verdicts"]
    assert (before.precision, before.recall) == (2 / 3, 1.0)
    assert (after.precision, after.recall) == (1.0, 0.5)


def test_the_truth_of_a_simulation_says_what_is_right(tmp_path: Path) -> None:
    truth = tmp_path / "truth.jsonl"
    who = {"N-1": "V1", "N-2": "V1", "F-1": "V2", "F-2": "V3", "T-1": "V4", "T-2": "V4"}
    lines: list[dict[str, Any]] = [
        {"truth": "event", "event": event, "subjects": {"vehicles/0": entity}} for event, entity in who.items()
    ]
    lines += [
        {"truth": "case", "events": ["N-1", "N-2"], "expects": ["repeat_vehicle"]},
        {"truth": "case", "events": ["N-1", "X-1"], "expects": ["repeat_vehicle", "surge"]},
    ]
    truth.write_bytes(b"\n".join(map(as_line, lines)))
    result = run(tmp_path, HISTORY, (Judge.by_truth(truth),), repeat_vehicle__window_days=50)
    assert result.scores == {"truth": (Score(judged=2, right=1, expected=3, found=1), Score(1, 1, 3, 1))}


def test_what_is_no_truth_is_named_by_its_line(tmp_path: Path) -> None:
    file = tmp_path / "truth.jsonl"
    file.write_text(json.dumps({"truth": "event", "event": "E", "subjects": {}}) + "\n[]\n")
    with pytest.raises(TruthError, match=r"truth\.jsonl:2"):
        Judge.by_truth(file)


def test_the_picture_has_a_part_for_each_fate_as_wide_as_its_alerts(tmp_path: Path) -> None:
    drawn = svg(run(tmp_path, HISTORY, repeat_vehicle__least_occurrences=3), "1 < 2")
    root = ET.fromstring(drawn)  # noqa: S314 - our own
    space = "{http://www.w3.org/2000/svg}"
    titles = {one.text: float(parent.get("width", 0)) for parent in root.iter(f"{space}rect") for one in parent}
    assert root.findtext(f"{space}title") == "1 < 2"
    assert titles["repeat_vehicle: 2 lost"] == pytest.approx(2 * titles["repeat_vehicle: 1 changed"], abs=0.2)
