"""The benchmark of the watch gives no figure for outputs that are not just right."""

from typing import Any

import pytest
from failure import BenchError
from growth import extrapolated
from watch_run import check

from schemas import topics
from streams.batches.records import InputRecord


def output(name: str, topic: str = topics.CASEBOOK.name, **headers: bytes) -> InputRecord:
    return InputRecord(topic, 0, 0, name.encode(), b"{}", headers)


BACKGROUND = output("HR-BRE/SI-OBR", brdo_form=b"background")
RIGHT = frozenset({"S-1", "S-2"})


def test_what_is_right_and_how_busy_a_place_is_pass() -> None:
    check([output("S-2"), BACKGROUND, output("S-1")], RIGHT)


@pytest.mark.parametrize(
    ("outputs", "fault"),
    [
        ([output("S-1")], "1 missing"),
        ([output("S-1"), output("S-2"), output("S-3")], "1 never due"),
        ([output("S-1"), output("S-2"), output("S-2")], "1 repeated"),
        ([output("S-1"), output("S-2"), output("", topics.DEAD_LETTERS.name)], "1 dead letters"),
    ],
    ids=["missing", "never due", "repeated", "dead letter"],
)
def test_anything_else_is_a_failure(outputs: list[Any], fault: str) -> None:
    with pytest.raises(BenchError, match=fault):
        check(outputs, RIGHT)


def test_what_was_not_measured_follows_the_slope_of_the_two_largest() -> None:
    """100 and 400 at 10 and 40 are 10 each, whatever stands before them."""
    rows = {1: {"memory_mib": 77.0}, 10: {"memory_mib": 100.0}, 40: {"memory_mib": 400.0}}
    assert extrapolated(rows, 100) == 1_000
