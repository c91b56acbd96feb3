"""Which two readings are one vehicle: every clause of the contract's paragraph, its nearest contrary beside it."""
# ruff: noqa: RUF001 - the Cyrillic and Greek letters are meant as such

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.subjects import Vehicle
from streams.matching.index import met_by
from streams.matching.vehicles import (
    Ground,
    Reading,
    compare,
    ground,
    lookup_keys,
    reading_of,
    separate,
)
from streams.matching.verdicts import Verdict

VIN, OTHER_VIN = "WVWZZZ1KZAW000001", "WVWZZZ1KZAW000002"
LOOK: dict[str, Any] = {"make": "Audi", "colour": "black"}
DOUBTFUL: dict[str, Any] = {"plate_confidence": 0.79}


def read(plate: str = "LJ AB-128", country: str | None = "SI", **more: Any) -> Reading:
    return reading_of(Vehicle(plate=plate, plate_country=country, **more))


MISREAD = "LJ A8-12B"
LOST = "LJ AB-12"


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        # the normalised (country, plate)
        (read(), read("ljab128"), Ground.SAME_PLATE),
        (read(make="Audi", category="car"), read(make="Opel", category="van"), Ground.SAME_PLATE),
        (read("БГ 123-АА", "RS"), read("BG 123-AA", "RS"), Ground.SAME_PLATE),
        (read(), read(country="HR"), Ground.OTHER_COUNTRY),
        (read(vin=VIN), read(country="HR", vin=VIN), Ground.OTHER_COUNTRY),
        (read("ŠI 123-AA", "RS"), read("SI 123-AA", "RS"), Ground.OTHER_PLATE),
        (read("WÖ 12 A", "AT"), read("WO 12 A", "AT"), Ground.OTHER_PLATE),
        (read("A12-K-345", "BA"), read("A12-K-346", "BA"), Ground.OTHER_PLATE),
        (read("01-234-AB", "XK"), read("O1 234 A8", "XK", **DOUBTFUL), Ground.BRIDGED_BY_DOUBT),
        # a misread needs evidence: the same VIN, or make and colour, or a doubtful read and no contradiction
        (read(), read(MISREAD), Ground.NOT_BRIDGED),
        (read(), read(LOST), Ground.NOT_BRIDGED),
        (read(vin=VIN), read(MISREAD, vin=VIN.lower()), Ground.BRIDGED_BY_VIN),
        (read(vin=VIN, make="Audi"), read(LOST, vin=VIN, make="Opel"), Ground.BRIDGED_BY_VIN),
        (read(**LOOK), read(MISREAD, make="AUDI", colour="Black"), Ground.BRIDGED_BY_LOOK),
        (read(**LOOK), read(LOST, **LOOK), Ground.BRIDGED_BY_LOOK),
        (read(make="Audi"), read(MISREAD, make="Audi"), Ground.NOT_BRIDGED),
        (read(colour="black"), read(MISREAD, colour="black"), Ground.NOT_BRIDGED),
        (read(**LOOK), read(MISREAD, make="Audi", colour="white"), Ground.NOT_BRIDGED),
        (read(make="Audi", colour="grey"), read(MISREAD, make="Audi", colour="silver"), Ground.NOT_BRIDGED),
        (read(), read(MISREAD, **DOUBTFUL), Ground.BRIDGED_BY_DOUBT),
        (read(**DOUBTFUL), read(LOST), Ground.BRIDGED_BY_DOUBT),
        (read(), read(MISREAD, plate_confidence=0.8), Ground.NOT_BRIDGED),
        (read(make="Audi"), read(MISREAD, make="Opel", **DOUBTFUL), Ground.NOT_BRIDGED),
        (read(colour="grey"), read(MISREAD, colour="white", **DOUBTFUL), Ground.NOT_BRIDGED),
        # any number of lookalike characters, or one lost or added, not both, and nothing else
        (read("SI 0128-5", "HR"), read("51 OL2B-S", "HR", **DOUBTFUL), Ground.BRIDGED_BY_DOUBT),
        (read(), read("LJ A8-12", **DOUBTFUL), Ground.OTHER_PLATE),
        (read(), read("LJ AB-1", **DOUBTFUL), Ground.OTHER_PLATE),
        (read(), read("LJ AB-129", **DOUBTFUL), Ground.OTHER_PLATE),
        (read(), read("LJ BA-128", **DOUBTFUL), Ground.OTHER_PLATE),
        (read(vin=VIN), read("KP XY-777", vin=VIN), Ground.OTHER_PLATE),
        # an absent country needs the same VIN, or make and colour, even where plates are equal
        (read(), read(country=None), Ground.COUNTRY_UNKNOWN),
        (read(country=None), read(country=None), Ground.COUNTRY_UNKNOWN),
        (read(make="Audi"), read(country=None, make="Audi", **DOUBTFUL), Ground.COUNTRY_UNKNOWN),
        (read(vin=VIN), read(country=None, vin=VIN), Ground.COUNTRY_BY_VIN),
        (read(country=None, vin=VIN), read(country=None, vin=VIN), Ground.COUNTRY_BY_VIN),
        (read(**LOOK), read(country=None, **LOOK), Ground.COUNTRY_BY_LOOK),
        (read(category="car", **LOOK), read(country=None, category="van", **LOOK), Ground.COUNTRY_BY_LOOK),
        (read("ВР 123-АА", "RS", **LOOK), read("ВР 123-АА", None, **LOOK), Ground.COUNTRY_BY_LOOK),
        (read("СВ 1234 АА", "BG", **LOOK), read("СВ 1234 АА", None, **LOOK), Ground.COUNTRY_BY_LOOK),
        (read(vin=VIN), read(MISREAD, country=None, vin=VIN), Ground.OTHER_PLATE),
        # another VIN separates always
        (read(vin=VIN), read(vin=OTHER_VIN), Ground.OTHER_VIN),
        (read(vin=VIN, **LOOK), read(MISREAD, vin=OTHER_VIN, **LOOK), Ground.OTHER_VIN),
        (read(vin="WVWZZZIKZAWOOOOO1"), read(vin=VIN), Ground.SAME_PLATE),
        # another category separates bridged reads
        (read(category="car", vin=VIN), read(MISREAD, category="van", vin=VIN), Ground.OTHER_CATEGORY),
        (read(category="car"), read(LOST, category="van", **DOUBTFUL), Ground.OTHER_CATEGORY),
        (read(category="car", **LOOK), read(MISREAD, category="car", **LOOK), Ground.BRIDGED_BY_LOOK),
    ],
)
def test_each_clause_of_the_contract(one: Reading, other: Reading, expected: Ground) -> None:
    assert ground(one, other) is ground(other, one) is expected


