"""Number plates that do not exist, after each country's pattern (`schemas.plates.PATTERNS`)."""

from dataclasses import dataclass
from itertools import accumulate
from random import Random
from typing import Final

from schemas.plates import normalise

_LETTERS: Final = "ABCDEFGHIJKLMNOPRSTUVZ"
_ALPHABETS: Final = {
    "9": "0123456789",
    "L": _LETTERS,
    "S": "ABCDEFGHJKLMNPRSTUVZ",  # Slovenia: neither I nor O
    "T": "ABCDEFGHJKLMNPRSTVWXYZ",  # Italy: neither I, O, Q nor U
    "B": "AEJKMOT",  # Bosnia and Herzegovina: what Latin and Cyrillic share
    "C": "ABCEHKMOPTXY",  # Bulgaria, likewise
    "G": "ABEHIKMNOPTXYZ",  # Greece: what Latin and Greek share
}
_SEPARATORS: Final = " -"


@dataclass(frozen=True, slots=True)
class _Form:
    """Beginnings (districts, mostly) with their weights, and what follows them as it is written."""

    beginnings: tuple[str, ...]
    cumulative: tuple[int, ...]
    serials: tuple[str, ...]


def _form(beginnings: str, *serials: str) -> _Form:
    """Read ``ZG*5 ST``: Zagreb five times as often as Split."""
    parts = [one.partition("*") for one in beginnings.split()]
    weights = (int(weight or 1) for _, _, weight in parts)
    return _Form(tuple(name for name, _, _ in parts), tuple(accumulate(weights)), serials)


_FORMS: Final = {
    "SI": _form("LJ*6 MB*4 CE*3 KP*2 KR*2 NM*2 GO MS KK PO SG", " SS-999"),
    "HR": _form("ZG*8 ST*4 RI*3 OS*2 ZD PU VK VŽ ČK SB KA SK DU BM", " 999-LL", " 9999-LL"),
    "BA": _form("A*2 E J K M O T", "99-B-999"),
    "RS": _form("BG*9 NS*4 NI*2 SU*2 KG*2 SM ZR VR LE ŠA ČA KV KU PO", " 999-LL", " 9999-LL"),
    "ME": _form("PG*5 NK*2 BR*2 BD HN UL BP PV", " LL999"),
    "XK": _form("01*5 02*2 03 04*2 05 06 07", " 999-LL"),
    "MK": _form("SK*7 KU*2 TE*2 BT OH ST SR GV VE", " 9999-LL"),
    "AL": _form("AA AB AC AD", " 999 LL"),
    "IT": _form("FA FB FC FD FF FG GA GB GC GD GF GG GH", " 999TT"),
    "AT": _form("W*6 G*4 K*2 VI L S LB DL", "-999LL", "-9999L"),
    "HU": _form("M N P R S AA", "LL-999"),
    "BG": _form("CB*4 PB*2 B K E CO", " 9999 CC"),
    "RO": _form("B*3 TM*3 CJ AR CS", " 99 LLL"),
    "GR": _form("NH NI IZ KH", "G-9999"),
    "DE": _form("M*5 S*3 F*2 K B N", "-LL 9999", "-LL 999"),
}
COUNTRIES: Final = tuple(_FORMS)


class Plates:
    """The plates of one simulation: no two vehicles are given the same one, unless somebody clones it."""

    def __init__(self) -> None:
        self._issued: set[tuple[str, str]] = set()

    def issue(self, chance: Random, country: str) -> str:
        """Return a plate that nobody has, as officers write it: ``ZG 1234-AB``."""
        form = _FORMS[country]
        while True:
            beginning = chance.choices(form.beginnings, cum_weights=form.cumulative)[0]
            serial = form.serials[int(chance.random() * len(form.serials))]
            letters = [
                sign if sign in _SEPARATORS else _ALPHABETS[sign][int(chance.random() * len(_ALPHABETS[sign]))]
                for sign in serial
            ]
            plate = beginning + "".join(letters)
            if self.claim(country, plate):
                return plate

    def claim(self, country: str, plate: str) -> bool:
        """Take this very plate; False where somebody has it."""
        key = (country, normalise(plate))
        if key in self._issued:
            return False
        self._issued.add(key)
        return True
