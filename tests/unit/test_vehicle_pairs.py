"""A table's pairs of vehicles are judged with reasons, and what cannot be read names its column."""

import pytest

from streams.matching.vehicle_pairs import REQUIRED, judged

PAIR = {"plate1": "LJ AB-123", "country1": "SI", "plate2": "LJ A8-123", "country2": "SI"}


def test_a_row_keeps_its_columns_and_gains_score_verdict_and_explanation() -> None:
    row = {"case": "7", **PAIR, "confidence2": "0.61"}
    assert judged(row) == {
        **row,
        "score": "0.8889",
        "verdict": "match",
        "explanation": "plates LJA8123 and LJAB123: readers confuse 8 and B (+8); a doubtful read (+3). Match: one "
        "plate misread: a doubtful read, and nothing speaks against it.",
    }
    assert set(REQUIRED) == set(PAIR)


@pytest.mark.parametrize(
    ("more", "verdict"),
    [
        ({}, "possible"),
        ({"confidence1": "0.9"}, "possible"),
        ({"vin1": "V1", "vin2": "v1"}, "match"),
        ({"make1": "Audi", "make2": "audi", "colour1": "red", "colour2": "Red"}, "match"),
        ({"make1": "Audi", "make2": "Opel"}, "no_match"),
        ({"plate2": "LJ AB-123", "country2": ""}, "possible"),
        ({"plate2": "LJ AB-123", "country2": "HR"}, "no_match"),
        ({"plate2": " LJ AB-123 ", "country2": " SI "}, "match"),
    ],
)
def test_every_column_counts_and_an_empty_one_is_unknown(more: dict[str, str], verdict: str) -> None:
    assert judged(PAIR | more)["verdict"] == verdict


@pytest.mark.parametrize(
    ("more", "column"),
    [
        ({"confidence2": "high"}, "confidence2"),
        ({"confidence1": "1.5"}, "confidence1"),
        ({"country2": "Slovenia"}, "country2"),
        ({"plate1": ""}, "plate1"),
        ({"plate1": "--"}, "plate1"),
    ],
)
def test_a_row_that_cannot_be_read_names_the_column(more: dict[str, str], column: str) -> None:
    with pytest.raises(ValueError, match=f"^{column}: "):
        judged(PAIR | more)
