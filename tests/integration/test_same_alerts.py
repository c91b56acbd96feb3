"""However many workers there are, and whoever comes and goes: the same events raise the same alerts."""

from dataclasses import replace
from pathlib import Path

import pytest
from same_alerts import SCENARIO, run

SHORT = replace(SCENARIO, sightings=4_300, incidents=600)
SHORT_FLOW_SECONDS = 30.0
KINDS = {
    "life_at_risk",
    "repeat_vehicle",
    "known_vehicle_sighted",
    "repeat_person",
    "known_person_sighted",
    "watchlist_hit",
    "impossible_journey",
    "identity_conflict",
    "surge",
    "convoy",
    "linked_incidents",
}


@pytest.mark.timeout(240)
def test_offline_one_worker_and_two_that_come_and_go_raise_the_same(tmp_path: Path, kafka_cache: Path) -> None:
    """The short form of `make same-alerts`."""
    result = run(SHORT, tmp_path, kafka_cache, SHORT_FLOW_SECONDS)
    assert result.events > 4_800
    assert result.equal, result.differences
    assert set(result.kinds) == KINDS, "the events raise too little to prove anything"