def test_what_links_and_what_does_not() -> None:
    assert {one for one in Ground if one.links} == {
        Ground.SAME_PLATE,
        Ground.BRIDGED_BY_VIN,
        Ground.BRIDGED_BY_LOOK,
        Ground.BRIDGED_BY_DOUBT,
        Ground.COUNTRY_BY_VIN,
        Ground.COUNTRY_BY_LOOK,
    }


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        (read(vin=VIN), read(vin=OTHER_VIN), True),
        (read(), read("KP XY-777", country="HR"), True),
        (read(category="car"), read(MISREAD, category="van"), True),
        (read(category="car"), read(category="van"), False),
        (read(), read("KP XY-777"), False),
        (read(), read(country=None), False),
    ],
)
def test_what_is_never_one_vehicle_through_others(one: Reading, other: Reading, *, expected: bool) -> None:
    assert separate(one, other) is separate(other, one) is expected


@pytest.mark.parametrize(
    ("one", "other", "verdict", "bits"),
    [
        (read(**LOOK), read(**LOOK), Verdict.MATCH, 17),
        (read(vin=VIN), read(vin=VIN), Verdict.MATCH, 30),
        (read(), read(MISREAD, **DOUBTFUL), Verdict.MATCH, 11),
        (read(), read(LOST, **DOUBTFUL), Verdict.MATCH, 9),
        (read(), read(MISREAD), Verdict.POSSIBLE, 8),
        (read(), read(country=None), Verdict.POSSIBLE, 8),
        (read("ŠI 123-AA", "RS"), read("SI 123-AA", "RS"), Verdict.POSSIBLE, 8),
        (read(vin=VIN), read("KP XY-777", vin=VIN), Verdict.POSSIBLE, 8),
        (read(), read(LOST), Verdict.NO_MATCH, 6),
        (read(make="Audi"), read(MISREAD, make="Opel"), Verdict.NO_MATCH, 4),
        (read(colour="white"), read(MISREAD, colour="grey"), Verdict.POSSIBLE, 8),
        (read(colour="white"), read(MISREAD, colour="red"), Verdict.NO_MATCH, 6.5),
        (read(category="car"), read(MISREAD, category="van"), Verdict.NO_MATCH, 2),
        (read(**LOOK), read(country="HR", **LOOK), Verdict.NO_MATCH, -5),
        (read(vin=VIN, **LOOK), read(vin=OTHER_VIN, **LOOK), Verdict.NO_MATCH, -3),
        (read(), read("KP XY-777"), Verdict.NO_MATCH, -8),
    ],
)
def test_bits_and_verdicts(one: Reading, other: Reading, verdict: Verdict, bits: float) -> None:
    comparison = compare(one, other)
    assert (comparison.verdict, comparison.bits) == (verdict, bits)
    assert comparison == compare(other, one)
    assert (comparison.score >= 0.5) is (bits >= 8)


