"""Event ids as devices make them."""

from random import Random
from typing import Final

_VERSION_7: Final = 7 << 76
_VARIANT: Final = 2 << 62


class Ids:
    """Ids in the form of UUIDv7 (RFC 9562, section 5.7): they tell the time, and nothing of what an event is about."""

    def __init__(self, chance: Random) -> None:
        self._chance = chance

    def new(self, second: int) -> str:
        """Return an id made in that second."""
        drawn = self._chance.getrandbits(84)
        milliseconds = second * 1_000 + (drawn >> 74) % 1_000
        value = milliseconds << 80 | _VERSION_7 | (drawn >> 62 & 0xFFF) << 64 | _VARIANT | drawn & (1 << 62) - 1
        text = f"{value:032x}"
        return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"
