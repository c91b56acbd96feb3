"""What is taken back carries no alert any more, whatever came first; nobody takes back another's report."""

import random
from typing import Any

import oracle
import pytest
from factory import a_vehicle, an_entry, an_incident, at
from mixed_traffic import mixed_events, retraction, with_retractions
from offline_rig import alerts_in, played, raised, told

Said = dict[str, Any]
FIRST = an_incident(id="A-1", vehicles=[a_vehicle()])
SECOND = an_incident(id="A-2", occurred_at=at(5), station="HR-BRE", vehicles=[a_vehicle()])


def takes_back(event: Said, reason: str = "unfounded", **more: Any) -> Said:
    return retraction(random.Random(1), event, f"R-{event['id']}") | {"reason": reason} | more


def known(events: list[Said]) -> set[tuple[str, str, tuple[str, ...]]]:
    return {(alert.id, alert.kind.value, alert.evidence) for alert in played(events).open_alerts}


@pytest.mark.parametrize("seed", range(60))
def test_with_a_part_taken_back_the_open_alerts_are_what_the_contract_says(seed: int) -> None:
    rng = random.Random(seed)
    events = with_retractions(rng, mixed_events(rng, 60), 0.2)
    assert known(events) == oracle.open_alerts(events)


@pytest.mark.parametrize("seed", range(60))
def test_with_everything_taken_back_nothing_is_open(seed: int) -> None:
    rng = random.Random(seed)
    events = mixed_events(rng, 40)
    assert played(events).open_alerts
    everything = events + [retraction(rng, event, f"R-{event['id']}") for event in events]
    assert not played(everything).open_alerts
    rng.shuffle(everything)
    assert not played(everything).open_alerts


@pytest.mark.parametrize("reason", ["unfounded", "wrong_identity", "duplicate", "entered_in_error"])
def test_an_alert_is_withdrawn_when_its_evidence_is_taken_back(reason: str) -> None:
    line = played([FIRST, SECOND])
    (withdrawn,) = alerts_in(told(line, takes_back(SECOND, reason)))
    assert (withdrawn.status, withdrawn.withdrawn_reason, withdrawn.revision) == ("withdrawn", "no_longer_supported", 2)
    assert not line.open_alerts


def test_a_retraction_that_comes_first_waits_for_its_event() -> None:
    assert raised("repeat_vehicle", takes_back(SECOND), FIRST, SECOND) == []


@pytest.mark.parametrize("more", [{"originator": "SI"}, {"exercise": True}])
def test_only_the_originator_takes_back_and_only_on_its_own_side(more: Said) -> None:
    assert raised("repeat_vehicle", FIRST, SECOND, takes_back(SECOND, **more)) == [("A-1", "A-2")]


def test_an_unfounded_report_falls_with_its_updates_and_one_entered_in_error_alone() -> None:
    update = SECOND | {"id": "A-3", "updates": "A-2", "reported_at": at(6)}
    assert raised("repeat_vehicle", FIRST, SECOND, update) == [("A-1", "A-3")]
    assert raised("repeat_vehicle", FIRST, SECOND, update, takes_back(SECOND)) == []
    assert raised("repeat_vehicle", FIRST, SECOND, update, takes_back(update, "entered_in_error")) == [("A-1", "A-2")]


def test_a_relays_originator_takes_back_the_relay_alone() -> None:
    relay = SECOND | {"id": "B-1", "relay_of": "A-2", "originator": "EUROPOL"}
    assert raised("repeat_vehicle", FIRST, SECOND, relay) == [("A-1", "A-2", "B-1")]
    assert raised("repeat_vehicle", FIRST, SECOND, relay, takes_back(relay)) == [("A-1", "A-2")]
    assert raised("repeat_vehicle", FIRST, SECOND, relay, takes_back(SECOND)) == []


def test_an_entry_of_the_watchlist_that_is_taken_back_withdraws_its_hits() -> None:
    entry = an_entry(id="W-1", vehicle=a_vehicle())
    assert raised("watchlist_hit", entry, FIRST) == [("A-1", "W-1")]
    assert raised("watchlist_hit", entry, FIRST, takes_back(entry)) == []
