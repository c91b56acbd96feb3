"""Machine readable zones: ICAO's specimens, what is refused, and a round trip."""

from collections.abc import Callable, Sequence
from datetime import date
from string import ascii_uppercase, digits

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.errors import SchemaError
from schemas.mrz import Mrz, MrzError, MrzReason, check_digit, read_mrz

TODAY = date(2026, 5, 20)
TD1 = ("I<UTOD231458907<<<<<<<<<<<<<<<", "7408122F1204159UTO<<<<<<<<<<<6", "ERIKSSON<<ANNA<MARIA<<<<<<<<<<")
TD1_LONG = ("I<UTOD23145890<7349<<<<<<<<<<<", "3407127M9507122UTO<<<<<<<<<<<2", "STEVENSON<<PETER<JOHN<<<<<<<<<")
TD1_SERBIAN = ("IDSRB95555554612902968000000<<", "6802295F1307245SRB<<<<<<<<<<<6", "SPECIMEN<<SPECIMEN<<<<<<<<<<<<")
TD2 = ("I<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<", "D231458907UTO7408122F1204159<<<<<<<6")
TD3 = ("P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<", "L898902C36UTO7408122F1204159ZE184226B<<<<<10")
MRV_A = ("V<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<", "L8988901C4XXX4009078F96121096ZE184226B<<<<<<")
MRV_B = ("V<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<", "L8988901C4XXX4009078F9612109<<<<<<<<")
SPECIMENS = {"TD1": TD1, "TD1 long": TD1_LONG, "TD2": TD2, "TD3": TD3, "MRV-A": MRV_A, "MRV-B": MRV_B}
# Where check digits watch, by form: (line, first column, column after the last).
CHECKED = {
    "TD1": [(0, 5, 30), (1, 0, 7), (1, 8, 15), (1, 18, 30)],
    "TD1 long": [(0, 5, 30), (1, 0, 7), (1, 8, 15), (1, 18, 30)],
    "TD2": [(1, 0, 10), (1, 13, 20), (1, 21, 36)],
    "TD3": [(1, 0, 10), (1, 13, 20), (1, 21, 44)],
    "MRV-A": [(1, 0, 10), (1, 13, 20), (1, 21, 28)],
    "MRV-B": [(1, 0, 10), (1, 13, 20), (1, 21, 28)],
}


def refusal(lines: Sequence[str]) -> MrzError:
    with pytest.raises(MrzError) as caught:
        read_mrz(lines, today=TODAY)
    return caught.value


def filled(text: str, length: int) -> str:
    return text[:length].ljust(length, "<")


def checked(text: str) -> str:
    return f"{text}{check_digit(text)}"


def td3(
    birth: str = "740812", expiry: str = "300415", name: str = "ERIKSSON<<ANNA", number: str = "L898902C3"
) -> list[str]:
    first = "P<UTO" + filled(name, 39)
    document, born, ends = (checked(filled(number, 9)), checked(birth), checked(expiry))
    rest = checked(filled("", 14))
    return [first, f"{document}UTO{born}F{ends}{rest}{check_digit(document + born + ends + rest)}"]


def td2(name: str, number: str, birth: str, expiry: str) -> list[str]:
    document, optional = long_number(number, 7)
    born, ends = checked(birth), checked(expiry)
    second = f"{document}SRB{born}M{ends}{optional}"
    return ["IDD<<" + filled(name, 31), second + str(check_digit(document + born + ends + optional))]


def td1(name: str, number: str, birth: str, expiry: str) -> list[str]:
    document, optional = long_number(number, 15)
    born, ends = checked(birth), checked(expiry)
    composite = check_digit(document + optional + born + ends + filled("", 11))
    return [f"IDRKS{document}{optional}", f"{born}F{ends}SRB{filled('', 11)}{composite}", filled(name, 30)]


def long_number(number: str, optional: int) -> tuple[str, str]:
    if len(number) > 9:
        return number[:9] + "<", filled(checked(number)[9:], optional)
    return checked(filled(number, 9)), filled("", optional)


