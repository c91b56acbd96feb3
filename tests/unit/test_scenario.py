"""Scenarios: what a file must be, and that the bundled ones raise what they say."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
from factory import revisions

from infra.exercises.scenario import BUNDLED, load_scenario
from schemas.codec import decode
from schemas.errors import ConfigurationError

CODES = frozenset({"SI", "HR", "AT", "HU"})
NOW = datetime(2026, 5, 20, 12, 0, tzinfo=UTC)
NAMES = sorted(path.stem for path in BUNDLED.glob("*.yaml"))


@pytest.mark.parametrize("name", NAMES)
def test_a_bundled_scenario_raises_one_alert_that_is_an_exercise(name: str) -> None:
    import json

    lines = load_scenario(name, CODES).lines("ex-1", NOW).values()
    alerts = revisions(*map(json.loads, lines))
    assert len({alert.id for alert in alerts}) == 1
    assert all(alert.exercise and alert.summary.startswith("EXERCISE: ") for alert in alerts)


def test_two_exercises_of_one_scenario_share_no_event() -> None:
    one, other = (load_scenario("sealed-van", CODES).lines(exercise, NOW) for exercise in ("ex-1", "ex-2"))
    assert not one.keys() & other.keys()
    (line,) = one.values()
    assert decode(line).id == "ex-1.van"


GOOD = "{id: a, type: incident, station: SI-OBR, kind: migrant_smuggling}"


@pytest.mark.parametrize(
    ("text", "wrong"),
    [
        (f"events: [{GOOD}]", "title"),
        ("title: x\nevents: []", "events"),
        (f"title: x\nexpected: [XX]\nevents: [{GOOD}]", "expected.0: XX is no contact point"),
        (f"title: x\nevents: [{GOOD}, {GOOD}]", "events.1.id: stands twice"),
        (f"title: x\nevents: [{GOOD[:-1]}, exercise: false}}]", "exercise is not for a scenario to say"),
        (f"title: x\nevents: [{GOOD[:-1]}, occurred_at: now}}]", "occurred_at is not for a scenario to say"),
        (f"title: x\nevents: [{GOOD[:-1]}, minutes_ago: -1}}]", "minutes_ago"),
        (f"title: x\nevents: [{GOOD[:-1]}, religion: x}}]", "special-category"),
        ("title: x\nevents: [{id: a, type: bulletin}]", "events.0"),
        (
            "title: x\nevents: [{id: a, type: station_status, station: SI-OBR, at: 2026-05-01T00:00:00Z, version: x}]",
            "events.0",
        ),
        (f"title: x\nevents: [{', '.join(GOOD.replace('id: a', f'id: a{n}') for n in range(51))}]", "events"),
    ],
)
def test_a_file_that_is_wrong_is_refused_with_what_and_where(tmp_path: Path, text: str, wrong: str) -> None:
    path = tmp_path / "scenario.yaml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ConfigurationError) as refused:
        load_scenario(str(path), CODES)
    assert wrong in str(refused.value)


def test_a_name_that_is_none_says_which_there_are() -> None:
    with pytest.raises(ConfigurationError, match="back-again, sealed-van"):
        load_scenario("nowhere", CODES)
