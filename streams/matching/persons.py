"""Identity of persons: the same document, or the same full birth date and a name that agrees.

Names agree across scripts, transliterations, order and truncation: each word of the shorter name agrees
with another of the longer, a family name and a given name among them. What is likely and no more (a sound,
a slip of the pen, an initial, a name in another language) is weighed in `comparison`, and never links. A
year or month of birth, or a name alone, never links. The first of January counts as a year: it is written
where the day is not known.
"""

from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum
from typing import Final, NamedTuple

from schemas.readings import read_person
from schemas.subjects import Document, Person
from streams.matching.clusters import NO_MARKS, Marks
from streams.matching.forms import Word, read_name
from streams.matching.frequencies import identity_of

_DAY_LENGTH: Final = len("2000-12-31")
_SHORTEST_NAME: Final = 2
_DOCUMENT: Final = "d:"
_NAME: Final = "n:"


class Link(StrEnum):
    """What makes two appearances one person, the stronger first."""

    DOCUMENT = "document"
    NAME_AND_BIRTH_DATE = "name_and_birth_date"


class WrittenName(NamedTuple):
    """A name as somebody wrote it; `either` is what nobody told apart into family and given names."""

    family: str = ""
    given: str = ""
    either: str = ""

    @property
    def words(self) -> tuple[Word, ...]:
        """The words of the whole name, the family name first."""
        return read_name(self.family) + read_name(self.given) + read_name(self.either)


_NO_NAME: Final = WrittenName()


@dataclass(frozen=True, slots=True)
class Facts:
    """What identifies a person in one report: documents, the spellings of the name's words, the day of birth."""

    documents: frozenset[str] = frozenset()
    family: tuple[str, ...] = ()
    given: tuple[str, ...] = ()
    born: str | None = None
    truncated: bool = False
    """The last word may be cut off: it comes from a machine readable zone that is full."""
    written: WrittenName = _NO_NAME
    birth_date: str | None = None
    """As read, which may be a year or a month."""
    either: tuple[str, ...] = ()
    """Words that may be of the family name or given names: nobody told them apart."""
    marks: Marks = NO_MARKS
    """What verdicts call the person; who is marked stands for that appearance alone."""

    @property
    def words(self) -> tuple[str, ...]:
        """Every word of the name."""
        return self.family + self.given + self.either


def facts_of(person: Person, *, today: date, marks: Marks = NO_MARKS) -> Facts:
    """Return what a report says of who a person is; `today` decides the century in a machine readable zone."""
    reading = read_person(person, today=today)
    read = reading.person
    facts = facts_from(
        frozenset(filter(None, map(document_key, read.documents))),
        WrittenName(read.family_name or "", read.given_names or ""),
        read.birth_date,
        truncated=reading.name_truncated,
    )
    return replace(facts, marks=marks) if marks else facts


def facts_from(
    documents: frozenset[str], written: WrittenName, birth_date: str | None, *, truncated: bool = False
) -> Facts:
    """Return the same from documents (`document_key`), a name and a birth date as written."""
    family, given, either = (tuple(word.spelling for word in read_name(part)) for part in written)
    return Facts(documents, family, given, _day(birth_date), truncated, written, birth_date, either)


def document_key(document: Document) -> str | None:
    """Return type, number and issuer in one; None where one of them is not known."""
    number = "".join(character for character in (document.number or "").upper() if character.isalnum())
    if document.type is None or document.issuer is None or not number:
        return None
    return f"{document.type}/{number}/{document.issuer}"


def lookup_keys(facts: Facts) -> frozenset[str]:
    """Return the keys of an appearance: two that are one person have one in common."""
    by_name = {f"{_NAME}{facts.born}/{identity_of(word)}" for word in facts.words} if can_link_by_name(facts) else set()
    return document_keys(facts) | by_name


def document_keys(facts: Facts) -> frozenset[str]:
    """Return the keys of the documents alone."""
    return frozenset(f"{_DOCUMENT}{document}" for document in facts.documents)


def can_link_by_name(facts: Facts) -> bool:
    """Whether the name and the birth date are known well enough to link by."""
    return facts.born is not None and len(facts.words) >= _SHORTEST_NAME


def link(one: Facts, other: Facts, void: AbstractSet[str] = frozenset()) -> Link | None:
    """Return what makes these two one person, if anything does; `void` documents link nobody."""
    if (one.documents & other.documents) - void:
        return Link.DOCUMENT
    if can_link_by_name(one) and one.born == other.born and names_agree(one, other):
        return Link.NAME_AND_BIRTH_DATE
    return None


def differ(one: Facts, other: Facts) -> bool:
    """Whether two holders of one document are known to be two persons: both name and day of birth differ."""
    if not (one.words and other.words and one.born and other.born):
        return False
    return one.born != other.born and not names_agree(one, other)


def names_agree(one: Facts, other: Facts) -> bool:
    """Whether each word of the shorter name agrees with another of the longer one."""
    shorter, longer = sorted((one, other), key=lambda facts: len(facts.words))
    if len(shorter.words) < _SHORTEST_NAME:
        return False
    pairs = _pairs(shorter, longer)
    if len(pairs) < len(shorter.words):
        return False
    if one.either and other.either:
        return True
    families = set(one.family) | set(other.family)
    givens = set(one.given) | set(other.given)
    return any(families & set(pair) for pair in pairs) and any(givens & set(pair) for pair in pairs)


def _pairs(shorter: Facts, longer: Facts) -> list[tuple[str, str]]:
    """Return the words that agree, each used once: one name's spellings, and a cut-off one with what it begins."""
    left = list(longer.words)
    pairs, waiting = [], []
    for word in shorter.words:
        same = next((other for other in left if identity_of(other) == identity_of(word)), None)
        if same is None:
            waiting.append(word)
        else:
            left.remove(same)
            pairs.append((word, same))
    cut = longer.words[-1] if longer.truncated else None
    for position, word in enumerate(waiting):
        last = shorter.truncated and word == shorter.words[-1] and position == len(waiting) - 1
        whole = next((other for other in left if last and other.startswith(word)), None)
        if whole is None and cut in left and word.startswith(cut):
            whole = cut
        if whole is not None:
            left.remove(whole)
            pairs.append((word, whole))
    return pairs


def _day(birth_date: str | None) -> str | None:
    full = birth_date is not None and len(birth_date) == _DAY_LENGTH and not birth_date.endswith("-01-01")
    return birth_date if full else None
