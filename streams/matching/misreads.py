"""How one plate comes to be read as another: characters that look alike, one lost or added, a hook that is dropped.

The classes are those that optical character recognition confuses: 0 O D Q, 1 I L, 2 Z, 5 S, 6 G, 8 B 3.
"""

import unicodedata
from enum import StrEnum
from typing import Final

CLASSES: Final = ("0ODQ", "1IL", "2Z", "5S", "6G", "8B3")
_COLLAPSED: Final = str.maketrans({character: one[0] for one in CLASSES for character in one})


class Likeness(StrEnum):
    """How two plates are alike, the closer first."""

    EQUAL = "equal"
    LOOKALIKE = "lookalike"
    ONE_LOST = "one_lost"
    HOOK_DROPPED = "hook_dropped"
    OTHER = "other"


def likeness(one: str, other: str) -> Likeness:
    """Return how two normalised plates are alike; not lookalike characters and a lost one at once."""
    if one == other:
        return Likeness.EQUAL
    if collapsed(one) == collapsed(other):
        return Likeness.LOOKALIKE
    shorter, longer = sorted((one, other), key=len)
    if len(longer) - len(shorter) == 1 and shorter in shortened(longer):
        return Likeness.ONE_LOST
    return Likeness.HOOK_DROPPED if _bare(one) == _bare(other) else Likeness.OTHER


def collapsed(plate: str) -> str:
    """Return the plate with each character as the first of its class: ``"LJAB123"`` becomes ``"1JA8128"``."""
    return plate.translate(_COLLAPSED)


def shortened(plate: str) -> frozenset[str]:
    """Return what is left of the plate when any one character is lost."""
    return frozenset(plate[:place] + plate[place + 1 :] for place in range(len(plate)))


def difference(one: str, other: str) -> str:
    """Return in words where two lookalike plates differ: ``B and 8``."""
    pairs = dict.fromkeys(f"{here} and {there}" for here, there in zip(one, other, strict=True) if here != there)
    return ", ".join(pairs)


def _bare(plate: str) -> str:
    decomposed = unicodedata.normalize("NFKD", plate.replace("Đ", "D"))
    return "".join(character for character in decomposed if not unicodedata.combining(character))
