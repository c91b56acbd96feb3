"""How alike two words of names are, and why: one name in two scripts, a sound, a slip of the pen, an initial.

Two names that differ by a final -a are those of a man and a woman, and two that are both common are two names:
neither is a slip of the pen.
"""

from enum import StrEnum
from functools import lru_cache
from typing import Final, NamedTuple

from rapidfuzz.distance import OSA

from streams.matching.forms import Script, Word
from streams.matching.frequencies import identity_of, name_of

# What family names of the region and of Slavic neighbours end in: it says nothing of whose name it is.
_ENDINGS: Final = ("OVIC", "EVIC", "OVSKI", "EVSKI", "OVSKA", "EVSKA", "OVA", "EVA", "OV", "EV", "IC", "SKI", "SKA")
_SLIPS: Final = ((1, 5, 0.75), (2, 7, 0.6), (3, 11, 0.5))
"""So many slips, in a stem of at least so many letters, leave so much of the agreement."""
_FIRST_LETTER: Final = 2
"""A slip in the first letter, where eyes look, asks for so many more letters."""
_SHORTEST_CONSONANTS: Final = 2
_FEW_CONSONANTS: Final = 1


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
    """How two words agree, and how much of the word's bits that is worth, 0–1."""

    way: Way
    strength: float


@lru_cache(maxsize=1 << 18)
def likeness(one: Word, other: Word) -> Likeness | None:
    """Return how these two agree; None where they do not. The same both ways round."""
    if one.folded == other.folded and one.script == other.script == Script.ALPHABET or one.spelling == other.spelling:
        if one.written.casefold() == other.written.casefold():
            return Likeness(Way.EQUAL, 1.0)
        same = one.folded == other.folded
        return Likeness(_between(one, other), 1.0 if same else 0.95)
    if identity_of(one.spelling) == identity_of(other.spelling):
        return Likeness(_between(one, other), 0.95)
    if len(one.folded) == 1 or len(other.folded) == 1:
        return Likeness(Way.INITIAL, 0.4) if one.folded[0] == other.folded[0] else None
    name, other_name = name_of(one), name_of(other)
    if name is not None and other_name is not None:
        return Likeness(Way.LANGUAGE, 0.8) if name == other_name else None
    if _differ_by_final_a(one.folded, other.folded):
        return None
    if one.sounds & other.sounds:
        return Likeness(Way.SOUND, 0.85)
    if Script.ALPHABET != one.script or Script.ALPHABET != other.script:
        return _across_scripts(one, other)
    return _slip(one, other)


def _between(one: Word, other: Word) -> Way:
    return Way.SPELLING if one.written.isascii() == other.written.isascii() else Way.SCRIPT


def _differ_by_final_a(one: str, other: str) -> bool:
    shorter, longer = sorted((one, other), key=len)
    return longer == f"{shorter}A"


def _across_scripts(one: Word, other: Word) -> Likeness | None:
    if one.script == other.script:
        return _slip(one, other)
    mine, theirs = one.consonants, other.consonants
    if Script.OTHER in {one.script, other.script}:  # many of these have one letter for L and R
        mine, theirs = ({each.replace("R", "L") for each in consonants} for consonants in (mine, theirs))
    if common := mine & theirs:
        count = max(map(len, common))
        return Likeness(Way.CONSONANTS, 0.8 if count > _SHORTEST_CONSONANTS else 0.65) if count else None
    near = any(
        OSA.distance(first, second) == 1 and min(len(first), len(second)) > _SHORTEST_CONSONANTS
        for first in mine
        for second in theirs
    )
    return Likeness(Way.CONSONANTS, 0.6) if near else None


def _slip(one: Word, other: Word) -> Likeness | None:
    distance = min(
        OSA.distance(one.folded, other.folded),
        *(OSA.distance(mine, theirs) for mine in one.sounds for theirs in other.sounds),
    )
    letters = min(len(_stem(one.folded)), len(_stem(other.folded)))
    if one.folded[0] != other.folded[0]:
        letters -= _FIRST_LETTER
    for slips, least, strength in _SLIPS:
        if distance <= slips and letters >= least:
            return Likeness(Way.SLIP, strength)
    whole = min(len(one.folded), len(other.folded))
    if distance == 1 and whole >= 4 and whole - letters <= _FIRST_LETTER:
        return Likeness(Way.LETTER, 0.4)
    return None


def _stem(folded: str) -> str:
    return next((folded.removesuffix(ending) for ending in _ENDINGS if folded.endswith(ending)), folded)
