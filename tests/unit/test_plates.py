"""Plates: one form for comparison, and the ordinary forms by country."""
# ruff: noqa: RUF001 - the Cyrillic and Greek letters below are meant as such

import unicodedata

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from schemas import plates

COUNTRIES = st.none() | st.sampled_from([*plates.PATTERNS, "RU", "UA", "BY", "FR"])


@pytest.mark.parametrize(
    ("country", "written", "compared"),
    [
        ("SI", "lj ab-123", "LJAB123"),
        ("RS", "БГ 123-АБ", "BG123AB"),
        ("RS", "вр 045-рс", "VR045RS"),
        ("RS", "ШИ 001-ЖЋ", "ŠI001ŽĆ"),
        ("RS", "ЧА 12-ЂЂ", "ČA12ĐĐ"),
        ("RS", "ЉЊЏ", "LJNJDŽ"),
        ("MK", "СК 1234 АВ", "SK1234AV"),
        ("MK", "ГЕ·777·ЅЃ", "GE777DZGJ"),
        ("BA", "А12-Ј-345", "A12J345"),
        ("ME", "ПГ ХУ 123", "PGHU123"),
    ],
)
def test_cyrillic_letters_become_the_official_latin_ones_on_plates_of_the_region(
    country: str, written: str, compared: str
) -> None:
    assert plates.normalise_for(country, written) == compared


@pytest.mark.parametrize(
    ("country", "written", "compared"),
    [
        ("BG", "СВ 1234 НХ", "CB1234HX"),
        ("BG", "РА 0001 УТ", "PA0001YT"),
        ("UA", "АІ 1234 ВС", "AI1234BC"),
        ("GR", "ΥΗΡ-1234", "YHP1234"),
        ("GR", "αβε 1234", "ABE1234"),
    ],
)
def test_countries_that_issue_only_look_alikes_are_read_by_the_look(country: str, written: str, compared: str) -> None:
    assert plates.normalise_for(country, written) == compared


def test_without_a_country_only_letters_with_one_reading_become_latin() -> None:
    assert plates.normalise_for(None, "БГ 12 АЕ") == "BG12AE"
    assert plates.normalise_for(None, "ВН 12") == "ВН12", "VN by the alphabet, BH by the look: not guessed"


@pytest.mark.parametrize(("country", "letters"), [("RS", "ČĆĐŠŽ"), ("HR", "ČŠŽ"), ("AT", "Ö"), ("DE", "ÄÖÜ")])
def test_hooks_and_umlauts_stay_because_the_bare_letter_is_another_plate(country: str, letters: str) -> None:
    for letter in letters:
        bare = {"Đ": "D"}.get(letter, unicodedata.normalize("NFD", letter)[0])
        hooked, without = (plates.normalise_for(country, f"{one}A 123-BC") for one in (letter, bare))
        assert (hooked, without) == (f"{letter}A123BC", f"{bare}A123BC")


@pytest.mark.parametrize(
    ("country", "written", "compared"),
    [
        ("RS", "BG 123-Ð\u0189", "BG123ĐĐ"),
        ("TR", "34 İST 12", "34IST12"),
        ("SI", "LJ AB-١٢٣", "LJAB123"),
        ("HR", "\uff3a\uff27 1234-C\u030c", "ZG1234Č"),
        ("AL", "\u200eAA\u00a0123\u200b-BB", "AA123BB"),
    ],
)
def test_what_code_pages_and_keyboards_do_to_a_plate_is_undone(country: str, written: str, compared: str) -> None:
    assert plates.normalise_for(country, written) == compared


@pytest.mark.parametrize(
    ("country", "written", "compared"),
    [("SI", "SLO LJ AB-123", "SLOLJAB123"), ("RS", "SRB-BG 123-AB", "SRBBG123AB"), ("SI", "SI LJ AB-123", "SILJAB123")],
)
def test_a_country_sign_is_never_stripped_by_guess(country: str, written: str, compared: str) -> None:
    assert plates.normalise_for(country, written) == compared


