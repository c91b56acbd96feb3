"""Persons compared: names across scripts and spellings in bits, and never linked by less than the contract asks.

Expectations are written by hand; all persons are invented.
"""
# ruff: noqa: RUF001 - the Cyrillic, Greek and Arabic letters are meant as such

import random
from datetime import date

import pytest
from described import names, person
from factory import as_line
from hypothesis import given
from hypothesis import strategies as st
from oracle.mrz import check_digit

from schemas.subjects import Person
from streams.matching.comparison import compare, may_be_possible
from streams.matching.persons import Facts, Link, WrittenName, facts_from, facts_of, lookup_keys
from streams.matching.verdicts import POSSIBLE_BITS, Verdict

BORN = "1985-04-12"


def test_a_rare_name_says_more_than_a_common_one() -> None:
    common, rare = names("Jovanović Marko", "Jovanović Marko"), names("Zborovan Ostoja", "Zborovan Ostoja")
    assert common.bits == 7 + 5
    assert rare.bits == 10 + 10


def test_the_explanation_can_be_read_aloud() -> None:
    one = person("Џафери, Агрон", BORN, "passport/P1234567/ALB")
    other = person("Xhaferi, Agim", BORN, "passport/P1234568/ALB")
    assert compare(one, other).explanation == (
        "birth date equal (+11); family name Џафери ≈ Xhaferi, one name in two scripts (+7.6); "
        "documents passport P1234567 ALB and passport P1234568 ALB one character apart (+7); "
        "given name Агрон ≠ Agim (-4)"
    )


def test_what_contradicts_stands_beside_what_it_is_most_like() -> None:
    explanation = names("Petrović Goran", "Zoran Petković").explanation
    assert explanation == "name Petrović ≠ Petković (-3.5); name Goran ≠ Zoran (-3.5)"


def test_the_first_name_is_named_first_and_swapped_parts_are_said() -> None:
    together = names("AgronXhaferi", "Agron Xhaferi").explanation
    assert together == "name AgronXhaferi ≈ Agron Xhaferi, one name in two spellings (+10)"
    assert names("Xhaferi, Agron", "Agron, Xhaferi").explanation == (
        "name Xhaferi equal, family and given name swapped (+8); name Agron equal, family and given name swapped (+7)"
    )


def test_a_word_that_a_full_zone_cut_off_is_said_to_be_cut_off() -> None:
    written = WrittenName("HADZIMUHAMEDOVIC", "ABDURAHMAN MUHAMEDALI")
    cut = facts_from(frozenset(), written, BORN, truncated=True)
    whole = person("Hadžimuhamedović, Abdurahman Muhamedalija", BORN)
    said = "given name MUHAMEDALI ≈ Muhamedalija, cut off where the zone is full (+8)"
    assert said in compare(cut, whole).explanation
    assert "HADZIMUHAMEDOVIC ≈ Hadžimuhamedović, one name in two spellings" in compare(cut, whole).explanation
    assert compare(whole, cut).bits == compare(cut, whole).bits


@pytest.mark.parametrize(
    ("one", "other", "said"),
    [
        (BORN, BORN, "birth date equal (+11)"),
        (BORN, "1985-12-04", "birth dates 1985-04-12 and 1985-12-04: day and month swapped (+8)"),
        (BORN, "1985-04-13", "birth dates 1985-04-12 and 1985-04-13 one slip apart (+5)"),
        (BORN, "1985-04", "year and month of birth equal (+8)"),
        (BORN, "1985", "year of birth equal (+5)"),
        (BORN, "1985-01-01", "year of birth equal (+5)"),
        ("1985-01-01", "1985-01-01", "year of birth equal (+5)"),
        (BORN, "1962-11-30", "birth date 1985-04-12 ≠ 1962-11-30 (-11)"),
        (BORN, "1986", "birth date 1985-04-12 ≠ 1986 (-11)"),
        (BORN, None, ""),
    ],
)
def test_birth_dates_are_weighed_as_far_as_they_are_known(one: str, other: str | None, said: str) -> None:
    """The first of January is written where the day is not known."""
    assert compare(person("", one), person("", other)).explanation == said


@pytest.mark.parametrize(
    ("one", "other", "bits"),
    [
        ("passport/P1234567/SRB", "passport/P1234567/SRB", 14),
        ("passport/P1234567/SRB", "passport/P1234S67/SRB", 7),
        ("passport/P1234567/SRB", "passport/P9934567/SRB", -2),
        ("passport/P1234567/SRB", "passport/P1234568/HRV", -2),
        ("passport/P12/SRB", "passport/P13/SRB", -2),
    ],
)
def test_documents_are_weighed(one: str, other: str, bits: float) -> None:
    assert compare(person("", None, one), person("", None, other)).bits == bits


