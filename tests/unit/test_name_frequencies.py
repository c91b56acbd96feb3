"""The seed of name frequencies: versioned, unambiguous, and the only source of what a word says."""

from collections import Counter
from pathlib import Path

import pytest

from streams.matching import frequencies
from streams.matching.forms import read_name
from streams.matching.frequencies import bits_of, identity_of, is_particle, name_of, seed_version

SEED = Path(frequencies.__file__).with_name("names.csv")


def spellings() -> list[str]:
    lines = [line for line in SEED.read_text(encoding="utf-8").splitlines() if not line.startswith("#")]
    names = [name for line in lines[1:] for name in line.split(",")[1].split()]
    return [spelling for name in names for spelling in name.replace("~", "=").split("=")]


def test_no_spelling_stands_for_two_names() -> None:
    read = Counter(word.spelling for spelling in spellings() for word in read_name(spelling))
    assert [spelling for spelling, count in read.items() if count > 1] == []


def test_every_spelling_is_one_word() -> None:
    assert [spelling for spelling in spellings() if len(read_name(spelling)) != 1] == []


@pytest.mark.parametrize(
    ("word", "bits"),
    [("Марко", 5), ("MARKO", 5), ("Jovanović", 7), ("محمد", 5), ("남", 5), ("Zborovan", 10), ("Oz", 6), ("B", 3)],
)
def test_a_common_name_says_little_in_every_script_and_an_unknown_one_what_its_length_lets_it(
    word: str, bits: float
) -> None:
    """Three bits a letter, at most ten."""
    (read,) = read_name(word)
    assert bits_of(read) == bits


def test_a_transliteration_is_the_same_name_and_another_language_has_another_form() -> None:
    muhammad, mohammed, muhamet = (read_name(name)[0] for name in ("Muhammad", "Mohammed", "Muhamet"))
    assert identity_of(muhammad.spelling) == identity_of(mohammed.spelling) != identity_of(muhamet.spelling)
    assert name_of(muhammad) == name_of(muhamet)
    (unknown,) = read_name("Zborovan")
    assert name_of(unknown) is None


def test_articles_and_titles_tell_nobody_apart() -> None:
    assert [is_particle(word) for word in read_name("Dr. Ali al-Masri bin Omar")] == [
        True,
        False,
        True,
        False,
        True,
        False,
    ]


def test_the_seed_has_a_version() -> None:
    assert seed_version() == "2026.11"
