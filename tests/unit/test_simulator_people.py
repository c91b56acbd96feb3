"""The simulator's names, documents and plates: spelled, printed and issued as the region does it."""

from collections import Counter
from datetime import date
from random import Random

import pytest
from simulated import appearances, of_type, simulated

from producers.simulator.name_tables import NAMES
from producers.simulator.number_plates import COUNTRIES, Plates
from producers.simulator.people import TONGUES, People
from producers.simulator.read_errors import CONFUSED_WITH, misread
from producers.simulator.spellings import Spelling, spell
from producers.simulator.zones import with_wrong_digit, zone
from schemas.mrz import MrzError, MrzReason, read_mrz
from schemas.names import skeleton
from schemas.plates import fits, normalise_for

TODAY = date(2026, 11, 20)


@pytest.mark.parametrize(
    ("name", "tongue", "way", "written"),
    [
        ("Đorđe", "sr", "own", "Đorđe"),
        ("Đorđe", "sr", "plain", "Djordje"),
        ("Đorđe", "sr", "serbian", "Ђорђе"),
        ("Đorđe", "sr", "zone", "DORDE"),
        ("Njegoš", "sr", "serbian", "Његош"),
        ("Džodić", "sr", "macedonian", "Џодиќ"),
        ("Džodić", "sr", "albanian", "Xhodiq"),
        ("Čaušević", "bs", "german", "Tschauschewitsch"),
        ("Ѓорѓиевски", "mk", "plain", "Gjorgjievski"),
        ("Ѓорѓиевски", "mk", "serbian", "Ђорђиевски"),
        ("Жежов", "mk", "zone", "ZHEZHOV"),
        ("Xhavit", "sq", "serbian", "Џавит"),
        ("Nexhat", "sq", "macedonian", "Неџат"),
        ("Çlirim", "sq", "plain", "Clirim"),
        ("Müller", "de", "zone", "MUELLER"),
        ("Weiß", "de", "plain", "Weiss"),
    ],
)
def test_a_name_is_written_as_its_readers_write_it(name: str, tongue: str, way: Spelling, written: str) -> None:
    assert spell(name, tongue, way) == written


def test_every_name_can_be_written_in_every_way_without_a_stray_letter() -> None:
    for tongue, names in NAMES.items():
        for name in (*names.men, *names.women, *names.families):
            assert spell(name, tongue, "zone").isascii()
            assert spell(name, tongue, "zone").isalpha()
            assert spell(name, tongue, "plain").isascii()
            for way in ("serbian", "macedonian"):
                assert not any("a" <= one.lower() <= "z" for one in spell(name, tongue, way)), (name, way)


def test_serbian_spellings_agree_in_the_skeleton_that_compares_names() -> None:
    for name in NAMES["sr"].families:
        ways: tuple[Spelling, ...] = ("own", "plain", "serbian", "zone", "albanian")
        assert len({skeleton(spell(name, "sr", way)) for way in ways}) == 1, name


def test_a_printed_zone_reads_as_its_holder_and_a_wrong_digit_is_noticed() -> None:
    people = People()
    for number in range(300):
        country = tuple(TONGUES)[number % len(TONGUES)]
        person = people.person(Random(number), country)
        for document in person.documents:
            lines = zone(person, document)
            read = read_mrz(lines, today=TODAY)
            assert (read.number, read.issuer, read.birth_date) == (document.number, document.issuer, person.born)
            assert read.family_name == spell(person.family, person.tongue, "zone")
            with pytest.raises(MrzError) as error:
                read_mrz(with_wrong_digit(lines), today=TODAY)
            assert error.value.reason is MrzReason.WRONG_CHECK_DIGIT


def test_no_two_people_share_name_and_birth_date_or_a_document() -> None:
    people = People()
    made = [people.person(Random(number % 50), "RS") for number in range(500)]
    assert len({(one.family, one.given, one.born) for one in made}) == 500
    documents = [document for one in made for document in one.documents]
    assert len({(one.issuer, one.number) for one in documents}) == len(documents)


@pytest.mark.parametrize("country", COUNTRIES)
def test_plates_follow_their_country_and_no_two_are_alike(country: str) -> None:
    plates = Plates()
    issued = [plates.issue(Random(number % 60), country) for number in range(400)]
    assert all(fits(country, plate) for plate in issued)
    assert len({normalise_for(country, plate) for plate in issued}) == 400
    assert not plates.claim(country, issued[0].replace(" ", ""))


def test_a_misread_confuses_one_or_two_characters_of_a_class_or_loses_or_adds_one() -> None:
    kinds: Counter[str] = Counter()
    for number in range(2_000):
        plate = "BG8012SO"
        read = misread(Random(number), plate)
        assert read != plate or len(read) != len(plate)
        if len(read) == len(plate):
            changed = [(a, b) for a, b in zip(plate, read, strict=True) if a != b]
            assert len(changed) in {1, 2}
            assert all(b in CONFUSED_WITH[a] for a, b in changed)
            kinds["in class"] += 1
        else:
            assert abs(len(read) - len(plate)) == 1
            kinds["lost" if len(read) < len(plate) else "added"] += 1
    assert 0.7 < kinds["in class"] / 2_000 < 0.8
    assert 0.12 < kinds["lost"] / 2_000 < 0.18
    assert 0.07 < kinds["added"] / 2_000 < 0.13


def test_one_person_is_written_in_several_scripts_and_readers_have_their_faults() -> None:
    events, _ = simulated(sightings=20_000)
    scripts: dict[str, set[str]] = {}
    faults: Counter[str] = Counter()
    for entity, seen in appearances(of_type(events, "sighting")).items():
        for one in seen:
            family = one.said.get("family_name")
            if family:
                scripts.setdefault(entity, set()).add("Latin" if family.translate({}) < "\u0400" else "Cyrillic")
            for document in one.said.get("documents", ()):
                faults["shown"] += 1
                faults["without number"] += "number" not in document
                if "mrz" in document:
                    faults["zones"] += 1
                    try:
                        read_mrz(document["mrz"], today=TODAY)
                    except MrzError:
                        faults["wrong zones"] += 1
    assert sum(len(found) == 2 for found in scripts.values()) > 10
    assert 0.01 < faults["without number"] / faults["shown"] < 0.06
    assert 0.005 < faults["wrong zones"] / faults["zones"] < 0.05
