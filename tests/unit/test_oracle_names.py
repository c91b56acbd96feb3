"""The oracle on hand-made cases: which names, birth dates, documents and machine readable zones are one person's."""

from typing import Any

import oracle
import pytest
from factory import an_incident, at
from oracle.mrz import read_zone
from oracle.reports import moment

TODAY = moment(at()).date()
PASSPORT = {"type": "passport", "number": "AL1234567", "issuer": "ALB"}
ZONE = ["P<ALBXHAFERI<<AGRON<<<<<<<<<<<<<<<<<<<<<<<<<", "AL12345671ALB8504124M3001019<<<<<<<<<<<<<<02"]
CUT = ["P<BIHHADZIMUHAMEDOVIC<<ABDURAHMAN<MUHAMEDALI", "BA76543213BIH7909238M3001019<<<<<<<<<<<<<<04"]


def agron(**more: Any) -> dict[str, Any]:
    said = {"family_name": "Xhaferi", "given_names": "Agron", "birth_date": "1985-04-12", "role": "driver", **more}
    return {name: value for name, value in said.items() if value is not None}


def holder(document: dict[str, Any] = PASSPORT) -> dict[str, Any]:
    return {"role": "driver", "documents": [document]}


def one_person(one: dict[str, Any], other: dict[str, Any]) -> bool:
    """Whether two incidents with these persons repeat one."""
    events = [an_incident(id=f"I-{day}", occurred_at=at(day), persons=[who]) for day, who in enumerate((one, other))]
    return [(alert.kind, alert.evidence) for alert in oracle.open_alerts(events)] == [("repeat_person", ("I-0", "I-1"))]


@pytest.mark.parametrize(
    ("family", "given", "expected"),
    [
        ("XHAFERI", "agron", True),
        ("Џафери", "Агрон", True),
        ("Džaferi", "Agron", True),
        ("Agron", "Xhaferi", True),
        ("Xhaferi Hoxha", "Agron", True),
        ("Xhaferi", "Agron Besnik", True),
        ("Xhaferi Agron", None, True),
        (None, "Xhaferi Agron Besnik", True),
        ("Xhaferi", None, False),
        ("Agron", None, False),
        ("Xhafer", "Agron", False),
        ("Xhaferi", "Agrona", False),
        ("Hoxha", "Agron", False),
    ],
)
def test_names_agree_across_scripts_and_order(family: str | None, given: str | None, *, expected: bool) -> None:
    """A whole name in one field is one: a family and a given name of the other side are in it."""
    assert one_person(agron(), agron(family_name=family, given_names=given)) is expected


def test_two_family_names_alone_do_not_name_a_person() -> None:
    long = agron(family_name="Xhaferi Hoxha", given_names="Agron")
    assert not one_person(long, agron(family_name="Xhaferi Hoxha", given_names=None))
    assert one_person(long, agron(family_name="Xhaferi Hoxha Agron", given_names=None))


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        ("Đorđe Petrović", "Djordje Petrovic", True),
        ("Đorđe Petrović", "Ђорђе Петровић", True),
        ("Đorđe Petrović", "Dorde Petrovic", True),
        ("Ćerim Šehu", "Qerim Shehu", True),
        ("Ljubiša Nježić", "Љубиша Њежић", True),
        ("Jürgen Müller", "Juergen Mueller", True),
        ("Jürgen Müller", "Jurgen Muller", True),
        ("Dragan Petrović", "Dragana Petrović", False),
        ("Dragan Petrović", "Dragan Petković", False),
        ("Dragan Dragan", "Dragan Petrović", False),
    ],
)
def test_spellings_of_one_sound_agree(one: str, other: str, *, expected: bool) -> None:
    written = [dict(zip(("given_names", "family_name"), name.split(), strict=True)) for name in (one, other)]
    assert one_person(agron(**written[0]), agron(**written[1])) is expected


@pytest.mark.parametrize("date", ["1985", "1985-04", "1985-01-01", "1985-04-13", None])
def test_a_name_links_only_with_the_same_full_birth_date(date: str | None) -> None:
    assert not one_person(agron(), agron(birth_date=date))


