"""How readers and officers get it wrong. Fixed before any matching was tuned, and not to be moved for its sake.

=====================================  =======  ==============================================================
what                                   share    source
=====================================  =======  ==============================================================
a camera misreads a plate               3 %     about 3 % of reads are wrong, United Kingdom's national ANPR
                                                (as the project's domain notes give it)
… one or two characters of an OCR class  ¾      classes 0 O D Q, 1 I L, 2 Z, 5 S, 6 G, 8 B 3 (same notes); the
… one character lost                     15 %   split between the kinds is an estimate
… one character added                    10 %
only part of a plate is read            0.4 %   estimate
hooked letters read without the hook    30 %    estimate; of plates that bear one
no country is read                       1 %    estimate
make, colour absent                     8, 6 %  estimate
another colour of its neighbours         2 %    estimate (white, silver, grey)
confidence low on misreads              70 %    estimate; the rest look like good reads
confidence low on good reads             4 %    estimate
confidence absent                        8 %    estimate: older cameras
an officer mistypes a plate             0.8 %   estimate
names in swapped order                   2 %    estimate
birth date with its year alone           2 %    estimate
zone with a wrong check digit            2 %    estimate
document without its number              3 %    estimate
=====================================  =======  ==============================================================
"""

from enum import StrEnum
from random import Random
from typing import Final, NamedTuple

MISREAD: Final = 0.03
MISREAD_IN_CLASS: Final = 0.75
MISREAD_LOST: Final = 0.15
MISREAD_TWICE: Final = 0.12
PARTIAL: Final = 0.004
HOOK_LOST: Final = 0.30
NO_COUNTRY: Final = 0.01
NO_MAKE: Final = 0.08
NO_MODEL: Final = 0.55
NO_COLOUR: Final = 0.06
OTHER_COLOUR: Final = 0.02
NO_CATEGORY: Final = 0.03
LOW_ON_MISREAD: Final = 0.70
LOW_ON_GOOD: Final = 0.04
NO_CONFIDENCE: Final = 0.08
MISTYPED: Final = 0.008
SWAPPED: Final = 0.02
YEAR_ALONE: Final = 0.02
WRONG_DIGIT: Final = 0.02
NO_NUMBER: Final = 0.03

OCR_CLASSES: Final = ("0ODQ", "1IL", "2Z", "5S", "6G", "8B3")
CONFUSED_WITH: Final = {one: letters.replace(one, "") for letters in OCR_CLASSES for one in letters}
_SIGNS: Final = "ABCDEFGHIJKLMNOPRSTUVZ0123456789"
_NEIGHBOURS: Final = {"white": "silver", "silver": "grey", "grey": "silver", "black": "grey", "blue": "grey"}
_HOOKS: Final = str.maketrans("ČĆŠŽĐÖ", "CCSZDO")


class ReadFault(StrEnum):
    """What went wrong where somebody or something was read or written down, as the truth tells it."""

    MISREAD = "plate misread"
    PARTIAL = "part of the plate read"
    HOOK_LOST = "hook of a letter not read"
    MISTYPED = "plate mistyped"
    NO_COUNTRY = "no country read"
    OTHER_COLOUR = "another colour read"
    SWAPPED = "names swapped"
    SPELLED_OTHERWISE = "name spelled otherwise"
    YEAR_ALONE = "year of birth alone"
    ANOTHERS_DOCUMENT = "document of somebody else"
    NO_NUMBER = "document without number"
    WRONG_DIGIT = "wrong check digit"


class PlateRead(NamedTuple):
    """A plate as a camera reads it, its confidence (None where it tells none), and what is wrong with it."""

    plate: str
    confidence: float | None
    fault: ReadFault | None = None


def camera_plate(chance: Random, plate: str) -> PlateRead:
    """Return the plate as a camera reads it."""
    fate = chance.random()
    if fate < MISREAD:
        return PlateRead(misread(chance, plate), _confidence(chance, low=LOW_ON_MISREAD), ReadFault.MISREAD)
    if fate < MISREAD + PARTIAL:
        kept = 3 + int(chance.random() * (len(plate) - 4))
        part = plate[:kept] if chance.random() < 0.5 else plate[-kept:]  # noqa: PLR2004 - its beginning or its end
        return PlateRead(part, _confidence(chance, low=1.0), ReadFault.PARTIAL)
    if not plate.isascii() and chance.random() < HOOK_LOST and (bare := plate.translate(_HOOKS)) != plate:
        return PlateRead(bare, _confidence(chance, low=LOW_ON_GOOD), ReadFault.HOOK_LOST)
    return PlateRead(plate, _confidence(chance, low=LOW_ON_GOOD))


def misread(chance: Random, plate: str) -> str:
    """Return the plate with one or two characters of an OCR class exchanged, or one lost or added."""
    kind = chance.random()
    places = [place for place, one in enumerate(plate) if one in CONFUSED_WITH]
    if kind < MISREAD_IN_CLASS and places:
        times = 2 if len(places) > 1 and chance.random() < MISREAD_TWICE else 1
        signs = list(plate)
        for place in chance.sample(places, times):
            signs[place] = chance.choice(CONFUSED_WITH[plate[place]])
        return "".join(signs)
    place = int(chance.random() * len(plate))
    if kind < MISREAD_IN_CLASS + MISREAD_LOST:
        return plate[:place] + plate[place + 1 :]
    return plate[:place] + chance.choice(_SIGNS) + plate[place:]


def clear_plate(chance: Random, plate: str) -> PlateRead:
    """Return the plate as a camera reads it where nothing is wrong: with a confidence of 0.90 to 0.99."""
    return PlateRead(plate, round(0.90 + chance.random() * 0.09, 2))


def other_colour(colour: str) -> str:
    """Return what a camera takes a colour for in bad light."""
    return _NEIGHBOURS.get(colour, colour)


def _confidence(chance: Random, *, low: float) -> float | None:
    if chance.random() < NO_CONFIDENCE:
        return None
    if chance.random() < low:
        return round(0.40 + chance.random() * 0.39, 2)
    return round(0.85 + chance.random() * 0.14, 2)
