"""Names across scripts, spellings and order (knowledge of the region: one sound, many letters)."""
# ruff: noqa: RUF001 - the Cyrillic letters are meant as such

import re
import unicodedata
from functools import cache
from itertools import permutations
from typing import NamedTuple

# Straight to the skeleton's letters: what Latin spells Đ, DŽ, GJ or XH is D, and so on.
CYRILLIC = dict(zip("АБВГДЕЗИЈЙКЛМНОПРСТУФЂЃЅЏЖЉЊЌЋЦЧХШ", "ABVGDEZIJJKLMNOPRSTUFDDDDZLNCCCCHS", strict=True))
LATIN = {"Đ": "D", "Ð": "D", "Ø": "O", "Ł": "L", "Æ": "A", "Œ": "O", "'": "", "’": "", "`": "", "ʼ": ""}
ONE_LETTER = str.maketrans(CYRILLIC | LATIN)
ONE_SOUND = {
    "D": "DZ|DJ|GJ|XH",
    "C": "CH|Q",
    "S": "SH",
    "L": "LJ",
    "N": "NJ",
    "A": "AE",
    "O": "OE",
    "U": "UE|UXX",
}


class Token(NamedTuple):
    """One word of a name; `cut` where an MRZ's name field ended in it."""

    skeleton: str
    part: str
    cut: bool = False


Name = tuple[Token, ...]


def read_name(family: str | None, given: str | None, *, cut: bool = False) -> Name:
    tokens = [
        Token(skeleton, part)
        for part, text in (("family", family), ("given", given))
        for skeleton in skeletons(text or "")
    ]
    if cut and tokens:
        tokens[-1] = tokens[-1]._replace(cut=True)
    return tuple(tokens)


def skeletons(text: str) -> list[str]:
    """Return the words as they sound: no diacritics, one letter for each sound, none doubled."""
    letters = unicodedata.normalize("NFC", text).upper().translate(ONE_LETTER)
    bare = "".join(letter for letter in unicodedata.normalize("NFD", letters) if not unicodedata.combining(letter))
    return [skeleton(word) for word in re.findall(r"[^\W\d_]+", bare)]


def skeleton(word: str) -> str:
    for sound, spellings in ONE_SOUND.items():
        word = re.sub(spellings, sound, word)
    return re.sub(r"(.)\1+", r"\1", word)


@cache
def names_agree(one: Name, other: Name) -> bool:
    """Whether each word of the shorter name is a different one of the longer, a family and a given name among them."""
    shorter, longer = sorted((one, other), key=len)
    if len(shorter) < 2:
        return False
    pairings = (list(zip(shorter, chosen, strict=True)) for chosen in permutations(longer, len(shorter)))
    return any(
        all(tokens_agree(*pair) for pair in pairing)
        and {token.part for pair in pairing for token in pair} == {"family", "given"}
        for pairing in pairings
    )


def tokens_agree(one: Token, other: Token) -> bool:
    return (
        one.skeleton == other.skeleton
        or (one.cut and other.skeleton.startswith(one.skeleton))
        or (other.cut and one.skeleton.startswith(other.skeleton))
    )
