"""What the watch does when the rules change: it looks again at what it retains, and starts again by those in force."""

from typing import Any

import pytest
from factory import NOW, a_sighting, as_line, at
from offline_rig import alerts_in, told
from rules_rig import a_change, from_operations, rules_said, rules_with
from test_convoy import CAUGHT, Events, traffic, two_journeys

from schemas import topics
from schemas.codec import encode
from schemas.records import Record
from streams.batches.records import InputRecord
from streams.correlation import to_every_watch
from streams.engine.rulebook import InForce
from streams.engine.watch import Watch
from streams.intake import take_in
from streams.offline import OfflineLine, read_back
from streams.rules import Rules, load_rules
from streams.watching import RULES, begin, load, watch_interests, watch_passages

FAR_APART = [
    a_sighting(id=f"S-{hours}", station=station, occurred_at=at(hours=hours))
    for station, hours in (("SI-OBR", 0), ("HU-TOM", 9))
]
SLOW: dict[str, Any] = {"impossible_journey__fastest_kmh": 5}
FAST: dict[str, Any] = {"impossible_journey__fastest_kmh": 1000}
"""An hour from crossing to crossing is no impossible journey: else all of it were passed on already."""


def test_what_passed_unnoticed_matters_once_other_rules_say_so() -> None:
    """Without the watch's look back the case book would never hear of it."""
    line = OfflineLine(load_rules())
    assert not [record for event in FAR_APART for record in told(line, event) if record.topic == topics.CASEBOOK.name]
    raised = alerts_in(from_operations(line, a_change(rules_said(**SLOW))))
    assert [(one.kind, one.evidence) for one in raised] == [("impossible_journey", ("S-0", "S-9"))]


@pytest.mark.parametrize(
    "stricter", [{"convoy__gap_minutes": 3}, {"convoy__least_places": 4}, {"convoy__least_journeys": 3}]
)
def test_who_drove_minutes_apart_is_looked_for_again(stricter: dict[str, Any]) -> None:
    """The case book hears of the companion only then: under stricter rules the watch kept it to itself."""
    line = OfflineLine(rules_with(**FAST, **stricter))
    events: Events = [*traffic(), *two_journeys(), CAUGHT]
    records = [record for event in events for record in told(line, event)]
    assert not [one for one in alerts_in(records) if one.kind == "convoy"]
    assert not [one for one in records if one.topic == topics.CASEBOOK.name and one.key.startswith(b"C-")]
    raised = [one for one in alerts_in(from_operations(line, a_change(rules_said(**FAST)))) if one.kind == "convoy"]
    usual = OfflineLine(rules_with(**FAST))
    for event in events:
        told(usual, event)
    assert [one.evidence for one in raised if one.status == "open"][-1:] == [
        one.evidence for one in usual.open_alerts if one.kind == "convoy"
    ]


def passages(watch: Watch, *events: dict[str, Any]) -> tuple[list[Record], dict[bytes, bytes | None]]:
    taken = [
        one for event in events for one in take_in(InputRecord("border.sightings", 0, 0, b"", as_line(event), {}), NOW)
    ]
    result = watch_passages(watch, map(read_back, taken), NOW)
    return result.records, result.changed


def in_force(rules: dict[str, Any]) -> InputRecord:
    said = InForce(type="rules_in_force", change="R-1", rules=rules)
    return read_back(next(iter(to_every_watch(b"rules", encode(said)))))


def test_a_watch_that_starts_again_goes_on_by_the_rules_in_force() -> None:
    """Those of its file are stricter or laxer: by the laxer, it would believe to have passed on what it never did."""
    file = rules_with(**SLOW)
    watch, kept = Watch(file), dict[bytes, bytes | None]()
    kept |= watch_interests(watch, [in_force(rules_said())], NOW).changed
    records, changed = passages(watch, *FAR_APART)
    assert not [one for one in records if one.topic == topics.CASEBOOK.name]
    kept |= changed
    again = Watch(file)
    begin(again, kept[RULES])
    for key, value in kept.items():
        load(again, key, value or b"")
    passed = watch_interests(again, [in_force(rules_said(**SLOW))], NOW).records
    assert [one.key for one in passed if one.topic == topics.CASEBOOK.name] == [b"S-0", b"S-9"]


def test_how_long_the_watch_keeps_a_sighting_changes_too() -> None:
    watch = Watch(Rules.model_validate(rules_said()))
    passages(watch, FAR_APART[0])
    watch_interests(watch, [in_force(rules_said(retention__sightings_days=0.5))], NOW)
    later = take_in(InputRecord("border.sightings", 0, 1, b"", as_line(FAR_APART[1]), {}), NOW.replace(day=NOW.day + 1))
    watch_passages(watch, map(read_back, later), NOW)
    assert watch.get("S-0") is None
    assert watch.get("S-9") is not None
