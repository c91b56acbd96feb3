"""Number plates as they are compared: upper case, letters and digits only."""

import unicodedata
from dataclasses import dataclass


def normalise(plate: str) -> str:
    """Return `plate` in upper case without separators: ``"lj·ab-123"`` becomes ``"LJAB123"``.

    Letters keep their diacritics, because Š and S are different plates in several countries.
    """
    composed = unicodedata.normalize("NFKC", plate).upper()
    return "".join(character for character in composed if character.isalnum())


@dataclass(frozen=True, slots=True, order=True)
class PlateKey:
    """What identifies a vehicle by its plate: the same letters in two countries are two vehicles."""

    country: str
    plate: str

    def __str__(self) -> str:
        return f"{self.plate} ({self.country})"
