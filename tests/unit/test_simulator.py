"""The simulator: repeatable, valid, possible, and with the errors that it says it makes."""

import json
import os
import re
import subprocess
import sys
from collections import Counter
from datetime import datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from command_line import brdo
from simulated import ENDS_AT, appearances, of_type, road_km, simulated

from producers.simulator import Scenario, ScenarioError, simulate
from schemas.codec import decode
from schemas.plates import normalise
from schemas.stations import station

DIGEST = """
import hashlib, sys
from datetime import datetime, timezone
from producers.simulator import Scenario, simulate
simulation = simulate(Scenario(seed=int(sys.argv[1]), ends_at=datetime(2026, 7, 20, tzinfo=timezone.utc),
                               sightings=3_000, incidents=200))
digest = hashlib.sha256()
simulation.write(digest.update, digest.update)
print(digest.hexdigest())
"""


def digest(seed: int, hash_seed: str) -> str:
    environment = {**os.environ, "PYTHONHASHSEED": hash_seed}
    root = Path(__file__).parents[2]
    made = subprocess.run(
        [sys.executable, "-c", DIGEST, str(seed)], env=environment, cwd=root, capture_output=True, text=True, check=True
    )
    return made.stdout


def test_equal_scenarios_give_equal_bytes_whatever_python_hashes_by() -> None:
    assert digest(1, "0") == digest(1, "4711")
    assert digest(1, "0") != digest(2, "0")


def test_a_simulation_is_the_same_each_time_it_is_iterated_over() -> None:
    simulation = simulate(Scenario(seed=3, ends_at=ENDS_AT, sightings=500, incidents=20))
    first, second = ([sent.line for sent in simulation] for _ in range(2))
    assert first == second


@pytest.mark.parametrize("seed", [7, 8])
def test_every_event_is_accepted(seed: int) -> None:
    events, _ = simulated(seed=seed)
    for sent in events:
        assert decode(sent.line).id == sent.event["id"]


def test_there_is_about_as_much_as_was_asked_for() -> None:
    events, cases = simulated()
    planted = {event for case in cases for event in case.events}
    types = Counter(sent.event["type"] for sent in events if sent.event["id"] not in planted)
    assert 11_000 < types["sighting"] < 13_500
    assert 400 <= types["incident"] < 500
    assert types["watchlist_entry"] > 2
    assert types["retraction"] > 0


def test_events_lie_within_the_days_and_sightings_within_theirs() -> None:
    events, _ = simulated()
    for sent in events:
        at = datetime.fromisoformat(sent.event.get("occurred_at") or sent.event["at"])
        days = 7 if sent.event["type"] == "sighting" else 120
        assert ENDS_AT - timedelta(days=days) <= at
        if "occurred_at" in sent.event:
            assert at < ENDS_AT
    whole, _ = simulated(sighting_days=None, days=20)
    assert min(sent.event["occurred_at"] for sent in of_type(whole, "sighting")) < "2026-11-01T13"


def test_events_come_in_the_order_in_which_they_reach_intake_some_late_some_twice() -> None:
    events, _ = simulated()
    assert all(one.reaches_intake <= other.reaches_intake for one, other in pairwise(events))
    late = [
        sent.reaches_intake_at - datetime.fromisoformat(sent.event["occurred_at"])
        for sent in events
        if sent.event["type"] == "sighting" and sent.truth is not None
    ]
    assert min(late) > timedelta(0)
    assert 0.015 < sum(one > timedelta(minutes=1) for one in late) / len(late) < 0.05
    assert max(late) > timedelta(hours=1)
    times = Counter(sent.event["id"] for sent in events)
    assert set(times.values()) == {1, 2}
    assert 0.005 < sum(number == 2 for number in times.values()) / len(times) < 0.02
    lines: dict[str, bytes] = {}
    assert all(lines.setdefault(sent.event["id"], sent.line) == sent.line for sent in events)


def test_nobody_is_ever_in_two_places() -> None:
    """At 110 km/h over 1.2 times the great circle everybody gets from one of their true appearances to the next."""
    for more in ({}, {"seed": 8}, {"sighting_days": None, "days": 14}):
        events, _ = simulated(**more)
        for entity, seen in appearances(events).items():
            for one, other in pairwise(seen):
                hours = (other.at - one.at) / timedelta(hours=1)
                assert hours + 1 / 60 >= road_km(one.station, other.station) / 110, (entity, one, other)


def test_nobody_leaves_again_before_they_are_back() -> None:
    events, _ = simulated(sightings=30_000)
    for seen in appearances(of_type(events, "sighting")).values():
        out = [one for one in seen if one.event["direction"] == "exit"]
        for one, other in pairwise(out):
            assert one.station != other.station or other.at - one.at > timedelta(hours=1.5), (one, other)


def test_a_journey_is_driven_at_60_to_110_km_an_hour_with_rests() -> None:
    events, _ = simulated()
    speeds = []
    for seen in appearances(of_type(events, "sighting")).values():
        for one, other in pairwise(seen):
            km = road_km(one.station, other.station)
            if km > 40 and one.event["direction"] == "entry" and other.event["direction"] == "exit":
                speeds.append(km / ((other.at - one.at) / timedelta(hours=1)))
    assert len(speeds) > 300
    assert max(speeds) < 110.5
    assert sum(speed > 40 for speed in speeds) / len(speeds) > 0.8


