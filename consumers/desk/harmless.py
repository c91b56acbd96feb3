"""Text from outside, made fit for a terminal: no character of it may steer what shows it.

Escape sequences, C1 controls, marks that turn the direction of writing and invisible characters are
written out as their codes, so that whoever reads sees that something was there.
"""

from collections.abc import Mapping
from typing import Any, Final

LONGEST_TEXT: Final = 20_000 + len("EXERCISE: ")
"""Characters of one text that are shown: no message holds a longer one than a bulletin's."""


def harmless(text: str, longest: int = LONGEST_TEXT) -> str:
    """Return the text in one line of printable characters, cut where it is too long."""
    shown = "".join(_shown(one) for one in text[:longest])
    return shown + "…" if len(text) > longest else shown


def cleaned(value: Any) -> Any:
    """Return JSON data with every text in it, names of fields too, made harmless."""
    if isinstance(value, str):
        return harmless(value)
    if isinstance(value, Mapping):
        return {harmless(str(name)): cleaned(one) for name, one in value.items()}
    if isinstance(value, list | tuple):
        return [cleaned(one) for one in value]
    return value


def _shown(character: str) -> str:
    if character.isprintable():
        return character
    return " " if character.isspace() and character not in "\x1c\x1d\x1e\x1f\x85" else f"\\x{ord(character):02x}"
