"""One name in the ways in which the region writes it.

Serbian letters follow the official Cyrillic and Latin alphabets, Macedonian ones the official transliteration
(Ѓ Gj, Ќ Kj, Ж Zh, Ч Ch, Ш Sh, Џ Dj), machine readable zones ICAO Doc 9303-3 section 6. How Albanian and German
offices write Slavic names by ear is custom and stands in no table of anybody.
"""
# ruff: noqa: RUF001 - the Cyrillic letters below are meant as such

import unicodedata
from functools import lru_cache
from random import Random
from typing import Final, Literal

from producers.simulator.people import Person

Spelling = Literal["own", "plain", "serbian", "macedonian", "albanian", "german", "zone"]

_SERBIAN: Final = dict(zip("abvgdđežzijklmnoprstćufhcčš", "абвгдђежзијклмнопрстћуфхцчш", strict=True))
_SERBIAN_PAIRS: Final = {"lj": "љ", "nj": "њ", "dž": "џ"}
_MACEDONIAN_LATIN: Final = dict(zip("абвгдезијклмнопрстуфхц", "abvgdezijklmnoprstufhc", strict=True)) | {
    "ѓ": "gj", "ќ": "kj", "ж": "zh", "ч": "ch", "ш": "sh", "џ": "dj", "ѕ": "dz", "љ": "lj", "њ": "nj",
}  # fmt: skip
_MACEDONIAN_HOOKS: Final = _MACEDONIAN_LATIN | {"ѓ": "đ", "ќ": "ć", "ж": "ž", "ч": "č", "ш": "š", "џ": "dž"}
_TO_MACEDONIAN: Final = (_SERBIAN | _SERBIAN_PAIRS) | {"đ": "ѓ", "ć": "ќ"}
_ALBANIAN_TO_SERBIAN: Final = {
    "xh": "dž", "gj": "đ", "sh": "š", "zh": "ž", "dh": "d", "th": "t", "ll": "l", "rr": "r", "ç": "č", "q": "ć",
    "ë": "e", "y": "i", "x": "dz", "w": "v",
}  # fmt: skip
_SERBIAN_TO_ALBANIAN: Final = {"dž": "xh", "đ": "gj", "š": "sh", "ž": "zh", "č": "ç", "ć": "q"}
_SERBIAN_TO_GERMAN: Final = {"dž": "dsch", "đ": "dj", "š": "sch", "č": "tsch", "ć": "tsch", "v": "w", "z": "s"}
_ZONE: Final = {"đ": "D", "ä": "AE", "ö": "OE", "ü": "UE", "ß": "SS", "ø": "OE", "å": "AA"}
_SLAVIC: Final = frozenset({"sr", "hr", "bs", "sl"})

_LOCAL: Final[dict[str, Spelling]] = {
    "RS": "serbian", "MK": "macedonian", "XK": "albanian", "AL": "albanian", "AT": "german",
}  # fmt: skip

SHARES: Final[dict[str, tuple[tuple[Spelling, ...], tuple[int, ...]]]] = {
    "RS": (("own", "plain", "zone", "serbian"), (35, 25, 15, 25)),
    "MK": (("own", "plain", "zone", "macedonian"), (35, 25, 15, 25)),
    "XK": (("own", "plain", "zone", "albanian"), (45, 25, 15, 15)),
    "AL": (("own", "plain", "zone", "albanian"), (45, 25, 15, 15)),
    "AT": (("own", "plain", "zone", "german"), (45, 30, 22, 3)),
}
"""How often a station of a country writes a name in which way; the others as `_ELSEWHERE`."""

_ELSEWHERE: Final[tuple[tuple[Spelling, ...], tuple[int, ...]]] = (("own", "plain", "zone"), (50, 32, 18))


def spelling_at(chance: Random, country: str) -> Spelling:
    """Return how an officer or device of this country writes a name."""
    ways, weights = SHARES.get(country, _ELSEWHERE)
    return chance.choices(ways, weights)[0]


def spelled(person: Person, way: Spelling) -> tuple[str, str]:
    """Return (family name, given names) written in this way."""
    return spell(person.family, person.tongue, way), spell(person.given, person.tongue, way)


@lru_cache(maxsize=20_000)
def spell(name: str, tongue: str, way: Spelling) -> str:
    """Return a name of that tongue written in this way; ``own`` is as it is."""
    match way:
        case "plain":
            return _plain(_latin(name, tongue))
        case "zone":
            return "".join(_ZONE.get(one, one) for one in _latin(name, tongue).lower()).upper().translate(_ASCII)
        case "serbian":
            return _capital(_replaced(_by_ear(name, tongue), _SERBIAN_PAIRS | _SERBIAN))
        case "macedonian":
            return name if tongue == "mk" else _capital(_replaced(_by_ear(name, tongue), _TO_MACEDONIAN))
        case "albanian" | "german":
            return _by_custom(_latin(name, tongue), tongue, way)
    return name


def _by_custom(latin: str, tongue: str, way: Literal["albanian", "german"]) -> str:
    """Return a Slavic name as Albanian or German offices write it; names of others lose their marks at most."""
    if tongue not in _SLAVIC:
        return latin if way == "albanian" else _plain(latin)
    table = _SERBIAN_TO_ALBANIAN if way == "albanian" else _SERBIAN_TO_GERMAN
    written = _capital(_replaced(latin.lower(), table))
    return written if way == "albanian" else _plain(written)


class _Ascii(dict[int, str]):
    """What is left of a letter without its marks."""

    def __missing__(self, code: int) -> str:
        return unicodedata.normalize("NFD", chr(code))[0]


_ASCII: Final = _Ascii()


def _latin(name: str, tongue: str) -> str:
    return _capital(_replaced(name.lower(), _MACEDONIAN_LATIN)) if tongue == "mk" else name


def _by_ear(name: str, tongue: str) -> str:
    """Return the name in small Serbian Latin letters, as far as they reach."""
    small = name.lower()
    if tongue == "mk":
        return _replaced(small, _MACEDONIAN_HOOKS)
    if tongue in _SLAVIC:
        return small
    heard = _replaced(small, _ALBANIAN_TO_SERBIAN)
    return "".join(one if one in _SERBIAN else one.translate(_ASCII) for one in heard)


def _plain(name: str) -> str:
    """Return the name without diacritics: Đ as Dj, as the region types it."""
    return name.replace("đ", "dj").replace("Đ", "Dj").replace("ß", "ss").translate(_ASCII)


def _replaced(small: str, table: dict[str, str]) -> str:
    """Return the text with every pair or letter of the table replaced, pairs first."""
    parts = []
    place = 0
    while place < len(small):
        step = 2 if small[place : place + 2] in table else 1
        part = small[place : place + step]
        parts.append(table.get(part, part))
        place += step
    return "".join(parts)


def _capital(name: str) -> str:
    return name[:1].upper() + name[1:]
