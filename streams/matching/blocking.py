"""Who is worth comparing with whom: at most seven keys a person, and a key that fits too many gives nobody.

A key that many people have in common says nothing, and comparing them all would take for ever. It gives no
candidates, and says so: giving the newest or the first few would make the outcome depend on the order of arrival.
"""

from collections.abc import Iterable
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import Final

from streams.matching.frequencies import identity_of
from streams.matching.persons import Facts

MOST_KEYS: Final = 7
_WORDS: Final = 2
_BEGINNING: Final = 3
MOST_MEMBERS: Final = 200


@dataclass(frozen=True, slots=True)
class Candidates:
    """Who may be the same person, and the keys that too many have for anybody to be found by them."""

    found: frozenset[Facts]
    over_full: frozenset[str]


def blocking_keys(facts: Facts) -> frozenset[str]:
    """Return at most seven keys; descriptions of one person, names swapped or misspelled, mostly share one.

    Both halves of a document's number (one misread character leaves a half whole) and a second document, two words of
    the name with the day of birth, the initials with day and year of birth, the beginnings of the name. What the
    contract links by is looked up with `persons.lookup_keys`, which is complete.
    """
    words = sorted(map(identity_of, facts.words), key=lambda word: (-len(word), word))
    documents = sorted(facts.documents)
    keys = {half for document in documents[:1] for half in _halves(document)}
    keys |= {f"document {document}" for document in documents[1:2]}
    if facts.born is not None:
        year, _, day = facts.born.split("-")
        keys |= {f"born {facts.born} {word}" for word in words[:_WORDS]}
        keys.add(f"initials {year} {day} {''.join(sorted(word[0] for word in words))}")
    if len(words) > 1:
        keys.add(f"beginnings {' '.join(sorted(word[:_BEGINNING] for word in words[:_WORDS]))}")
    return frozenset(keys)


def _halves(document: str) -> set[str]:
    kind, number, issuer = document.split("/")
    half = (len(number) + 1) // 2
    return {f"document {kind}/{number[:half]}…/{issuer}", f"document {kind}/…{number[-half:]}/{issuer}"}


class Blocks:
    """An index by blocking keys; what it answers does not depend on the order in which it was filled."""

    def __init__(self, most_members: int = MOST_MEMBERS) -> None:
        self._members: dict[str, set[Facts]] = {}
        self._most = most_members

    def add(self, facts: Facts) -> None:
        """Remember a description."""
        for key in blocking_keys(facts):
            self._members.setdefault(key, set()).add(facts)

    def discard(self, facts: Facts) -> None:
        """Forget a description, if it is here."""
        for key in blocking_keys(facts):
            if members := self._members.get(key):
                members.discard(facts)
                if not members:
                    del self._members[key]

    def with_key(self, key: str) -> AbstractSet[Facts]:
        """Return everybody who has a key."""
        return self._members.get(key, frozenset())

    def over_full(self, keys: Iterable[str]) -> frozenset[str]:
        """Return those of the keys that more than the limit have."""
        return frozenset(key for key in keys if len(self.with_key(key)) > self._most)

    def candidates(self, facts: Facts) -> Candidates:
        """Return everybody who shares a key with these, the same words included, save a key that is over-full."""
        keys = blocking_keys(facts)
        over_full = self.over_full(keys)
        return Candidates(frozenset().union(*map(self.with_key, keys - over_full)), over_full)
