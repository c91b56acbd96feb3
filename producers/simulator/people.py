"""Persons and their documents: invented, and no two of one name born on the same day, unless they are meant to be."""

from dataclasses import dataclass
from datetime import date, timedelta
from random import Random
from typing import Final, Literal

from producers.simulator.name_tables import NAMES

DocumentType = Literal["passport", "id_card"]

TONGUES: Final[dict[str, tuple[tuple[str, ...], tuple[int, ...]]]] = {
    "SI": (("sl", "hr", "bs"), (8, 1, 1)),
    "HR": (("hr", "sr"), (9, 1)),
    "BA": (("bs", "sr", "hr"), (5, 3, 2)),
    "RS": (("sr", "hu", "sq", "bs"), (8, 1, 1, 1)),
    "ME": (("sr", "bs", "sq"), (7, 2, 1)),
    "XK": (("sq", "sr"), (9, 1)),
    "MK": (("mk", "sq"), (7, 3)),
    "AL": (("sq",), (1,)),
    "IT": (("it",), (1,)),
    "AT": (("de", "sr", "bs"), (7, 2, 1)),
    "HU": (("hu",), (1,)),
    "BG": (("bg",), (1,)),
    "RO": (("ro",), (1,)),
    "GR": (("el",), (1,)),
    "DE": (("de", "sr", "sq"), (7, 2, 1)),
    "AF": (("far",), (1,)),
    "SY": (("far",), (1,)),
    "TR": (("far",), (1,)),
}
"""Tongues that a country's holders have their names from, with weights."""

ISSUERS: Final = {
    "SI": "SVN", "HR": "HRV", "BA": "BIH", "RS": "SRB", "ME": "MNE", "XK": "RKS", "MK": "MKD", "AL": "ALB",
    "IT": "ITA", "AT": "AUT", "HU": "HUN", "BG": "BGR", "RO": "ROU", "GR": "GRC", "DE": "D",
    "AF": "AFG", "SY": "SYR", "TR": "TUR",
}  # fmt: skip
"""ICAO Doc 9303-3 section 5."""

_NUMBERS: Final = {
    "SVN": "P9999999", "HRV": "999999999", "BIH": "L9999999", "SRB": "999999999", "MNE": "L99999999",
    "RKS": "P99999999", "MKD": "L9999999", "ALB": "LL9999999", "ITA": "LL99999LL", "AUT": "P9999999",
    "HUN": "LL999999", "BGR": "999999999", "ROU": "999999999", "GRC": "LL9999999", "D": "L9L9L9999",
    "AFG": "P99999999", "SYR": "999999999", "TUR": "L99999999",
}  # fmt: skip
"""Forms of document numbers, roughly as they are in use; P stands for itself."""

_LETTERS: Final = "ABCDEFGHKLMNPRSTUVXYZ"
_TODAY: Final = date(2026, 1, 1)


@dataclass(frozen=True, slots=True)
class TravelDocument:
    """A document as it was issued; `expires` is YYMMDD."""

    type: DocumentType
    number: str
    issuer: str
    expires: str


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody as they are: names in their own letters, `born` as YYYY-MM-DD, `sex` as an MRZ has it."""

    number: int
    tongue: str
    family: str
    given: str
    born: str
    sex: Literal["M", "F"]
    issuer: str
    documents: tuple[TravelDocument, ...]

    @property
    def entity(self) -> str:
        """Their name in the truth."""
        return f"P{self.number:06}"


class People:
    """All persons of one simulation."""

    def __init__(self) -> None:
        self._made = 0
        self._known: set[tuple[str, str, str]] = set()
        self._numbers: set[tuple[str, str]] = set()

    def person(
        self, chance: Random, country: str, *, oldest: int = 62, youngest: int = 19, of: tuple[str, ...] | None = None
    ) -> Person:
        """Make a person; `oldest` and `youngest` are ages in 2026, `of` are tongues to take the name from."""
        tongues, weights = TONGUES[country]
        if of is not None:
            tongues, weights = of, (1,) * len(of)
        tongue = chance.choices(tongues, weights)[0]
        names = NAMES[tongue]
        while True:
            sex: Literal["M", "F"] = "M" if chance.random() < 0.7 else "F"  # noqa: PLR2004 - drivers are men mostly
            given = _common(chance, names.men if sex == "M" else names.women)
            family = _of_a_woman(_common(chance, names.families)) if sex == "F" else _common(chance, names.families)
            born = (
                _TODAY - timedelta(days=int(365.25 * (youngest + chance.random() * (oldest - youngest))))
            ).isoformat()
            if self._claim(family, given, born):
                break
        issuer = ISSUERS[country]
        return self._made_of(chance, (tongue, family, given, born, sex, issuer))

    def namesake(self, chance: Random, person: Person, *, born: str) -> Person:
        """Make somebody else of the same name, born on another day."""
        self._known.add((person.family, person.given, born))
        return self._made_of(chance, (person.tongue, person.family, person.given, born, person.sex, person.issuer))

    def _made_of(self, chance: Random, said: tuple[str, str, str, str, Literal["M", "F"], str]) -> Person:
        tongue, family, given, born, sex, issuer = said
        self._made += 1
        kinds: tuple[DocumentType, ...] = ("passport",) if chance.random() < 0.6 else ("passport", "id_card")  # noqa: PLR2004
        documents = tuple(self._document(chance, kind, issuer) for kind in kinds)
        return Person(self._made, tongue, family, given, born, sex, issuer, documents)

    def _claim(self, family: str, given: str, born: str) -> bool:
        known = (family, given, born)
        if known in self._known:
            return False
        self._known.add(known)
        return True

    def _document(self, chance: Random, kind: DocumentType, issuer: str) -> TravelDocument:
        while True:
            number = "".join(_sign(chance, sign) for sign in _NUMBERS[issuer])
            if (issuer, number) not in self._numbers:
                self._numbers.add((issuer, number))
                year, month, day = (
                    27 + int(chance.random() * 9),
                    1 + int(chance.random() * 12),
                    1 + int(chance.random() * 28),
                )
                return TravelDocument(kind, number, issuer, f"{year}{month:02}{day:02}")


def _sign(chance: Random, sign: str) -> str:
    signs = {"9": "0123456789", "L": _LETTERS}.get(sign, sign)
    return signs[int(chance.random() * len(signs))]


def _common(chance: Random, names: tuple[str, ...]) -> str:
    """Return one of the names, those that stand first more often."""
    return names[int(chance.random() ** 1.5 * len(names))]


def _of_a_woman(family: str) -> str:
    for his, hers in (("ски", "ска"), ("ов", "ова"), ("ев", "ева"), ("ov", "ova"), ("ev", "eva")):
        if family.endswith(his):
            return family.removesuffix(his) + hers
    return family
