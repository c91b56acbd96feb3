"""How long topics keep what they hold, by the catalogue: what is written there is what the broker is told."""

import pytest

from schemas import topics
from schemas.topics import CATALOGUE, DAY, Topic

HOUR_MS = 3_600_000
SIGHTINGS_ARE_IN = {"border.sightings", "border.passages", "border.roadside", "border.refused-sightings"}


@pytest.mark.parametrize("name", sorted(SIGHTINGS_ARE_IN))
def test_a_sighting_is_kept_for_a_week_and_six_hours_at_most(name: str) -> None:
    (config,) = (topic.config for topic in CATALOGUE if topic.name == name)
    assert config["cleanup.policy"] == "delete"
    assert int(config["retention.ms"]) == 7 * 24 * HOUR_MS
    assert int(config["segment.ms"]) == 6 * HOUR_MS, "a segment leaves as a whole, once its newest record is too old"


@pytest.mark.parametrize("topic", [topics.WATCH_STATE, topics.CASEBOOK_STATE], ids=lambda topic: topic.name)
def test_what_a_state_forgot_leaves_its_changelog_within_thirty_hours(topic: Topic) -> None:
    config = topic.config
    assert int(config["min.compaction.lag.ms"]) == 24 * HOUR_MS, "longer than any outage of a worker"
    assert config["max.compaction.lag.ms"] == config["min.compaction.lag.ms"], "then it is cleaned, however clean it is"
    assert int(config["segment.ms"]) == 6 * HOUR_MS, "the newest segment is never cleaned"


def test_no_record_outlives_its_retention_by_more_than_a_week() -> None:
    """Changes of the rules alone are kept for good: who made them answers for what they raise."""
    for topic in CATALOGUE:
        if not topic.compacted and topic is not topics.RULES:
            assert topic.retention_seconds is not None, topic.name
            assert int(topic.config["segment.ms"]) <= min(7 * DAY, topic.retention_seconds / 28) * 1000, topic.name
