"""How much the agreement of a word says: bits from a versioned seed, never learned from events.

What is learned on the fly would make the outcome depend on the order of arrival. A word that is not in the seed is
taken as rare, as far as its length lets it be.
"""

import csv
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Final, NamedTuple

from streams.matching.forms import Script, Word, read_name

_SEED: Final = Path(__file__).with_name("names.csv")
_PARTICLES: Final = Path(__file__).with_name("particles.csv")
_SPELLING: Final = re.compile(r"([=~]?)([^=~]+)")
_BITS_PER_LETTER: Final = 3.0
MOST_BITS: Final = 10.0


class _Name(NamedTuple):
    bits: float
    name: str
    """What the forms of this name in all languages have in common."""
    transliterated: str
    """What its transliterations have in common."""


def bits_of(word: Word) -> float:
    """Return log2(1 / share of people who bear this word), at most 10."""
    known = _known(word)
    if known is not None:
        return known.bits
    return min(MOST_BITS, _BITS_PER_LETTER * len(word.folded))


def identity_of(spelling: str) -> str:
    """Return what the transliterations of one name have in common; a name that has only one is its own."""
    known = _seed().get(spelling)
    return spelling if known is None else known.transliterated


def name_of(word: Word) -> str | None:
    """Return the common name that this word is a form of, in whichever language; None where it is none."""
    known = _known(word)
    return None if known is None else known.name


def is_particle(word: Word) -> bool:
    """Whether this is an article, a "son of", a title: words that tell nobody apart."""
    return word.folded in _particles()


def seed_version() -> str:
    """Return the version of the seed of name frequencies."""
    return _version(_SEED)


def _known(word: Word) -> _Name | None:
    # a syllable of Korean or Chinese may be known as it is romanised
    return _seed().get(word.spelling) or (_seed().get(word.folded) if word.script is Script.OTHER else None)


@cache
def _seed() -> dict[str, _Name]:
    known: dict[str, _Name] = {}
    for bits, entry in _rows(_SEED):
        name = ""
        for mark, spelling in _SPELLING.findall(entry):
            (word,) = read_name(spelling)
            name = name or word.spelling
            known.setdefault(word.spelling, _Name(float(bits), name, word.spelling if mark == "~" else name))
    return known


@cache
def _particles() -> frozenset[str]:
    return frozenset(word.upper() for _, word in _rows(_PARTICLES))


def _rows(path: Path) -> Iterator[tuple[str, str]]:
    lines = path.read_text(encoding="utf-8").splitlines()
    for first, words in list(csv.reader(line for line in lines if not line.startswith("#")))[1:]:
        for word in words.split():
            yield first, word


def _version(path: Path) -> str:
    found = re.search(r"version (\S+?)\.?$", path.read_text(encoding="utf-8").splitlines()[0])
    if found is None:
        raise ValueError(f"{path.name}: the first line names no version")
    return found[1]
