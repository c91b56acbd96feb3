"""How alike two words of names are, and why: one name in two scripts, a sound, a slip of the pen, an initial.

Two names that differ by a final -a are those of a man and a woman, and two that are both common are two names:
neither is a slip of the pen.
"""

import unicodedata
from collections.abc import Set as AbstractSet
from enum import StrEnum
from functools import lru_cache
from typing import Final, NamedTuple

from rapidfuzz.distance import OSA

from streams.matching.forms import Script, Word, consonants, sounds
from streams.matching.frequencies import identity_of, name_of

# What family names of the region and of Slavic neighbours end in: it says nothing of whose name it is.
_ENDINGS: Final = ("OVIC", "EVIC", "OVSKI", "EVSKI", "OVSKA", "EVSKA", "OVA", "EVA", "OV", "EV", "IC", "SKI", "SKA")
_SLIPS: Final = ((1, 5, 0.75), (2, 7, 0.6), (3, 11, 0.5))
"""So many slips, in a stem of at least so many letters, leave so much of the agreement."""
_FIRST_LETTER: Final = 2
"""A slip in the first letter, where eyes look, asks for so many more letters."""
_SHORTEST: Final = 4
_TELLING_CONSONANTS: Final = 3


class Way(StrEnum):
    """The way in which two words agree, the surest first."""

    EQUAL = "equal"
    SPELLING = "one name in two spellings"
    SCRIPT = "one name in two scripts"
    TRUNCATED = "cut off where the zone is full"
    LANGUAGE = "one name in two languages"
    SOUND = "alike in sound"
    CONSONANTS = "the same consonants"
    SLIP = "close spelling"
    LETTER = "one letter apart"
    INITIAL = "an initial"


class Likeness(NamedTuple):
    """How two words agree, and how much of the word's bits that is worth, 0 to 1."""

    way: Way
    strength: float


@lru_cache(maxsize=1 << 18)
def likeness(one: Word, other: Word) -> Likeness | None:
    """Return how these two agree; None where they do not. The same both ways round."""
    if one.spelling == other.spelling or identity_of(one.spelling) == identity_of(other.spelling):
        return _one_name(one, other)
    if min(len(one.folded), len(other.folded)) == 1:
        return Likeness(Way.INITIAL, 0.4) if one.folded[0] == other.folded[0] else None
    name, other_name = name_of(one), name_of(other)
    if name is not None and other_name is not None:
        return Likeness(Way.LANGUAGE, 0.8) if name == other_name else None
    return None if _differ_by_final_a(one.folded, other.folded) else _near(one, other)


def _one_name(one: Word, other: Word) -> Likeness:
    if one.written.casefold() == other.written.casefold():
        return Likeness(Way.EQUAL, 1.0)
    way = Way.SPELLING if _alphabet(one) == _alphabet(other) else Way.SCRIPT
    return Likeness(way, 1.0 if one.folded == other.folded else 0.95)


def _alphabet(word: Word) -> str:
    return unicodedata.name(next(filter(str.isalpha, word.written), "A")).partition(" ")[0]


def _differ_by_final_a(one: str, other: str) -> bool:
    shorter, longer = sorted((one, other), key=len)
    return longer == f"{shorter}A"


def _near(one: Word, other: Word) -> Likeness | None:
    if sounds(one) & sounds(other):
        return Likeness(Way.SOUND, 0.85)
    scripts = {one.script, other.script}
    return _slip(one, other) if len(scripts) == 1 else _across_scripts(one, other, scripts)


def _across_scripts(one: Word, other: Word, scripts: AbstractSet[Script]) -> Likeness | None:
    mine, theirs = consonants(one), consonants(other)
    if Script.OTHER in scripts:  # many of these have one letter for L and R
        mine, theirs = (frozenset(each.replace("R", "L") for each in both) for both in (mine, theirs))
    if common := mine & theirs - {""}:
        return Likeness(Way.CONSONANTS, 0.65 if max(map(len, common)) < _TELLING_CONSONANTS else 0.8)
    near = any(
        min(len(first), len(second)) >= _TELLING_CONSONANTS and OSA.distance(first, second, score_cutoff=1) == 1
        for first in mine
        for second in theirs
    )
    return Likeness(Way.CONSONANTS, 0.6) if near else None


def _slip(one: Word, other: Word) -> Likeness | None:
    distance = min(
        OSA.distance(one.folded, other.folded),
        *(OSA.distance(mine, theirs) for mine in sounds(one) for theirs in sounds(other)),
    )
    letters = min(len(_stem(one.folded)), len(_stem(other.folded)))
    if one.folded[0] != other.folded[0]:
        letters -= _FIRST_LETTER
    for slips, least, strength in _SLIPS:
        if distance <= slips and letters >= least:
            return Likeness(Way.SLIP, strength)
    whole = min(len(one.folded), len(other.folded))
    # a short name may be another name by one letter, and so may what is left of a patronymic
    if distance == 1 and whole >= _SHORTEST and whole - letters <= _FIRST_LETTER:
        return Likeness(Way.LETTER, 0.4)
    return None


@lru_cache(maxsize=1 << 16)
def _stem(folded: str) -> str:
    return next((folded.removesuffix(ending) for ending in _ENDINGS if folded.endswith(ending)), folded)
