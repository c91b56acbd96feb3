"""Every way to be refused: each example with the very text that stands beside it, and the table made from them."""

import pytest
from factory import a_vehicle, an_incident, as_line
from hypothesis import given
from hypothesis import strategies as st
from refusals import EXAMPLES, TABLE, Example, dead_letters, examples, table

from schemas.codec import decode
from schemas.errors import Refusal, RefusalReason
from schemas.special_categories import blanked, is_special


@pytest.mark.parametrize("example", examples(), ids=lambda example: example.name)
def test_an_example_is_refused_with_the_text_that_stands_beside_it(example: Example) -> None:
    letter = dead_letters(example.lines)[-1]
    assert (letter.reason, letter.field, letter.text) == (example.reason, example.field, example.text)


def test_there_is_an_example_for_every_reason_and_a_reason_for_every_example() -> None:
    assert {one.reason for one in examples()} == set(RefusalReason) - {RefusalReason.ENGINE_ERROR}
    assert {path.name for path in (EXAMPLES / "refused").iterdir()} == {one.file for one in examples()}


def test_a_refused_message_is_kept_whole() -> None:
    for one in examples():
        if one.reason != "special_category":
            assert dead_letters(one.lines)[-1].value.rstrip() in {line.rstrip() for line in one.lines} or (
                one.reason in {"id_conflict", "relay_cycle"}  # these were understood: their content is kept
            )


def test_the_table_is_made_from_the_examples() -> None:
    made = table()
    if not TABLE.exists() or TABLE.read_text(encoding="utf-8") != made:
        TABLE.write_text(made, encoding="utf-8")
        pytest.fail("schemas/REFUSALS.md was not up to date; it is now")


def test_a_name_in_a_message_cannot_do_harm_where_refusals_are_shown() -> None:
    with pytest.raises(Refusal) as caught:
        decode(as_line(an_incident(**{"\u001b[31m" + "x" * 500: 1})))
    assert caught.value.field == "?[31m" + "x" * 55


def test_special_category_values_are_blanked_wherever_they_stand_whatever_the_reason() -> None:
    event = an_incident(
        persons=[{"Religion": "S1"}, {"documents": [{"ethnicOrigin": ["S2"]}]}],
        vehicles=[a_vehicle(owner={"political-opinions": {"party": "S3"}})],
        health=4711,
    )
    del event["id"]
    kept = dead_letters([as_line(event)])[-1]
    assert kept.reason == "special_category"
    assert not any(secret in kept.value for secret in (b"S1", b"S2", b"S3", b"4711"))
    assert kept.value.count(b"[blanked]") == 4


def test_special_category_values_are_blanked_even_in_what_is_no_json() -> None:
    whole = as_line(an_incident(religion="S1 and \\ more", narrative="kept"))
    kept = dead_letters([whole[:-1] + b', "health": ["S2", "S'])[-1]
    assert kept.reason == "broken_json"
    assert b"S1" not in kept.value
    assert b"S2" not in kept.value
    assert b'"narrative": "kept"' in kept.value


def test_a_field_that_stands_twice_is_kept_twice_when_another_is_blanked() -> None:
    assert blanked(b'{"a": 1, "race": "x", "a": 2}') == b'{"a": 1, "race": "[blanked]", "a": 2}'


@pytest.mark.parametrize("name", ["trace", "racecourse", "healthy", "station", "direction", "iris_code"])
def test_a_name_that_only_looks_like_one_is_no_special_category(name: str) -> None:
    assert not is_special(name)


@given(st.binary(max_size=300) | st.text(max_size=200).map(lambda text: text.encode("utf-8", "surrogatepass")))
def test_blanking_never_fails_and_changes_nothing_without_a_reason(value: bytes) -> None:
    after = blanked(value)
    assert after == value or b"[blanked]" in after
