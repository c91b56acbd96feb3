"""`brdo match persons`: a table of pairs in, the same with score, verdict and explanation out."""

import csv
import io
import subprocess
import sys
from pathlib import Path

import pytest
from command_line import BRDO

from infra.errors import PairsError
from infra.pairs import LONGEST_CELL, judge_pairs

TABLE = """\
name1,name2,birth_date1,birth_date2,document1,document2,note
"Џафери, Агрон",Agron Xhaferi,1985-04-12,19850412,,,"one, two"
"Xhaferi, Agron","Hoxha, Besnik",,,ab 123-45,AB12345,
Xhaferi Agron,Xhaferi Agron,1985,1985-04-12,,,
Petrović Dragan,Petrović Dragana,1970-02-30,1971-12-07,,,
"""


def match(tmp_path: Path, table: str, *options: str) -> subprocess.CompletedProcess[str]:
    pairs = tmp_path / "pairs.csv"
    pairs.write_text(table, encoding="utf-8")
    command = [*BRDO, "match", "persons", "--pairs", str(pairs), *options]
    return subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)


def test_each_pair_comes_back_with_what_was_found(tmp_path: Path) -> None:
    done = match(tmp_path, TABLE)
    assert done.returncode == 0, done.stderr
    rows = list(csv.DictReader(io.StringIO(done.stdout)))
    assert [row["verdict"] for row in rows] == ["match", "match", "possible", "no_match"]
    assert [row["note"] for row in rows] == ["one, two", "", "", ""]
    assert list(rows[0])[-3:] == ["score", "verdict", "explanation"]
    assert rows[0]["explanation"].startswith("birth date equal (+11); name Џафери ≈ Xhaferi, one name in two scripts")
    assert rows[1]["explanation"].startswith("document AB12345 equal (+14); ")
    assert all(0 <= float(row["score"]) <= 1 for row in rows)
    assert float(rows[0]["score"]) > float(rows[2]["score"]) > float(rows[3]["score"])


def test_names_only_leaves_out_the_rule_that_a_name_never_links(tmp_path: Path) -> None:
    done = match(tmp_path, TABLE, "--names-only")
    rows = list(csv.DictReader(io.StringIO(done.stdout)))
    assert [row["verdict"] for row in rows] == ["match", "no_match", "match", "no_match"]
    assert "birth" not in done.stdout.partition("\n")[2]


@pytest.mark.parametrize(
    ("table", "complaint"),
    [
        ("", "pairs.csv is empty: the first line names the columns"),
        ("name1,other\n", "pairs.csv, line 1, column name2: is missing; the columns are name1, other"),
        ("name1,name2,name1\n", "pairs.csv, line 1, column name1: stands there twice"),
        ("name1,name2,score\n", "pairs.csv, line 1, column score: is a column of the answer; rename it"),
        ("name1,name2\nA,B\nA\n", "pairs.csv, line 3, column name2: 1 cells, but 2 columns"),
        ("name1,name2\nA,B,C\n", "pairs.csv, line 2, column name2: 3 cells, but 2 columns"),
        (
            'name1,name2,birth_date1\n"A\nB",B,\nA,B,12.4.1985\n',
            "pairs.csv, line 4, column birth_date1: not a birth date: write YYYY, YYYY-MM or YYYY-MM-DD",
        ),
        (
            f"name1,name2\n{'A' * (LONGEST_CELL + 1)},B\n",
            "pairs.csv, line 2, column name1: 1001 characters; at most 1,000 are compared",
        ),
        (f"name1,name2\n{'A' * 200_000}", "pairs.csv, line 2: longer than 100,000 bytes"),
        ('name1,name2\n"A"B,C\n', "pairs.csv, line 2: no CSV: ',' expected after '\"'"),
    ],
)
def test_what_is_wrong_is_named_by_line_column_and_reason(tmp_path: Path, table: str, complaint: str) -> None:
    done = match(tmp_path, table)
    assert done.returncode == 1
    assert done.stderr.strip().endswith(complaint)
    assert "Traceback" not in done.stderr


def test_bytes_that_are_no_text_are_named(tmp_path: Path) -> None:
    pairs = tmp_path / "pairs.csv"
    pairs.write_bytes(b"\xef\xbb\xbfname1,name2\nA,\xe6\n")
    with pytest.raises(PairsError, match=r"line 2: not UTF-8 at byte 3"):
        judge_pairs(pairs, lambda row: [row["name1"]], io.StringIO(), lambda *_: None, needed=["name1"], added=["x"])


def test_rows_are_written_as_they_are_judged_and_progress_is_told(tmp_path: Path) -> None:
    """A file may be longer than memory, and takes its time."""
    pairs = tmp_path / "pairs.csv"
    pairs.write_text("name1\n" + "A\n" * 2_000)
    out, told = io.StringIO(), list[tuple[int, int | None]]()

    def judge(row: object) -> list[str]:
        assert row == {"name1": "A"}
        return [str(out.getvalue().count("\n"))]

    count = judge_pairs(
        pairs, judge, out, lambda done, total, _: told.append((done, total)), needed=["name1"], added=["before"]
    )
    assert count == 2_000
    assert out.getvalue().splitlines()[-1] == "A,2000"
    assert len(told) > 3
    assert told == sorted(told)
    assert told[-1] == (pairs.stat().st_size, pairs.stat().st_size)


def test_a_reader_that_goes_away_ends_it_quietly(tmp_path: Path) -> None:
    pairs = tmp_path / "pairs.csv"
    pairs.write_text("name1,name2\n" + "Ana Ilić,Ana Ilić\n" * 5_000)
    command = f"{sys.executable} -m infra.cli match persons --pairs {pairs} | head -1"
    done = subprocess.run(["bash", "-c", command], capture_output=True, text=True, timeout=120, check=False)
    assert done.stdout == "name1,name2,score,verdict,explanation\n"
    assert "Traceback" not in done.stderr
    assert "Exception" not in done.stderr
