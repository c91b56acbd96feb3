"""The forms in which a word of a name is compared: as written, folded, by skeleton, by sound, by consonants.

`schemas.names` covers the scripts of the region; Armenian and Georgian are alphabets as well and are read letter by
letter. Of all other scripts (Arabic and Hebrew without their short vowels, Chinese, Japanese, Korean, Thai, …) the
Latin form is a guess: it is good enough to show two names to an officer, and never to link them.
"""
# ruff: noqa: RUF001 - the Arabic, Hebrew and CJK letters are meant as such

import re
import unicodedata
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from typing import Final

from anyascii import anyascii

from schemas.names import fold, skeleton

# Not written in machine readable zones (ICAO Doc 9303-3 section 4.6: apostrophes are left out, hyphens part words).
_LEFT_OUT: Final = str.maketrans("", "", "'’‘ʼʻ`´′")
_PARTS: Final = re.compile(r"[^\s,;·・=\-‐‑–—_/.]+")
_SYLLABLE: Final = re.compile(r"[A-Z][a-z]*|[a-z]+")
_LETTER_FOR_DIGIT: Final = str.maketrans("0158", "OISB")
_DOUBLE: Final = re.compile(r"(.)\1+")
_ARTICLE: Final = "ال"
_SHORTEST_AFTER_ARTICLE: Final = 3

# How romanisations write one sound, on folded words, before the skeleton reduces them.
_ROMANISATIONS: Final = tuple(
    (re.compile(pattern), replacement)
    for pattern, replacement in (
        ("OU|OO", "U"),
        ("EE|IE(?=[^AEIOU])", "I"),
        ("PH", "F"),
        ("CK|KH(?=[^AEIOU])|QU?", "K"),
        ("TSCH|TCH", "CH"),
        ("O(FF|W)$", "OV"),
        ("E(FF|W)$", "EV"),
        ("GH|GU(?=[EI])", "G"),
        ("^Y(?=E)", ""),
        ("(?<=[AEIOU])H(?=[^AEIOU]|$)", ""),
        ("^HS", "S"),
        ("I?[IY]Y?$", "I"),
        ("TZ|TS", "C"),
        ("^X(?=[IU])", "S"),
    )
)
# How a letter is read in one language or another, on small letters: Turkish, English and Romance c, English j,
# German z beside w, Greek pairs for sounds that Greek has no letter for.
_READINGS: Final = tuple(
    (re.compile(pattern), replacement)
    for pattern, replacement in (
        ("c(?!h)", "dž"),
        ("c(?=[aoulrt]|$)", "k"),
        ("j", "dž"),
        ("z(?=.*w)", "ts"),
        ("ντ", "d"),
        ("(?<=.)μπ", "b"),
        ("γκ", "g"),
        ("τζ", "dž"),
        ("γ?ιου", "u"),
        ("ю", "u"),
        ("ъ", "i"),
    )
)
_VOWELS: Final = str.maketrans("EUJY", "AOII")
# Consonants that the romanisations of abjads and syllabaries do not keep apart.
_CONSONANTS: Final = str.maketrans("PVWQCXGJZ", "BFFKSSKKS", "AEIOUYH")


class Script(StrEnum):
    """What a script says of a name's sounds."""

    ALPHABET = "alphabet"
    ABJAD = "abjad"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Word:
    """A word of a name: `spelling` is what identity is judged by, `folded` the guess of how Latin letters write it."""

    written: str
    folded: str
    spelling: str
    script: Script


@lru_cache(maxsize=1 << 16)
def read_name(name: str) -> tuple[Word, ...]:
    """Return the words of a name in their order; titles and particles are words too."""
    parts = _PARTS.findall(unicodedata.normalize("NFC", name).translate(_LEFT_OUT))
    return tuple(word for part in parts for word in _words(part))


@lru_cache(maxsize=1 << 16)
def joined(words: tuple[Word, ...]) -> Word:
    """Return words that may be one, written apart, as one."""
    return Word(
        " ".join(word.written for word in words),
        "".join(word.folded for word in words),
        "".join(word.spelling for word in words),
        max((word.script for word in words), key=list(Script).index),
    )


@lru_cache(maxsize=1 << 17)
def sounds(word: Word) -> frozenset[str]:
    """Return roughly how a word may sound, whichever language wrote it: ``MOHAMMED`` is ``MOHAMAD``."""
    heard = {_sound(word.folded)}
    if word.script is Script.ALPHABET:
        small = word.written.casefold()
        readings = {pattern.sub(replacement, small) for pattern, replacement in _READINGS if pattern.search(small)}
        heard |= {_sound("".join(_folded(reading))) for reading in readings}
    return frozenset(heard)


@lru_cache(maxsize=1 << 17)
def consonants(word: Word) -> frozenset[str]:
    """Return the consonants of its sounds, as an abjad would write them."""
    return frozenset(_DOUBLE.sub(r"\1", sound.replace("I", "").translate(_CONSONANTS)) for sound in sounds(word))


def _sound(folded: str) -> str:
    for pattern, replacement in _ROMANISATIONS:
        folded = pattern.sub(replacement, folded)
    return _DOUBLE.sub(r"\1", skeleton(folded).translate(_VOWELS))


@lru_cache(maxsize=1 << 17)
def _words(part: str) -> tuple[Word, ...]:
    script = _script(part)
    if script is Script.ALPHABET:
        latin = (
            anyascii(part) if any("\u0530" <= letter <= "\u058f" or "Ⴀ" <= letter <= "ჿ" for letter in part) else part
        )
        return tuple(Word(part, piece, skeleton(piece), script) for piece in _folded(latin))
    if script is Script.ABJAD:
        bare = part.removeprefix(_ARTICLE) if len(part) >= len(_ARTICLE) + _SHORTEST_AFTER_ARTICLE else part
        latin = re.sub("(?<=.)w", "u", re.sub("[^a-z]", "", anyascii(bare).lower())).replace("y", "i")
        return (Word(part, latin.upper(), skeleton(part), script),) if latin else ()
    pieces = _SYLLABLE.findall(anyascii(part))
    if len(pieces) != len(part):  # else each character is a syllable and a word, as in Chinese and Korean
        return (Word(part, "".join(pieces).upper(), skeleton(part), script),) if pieces else ()
    return tuple(Word(own, piece.upper(), skeleton(own), script) for own, piece in zip(part, pieces, strict=True))


def _folded(part: str) -> list[str]:
    letters = fold(part)
    if any(letter.isdigit() for letter in letters) and any(letter.isalpha() for letter in letters):
        letters = letters.translate(_LETTER_FOR_DIGIT)
    return letters.split()


def _script(part: str) -> Script:
    names = {unicodedata.name(letter, "").partition(" ")[0] for letter in part if letter.isalpha()}
    if names <= {"LATIN", "CYRILLIC", "GREEK", "ARMENIAN", "GEORGIAN", "MODIFIER", "MICRO", "FULLWIDTH"}:
        return Script.ALPHABET
    return Script.ABJAD if names & {"ARABIC", "HEBREW", "SYRIAC"} else Script.OTHER
