"""`brdo match vehicles`: a table of pairs in, the same with score, verdict and explanation out."""

import csv
import io
import subprocess
from pathlib import Path

import pytest
from command_line import BRDO

PAIR = {"plate1": "LJ AB-123", "country1": "SI", "plate2": "LJ A8-123", "country2": "SI"}
MORE = ("make1", "make2", "colour1", "colour2", "vin1", "vin2", "confidence1", "confidence2")


def match(tmp_path: Path, *pairs: dict[str, str]) -> subprocess.CompletedProcess[str]:
    file = tmp_path / "pairs.csv"
    with file.open("w", encoding="utf-8", newline="") as out:
        table = csv.DictWriter(out, ["case", *PAIR, *MORE], restval="")
        table.writeheader()
        table.writerows(pairs)
    command = [*BRDO, "match", "vehicles", "--pairs", str(file)]
    return subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)


def judged(tmp_path: Path, *pairs: dict[str, str]) -> list[dict[str, str]]:
    done = match(tmp_path, *pairs)
    assert done.returncode == 0, done.stderr
    return list(csv.DictReader(io.StringIO(done.stdout)))


def test_a_pair_keeps_its_columns_and_gains_score_verdict_and_explanation(tmp_path: Path) -> None:
    (row,) = judged(tmp_path, {"case": "seven, eight", **PAIR, "confidence2": "0.61"})
    assert list(row) == ["case", *PAIR, *MORE, "score", "verdict", "explanation"]
    assert (row["case"], row["score"], row["verdict"]) == ("seven, eight", "0.8889", "match")
    assert row["explanation"] == (
        "plates LJA8123 and LJAB123: readers confuse 8 and B (+8); a doubtful read (+3). Match: one "
        "plate misread: a doubtful read, and nothing speaks against it."
    )


CASES = [
    ({}, "possible"),
    ({"confidence1": "0.9"}, "possible"),
    ({"confidence1": "0"}, "match"),
    ({"vin1": "V1", "vin2": "v1"}, "match"),
    ({"make1": "Audi", "make2": "audi", "colour1": "red", "colour2": "Red"}, "match"),
    ({"make1": "Audi", "make2": "Opel"}, "no_match"),
    ({"plate2": "LJ AB-123", "country2": ""}, "possible"),
    ({"plate2": "LJ AB-123", "country2": "HR"}, "no_match"),
    ({"plate2": "LJ AB-123", "vin1": "V1", "vin2": "V2"}, "no_match"),
    ({"plate2": " LJ AB-123 ", "country2": " SI "}, "match"),
]


def test_every_column_counts_and_an_empty_one_is_unknown(tmp_path: Path) -> None:
    rows = judged(tmp_path, *(PAIR | more for more, _ in CASES))
    assert [row["verdict"] for row in rows] == [verdict for _, verdict in CASES]
    assert all(0 <= float(row["score"]) <= 1 for row in rows)


@pytest.mark.parametrize(
    ("more", "complaint"),
    [
        ({"confidence2": "high"}, "pairs.csv, line 3, column confidence2: not a number from 0 to 1"),
        ({"confidence1": "1.5"}, "pairs.csv, line 3, column confidence1: not a number from 0 to 1"),
        ({"country2": "Slovenia"}, "pairs.csv, line 3, column country2: "),
        ({"plate1": ""}, "pairs.csv, line 3, column plate1: "),
        ({"plate1": "--"}, "pairs.csv, line 3, column plate1: holds no letter or digit"),
    ],
)
def test_a_pair_that_cannot_be_read_names_line_column_and_reason(
    tmp_path: Path, more: dict[str, str], complaint: str
) -> None:
    done = match(tmp_path, PAIR, PAIR | more)
    assert done.returncode != 0
    assert complaint in done.stderr
    assert done.stdout.count("\n") == 2, "what was compared before stands"
