"""The short form of a few scenarios of `tests/soak`: a line under faults ends with what the oracle says."""

import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

sys.path.append(str(Path(__file__).parents[1] / "soak"))  # scripts of their own, and no package

from line_rig import Line, a_line
from process_faults import stalled_worker, workers_join_and_leave
from state_faults import changelog_lost, state_directory_lost
from traffic_faults import poison
from trial import Trial

SEED = 20_261_124


@pytest.fixture(scope="module")
def line(tmp_path_factory: pytest.TempPathFactory, kafka_cache: Path) -> Iterator[Line]:
    with a_line(tmp_path_factory.mktemp("a line"), kafka_cache) as started:
        yield started


@pytest.mark.timeout(300)
@pytest.mark.parametrize(
    "damage",
    [workers_join_and_leave, stalled_worker, changelog_lost, state_directory_lost, poison],
    ids=lambda damage: str(damage.__name__),
)
def test_nothing_is_lost_told_twice_or_told_wrongly(line: Line, damage: Callable[[Trial], None]) -> None:
    """Each on the same line, after the others, with events of its own; the scenarios say what is done to it."""
    trial = Trial(line, f"T{len(line.prefixes):02}", SEED, short=True)
    damage(trial)
    assert trial.judge().is_well, trial.explain()
    assert sum(map(len, trial.must_hold.values())) > 50, "the traffic raises too little to prove anything"
