"""Number plates as they are compared: upper case, letters and digits only."""
# ruff: noqa: RUF001, RUF002 - the Cyrillic and Greek letters below are meant as such

import re
import unicodedata
from collections.abc import Mapping
from functools import lru_cache
from types import MappingProxyType
from typing import NamedTuple


def normalise(plate: str) -> str:
    """Return `plate` in upper case without separators: ``"lj·ab-123"`` becomes ``"LJAB123"``.

    Letters keep their diacritics, because Š and S are different plates in several countries.
    """
    if plate.isascii():  # nothing to compose: almost every plate that is read
        return "".join(filter(str.isalnum, plate.upper()))
    composed = unicodedata.normalize("NFKC", plate).upper()
    return "".join(character for character in composed if character.isalnum())


# Letters that stand for the same plate letter in every country: Ð and Ɖ come out of wrong code
# pages and look like Đ, and İ is what a Turkish system makes of a small i.
_SAME_EVERYWHERE = {"Ð": "Đ", "Ɖ": "Đ", "İ": "I"}

# Serbian and Macedonian letters whose official Latin letter is also the one they look like, or
# that look like no Latin letter: they can be read in one way only.
_ONE_READING = dict(zip("АБГДЕЖЗИЈКЛМОПТФЦЧШЂЋ", "ABGDEŽZIJKLMOPTFCČŠĐĆ", strict=True)) | {
    "Љ": "LJ",
    "Њ": "NJ",
    "Џ": "DŽ",
    "Ѓ": "GJ",
    "Ќ": "KJ",
    "Ѕ": "DZ",
}

# The others look like one Latin letter and are officially another.
_TWO_READINGS = "ВНРСУХ"
_OFFICIAL = dict(zip(_TWO_READINGS, "VNRSUH", strict=True))
_LOOK = dict(zip(_TWO_READINGS, "BHPCYX", strict=True))

_UNKNOWN_COUNTRY = str.maketrans(_SAME_EVERYWHERE | _ONE_READING)
_BY_OFFICIAL_LATIN = str.maketrans(_SAME_EVERYWHERE | _ONE_READING | _OFFICIAL)
_BY_LOOK = str.maketrans(_SAME_EVERYWHERE | _ONE_READING | _LOOK | {"І": "I"})
_BY_GREEK_LOOK = str.maketrans(
    _SAME_EVERYWHERE | _ONE_READING | _LOOK | dict(zip("ΑΒΕΖΗΙΚΜΝΟΡΤΥΧ", "ABEZHIKMNOPTYX", strict=True))
)

# These countries' plates hold only letters that Latin and their own script draw alike (Vienna
# Convention on Road Traffic, Annex 2), so that a letter of theirs is read by its look.
_READ_BY_LOOK = dict.fromkeys(("BG", "BY", "RU", "UA"), _BY_LOOK) | {"GR": _BY_GREEK_LOOK}


@lru_cache(maxsize=4_096)  # one event asks for the same plate several times
def normalise_for(country: str | None, plate: str) -> str:
    """Return `plate`, issued by `country`, in the one form in which it is compared.

    As `normalise`, and digits of any script become 0 to 9, and Cyrillic letters become Latin ones:

    - by the official Serbian and Macedonian Latin: ``БГ`` is ``BG`` and ``ВР`` is ``VR``. So do
      keyboards of the region work, and so read the small Cyrillic codes on RS and MK plates;
    - by their look on plates of BG, BY, RU, UA and GR (Greek letters too): ``СВ`` is ``CB``;
    - where the country is unknown (None), only letters that both rules read alike.

    Hooked letters and umlauts stay, though readers often drop them: Č, Ć and C are three plates.
    Nothing is stripped by guess: a country sign read with the plate (``SRB BG 123-AB``, the ``SI``
    of an EU band) stays, because the same letters begin real plates.
    """
    if plate.isascii():  # no letter of another script
        return normalise(plate)
    digits = "".join(_digit(character) for character in normalise(plate))
    table = _UNKNOWN_COUNTRY if country is None else _READ_BY_LOOK.get(country, _BY_OFFICIAL_LATIN)
    return unicodedata.normalize("NFKC", digits.translate(table))


def _digit(character: str) -> str:
    value = unicodedata.decimal(character, None)
    return character if value is None else str(value)


PATTERNS: Mapping[str, re.Pattern[str]] = MappingProxyType(
    {
        country: re.compile(pattern, re.ASCII)
        for country, pattern in {
            # two letters for the district, then figures and letters, or letters and figures if chosen by the holder
            "AT": r"[A-ZÖ]{1,2}(?:\d{1,6}|\d{1,5}[A-Z]{1,3}|[A-Z]{1,5}\d{1,5})",
            "AL": r"[A-Z]{2}\d{3}[A-Z]{2}",
            # only letters that look alike in Latin and Cyrillic; TA and TT are taxis
            "BA": r"[AEJKMOT]\d{2}[AEJKMOT]\d{3}|T[AT]\d{6}",
            "BG": r"[ABCEHKMOPTXY]{1,2}\d{4}[ABCEHKMOPTXY]{1,2}",
            "DE": r"[A-ZÄÖÜ]{1,3}[A-Z]{0,2}\d{1,6}[EH]?",
            "GR": r"[ABEHIKMNOPTXYZ]{2,3}\d{3,4}",
            "HR": r"[A-ZČŠŽ]{2}\d{3,4}[A-Z]{1,2}",
            "HU": r"[A-Z]{3,4}\d{3}",
            # EE is for diplomats; the second form is for motorcycles
            "IT": r"(?!EE)[A-HJ-NPR-TV-Z]{2}(?:\d{3}[A-HJ-NPR-TV-Z]{2}|\d{5})",
            "ME": r"[A-Z]{4}\d{3}",
            "MK": r"[A-ZŠ]{2}\d{3,4}[A-Z]{2}",
            "RO": r"(?:B\d{2,3}|[A-Z]{2}\d{2})[A-Z]{3}",
            # hooked letters are no longer issued in the serial, but plates with them still run
            "RS": r"[A-ZČĆĐŠŽ]{2}\d{3,4}[A-ZČĆĐŠŽ]{2}",
            "SI": r"(?:CE|GO|KK|KP|KR|LJ|MB|MS|NM|PO|SG)[A-HJ-NP-Z0-9]{4,5}",
            # the second form is the older one
            "XK": r"0[1-7]\d{3}[A-Z]{2}|\d{3}KS\d{3}",
        }.items()
    }
)
"""Ordinary plates by country (ISO 3166-1 alpha-2, and `XK`), for `fullmatch` on the normalised form.

A plate outside its pattern may be personalised, diplomatic, old or new: it earns a quality note
and is never refused. One plate fits several countries, so that a pattern never tells the country.
"""


def fits(country: str, plate: str) -> bool | None:
    """Say whether `plate` is an ordinary one of `country`; None where no pattern is known."""
    pattern = PATTERNS.get(country)
    return None if pattern is None else pattern.fullmatch(normalise_for(country, plate)) is not None


class PlateKey(NamedTuple):
    """What identifies a vehicle by its plate: the same letters in two countries are two vehicles."""

    country: str
    plate: str

    def __str__(self) -> str:
        return f"{self.plate} ({self.country})"
