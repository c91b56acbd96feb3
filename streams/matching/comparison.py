"""Two descriptions of persons compared: bits for and against one person, in words, and what follows from them.

A bit is a factor of two in the odds that the two are one person. The bits show weak evidence to an officer; whether
two reports are linked is the contract's rule alone (`persons.link`), whatever the bits say.
"""

import re
from collections.abc import Iterator
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import Final

from rapidfuzz.distance import OSA

from streams.matching.forms import Word, read_name
from streams.matching.frequencies import bits_of
from streams.matching.likeness import Way
from streams.matching.names import NameComparison, Pair, compare_names
from streams.matching.persons import Facts, Link, link
from streams.matching.verdicts import POSSIBLE_BITS, Finding, Verdict

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


@dataclass(frozen=True, slots=True)
class Comparison:
    """Why two descriptions are or are not of one person, and what makes them one by the contract."""

    findings: tuple[Finding, ...]
    link: Link | None
    name_likeness: float

    @property
    def bits(self) -> float:
        """The sum of the findings."""
        return sum(finding.bits for finding in self.findings)

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
        """The findings in one line, the strongest first."""
        return "; ".join(map(str, sorted(self.findings, key=lambda finding: -abs(finding.bits))))

    @property
    def outline(self) -> str:
        """What speaks for one person and what against it, without a name, a date or a number, the strongest first."""
        ordered = sorted(self.findings, key=lambda one: (-abs(one.bits), one.unnamed))
        agreeing = dict.fromkeys(one.unnamed for one in ordered if one.bits > 0)
        against = dict.fromkeys(one.unnamed for one in ordered if one.bits < 0)
        return "; but ".join(filter(None, ("; ".join(agreeing), "; ".join(against))))


def compare(one: Facts, other: Facts, void: AbstractSet[str] = frozenset()) -> Comparison:
    """Weigh everything that two reports say of a person; `void` documents link nobody and weigh nothing."""
    names = compare_names(one.written.words, other.written.words, cut=_cut(one), other_cut=_cut(other))
    findings = (
        *_documents(one.documents - void, other.documents - void),
        *_birth_dates(one.birth_date, other.birth_date),
        *_names(names, one, other),
    )
    return Comparison(findings, link(one, other, void), names.likeness)


def may_be_possible(one: Facts, other: Facts, void: AbstractSet[str] = frozenset()) -> bool:
    """Whether `compare` can come to what is shown, if all of the names agrees; twenty times as quick."""
    beside = (
        *_documents(one.documents - void, other.documents - void),
        *_birth_dates(one.birth_date, other.birth_date),
    )
    names = max(sum(map(bits_of, facts.written.words)) for facts in (one, other))
    return sum(finding.bits for finding in beside) + names >= POSSIBLE_BITS


def _cut(facts: Facts) -> Word | None:
    return facts.written.words[-1] if facts.truncated and facts.words else None


def _documents(one: AbstractSet[str], other: AbstractSet[str]) -> Iterator[Finding]:
    if not one or not other:
        return
    if common := one & other:
        yield Finding(f"document {_spoken(min(common))} equal", _DOCUMENT, "document equal")
        return
    near = sorted(sorted((first, second)) for first in one for second in other if _misread(first, second))
    if near:
        first, second = map(_spoken, near[0])
        text = f"documents {first} and {second} one character apart"
        yield Finding(text, _DOCUMENT_MISREAD, "documents one character apart")
    else:
        yield Finding("no document in common", _OTHER_DOCUMENT, "no document in common")


def _misread(one: str, other: str) -> bool:
    (kind, number, issuer), (other_kind, other_number, other_issuer) = one.split("/"), other.split("/")
    long = min(len(number), len(other_number)) >= _SHORTEST_NUMBER
    return (kind, issuer) == (other_kind, other_issuer) and long and OSA.distance(number, other_number) == 1


def _spoken(document: str) -> str:
    return " ".join(filter(None, document.split("/")))


def _birth_dates(one: str | None, other: str | None) -> Iterator[Finding]:
    if one is None or other is None:
        return
    mine, theirs = ([part for part in _known(date).split("-") if part] for date in (one, other))
    common = min(len(mine), len(theirs))
    if mine[:common] == theirs[:common]:
        text = ("year of birth equal", "year and month of birth equal", "birth date equal")[common - 1]
        yield Finding(text, (_YEAR, _MONTH, _DAY)[common - 1], text)
    elif common == len(("year", "month", "day")) and [mine[0], mine[2], mine[1]] == theirs:
        unnamed = "birth dates with day and month swapped"
        yield Finding(f"birth dates {one} and {other}: day and month swapped", _SWAPPED, unnamed)
    elif common == len(("year", "month", "day")) and OSA.distance("".join(mine), "".join(theirs)) == 1:
        yield Finding(f"birth dates {one} and {other} one slip apart", _DAY_MISREAD, "birth dates one slip apart")
    else:
        yield Finding(f"birth date {one} ≠ {other}", _OTHER_DAY, "birth dates differ")


def _known(birth_date: str) -> str:
    # written where the day is not known
    return re.sub("-01-01$", "", birth_date)


def _names(names: NameComparison, one: Facts, other: Facts) -> Iterator[Finding]:
    for pair in names.agreeing:
        yield _agreement(pair, _part(pair.one, one), _part(pair.other, other))
    for mine, theirs in names.contradicting:
        part = _common_part(_part(mine, one), _part(theirs, other))
        weight = {"family name": _OTHER_FAMILY_NAME, "given name": _OTHER_GIVEN_NAME}.get(part, _OTHER_NAME)
        yield Finding(f"{part} {mine.written} ≠ {theirs.written}", weight, f"{part} differs")
    for word in names.extra:
        yield Finding(f"{word.written} on one side only", 0.0)


def _agreement(pair: Pair, part: str, other_part: str) -> Finding:
    common, mine, theirs = _common_part(part, other_part), pair.one.written, pair.other.written
    equal = pair.way is Way.EQUAL
    how = "" if equal else f", {pair.way}"
    swapped = ", family and given name swapped" if {part, other_part} == set(_ORDER) else ""
    text = f"{common} {mine} equal" if equal else f"{common} {mine} ≈ {theirs}"
    return Finding(
        f"{text}{how}{swapped}", pair.bits, f"{common} equal{swapped}" if equal else f"{common}{how}{swapped}"
    )


def _common_part(part: str, other_part: str) -> str:
    return part if part == other_part else "name"


def _part(word: Word, facts: Facts) -> str:
    if word in read_name(facts.written.family):
        return "family name"
    return "given name" if word in read_name(facts.written.given) else "name"
