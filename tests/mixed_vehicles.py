"""How vehicles of mixed traffic are read: mostly right, some misread, described more or less, seldom wrongly."""

import random
from typing import Any, Final

LIKE: Final = {"B": "83", "1": "IL", "2": "Z", "3": "8B", "5": "S", "6": "G", "I": "1L", "G": "6", "Z": "2"}
VINS: Final = ("WVWZZZ1KZAW000001", "wvwzzz1kzaw000001", "VF1AAAAA000000002")
MAKES: Final = ("Škoda", "SKODA", "MAN")
COLOURS: Final = ("Grey", "grey", "white", "red")
CATEGORIES: Final = ("car", "car", "van")


def described(rng: random.Random, said: dict[str, Any]) -> dict[str, Any]:
    """Return the vehicle as somebody or something read it; what was not read is not in it."""
    if rng.random() < 0.35:
        said["plate"] = misread(rng, said["plate"])
        said["plate_confidence"] = rng.choice((0.5, 0.79, 0.8, None))
    elif rng.random() < 0.4:
        said["plate_confidence"] = rng.choice((0.79, 0.95, 0.95))
    if rng.random() < 0.15:
        said["vin"] = rng.choice(VINS)
    if rng.random() < 0.5:
        said |= {"make": rng.choice((*MAKES[:2], *MAKES)), "colour": rng.choice((*COLOURS[:2], *COLOURS))}
    if rng.random() < 0.3:
        said["category"] = rng.choice(CATEGORIES)
    return {name: value for name, value in said.items() if value is not None}


def misread(rng: random.Random, plate: str) -> str:
    """Return the plate with characters taken for others, one lost, or one added; seldom two of these."""
    places = [place for place, one in enumerate(plate) if one.upper() in LIKE]
    while True:
        kind = rng.random()
        place = rng.choice(places if kind < 0.6 else range(len(plate)))
        read = rng.choice(LIKE[plate[place].upper()]) if kind < 0.6 else "" if kind < 0.8 else plate[place] + "7"
        plate = plate[:place] + read + plate[place + 1 :]
        places = [place for place, one in enumerate(plate) if one.upper() in LIKE]
        if rng.random() < 0.8 or not places:
            return plate