@pytest.mark.parametrize("date", ["1985", "1985-04", "1985-01-01", None])
def test_half_a_birth_date_links_not_even_with_itself(date: str | None) -> None:
    assert not one_person(agron(birth_date=date), agron(birth_date=date))


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        ({"number": "al 123-4567"}, True),
        ({"number": "AL1234568"}, False),
        ({"issuer": "SRB"}, False),
        ({"type": "id_card"}, False),
        ({"type": None}, False),
        ({"issuer": None}, False),
    ],
)
def test_a_document_is_its_type_number_and_issuer(changed: dict[str, Any], *, expected: bool) -> None:
    other = {name: value for name, value in (PASSPORT | changed).items() if value is not None}
    assert one_person(holder(), holder(other)) is expected


@pytest.mark.parametrize("absent", ["type", "number", "issuer"])
def test_half_a_document_links_not_even_with_itself(absent: str) -> None:
    half = holder({name: value for name, value in PASSPORT.items() if name != absent})
    assert not one_person(half, half)


def test_a_zone_with_right_check_digits_fills_what_is_absent() -> None:
    wrong = [ZONE[0], ZONE[1].replace("850412", "850413")]
    assert one_person(holder(), {"role": "driver", "documents": [{"mrz": ZONE}]})
    assert not one_person(holder(), {"role": "driver", "documents": [{"mrz": wrong}]})
    assert one_person(agron(), {"role": "driver", "documents": [{"mrz": ZONE, "number": "other"}]})
    hoxha = {"role": "driver", "family_name": "Hoxha", "documents": [{"mrz": ZONE, "number": "other"}]}
    assert not one_person(agron(), hoxha), "what an officer wrote stands"


def test_a_name_that_fills_its_field_agrees_by_its_last_words_beginning() -> None:
    read = {"role": "driver", "documents": [{"mrz": CUT}]}
    name = {"family_name": "Hadžimuhamedović", "birth_date": "1979-09-23"}
    assert one_person(read, agron(given_names="Abdurahman Muhamedalija", **name))
    assert not one_person(read, agron(given_names="Abdurahmanija Muhamedali", **name)), "the last word only"
    typed = agron(given_names="Abdurahman Muhamedali", **name)
    assert not one_person(typed, agron(given_names="Abdurahman Muhamedalija", **name)), "zones only"


@pytest.mark.parametrize(
    "lines",
    [
        ["I<UTOD231458907<<<<<<<<<<<<<<<", "7408122F1204159UTO<<<<<<<<<<<6", "ERIKSSON<<ANNA<MARIA<<<<<<<<<<"],
        ["I<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<", "D231458907UTO7408122F1204159<<<<<<<6"],
        ["P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<", "L898902C36UTO7408122F1204159ZE184226B<<<<<10"],
    ],
)
def test_the_specimens_of_doc_9303_are_read_and_no_wrong_digit_is(lines: list[str]) -> None:
    zone = read_zone(lines, TODAY)
    assert zone is not None
    assert (zone.issuer, zone.family_name, zone.given_names, zone.birth_date, zone.cut) == (
        "UTO",
        "ERIKSSON",
        "ANNA MARIA",
        "1974-08-12",
        False,
    )
    assert (zone.type, zone.number) == (("passport", "L898902C3") if lines[0][0] == "P" else ("id_card", "D23145890"))
    changed = [line.replace("740812", "740822") for line in lines]
    assert read_zone(changed, TODAY) is None


def test_a_long_number_goes_on_in_the_optional_field() -> None:
    lines = ["I<UTOD23145890<7349<<<<<<<<<<<", "3407127M9507122UTO<<<<<<<<<<<2", "STEVENSON<<PETER<JOHN<<<<<<<<<"]
    zone = read_zone(lines, TODAY)
    assert zone is not None
    assert (zone.number, zone.birth_date) == ("D23145890734", "1934-07-12")