def test_the_score_grows_with_the_bits_and_a_half_is_what_an_officer_sees() -> None:
    agron = person("Xhaferi, Agron", BORN, "passport/P1234567/ALB")
    others = [
        person("Hoxha, Besnik", "1962-11-30"),
        person("Hoxha, Agron", "1985"),
        person("Xhaferi, Agron", "1985"),
        person("Xhaferi, Agron", BORN),
        agron,
    ]
    compared = [compare(agron, other) for other in others]
    assert [each.score for each in compared] == sorted(each.score for each in compared)
    assert compared == sorted(compared, key=lambda each: each.bits)
    assert [each.score >= 0.5 for each in compared] == [each.verdict is not Verdict.NO_MATCH for each in compared]
    assert 0 < compared[0].score < 0.1
    assert 0.9 < compared[-1].score < 1


def test_one_document_is_a_match_whatever_else_differs() -> None:
    document = "passport/P1234567/ALB"
    comparison = compare(person("Xhaferi, Agron", BORN, document), person("Hoxha, Besnik", "1962-11-30", document))
    assert comparison.bits == 14 - 11 - 3 - 4
    assert (comparison.verdict, comparison.score) == (Verdict.MATCH, 0.5)


def test_a_document_that_links_nobody_weighs_nothing() -> None:
    one, document = person("", None, "passport/P1234567/SRB"), frozenset({"passport/P1234567/SRB"})
    comparison = compare(one, one, document)
    assert (comparison.bits, comparison.link) == (0, None)


def test_the_contract_alone_makes_a_match_and_weak_evidence_is_shown() -> None:
    agron = person("Xhaferi, Agron", BORN)
    assert compare(agron, person("Џафери, Агрон", BORN)).link is Link.NAME_AND_BIRTH_DATE
    for weak in ("1985", "1985-04", None):
        assert compare(agron, person("Џафери, Агрон", weak)).verdict is Verdict.POSSIBLE
    assert compare(agron, person("Xhafari, Agron", BORN)).verdict is Verdict.POSSIBLE
    assert compare(agron, person("Xhaferi, Agron", "1962-11-30")).verdict is Verdict.NO_MATCH
    assert compare(agron, person("Hoxha, Besnik", "1985-04-21")).verdict is Verdict.NO_MATCH
    document = "passport/P1234567/ALB"
    assert compare(person("Xhaferi, Agron", BORN, document), person("", None, document)).verdict is Verdict.MATCH


def test_transliterations_link_and_forms_of_other_languages_and_slips_do_not() -> None:
    one = person("Zborovani, Mohammed", BORN)
    for same in ("Muhammad", "Mohamed", "محمد"):
        assert compare(one, person(f"Zborovani, {same}", BORN)).verdict is Verdict.MATCH
    assert compare(person("Mohammed Ahmed", BORN), person("Ahmad Muhammad", BORN)).verdict is Verdict.MATCH
    assert lookup_keys(person("Mohammed, Ahmed", BORN)) == lookup_keys(person("Muhammad, Ahmad", BORN))
    assert compare(one, person("Zborovani, Muhamet", BORN)).verdict is Verdict.POSSIBLE
    assert compare(person("Zborovan, Michael", BORN), person("Zborovan, Mihajlo", BORN)).verdict is Verdict.POSSIBLE


@pytest.mark.parametrize(
    ("code", "zone_name", "family", "given_names"),
    [
        ("P<UTO", "ERIKSSON<<ANNA<MARIA", "Eriksson", "Anna Maria"),
        ("P<SRB", "CIRIC<<DJORDJE", "Ћирић", "Ђорђе"),
        ("P<SRB", "NJEZIC<<LJUBISA", "Њежић", "Љубиша"),
        ("P<MKD", "KJOSEV<<GJORGJI", "Ќосев", "Ѓорѓи"),
        ("P<MKD", "DZAFERI<<AGRON", "Џафери", "Агрон"),
        ("P<D<<", "MUELLER<<JUERGEN", "Müller", "Jürgen"),
        ("P<D<<", "MUXXLLER<<JUXXRGEN", "Müller", "Jürgen"),
        ("P<GRC", "PAPADOPOULOS<<GEORGIOS", "Παπαδόπουλος", "Γεώργιος"),
        ("P<IRL", "OCONNOR<<SIOBHAN", "O’Connor", "Siobhan"),
        ("P<HRV", "MARKOVIC<ILIC<<ANA<MARIJA", "Marković-Ilić", "Ana Marija"),
    ],
)
def test_a_machine_readable_zone_is_the_person_who_wrote_the_name(
    code: str, zone_name: str, family: str, given_names: str
) -> None:
    """ICAO Doc 9303-3: the specimen ERIKSSON, transliterations of section 6, apostrophes and hyphens of 4.6."""
    second = (
        f"L898902C3{check_digit('L898902C3')}{code[2:5]}740812{check_digit('740812')}F120415{check_digit('120415')}"
    )
    second += "ZE184226B<<<<<1"
    composite = second[0:10] + second[13:20] + second[21:43]
    zone = [f"{code}{zone_name}".ljust(44, "<"), f"{second}{check_digit(composite)}"]
    read = facts_of(Person.model_validate_json(as_line({"documents": [{"mrz": zone}]})), today=date(2026, 5, 1))
    assert compare(read, person(f"{family}, {given_names}", "1974-08-12")).link is Link.NAME_AND_BIRTH_DATE
    damaged = [zone[0], zone[1].replace("740812", "740813")]
    unread = facts_of(Person.model_validate_json(as_line({"documents": [{"mrz": damaged}]})), today=date(2026, 5, 1))
    assert compare(unread, read).findings == ()


