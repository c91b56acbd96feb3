"""Workers come, go, die and stall under load, and count every record once: the short form of `make soak`."""

from pathlib import Path

import pytest
from rebalance_soak import Case, join_and_leave, run, stall


@pytest.mark.timeout(240)
@pytest.mark.parametrize(
    "case",
    [
        Case("workers join and leave", join_and_leave, "memory", 2),
        Case("workers join and leave", join_and_leave, "rocksdb", 2),
        Case("stalled worker", stall, "rocksdb", 1),
    ],
    ids=lambda case: f"{case.fault}, {case.store}",
)
def test_memory_changelog_and_outputs_are_what_was_sent(case: Case, kafka_cache: Path) -> None:
    result = run(case, 20_261_124, kafka_cache)
    assert result.events > 5_000
    assert (result.lost, result.repeated, result.differs_from_oracle) == (0, 0, 0), result