def test_an_explanation_can_be_read_aloud() -> None:
    one, other = read("LJ AB-123", category="car", **LOOK), read("LJ A8-123", category="car", **LOOK)
    assert compare(one, other).explanation == (
        "plates LJA8123 and LJAB123: readers confuse 8 and B (+8); same make, audi (+2); same colour, black (+1); "
        "same category, car (+1). Match: one plate misread, with the same make and colour."
    )
    assert compare(read(vin=VIN), read(country=None, vin=OTHER_VIN)).explanation == (
        "plates equal, LJAB128 (+14); a country was not read (-6); other vehicle identification number, "
        "WVWZZZ1KZAW000001 and WVWZZZ1KZAW000002 (-20). No match: another vehicle identification number: two "
        "vehicles, of which one bears a cloned or re-issued plate."
    )


PLATES = st.text("0OB8S5AŠ", min_size=1, max_size=4)
READINGS = st.builds(
    Reading,
    country=st.sampled_from(("SI", "SI", "RS", None)),
    plate=PLATES,
    vin=st.sampled_from((None, "V1", "V2")),
    make=st.sampled_from((None, "audi", "opel")),
    colour=st.sampled_from((None, "grey", "white", "red")),
    category=st.sampled_from((None, "car", "van")),
    doubtful=st.booleans(),
)


@given(READINGS, READINGS)
def test_it_is_symmetric_and_never_across_countries_or_vins(one: Reading, other: Reading) -> None:
    assert compare(one, other) == compare(other, one)
    assert separate(one, other) is separate(other, one)
    if ground(one, other).links:
        assert one.country == other.country or None in {one.country, other.country}
        assert one.vin == other.vin or None in {one.vin, other.vin}
        assert not separate(one, other) or one.category != other.category
        assert one.can_link
        assert compare(one, other).verdict is Verdict.MATCH


@given(READINGS)
def test_whatever_is_read_the_same_again_is_the_same_vehicle_if_it_can_be_known_again(one: Reading) -> None:
    known = bool(one.country or one.vin or (one.make and one.colour))
    assert ground(one, one).links is one.can_link is known
    assert not separate(one, one)


@st.composite
def altered(draw: st.DrawFn) -> tuple[Reading, Reading]:
    """Return two readings of which the second is the first with a character lost, added or exchanged, or none."""
    one, other = draw(READINGS), draw(READINGS)
    place = draw(st.integers(0, len(one.plate) - 1))
    changed = draw(st.sampled_from((one.plate[place], "", one.plate[place] + "0", "8", "0")))
    plate = one.plate[:place] + changed + one.plate[place + 1 :] or "A"
    return one, Reading(other.country, plate, other.vin, one.make, one.colour, other.category, other.doubtful)


@given(altered())
def test_whatever_links_meets_by_its_keys(pair: tuple[Reading, Reading]) -> None:
    one, other = pair
    met, met_back = met_by(lookup_keys(one)) & lookup_keys(other), met_by(lookup_keys(other)) & lookup_keys(one)
    assert bool(met) is bool(met_back)
    assert met or not ground(one, other).links


def test_plates_that_would_only_become_the_same_do_not_meet() -> None:
    """Else every plate of a series would meet all its neighbours."""
    assert not met_by(lookup_keys(read("LJ AB-123"))) & lookup_keys(read("LJ AB-127"))
    assert met_by(lookup_keys(read("LJ AB-123"))) & lookup_keys(read("LJ AB-12"))
    assert met_by(lookup_keys(read("LJ AB-123"))) & lookup_keys(read("LJ AB-128"))


def test_a_reading_without_a_country_meets_plates_across_scripts() -> None:
    for country, plate in (("RS", "ВР 123-АА"), ("BG", "ВР 123-АА"), ("GR", "ΙΒΧ 1234")):
        one, unknown = read(plate, country, **LOOK), read(plate, None, **LOOK)
        assert ground(one, unknown) is Ground.COUNTRY_BY_LOOK
        assert met_by(lookup_keys(unknown)) & lookup_keys(one)
    assert not lookup_keys(read(country=None))