WORDS = st.sampled_from(
    ["Ана", "Ana", "Marija", "Марковић", "Ilić", "Xhaferi", "Џафери", "Mohamed", "محمد", "A.", "al", "Weiß", "Jovan"]
)
NAMES = st.lists(WORDS, min_size=1, max_size=5).map(" ".join)
DATES = st.sampled_from([None, BORN, "1985-12-04", "1985", "1985-04", "1985-01-01", "1990-02-03"])


@given(NAMES, NAMES, DATES, DATES)
def test_a_comparison_is_the_same_both_ways_round_and_a_name_never_links_alone(
    one: str, other: str, born: str | None, other_born: str | None
) -> None:
    comparison, turned = (
        compare(person(*pair[0]), person(*pair[1]))
        for pair in (((one, born), (other, other_born)), ((other, other_born), (one, born)))
    )
    assert comparison.bits == pytest.approx(turned.bits)
    assert comparison.name_likeness == pytest.approx(turned.name_likeness)
    assert (comparison.verdict, comparison.link) == (turned.verdict, turned.link)
    if born != other_born or born is None or len(born) < len(BORN) or born.endswith("-01-01"):
        assert comparison.verdict is not Verdict.MATCH


@given(st.lists(WORDS, min_size=2, max_size=4, unique=True), st.randoms(use_true_random=False))
def test_the_order_of_words_does_not_matter(words: list[str], shuffled: random.Random) -> None:
    other = list(words)
    shuffled.shuffle(other)
    agreed = compare(person(" ".join(words)), person(" ".join(other)))
    assert agreed.name_verdict is Verdict.MATCH
    assert not any(finding.bits < 0 for finding in agreed.findings)


SAID = st.builds(
    person,
    st.lists(
        st.sampled_from(
            ["Xhaferi", "Xhafari", "Agron", "Petrović", "Петровић", "Dragan", "Abd", "Allah", "Abdallah", "A."]
        ),
        max_size=4,
    ).map(" ".join),
    st.sampled_from([None, BORN, "1985", "1985-12-04", "1962-11-30"]),
    st.sampled_from(["passport/P1234567/SRB", "passport/P1234568/SRB", "passport/P9999999/SRB"]),
)


@given(SAID, SAID)
def test_what_is_possible_is_never_ruled_out_beforehand(one: Facts, other: Facts) -> None:
    if compare(one, other).bits >= POSSIBLE_BITS:
        assert may_be_possible(one, other)
        assert may_be_possible(other, one)


def test_two_common_names_are_ruled_out_by_their_birth_dates() -> None:
    one, other = person("Petrović, Dragan", BORN), person("Petrović, Dragan", "1962-11-30")
    assert not may_be_possible(one, other)
    assert may_be_possible(one, person("Petrović, Dragan", "1985"))


def test_an_outline_tells_no_name_no_date_and_no_number() -> None:
    one = person("Xhaferi, Agron", BORN, "passport/P1234567/ALB")
    other = person("Xhaferi, Agim", "1962-11-30", "passport/P9876543/ALB")
    assert compare(one, other).outline == (
        "family name equal; but birth dates differ; given name differs; no document in common"
    )


@given(SAID, SAID)
def test_every_finding_can_be_told_without_saying_of_whom(one: Facts, other: Facts) -> None:
    written = {word.written for facts in (one, other) for word in facts.written.words if len(word.written) > 2}
    outline = compare(one, other).outline
    assert not any(character.isdigit() for character in outline)
    assert not any(word in outline for word in written)
    assert all(finding.unnamed or not finding.bits for finding in compare(one, other).findings)
