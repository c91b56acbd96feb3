"""Who is one person: the same document, or a full birth date and a name that agrees; never less."""

from datetime import date
from typing import Any

import pytest
from factory import as_line
from mixed_people import PEOPLE, passport_zone
from oracle.mrz import check_digit

from schemas.subjects import Person
from streams.matching.persons import Facts, Link, differ, document_keys, facts_of, link, lookup_keys

TODAY = date(2026, 5, 1)
BORN = "1985-04-12"


def facts(family: str | None = None, given: str | None = None, born: str | None = BORN, **more: Any) -> Facts:
    said = {"family_name": family, "given_names": given, "birth_date": born, **more}
    known = {name: value for name, value in said.items() if value is not None}
    return facts_of(Person.model_validate_json(as_line(known)), today=TODAY)


def holder(number: str | None = "P-1", kind: str | None = "passport", issuer: str | None = "SRB", **said: Any) -> Facts:
    document = {"type": kind, "number": number, "issuer": issuer}
    known = {name: value for name, value in document.items() if value is not None}
    return facts(born=said.pop("born", None), documents=[known], **said)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (facts("Xhaferi", "Agron"), facts("Џафери", "Агрон")),
        (facts("Xhaferi", "Agron"), facts("Džaferi", "Agron")),
        (facts("Đorđević", "Đorđe"), facts("Djordjevic", "Djordje")),
        (facts("Đorđević", "Đorđe"), facts("Ђорђевић", "Ђорђе")),
        (facts("Shehu", "Qerim"), facts("Šehu", "Ćerim")),
        (facts("Müller", "Jürgen"), facts("MUELLER", "JUERGEN")),
        (facts("Xhaferi", "Agron"), facts("Agron", "Xhaferi")),
        (facts("Marković Ilić", "Ana Marija"), facts("Ilić", "Ana")),
        (facts("Marković Ilić", "Ana Marija"), facts("Ana", "Marković")),
        (facts("Agron Xhaferi"), facts("Xhaferi", "Agron")),
    ],
    ids=str,
)
def test_a_name_agrees_across_scripts_spellings_order_and_missing_words(one: Facts, other: Facts) -> None:
    """Each word of the shorter name agrees with one of the longer, and they can find each other."""
    assert link(one, other) is link(other, one) is Link.NAME_AND_BIRTH_DATE
    assert lookup_keys(one) & lookup_keys(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (facts("Xhaferi", "Agron"), facts("Xhaferi", "Agim")),
        (facts("Petrović", "Dragan"), facts("Petrović", "Dragana")),
        (facts("Marković Ilić", "Ana"), facts("Marković Ilić", "Marija")),
        (facts("Marković", "Ana Marija"), facts("Petrović", "Ana Marija")),
        (facts("Marković", "Ana"), facts("Marković Marković", "Marija")),
        (facts("Marković Marković", "Ana"), facts("Marković Ilić", "Ana Marija")),
        (facts("Ilić Marković"), facts("Marković Ilić")),
        (facts(None, "Ana Marija"), facts(None, "Marija Ana")),
    ],
    ids=str,
)
def test_one_word_that_does_not_agree_is_another_person(one: Facts, other: Facts) -> None:
    """A family name and a given name are among what agrees, and no word counts twice."""
    assert link(one, other) is None
    assert link(other, one) is None


@pytest.mark.parametrize("born", ["1985", "1985-04", "1985-01-01", None])
def test_less_than_a_day_of_birth_never_links(born: str | None) -> None:
    """The first of January is written where the day is not known."""
    one = facts("Xhaferi", "Agron", born)
    assert link(one, one) is None
    assert not lookup_keys(one)
    assert link(one, facts("Xhaferi", "Agron")) is None


def test_another_day_of_birth_is_another_person() -> None:
    assert link(facts("Xhaferi", "Agron"), facts("Xhaferi", "Agron", "1985-04-13")) is None


def test_one_word_never_links() -> None:
    for one in (facts("Xhaferi"), facts(None, "Agron"), facts()):
        assert link(one, one) is None
        assert link(one, facts("Xhaferi", "Agron")) is None
        assert not lookup_keys(one)


def test_a_document_links_by_type_number_and_issuer_however_it_is_written() -> None:
    other = holder("p 1", family="Hoxha")
    assert link(holder(), other) is Link.DOCUMENT
    assert lookup_keys(holder()) & lookup_keys(other)


