"""A file is read row by row, and a broken row spoils no other."""

import io
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from producers.importing import rows as reading
from producers.importing.cells import RowReason
from producers.importing.mapping import RowMap
from producers.importing.rows import LONGEST_ROW_BYTES, MOST_LINES, Row, Rows

cells = st.text(st.sampled_from('ab ";\n€'), max_size=6)


def a_map(**more: Any) -> RowMap:
    return RowMap.model_validate({"type": "incident", "delimiter": ";", "columns": {"a": "narrative"}, **more})


def rows(data: bytes, width: int = 3, **more: Any) -> list[Row]:
    return list(Rows(io.BytesIO(data), a_map(**more)).rows(width))


def what(data: bytes, **more: Any) -> list[tuple[str, ...] | RowReason]:
    return [row.problem or row.cells for row in rows(data, **more)]


def quoted(row: list[str]) -> bytes:
    return ";".join('"' + cell.replace('"', '""') + '"' for cell in row).encode()


@given(st.lists(st.lists(cells, min_size=3, max_size=3), max_size=5), st.sampled_from([b"\n", b"\r\n"]))
def test_a_well_formed_file_is_read_as_it_was_meant(table: list[list[str]], end: bytes) -> None:
    meant = [tuple(row) for row in table if any(cell.strip() for cell in row)]
    assert what(b"".join(quoted(row) + end for row in table)) == meant


@settings(deadline=None)
@given(st.lists(st.lists(cells, min_size=3, max_size=3), max_size=5))
def test_reading_goes_on_where_a_row_ended(table: list[list[str]]) -> None:
    data = b"\n".join(quoted(row) for row in table)
    whole = rows(data)
    for position, row in enumerate(whole):
        file = io.BytesIO(data)
        file.seek(row.end)
        assert list(Rows(file, a_map(), line=row.end_line).rows(3)) == whole[position + 1 :]


@given(st.binary(max_size=60), st.sampled_from(["utf-8", "cp1250", "utf-8-sig"]))
def test_no_bytes_break_the_reader(data: bytes, encoding: str) -> None:
    for row in rows(data + b"\na;b;c\n", encoding=encoding):
        assert row.problem or len(row.cells) == 3


@pytest.mark.parametrize(
    ("broken", "problem"),
    [
        (b'"a;b;c', RowReason.UNBALANCED_QUOTES),
        (b'a;"b;c', RowReason.UNBALANCED_QUOTES),
        (b'"a"b;b;c', RowReason.UNBALANCED_QUOTES),
        (b"a;b", RowReason.WRONG_COLUMNS),
        (b"a;b;c;d", RowReason.WRONG_COLUMNS),
        (b"a;\x00;c", RowReason.NULL_BYTE),
        (b"a;\xff;c", RowReason.NOT_ENCODED),
        (b"a\rb;b;c", RowReason.STRAY_LINE_END),
        (b"x" * (LONGEST_ROW_BYTES + 5), RowReason.ROW_TOO_LONG),
    ],
)
def test_a_broken_row_is_named_and_its_neighbours_are_read(broken: bytes, problem: RowReason) -> None:
    good = [b"1;2;3", b'4;"5";6', b'7;"8\n8";9']
    meant: list[object] = [("1", "2", "3"), problem, ("4", "5", "6"), ("7", "8\n8", "9")]
    assert what(b"\n".join([good[0], broken, *good[1:]])) == meant
    assert what(b"\n".join([good[0], broken])) == meant[:2]


def test_a_quote_that_nobody_closes_takes_no_more_than_its_line() -> None:
    data = b'"a;b;c\n' + b"1;2;3\n" * (3 * MOST_LINES)
    assert what(data) == [RowReason.UNBALANCED_QUOTES, *[("1", "2", "3")] * (3 * MOST_LINES)]


def test_a_row_knows_its_line_and_where_it_ends() -> None:
    found = rows(b'a;b;c\n\n;;\n1;"2\n2";3\n4;5;6')
    assert [(row.line, row.end_line, row.end) for row in found] == [(1, 1, 6), (4, 5, 20), (6, 6, 25)]


def test_a_byte_that_the_encoding_does_not_have_is_no_question_mark() -> None:
    assert what("č;š;ž".encode("cp1250"), encoding="cp1250") == [("č", "š", "ž")]
    assert what(b"a;\x81;c", encoding="cp1250") == [RowReason.NOT_ENCODED]


def test_the_first_row_is_the_header() -> None:
    assert Rows(io.BytesIO("\ufeff a ;b\n".encode()), a_map(encoding="utf-8")).header() == ("a", "b")
    assert Rows(io.BytesIO(b""), a_map()).header() == ()
    assert Rows(io.BytesIO(b'"a;b'), a_map()).header() == ()


def test_a_large_file_is_not_read_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    """However far it is to the next line end."""
    monkeypatch.setattr(reading, "LONGEST_ROW_BYTES", 1000)
    largest = 0

    class Endless(io.BytesIO):
        def readline(self, size: int | None = -1, /) -> bytes:
            nonlocal largest
            assert size is not None
            assert size > 0
            line = super().readline(size)
            largest = max(largest, len(line))
            return line

    found = list(Rows(Endless(b"x" * 5_000_000 + b"\n1;2;3\n"), a_map()).rows(3))
    assert [row.problem for row in found] == [RowReason.ROW_TOO_LONG, None]
    assert len(found[0].text) <= 1000
    assert largest <= 1024 * 1024
