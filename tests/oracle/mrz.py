"""Machine readable zones (ICAO Doc 9303): read only if every check digit is right."""

from datetime import date
from typing import NamedTuple

WEIGHTS = (7, 3, 1)
VALUES = {character: value for value, character in enumerate("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ")} | {"<": 0}
TYPES = {"P": "passport", "I": "id_card", "A": "id_card", "C": "id_card"}


class Zone(NamedTuple):
    """What a zone says; `birth_date` is YYYY-MM-DD; `cut`: the name fills its field."""

    type: str
    number: str
    issuer: str
    family_name: str | None
    given_names: str | None
    birth_date: str | None
    cut: bool


def read_zone(lines: list[str], today: date) -> Zone | None:
    match [len(line) for line in lines]:
        case [30, 30, 30]:
            first, second, names = lines
            number, digit, optional = first[5:14], first[14], first[15:]
            birth, expiry = second[0:7], second[8:15]
            whole, whole_digit = first[5:] + birth + expiry + second[18:29], second[29]
        case [36, 36]:
            first, second = lines
            number, digit, optional, names = second[0:9], second[9], second[28:35], first[5:]
            birth, expiry = second[13:20], second[21:28]
            whole, whole_digit = second[0:10] + birth + second[21:35], second[35]
        case [44, 44]:
            first, second = lines
            number, digit, optional, names = second[0:9], second[9], "", first[5:]
            birth, expiry = second[13:20], second[21:28]
            personal = second[28:43]
            if not checked(personal[:14], personal[14]) and personal.strip("<"):
                return None
            whole, whole_digit = second[0:10] + birth + second[21:43], second[43]
        case _:
            return None
    if digit == "<" and optional.strip("<"):  # a long number goes on, its check digit last
        rest = optional.split("<")[0]
        number, digit = number + rest[:-1], rest[-1:]
    parts = ((number, digit), (birth[:6], birth[6]), (expiry[:6], expiry[6]), (whole, whole_digit))
    if set("".join(lines)) - set(VALUES) or not all(checked(*part) for part in parts):
        return None
    family, _, given = names.strip("<").partition("<<")
    return Zone(
        TYPES.get(first[0], "other"),
        number.replace("<", ""),
        first[2:5].replace("<", ""),
        family.replace("<", " ") or None,
        given.replace("<", " ") or None,
        birth_date(birth[:6], today),
        not names.endswith("<") and names.count("<<") < 2 and "<<<" not in names,
    )


def checked(text: str, digit: str) -> bool:
    return digit.isdecimal() and check_digit(text) == int(digit)


def check_digit(text: str) -> int:
    return sum(VALUES.get(character, 0) * WEIGHTS[place % 3] for place, character in enumerate(text)) % 10


def birth_date(text: str, today: date) -> str | None:
    """Return the latest such day that is not after `today`; None where a part of it is unknown."""
    for century in (today.year // 100, today.year // 100 - 1):
        written = f"{century:02}{text[:2]}-{text[2:4]}-{text[4:]}"
        try:
            if date.fromisoformat(written) <= today:
                return written
        except ValueError:
            continue
    return None
