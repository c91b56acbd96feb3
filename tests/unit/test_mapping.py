"""A map says how rows become events; what it would have to guess is refused by name."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml

from producers.importing.cells import RowReason
from producers.importing.mapping import RowError, RowMap, load_map
from schemas.codec import decode
from schemas.errors import ConfigurationError

EXAMPLES = Path(__file__).parents[2] / "producers" / "examples"


def a_map(columns: Mapping[str, Any], **more: Any) -> RowMap:
    return RowMap.model_validate({"type": "incident", "columns": columns, **more})


def said(row_map: RowMap, **row: str) -> dict[str, Any]:
    event: dict[str, Any] = json.loads(row_map.event(row))
    return event


def refused(row_map: RowMap, **row: str) -> tuple[RowReason, str, str]:
    with pytest.raises(RowError) as caught:
        row_map.event(row)
    return caught.value.reason, caught.value.field, caught.value.text


def wrong(path: Path, **content: Any) -> str:
    file = path / "map.yaml"
    file.write_text(yaml.safe_dump(content), encoding="utf-8")
    with pytest.raises(ConfigurationError) as caught:
        load_map(file)
    assert str(caught.value).startswith(f"{file}: line ")
    return str(caught.value)


def test_the_bundled_example_names_fields_that_there_are() -> None:
    assert load_map(EXAMPLES / "incidents-map.yaml").type == "incident"


def test_columns_fill_dotted_paths_and_constants_the_rest() -> None:
    row_map = a_map(
        {"p": "vehicles.0.plate", "n": {"field": "people.smuggled", "type": "integer"}, "i": "id"},
        constant={"station": "SI-OBR", "kind": "migrant_smuggling", "people.minors": 1, "evaluation": {"source": "A"}},
    )
    assert said(row_map, p=" LJ AB-1 ", n="4", i="x") == {
        "type": "incident",
        "schema_version": "1.0",
        "id": "x",
        "station": "SI-OBR",
        "kind": "migrant_smuggling",
        "people": {"smuggled": 4, "minors": 1},
        "evaluation": {"source": "A"},
        "vehicles": [{"plate": "LJ AB-1"}],
    }


def test_positions_that_a_row_leaves_empty_close_up_and_constants_do_not_stand_alone_there() -> None:
    columns = {"a": "vehicles.0.plate", "b": "vehicles.1.plate", "c": "vehicles.10.plate"}
    row_map = a_map(columns, constant={"vehicles.0.make": "A", "vehicles.1.make": "B", "vehicles.2.plate": "C"})
    assert said(row_map, a="", b="two", c="ten")["vehicles"] == [
        {"plate": "two", "make": "B"},
        {"plate": "C"},
        {"plate": "ten"},
    ]


@pytest.mark.parametrize(
    ("column", "text", "value"),
    [
        ({}, "  Ana ", "Ana"),
        ({"trim": False}, "  Ana ", "  Ana "),
        ({"type": "integer"}, "-7", -7),
        ({"type": "number"}, "0.5", 0.5),
        ({"type": "number", "decimal": ","}, "0,5", 0.5),
        ({"type": "boolean"}, "TRUE", True),
        ({"type": "boolean"}, "0", False),
        ({"type": "boolean", "values": {"da": True, "ne": False}}, "ne", False),
        ({"values": {"1": "entry", "NO": 5, "x": None}}, "NO", 5),
        ({"type": "list", "separator": "|"}, "a| b||c", ["a", "b", "c"]),
        ({"type": "list", "values": {"a": "A", "b": "B"}}, "a,b", ["A", "B"]),
    ],
)
def test_a_cell_is_read_as_its_column_says(column: dict[str, Any], text: str, value: object) -> None:
    read = said(a_map({"c": {"field": "narrative", **column}}), c=text)["narrative"]
    assert (read, type(read)) == (value, type(value))


@pytest.mark.parametrize("text", ["", "   ", "-", " n/a "])
def test_an_empty_cell_or_an_empty_marker_fills_nothing(text: str) -> None:
    assert "narrative" not in said(a_map({"c": {"field": "narrative", "skip_if": ["-", "n/a"]}}), c=text)


@pytest.mark.parametrize(
    ("column", "text", "reason"),
    [
        ({"type": "integer"}, "4,0", RowReason.NOT_A_NUMBER),
        ({"type": "integer"}, "٤", RowReason.NOT_A_NUMBER),
        ({"type": "integer"}, "9" * 5000, RowReason.NOT_A_NUMBER),
        ({"type": "number"}, "0,5", RowReason.NOT_A_NUMBER),
        ({"type": "number", "decimal": ","}, "1.234,5", RowReason.NOT_A_NUMBER),
        ({"type": "number"}, "nan", RowReason.NOT_A_NUMBER),
        ({"type": "boolean"}, "ja", RowReason.NOT_A_TRUTH),
        ({"values": {"a": "b"}}, "SECRET", RowReason.NOT_IN_TABLE),
        ({"type": "list", "values": {"a": "b"}}, "a,SECRET", RowReason.NOT_IN_TABLE),
    ],
)
def test_a_cell_that_says_something_else_is_refused_without_repeating_it(
    column: dict[str, Any], text: str, reason: RowReason
) -> None:
    found, field, why = refused(a_map({"c": {"field": "narrative", **column}}), c=text)
    assert (found, field) == (reason, "narrative")
    assert text not in why.removeprefix("column c")
    assert "SECRET" not in why


def a_time_map(form: str = "%d.%m.%Y %H:%M", zone: str | None = "Europe/Ljubljana") -> RowMap:
    return a_map({"t": {"field": "occurred_at", "type": "time", "format": form, "zone": zone}})


@pytest.mark.parametrize(
    ("row_map", "text", "moment"),
    [
        (a_time_map(), "1.7.2026 08:10", "2026-07-01T06:10:00+00:00"),
        (a_time_map(), "01.12.2026 08:10", "2026-12-01T07:10:00+00:00"),
        (a_time_map(zone="America/St_Johns"), "01.12.2026 08:10", "2026-12-01T11:40:00+00:00"),
        (a_time_map(), "29.03.2026 01:59", "2026-03-29T00:59:00+00:00"),
        (a_time_map(), "29.03.2026 03:00", "2026-03-29T01:00:00+00:00"),
        (a_time_map(), "25.10.2026 03:00", "2026-10-25T02:00:00+00:00"),
        (a_time_map("%Y-%m-%dT%H:%M%z", None), "2026-10-25T02:30+02:00", "2026-10-25T00:30:00+00:00"),
    ],
)
def test_local_times_become_utc_by_their_zone(row_map: RowMap, text: str, moment: str) -> None:
    assert said(row_map, t=text)["occurred_at"] == moment


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("29.03.2026 02:00", RowReason.NO_SUCH_LOCAL_TIME),
        ("29.03.2026 02:59", RowReason.NO_SUCH_LOCAL_TIME),
        ("25.10.2026 02:00", RowReason.AMBIGUOUS_LOCAL_TIME),
        ("25.10.2026 02:59", RowReason.AMBIGUOUS_LOCAL_TIME),
        ("31.02.2026 10:00", RowReason.UNREADABLE_TIME),
        ("01.07.2026", RowReason.UNREADABLE_TIME),
        ("01.01.0001 00:00", RowReason.UNREADABLE_TIME),
    ],
)
def test_a_time_that_never_was_or_was_twice_is_refused_and_not_guessed(text: str, reason: RowReason) -> None:
    assert refused(a_time_map(), t=text)[:2] == (reason, "occurred_at")


def test_an_id_is_made_from_what_makes_the_event_and_from_nothing_else() -> None:
    columns = {"a": "narrative", "b": "device"}
    one = a_map(columns, constant={"station": "SI-OBR"})
    first = said(one, a="x", b="y")["id"]
    assert first.startswith("csv-")
    assert said(one, b="y", a="x", refused_text="an extra column")["id"] == first
    assert said(a_map({"b": "device", "a": "narrative"}, constant={"station": "SI-OBR"}), a="x", b="y")["id"] == first
    others = [
        said(one, a="y", b="x")["id"],
        said(one, a="xy", b="")["id"],
        said(a_map(columns, constant={"station": "HR-BRE"}), a="x", b="y")["id"],
        said(a_map({"a": "lane", "b": "device"}, type="sighting", constant={"station": "SI-OBR"}), a="x", b="y")["id"],
    ]
    assert len({first, *others}) == 5


def test_a_row_of_every_type_can_become_a_message() -> None:
    row_map = a_map(
        {"at": {"field": "at", "type": "time", "format": "%d.%m.%Y %H:%M"}, "title": "title"},
        type="bulletin",
        zone="Europe/Zagreb",
        constant={"originator": "HR", "contact_point": "HR", "officer": "O-1", "text": "…", "countries": ["SI", "NO"]},
    )
    assert decode(row_map.event({"at": "01.07.2026 08:10", "title": "Convoys"})).type == "bulletin"


TIME = {"field": "occurred_at", "type": "time"}


@pytest.mark.parametrize(
    ("content", "text"),
    [
        ({"type": "alert"}, "type: must be one of: incident"),
        ({"columns": {}}, "columns: "),
        ({"colums": {}}, "colums: "),
        ({"columns": {"a": "vehicles.0.plat"}}, "vehicles.0.plat is not a field of incident"),
        ({"columns": {"a": "vehicles.plate"}}, "vehicles.plate is not a field of incident"),
        ({"columns": {"a": "vehicles.00.plate"}}, "vehicles.00.plate is not a dotted path"),
        ({"columns": {"a": "religion"}}, "religion is not a field of incident"),
        ({"columns": {"a": "type"}}, "type is filled by the import itself"),
        ({"constant": {"id": "x"}}, "id cannot be constant"),
        ({"columns": {"a": "narrative", "b": "narrative"}}, "narrative is filled twice"),
        ({"constant": {"people": {}}, "columns": {"a": "people.smuggled"}}, "people.smuggled is filled twice"),
        ({"columns": {"a": {**TIME}}}, "columns.a: a time needs a format"),
        ({"columns": {"a": {"field": "narrative", "format": "%Y"}}}, "columns.a.format: does not tell the month"),
        ({"columns": {"a": {**TIME, "format": "%d.%m. %H:%M"}}}, "columns.a.format: does not tell the year"),
        ({"columns": {"a": {**TIME, "format": "%d.%m.%Y %I:%M"}}}, "columns.a.format: does not tell the hour"),
        ({"columns": {"a": {**TIME, "format": "%c %Z"}}}, "columns.a.format: names of time zones"),
        ({"columns": {"a": {**TIME, "format": "%d.%m.%Y %H:%M"}}}, "column a needs a zone"),
        ({"zone": "Europe/Obrežje"}, "zone: is not a time zone"),
        ({"zone": "../../etc/passwd"}, "zone: is not a time zone"),
        ({"zone": "Europe"}, "zone: is not a time zone"),
        ({"columns": {"a": {**TIME, "format": "%c%z", "zone": "UTC"}}}, "a zone goes with a time"),
        ({"encoding": "utf-16"}, "encoding: is not an encoding"),
        ({"encoding": "rot13"}, "encoding: is not an encoding"),
        ({"encoding": "latin-99"}, "encoding: is not an encoding"),
        ({"delimiter": ";;"}, "delimiter: should match"),
        ({"delimiter": '"'}, "delimiter and quote are the same"),
        ({"constant": {"device": float("nan")}}, "constant holds something that is not JSON"),
    ],
)
def test_a_wrong_map_is_named_with_file_line_field_and_reason(
    tmp_path: Path, content: dict[str, Any], text: str
) -> None:
    assert text in wrong(tmp_path, **{"type": "incident", "columns": {"a": "narrative"}, **content})


def test_words_are_taken_as_they_are_written(tmp_path: Path) -> None:
    """In YAML 1.1 NO, a country, would be false, and a day a date."""
    file = tmp_path / "map.yaml"
    columns = "columns: {yes: {field: device, values: {NO: on, 1: 2026-05-01}}}"
    file.write_text(f"type: incident\nconstant: {{originator: NO}}\n{columns}\n", encoding="utf-8")
    row_map = load_map(file)
    assert (said(row_map, yes="NO")["originator"], said(row_map, yes="NO")["device"]) == ("NO", "on")
    assert said(row_map, yes="1")["device"] == "2026-05-01"


def test_a_column_that_stands_twice_in_the_map_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "map.yaml"
    file.write_text("type: incident\ncolumns:\n  a: id\n  a: narrative\n", encoding="utf-8")
    with pytest.raises(ConfigurationError, match="line 4: a stands here twice"):
        load_map(file)
