"""Two descriptions of persons compared: bits for and against one person, in words, and what follows from them.

A bit is a factor of two in the odds that the two are one person. The bits show weak evidence to an officer; whether
two reports are linked is the contract's rule alone (`persons.link`), whatever the bits say.
"""

import re
from collections.abc import Iterator
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import Final, NamedTuple

from rapidfuzz.distance import OSA

from streams.matching.forms import Word, read_name
from streams.matching.likeness import Way
from streams.matching.names import NameComparison, Pair, compare_names
from streams.matching.persons import Facts, Link, link
from streams.matching.verdicts import POSSIBLE_BITS, Verdict

_DOCUMENT: Final = 14.0
_DOCUMENT_MISREAD: Final = 7.0
_OTHER_DOCUMENT: Final = -2.0
_SHORTEST_NUMBER: Final = 5
_DAY: Final = 11.0
_MONTH: Final = 8.0
_YEAR: Final = 5.0
_SWAPPED: Final = 8.0
_DAY_MISREAD: Final = 5.0
_OTHER_DAY: Final = -11.0
"""One person in fifty has papers with birth dates that have nothing to do with each other."""
_OTHER_FAMILY_NAME: Final = -3.0
_OTHER_GIVEN_NAME: Final = -4.0
_OTHER_NAME: Final = -3.5
_SPREAD: Final = 4.0
_SHOWN: Final = 0.5
_LIKELY_NAME: Final = 0.6
_POSSIBLE_NAME: Final = 0.5
_ORDER: Final = ("family name", "given name")


class Reason(NamedTuple):
    """An agreement or a disagreement, in words, and its weight in bits."""

    text: str
    bits: float

    def __str__(self) -> str:
        return f"{self.text} {self.bits:+.1f}"


@dataclass(frozen=True, slots=True)
class Comparison:
    """Why two descriptions are or are not of one person, and what makes them one by the contract."""

    reasons: tuple[Reason, ...]
    link: Link | None
    name_likeness: float

    @property
    def bits(self) -> float:
        """The sum of the reasons."""
        return sum(reason.bits for reason in self.reasons)

    @property
    def score(self) -> float:
        """The bits on a scale of 0 to 1, from a half on shown to an officer, as what is linked always is."""
        score = float(1 / (1 + 2 ** ((POSSIBLE_BITS - self.bits) / _SPREAD)))
        return score if self.link is None else max(score, _SHOWN)

    @property
    def verdict(self) -> Verdict:
        """A match where the contract links; else possible from 8 bits on."""
        if self.link is not None:
            return Verdict.MATCH
        return Verdict.POSSIBLE if self.bits >= POSSIBLE_BITS else Verdict.NO_MATCH

    @property
    def name_verdict(self) -> Verdict:
        """What the names alone say, without the rule that a name alone never links."""
        if self.name_likeness >= _LIKELY_NAME:
            return Verdict.MATCH
        return Verdict.POSSIBLE if self.name_likeness >= _POSSIBLE_NAME else Verdict.NO_MATCH

    @property
    def explanation(self) -> str:
        """The reasons in one line, the strongest first."""
        return "; ".join(map(str, sorted(self.reasons, key=lambda reason: -abs(reason.bits))))


def compare(one: Facts, other: Facts, void: AbstractSet[str] = frozenset()) -> Comparison:
    """Weigh everything that two reports say of a person; `void` documents link nobody and weigh nothing."""
    names = compare_names(one.written.words, other.written.words, cut=_cut(one), other_cut=_cut(other))
    reasons = (
        *_documents(one.documents - void, other.documents - void),
        *_birth_dates(one.birth_date, other.birth_date),
        *_names(names, one, other),
    )
    return Comparison(reasons, link(one, other, void), names.likeness)


def _cut(facts: Facts) -> Word | None:
    return facts.written.words[-1] if facts.truncated and facts.words else None


def _documents(one: AbstractSet[str], other: AbstractSet[str]) -> Iterator[Reason]:
    if not one or not other:
        return
    if common := one & other:
        yield Reason(f"document {_spoken(min(common))} equal", _DOCUMENT)
        return
    near = sorted(sorted((first, second)) for first in one for second in other if _misread(first, second))
    if near:
        first, second = map(_spoken, near[0])
        yield Reason(f"documents {first} and {second} one character apart", _DOCUMENT_MISREAD)
    else:
        yield Reason("no document in common", _OTHER_DOCUMENT)


def _misread(one: str, other: str) -> bool:
    (kind, number, issuer), (other_kind, other_number, other_issuer) = one.split("/"), other.split("/")
    long = min(len(number), len(other_number)) >= _SHORTEST_NUMBER
    return (kind, issuer) == (other_kind, other_issuer) and long and OSA.distance(number, other_number) == 1


def _spoken(document: str) -> str:
    return " ".join(filter(None, document.split("/")))


def _birth_dates(one: str | None, other: str | None) -> Iterator[Reason]:
    if one is None or other is None:
        return
    mine, theirs = ([part for part in _known(date).split("-") if part] for date in (one, other))
    common = min(len(mine), len(theirs))
    if mine[:common] == theirs[:common]:
        text = ("year of birth equal", "year and month of birth equal", "birth date equal")[common - 1]
        yield Reason(text, (_YEAR, _MONTH, _DAY)[common - 1])
    elif common == len(("year", "month", "day")) and [mine[0], mine[2], mine[1]] == theirs:
        yield Reason(f"birth dates {one} and {other}: day and month swapped", _SWAPPED)
    elif common == len(("year", "month", "day")) and OSA.distance("".join(mine), "".join(theirs)) == 1:
        yield Reason(f"birth dates {one} and {other} one slip apart", _DAY_MISREAD)
    else:
        yield Reason(f"birth date {one} ≠ {other}", _OTHER_DAY)


def _known(birth_date: str) -> str:
    # written where the day is not known
    return re.sub("-01-01$", "", birth_date)


def _names(names: NameComparison, one: Facts, other: Facts) -> Iterator[Reason]:
    for pair in names.agreeing:
        yield Reason(_agreement(pair, _part(pair.one, one), _part(pair.other, other)), pair.bits)
    for mine, theirs in names.contradicting:
        part = _common_part(_part(mine, one), _part(theirs, other))
        weight = {"family name": _OTHER_FAMILY_NAME, "given name": _OTHER_GIVEN_NAME}.get(part, _OTHER_NAME)
        yield Reason(f"{part} {mine.written} ≠ {theirs.written}", weight)
    for word in names.extra:
        yield Reason(f"{word.written} on one side only", 0.0)


def _agreement(pair: Pair, part: str, other_part: str) -> str:
    common = _common_part(part, other_part)
    if pair.way is Way.EQUAL:
        text = f"{common} {pair.one.written} equal"
    else:
        text = f"{common} {pair.one.written} ≈ {pair.other.written} ({pair.way})"
    return text if {part, other_part} != set(_ORDER) else f"{text} (family and given name swapped)"


def _common_part(part: str, other_part: str) -> str:
    return part if part == other_part else "name"


def _part(word: Word, facts: Facts) -> str:
    if word in read_name(facts.written.family):
        return "family name"
    return "given name" if word in read_name(facts.written.given) else "name"