@pytest.mark.parametrize(
    ("text", "digit"), [("520727", 3), ("AB2134<<<", 5), ("L898902C3", 6), ("D23145890734", 9), ("", 0), ("<<<", 0)]
)
def test_check_digits_are_those_of_the_standards_examples(text: str, digit: int) -> None:
    assert check_digit(text) == digit


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        (TD1, Mrz("I", "UTO", "D23145890", "ERIKSSON", "ANNA MARIA", False, "UTO", "1974-08-12", "2012-04-15")),
        (
            TD1_LONG,
            Mrz("I", "UTO", "D23145890734", "STEVENSON", "PETER JOHN", False, "UTO", "1934-07-12", "2095-07-12"),
        ),
        (TD1_SERBIAN, Mrz("ID", "SRB", "955555546", "SPECIMEN", "SPECIMEN", False, "SRB", "1968-02-29", "2013-07-24")),
        (TD2, Mrz("I", "UTO", "D23145890", "ERIKSSON", "ANNA MARIA", False, "UTO", "1974-08-12", "2012-04-15")),
        (TD3, Mrz("P", "UTO", "L898902C3", "ERIKSSON", "ANNA MARIA", False, "UTO", "1974-08-12", "2012-04-15")),
        (MRV_A, Mrz("V", "UTO", "L8988901C", "ERIKSSON", "ANNA MARIA", False, "XXX", "1940-09-07", "2096-12-10")),
        (MRV_B, Mrz("V", "UTO", "L8988901C", "ERIKSSON", "ANNA MARIA", False, "XXX", "1940-09-07", "2096-12-10")),
    ],
)
def test_specimens_are_read(lines: Sequence[str], expected: Mrz) -> None:
    assert read_mrz(lines, today=TODAY) == expected


@pytest.mark.parametrize("lines", SPECIMENS.values(), ids=SPECIMENS)
def test_blanks_around_lower_case_and_joined_lines_do_no_harm(lines: Sequence[str]) -> None:
    expected = read_mrz(lines, today=TODAY)
    assert read_mrz([f" {line.lower()}\r\n" for line in lines], today=TODAY) == expected
    assert read_mrz(["".join(lines)], today=TODAY) == expected


@pytest.mark.parametrize(
    ("lines", "reason"),
    [
        ([], MrzReason.UNKNOWN_FORM),
        ([""], MrzReason.UNKNOWN_FORM),
        ([TD3[0]], MrzReason.UNKNOWN_FORM),
        ([TD3[0], TD3[1][:-1]], MrzReason.UNKNOWN_FORM),
        ([TD3[0] + TD3[1][:1], TD3[1][1:]], MrzReason.UNKNOWN_FORM),
        ([*TD3, ""], MrzReason.UNKNOWN_FORM),
        (["V" + TD1[0][1:], *TD1[1:]], MrzReason.UNKNOWN_FORM),
        ([TD3[0].replace("K", "\u212a"), TD3[1]], MrzReason.WRONG_CHARACTER),
        ([TD3[0].replace("<", " "), TD3[1]], MrzReason.WRONG_CHARACTER),
        (["<" + TD3[0][1:], TD3[1]], MrzReason.WRONG_FIELD),
        (["P<12<" + TD3[0][5:], TD3[1]], MrzReason.WRONG_FIELD),
        ([TD3[0].replace("ANNA", "4NNA"), TD3[1]], MrzReason.WRONG_FIELD),
        ([TD3[0], TD3[1].replace("UTO", "U<O")], MrzReason.WRONG_FIELD),
    ],
)
def test_what_is_no_zone_is_refused_with_its_reason(lines: list[str], reason: MrzReason) -> None:
    assert refusal(lines).reason is reason


@pytest.mark.parametrize(
    ("column", "named"),
    [(9, "document number"), (19, "birth date"), (27, "expiry date"), (42, "personal number"), (43, "composite")],
)
def test_each_wrong_check_digit_is_named_without_saying_what_the_zone_holds(column: int, named: str) -> None:
    wrong = str((int(TD3[1][column]) + 1) % 10)
    error = refusal([TD3[0], TD3[1][:column] + wrong + TD3[1][column + 1 :]])
    assert isinstance(error, SchemaError)
    assert error.reason is MrzReason.WRONG_CHECK_DIGIT
    assert named in str(error)
    assert not any(held in str(error) for held in ("L898902C3", "740812", "ERIKSSON", "ANNA", "UTO"))


@given(st.data())
def test_one_wrong_character_is_found_wherever_a_check_digit_watches(data: st.DataObject) -> None:
    """Any change but one to a character whose value differs by ten or twenty, which the scheme cannot see."""
    form = data.draw(st.sampled_from(list(CHECKED)))
    lines = list(SPECIMENS[form])
    line, start, stop = data.draw(st.sampled_from(CHECKED[form]))
    column = data.draw(st.integers(start, stop - 1))
    old = lines[line][column]
    new = data.draw(st.sampled_from([c for c in ascii_uppercase + digits + "<" if check_digit(c) != check_digit(old)]))
    lines[line] = lines[line][:column] + new + lines[line][column + 1 :]
    refusal(lines)