def test_who_leaves_one_side_of_a_crossing_enters_at_the_other_soon_after() -> None:
    events, _ = simulated()
    both = alone = 0
    for seen in appearances(of_type(events, "sighting")).values():
        for one, other in pairwise(seen):
            if one.event["direction"] != "exit":
                continue
            near, far = station(one.station), station(other.station)
            soon = timedelta(0) < other.at - one.at < timedelta(hours=1.6)
            enters = (
                near.place == far.place and near.country == far.other_country and other.event["direction"] == "entry"
            )
            if enters and soon:
                both += 1
            else:
                alone += 1
    assert both > 4_000
    assert alone / both < 0.08


def test_commuters_cross_twice_a_day_on_weekdays_and_lorries_hardly_on_sundays() -> None:
    events, _ = simulated()
    days: Counter[tuple[str, int]] = Counter()
    lorries: Counter[int] = Counter()
    for entity, seen in appearances(of_type(events, "sighting")).items():
        out = {one.at.date() for one in seen if one.at.hour < 10} & {one.at.date() for one in seen if one.at.hour >= 12}
        days.update({(entity, day.weekday()) for day in out})
        lorries.update(one.at.weekday() for one in seen if one.said.get("category") == "lorry")
    commuting = Counter(entity for entity, weekday in days if weekday < 5)
    assert sum(number >= 3 for number in commuting.values()) > 60
    assert lorries[6] < lorries[1] / 2


def test_about_three_reads_in_a_hundred_are_wrong_and_mostly_less_sure() -> None:
    """The true plate is the one that most reads of a vehicle agree on."""
    events, _ = simulated()
    good: list[float | None] = []
    bad: list[float | None] = []
    countries: Counter[bool] = Counter()
    for entity, seen in appearances(of_type(events, "sighting")).items():
        plates = Counter(one.said.get("plate", "") for one in seen)
        (plate, agreed), *_ = plates.most_common(1)
        if not entity.startswith("V") or agreed < 3 or not plate.isascii():
            continue
        for one in seen:
            (good if one.said["plate"] == plate else bad).append(one.said.get("plate_confidence"))
            countries["plate_country" in one.said] += 1
    assert 0.024 < len(bad) / (len(good) + len(bad)) < 0.043
    assert 0.005 < countries[False] / countries.total() < 0.016
    assert share_below(bad, 0.8) > 0.6
    assert 0.02 < share_below(good, 0.8) < 0.07
    assert any(one is not None and one > 0.85 for one in bad)


def share_below(confidences: list[float | None], limit: float) -> float:
    said = [one for one in confidences if one is not None]
    return sum(one < limit for one in said) / len(said)


def test_events_hold_nothing_of_the_truth() -> None:
    events, cases = simulated()
    planted = {event for case in cases for event in case.events}
    keys: dict[tuple[str, bool], set[str]] = {}
    for sent in events:
        assert not re.search(rb"truth|case|\"[VP]\d{6}\"|\"C\d{4}\"", sent.line), sent.line
        assert re.fullmatch(r"[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}", sent.event["id"])
        keys.setdefault((sent.event["type"], sent.event["id"] in planted), set()).update(sent.event)
    for kind in ("sighting", "incident", "watchlist_entry"):
        assert keys[kind, True] - {"person"} <= keys[kind, False]


def test_a_scenario_that_cannot_be_simulated_says_why() -> None:
    for wrong, text in (
        ({"ends_at": datetime(2026, 5, 1)}, "offset"),  # noqa: DTZ001 - that is what is wrong
        ({"days": 5}, "10 days"),
        ({"sighting_days": 2}, "4 days"),
        ({"sighting_days": 20, "days": 15}, "within the days"),
        ({"incidents": -1}, "zero or more"),
    ):
        said: dict[str, Any] = {"seed": 1, "ends_at": ENDS_AT, **wrong}
        with pytest.raises(ScenarioError, match=text):
            Scenario(**said)


def test_the_command_line_writes_events_and_truth_apart(tmp_path: Path) -> None:
    events, truth = tmp_path / "new" / "events.jsonl", tmp_path / "truth.jsonl"
    options = ["--ends-at", "2026-11-20T14:00:00+01:00", "--sightings", "2000", "--incidents", "50", "--seed", "5"]
    made = brdo({**os.environ}, "simulate", *options, "--events", str(events), "--truth", str(truth))
    assert made.returncode == 0, made.stderr
    simulation = simulate(Scenario(seed=5, ends_at=ENDS_AT, sightings=2_000, incidents=50))
    lines = events.read_bytes().splitlines()
    assert lines == [sent.line for sent in simulation]
    said = [json.loads(line) for line in truth.read_bytes().splitlines()]
    assert {one["event"] for one in said if one["truth"] == "event"} <= {json.loads(line)["id"] for line in lines}
    assert [one["id"] for one in said if one["truth"] == "case"] == [case.id for case in simulation.cases]
    assert f"{len(lines)} events" in made.stdout


def test_the_command_line_refuses_the_truth_among_the_events(tmp_path: Path) -> None:
    path = str(tmp_path / "both.jsonl")
    made = brdo({**os.environ}, "simulate", "--ends-at", "2026-11-20T14:00:00Z", "--events", path, "--truth", path)
    assert made.returncode == 1
    assert "cannot stand in the file of the events" in made.stderr
    made = brdo({**os.environ}, "simulate", "--ends-at", "tomorrow", "--events", path, "--truth", f"{path}.truth")
    assert made.returncode == 1
    assert "not a time" in made.stderr


def test_plates_are_written_by_officers_with_separators_and_mean_the_same() -> None:
    events, _ = simulated()
    plates = [one["plate"] for sent in of_type(events, "incident") for one in sent.event.get("vehicles", ())]
    assert sum(normalise(plate) != plate for plate in plates) / len(plates) > 0.5