@pytest.mark.parametrize(
    "other", [holder(kind="id_card"), holder("P-2"), holder(issuer="HRV"), holder(kind=None), holder(issuer=None)]
)
def test_a_document_that_differs_or_is_not_fully_known_links_nobody(other: Facts) -> None:
    assert link(holder(), other) is None


def test_two_documents_of_unknown_issuer_are_not_the_same() -> None:
    one = holder(issuer=None)
    assert link(one, one) is None
    assert not document_keys(one)


def test_the_document_is_the_stronger_link_and_a_void_one_is_none() -> None:
    one = holder(family="Xhaferi", given="Agron", born=BORN)
    assert link(one, one) is Link.DOCUMENT
    assert link(one, one, one.documents) is Link.NAME_AND_BIRTH_DATE
    assert link(holder(), one, one.documents) is None


def zone(name: str) -> Facts:
    """Return what a passport with this name in its machine readable zone says, born in 1985."""
    someone = PEOPLE[0]._replace(zone_name=name)
    lines = passport_zone(someone, someone)
    return facts(born=None, documents=[{"mrz": lines}])


LONG_GIVEN = "ABDURAHMAN MUHAMEDALIJA"
FULL_FIELD = "HADZIMUHAMEDOVIC<<ABDURAHMAN<MUHAMEDALI"
"""39 characters: all that the field of a passport holds."""


def test_the_last_word_of_a_zone_that_is_full_may_be_cut_off() -> None:
    assert len(FULL_FIELD) == 39
    cut = zone(FULL_FIELD)
    assert cut.truncated
    assert link(cut, facts("Hadžimuhamedović", LONG_GIVEN)) is Link.NAME_AND_BIRTH_DATE
    assert link(facts("Хаџимухамедовић", "Абдурахман Мухамедалија"), cut) is Link.NAME_AND_BIRTH_DATE
    assert link(cut, facts("Hadžimuhamedović", "Abdurahman Mustafa")) is None


def test_a_word_is_not_cut_off_where_the_zone_has_room_or_an_officer_wrote_it() -> None:
    short = zone("HADZIMUHAMEDOVIC<<ABDURAHMAN<MUHAMEDAL")
    assert not short.truncated
    assert link(short, facts("Hadžimuhamedović", LONG_GIVEN)) is None
    assert link(facts("Hadžimuhamedović", "Abdurahman Muhamedali"), facts("Hadžimuhamedović", LONG_GIVEN)) is None


def test_only_the_last_word_of_a_full_zone_may_be_cut_off() -> None:
    assert link(zone(FULL_FIELD), facts("Hadžimuhamedovićević", LONG_GIVEN)) is None


def test_a_zone_gives_document_name_and_birth_date_and_a_misread_one_nothing() -> None:
    agron = PEOPLE[0]
    first, second = passport_zone(agron, agron)
    read = facts(born=None, documents=[{"mrz": [first, second]}])
    assert link(read, facts("Џафери", "Агрон")) is Link.NAME_AND_BIRTH_DATE
    assert link(read, holder("AL1234567", issuer="ALB")) is Link.DOCUMENT
    wrong = str((int(second[-1]) + 1) % 10)
    assert check_digit("850412") == int(second[19])
    assert facts(born=None, documents=[{"mrz": [first, second[:-1] + wrong]}]) == Facts()


@pytest.mark.parametrize(
    ("other", "expected"),
    [
        (facts("Hoxha", "Besnik", "1990-12-31"), True),
        (facts("Hoxha", "Besnik"), False),
        (facts("Džaferi", "Agron", "1990-12-31"), False),
        (facts("Hoxha", "Besnik", "1990"), False),
        (facts("Hoxha", "Besnik", None), False),
        (facts(born="1990-12-31"), False),
        (facts("Hoxha", None, "1990-12-31"), True),
    ],
    ids=["both", "same day", "same name", "a year alone", "no birth date", "no name", "one word of a name"],
)
def test_holders_differ_where_both_name_and_day_of_birth_do(other: Facts, *, expected: bool) -> None:
    one = facts("Xhaferi", "Agron")
    assert differ(one, other) is expected
    assert differ(other, one) is expected