@pytest.mark.parametrize("digit", ["0", "<"])
def test_an_unused_personal_number_may_have_a_filler_for_its_check_digit(digit: str) -> None:
    first, second = td3()
    assert read_mrz([first, second[:42] + digit + second[43:]], today=TODAY).number == "L898902C3"


def test_a_used_personal_number_needs_its_check_digit() -> None:
    assert "personal number" in str(refusal([TD3[0], TD3[1][:42] + "<" + TD3[1][43:]]))


def test_fillers_inside_a_document_number_are_no_part_of_it() -> None:
    assert read_mrz(td3(number="AB<12"), today=TODAY).number == "AB12"


@pytest.mark.parametrize(
    ("name", "family", "given", "truncated"),
    [
        ("VAN<DER<MUELLEN<<ANNA<MARIA", "VAN DER MUELLEN", "ANNA MARIA", False),
        ("ARKFREITH", "ARKFREITH", "", False),
        ("A<<B" + 35 * "C", "A", "B" + 35 * "C", True),
        ("A<<B" + 34 * "C", "A", "B" + 34 * "C", False),
        ("A<<B<<C", "A", "B C", False),
        ("A<<B<" + 34 * "C", "A", "B " + 34 * "C", True),
        ("A<<B" + 34 * "<" + "C", "A", "B C", False),
        ("A" + 37 * "<" + "C", "A", "C", False),
    ],
)
def test_names_are_parted_and_a_full_field_is_called_truncated(
    name: str,
    family: str,
    given: str,
    truncated: bool,  # noqa: FBT001 - a column of the table above
) -> None:
    zone = read_mrz(td3(name=name), today=TODAY)
    assert (zone.family_name, zone.given_names, zone.name_truncated) == (family, given, truncated)


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("740812", "1974-08-12"),
        ("7408<<", "1974-08"),
        ("74<<<<", "1974"),
        ("74<<12", "1974"),
        ("740000", "1974"),
        ("<<<<<<", None),
        ("<<0812", None),
        ("7<0812", None),
        ("260520", "2026-05-20"),
        ("260521", "1926-05-21"),
        ("2605<<", "2026-05"),
        ("2606<<", "1926-06"),
        ("26<<<<", "2026"),
        ("27<<<<", "1927"),
        ("000229", "2000-02-29"),
    ],
)
def test_a_birth_is_read_as_far_as_it_is_known_and_never_in_the_future(written: str, read: str | None) -> None:
    assert read_mrz(td3(birth=written), today=TODAY).birth_date == read


@pytest.mark.parametrize("written", ["741312", "740230", "010229", "7408A2", "74081<"])
def test_a_birth_outside_the_calendar_is_refused(written: str) -> None:
    assert refusal(td3(birth=written)).reason is MrzReason.WRONG_FIELD


@pytest.mark.parametrize(
    ("written", "read"),
    [("300415", "2030-04-15"), ("020101", "2002-01-01"), ("010101", "2101-01-01"), ("<<<<<<", None), ("999999", None)],
)
def test_an_expiry_is_in_this_century_and_absent_where_it_is_no_day(written: str, read: str | None) -> None:
    assert read_mrz(td3(expiry=written), today=TODAY).expiry_date == read


words = st.lists(st.text(ascii_uppercase, min_size=1, max_size=6), min_size=1, max_size=2)


@given(
    st.sampled_from([(td1, 22, "RKS"), (td2, 14, "D"), (td3, 9, "UTO")]),
    st.text(ascii_uppercase + digits, min_size=1, max_size=22),
    st.tuples(words, words),
    st.tuples(st.dates(date(1927, 1, 1), TODAY), st.dates(date(2002, 1, 1), date(2101, 12, 31))),
)
def test_what_was_written_is_read(
    form: tuple[Callable[..., list[str]], int, str],
    number: str,
    names: tuple[list[str], list[str]],
    dates: tuple[date, date],
) -> None:
    """Also numbers so long that they go on in the optional data."""
    write, longest, issuer = form
    name = "<<".join("<".join(words) for words in names)
    birth, expiry = (f"{day:%y%m%d}" for day in dates)
    zone = read_mrz(write(name=name, number=number[:longest], birth=birth, expiry=expiry), today=TODAY)
    assert (zone.issuer, zone.number) == (issuer, number[:longest])
    assert (zone.family_name, zone.given_names) == tuple(" ".join(words) for words in names)
    assert (zone.birth_date, zone.expiry_date) == tuple(day.isoformat() for day in dates)


@given(st.lists(st.text() | st.text(ascii_uppercase + digits + "<", min_size=30, max_size=44), max_size=4))
def test_any_text_is_read_or_refused(lines: list[str]) -> None:
    try:
        read_mrz(lines, today=TODAY)
    except MrzError as error:
        assert error.reason in MrzReason