@given(COUNTRIES, st.text())
@example(None, "\u1100-\u1161")  # two halves of a Korean letter, joined when the hyphen goes
def test_any_text_has_one_form_that_is_its_own_form(country: str | None, text: str) -> None:
    once = plates.normalise_for(country, text)
    assert plates.normalise_for(country, once) == once
    assert plates.normalise_for(country, unicodedata.normalize("NFD", text)) == once


@given(COUNTRIES, st.text(alphabet="abcČĆĐŠŽÖÜ0189 -·"))
def test_latin_plates_are_compared_as_before(country: str | None, text: str) -> None:
    assert plates.normalise_for(country, text) == plates.normalise(text)


@pytest.mark.parametrize(
    ("country", "plate"),
    [
        *[("SI", plate) for plate in ("LJ AB-123", "MB 12-34A", "KP A1-234")],
        *[("HR", plate) for plate in ("ZG 1234-AB", "ŠI 123-A", "ČK 999-ZZ")],
        *[("BA", plate) for plate in ("A12-J-345", "TA-123456", "А12-Ј-345")],
        *[("RS", plate) for plate in ("BG 1234-AB", "ŠA 012-ŽĆ", "БГ 123-АБ")],
        *[("ME", "PG AB123"), ("XK", "01-234-AB"), ("XK", "123-KS-456"), ("MK", "SK 1234 AB"), ("MK", "ŠT 123 AB")],
        *[("AL", "AA 123 BB"), ("IT", "AB 123 CD"), ("IT", "AB 12345"), ("HU", "ABC-123"), ("HU", "AA BC-123")],
        *[("AT", plate) for plate in ("W 12345A", "KU-217BI", "W-TKT1", "P-DXN1", "BP 12345", "L 1A")],
        *[("DE", plate) for plate in ("M-AE 2821", "TÖL-BA 218", "OF-PS 309E", "Y-123456", "B-A 1")],
        *[("BG", "CB 1234 HP"), ("BG", "E 0001 AB"), ("GR", "YHP-1234"), ("RO", "B 123 ABC"), ("RO", "CJ 01 XYZ")],
    ],
)
def test_an_ordinary_plate_fits_its_country(country: str, plate: str) -> None:
    assert plates.fits(country, plate) is True


@pytest.mark.parametrize(
    ("country", "plate"),
    [
        *[("SI", "XX AB-123"), ("SI", "LJ IO-123"), ("HR", "ZGA 123-A"), ("HR", "ĐA 123-A"), ("BA", "B12-J-345")],
        *[("RS", "BG 12-AB"), ("ME", "PG 123 AB"), ("XK", "08-234-AB"), ("MK", "SK 12345 AB"), ("AL", "AA 1234 BB")],
        *[
            ("IT", "EE 123 AB"),
            ("IT", "AI 123 BC"),
            ("HU", "AB-123"),
            ("AT", "123 ABC"),
            ("AT", "W 1A2B"),
            ("AT", "WIEN"),
        ],
        *[("DE", "123-456"), ("BG", "CB 1234 DJ"), ("GR", "ABC-1234"), ("RO", "BV 123 ABC"), ("SI", "SLO LJ AB-123")],
        *[("AL", ""), ("AL", "AA 123 BBC"), ("AL", "XAA 123 BB")],
    ],
)
def test_a_plate_outside_its_countrys_form_does_not_fit(country: str, plate: str) -> None:
    assert plates.fits(country, plate) is False


def test_a_country_without_a_known_form_has_no_answer() -> None:
    assert plates.fits("FR", "AA-123-AA") is None


def test_one_plate_fits_several_countries_so_that_it_never_tells_the_country() -> None:
    fitting = {country for country in plates.PATTERNS if plates.fits(country, "MS 123 AB")}
    assert {"SI", "RS", "HR", "MK", "AL", "IT"} <= fitting


@given(COUNTRIES, st.text(st.characters(codec="ascii"), max_size=20))
def test_a_plate_in_plain_letters_is_read_as_beside_a_sign_of_no_meaning(country: str | None, plate: str) -> None:
    """What is plain takes a shorter way."""
    assert plates.normalise_for(country, plate) == plates.normalise_for(country, plate + "·")
