"""Everyone that reports name, by what identifies them, and who of them is one person.

Persons of incidents who may be suspected link with each other; a person in a sighting belongs to whom it
agrees with, and joins nobody: a machine's read makes no connection between reports. A document whose
holders differ in name and day of birth links nobody (it may be stolen). Protected persons are not here.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import combinations
from typing import Final

from schemas.subjects import Person
from streams.engine.cases import Case, Passage, persons_in, place_of
from streams.engine.incidents import ResolvedIncident
from streams.engine.roles import is_protected, may_be_suspected
from streams.engine.verdicts import FalseMatches
from streams.matching.clusters import NO_MARKS, When, parted
from streams.matching.comparison import Comparison, compare
from streams.matching.persons import Facts, Link, can_link_by_name, differ, document_keys, facts_of, link, lookup_keys

STRENGTH: Final = {Link.DOCUMENT: 2.0, Link.NAME_AND_BIRTH_DATE: 1.0}
"""A document holds before a name does."""


Someone = frozenset[Facts]
"""A person of incidents: all facts that link."""


@dataclass(frozen=True, slots=True)
class Holder:
    """A person in a report: where, and whether this part makes them of interest."""

    case: Case
    position: str
    person: Person
    suspected: bool

    @property
    def key(self) -> tuple[str, str]:
        """The event and the position in it."""
        return self.case.report.id, self.position


def holders_in(case: Case) -> Iterator[tuple[Facts, Holder]]:
    """Return the persons of a report that may be remembered, each with what identifies them."""
    sighted = isinstance(case, Passage)
    for position, person in persons_in(case):
        if not is_protected(person):
            marks = case.marks.get(position, NO_MARKS)
            facts = facts_of(person, today=case.report.occurred_at.date(), marks=marks)
            yield facts, Holder(case, position, person, suspected=sighted or may_be_suspected(person))


class People:
    """The persons of real reports, or of an exercise's."""

    def __init__(self, false_matches: FalseMatches) -> None:
        self._false_matches = false_matches
        self._holders: dict[Facts, dict[tuple[str, str], Holder]] = {}
        self._by_key: dict[str, set[Facts]] = defaultdict(set)
        self._void: dict[str, bool] = {}

    def add(self, facts: Facts, holder: Holder) -> None:
        """Remember a person in a report."""
        if facts not in self._holders:
            self._holders[facts] = {}
            for key in lookup_keys(facts):
                self._by_key[key].add(facts)
        self._holders[facts][holder.key] = holder
        self._forget_void(facts)

    def remove(self, facts: Facts, holder: Holder) -> None:
        """Forget a person in a report."""
        holders = self._holders[facts]
        del holders[holder.key]
        if not holders:
            del self._holders[facts]
            for key in lookup_keys(facts):
                self._by_key[key].discard(facts)
                if not self._by_key[key]:
                    del self._by_key[key]
        self._forget_void(facts)

    @property
    def known(self) -> Iterable[Facts]:
        """All that identifies anybody."""
        return self._holders.keys()

    def holders(self, facts: Facts) -> Iterable[Holder]:
        """Return who is identified by exactly this."""
        return self._holders.get(facts, {}).values()

    def suspected(self, facts: Facts) -> Iterator[Holder]:
        """Return those of incidents who are identified by exactly this and may be suspected."""
        return (
            holder for holder in self.holders(facts) if holder.suspected and isinstance(holder.case, ResolvedIncident)
        )

    def near(self, keys: Iterable[str]) -> set[Facts]:
        """Return everything that has one of these keys."""
        return {facts for key in keys for facts in self._by_key.get(key, ())}

    def void(self, documents: Iterable[str]) -> frozenset[str]:
        """Return those of the documents that link nobody, because their holders differ."""
        return frozenset(document for document in documents if self._is_void(document))

    def link(self, one: Facts, other: Facts) -> Link | None:
        """Return what makes these one person, if anything does."""
        return link(one, other, self.void(one.documents & other.documents))

    def compare(self, one: Facts, other: Facts) -> Comparison:
        """Weigh all that two reports say of a person."""
        return compare(one, other, self.void(one.documents & other.documents))

    def connected(self, seeds: Iterable[Facts]) -> set[Facts]:
        """Return these and all that may link with them, through others too: whoever is suspected, by any document."""
        found = set(seeds)
        waiting = list(found)
        while waiting:
            facts = waiting.pop()
            new = {other for other in self.near(lookup_keys(facts)) - found if link(facts, other)}
            found |= new
            waiting += new
        return found

    def clusters(self, seeds: Iterable[Facts]) -> list[Someone]:
        """Return the persons of incidents that the seeds belong to or could link with, as sets of facts that link.

        Where verdicts tell some apart, the strongest links hold first (a document before a name), then the earliest.
        """
        reached: set[Facts] = set()
        found: list[Someone] = []
        for seed in seeds:
            for start in {seed, *self.near(lookup_keys(seed))}:
                if start not in reached and self._is_suspected(start):
                    linked = self._linked_with(start)
                    reached |= linked
                    found += self._apart(linked)
        return found

    def reported(self, cluster: Someone) -> Iterator[list[Holder]]:
        """Return the suspected of incidents in a cluster, those that are one person together.

        The same words twice, all of them family names, do not say that two reports mean one person.
        """
        holders = [holder for facts in cluster for holder in self.suspected(facts)]
        first = next(iter(cluster))
        if len(cluster) > 1 or self.link(first, first):
            yield holders
        else:
            yield from ([holder] for holder in holders)

    def identity(self, facts: Facts) -> Someone | None:
        """Return the person of an incident who is meant by this, as the cluster of all that links with it."""
        if not self._is_suspected(facts):
            return None
        cluster = next(one for one in self._apart(self._linked_with(facts)) if facts in one)
        return cluster if len(cluster) > 1 or self.link(facts, facts) else None

    def meant_by(self, facts: Facts) -> set[Facts]:
        """Return everything known of the persons of incidents with whom this agrees."""
        agreeing = (one for one in self.clusters([facts]) if any(self.link(facts, member) for member in one))
        return {member for cluster in agreeing for member in cluster}

    def sighted(self, cluster: Someone) -> set[Facts]:
        """Return the facts of those in sightings who agree with a member and are told apart from none."""
        return {
            other
            for facts in cluster
            for other in self.near(lookup_keys(facts))
            if any(isinstance(holder.case, Passage) for holder in self.holders(other))
            and self.link(facts, other)
            and not any(self.are_told_apart(member, other) for member in cluster)
        }

    def with_document(self, document: str) -> set[Facts]:
        """Return the facts of all who hold a document."""
        return self.near(document_keys(Facts(frozenset({document}))))

    def may_be_in_conflict(self, document: str) -> bool:
        """Whether somebody in an incident holds a document who is known well enough to differ from another holder."""
        return any(
            facts.words and facts.born and any(isinstance(one.case, ResolvedIncident) for one in self.holders(facts))
            for facts in self.with_document(document)
        )

    def in_conflict(self, document: str) -> tuple[list[Holder], datetime] | None:
        """Return who holds a document beside somebody else, one of the two in an incident, and since when two do."""
        holders: dict[tuple[str, str], Holder] = {}
        since: list[datetime] = []
        for one, other in combinations(self.with_document(document), 2):
            if differ(one, other):
                for first, second in ((one, other), (other, one)):
                    reported = [holder for holder in self.holders(first) if isinstance(holder.case, ResolvedIncident)]
                    if reported:
                        beside = [*self.holders(second)]
                        holders |= {holder.key: holder for holder in (*reported, *beside)}
                        since.append(max(_earliest(reported), _earliest(beside)))
        return ([*holders.values()], min(since)) if holders else None

    def are_told_apart(self, one: Facts, other: Facts) -> bool:
        """Whether a verdict says that these are two."""
        return self._false_matches.tell_apart(one.marks, other.marks)

    def by_document_alone(self, members: Iterable[Facts]) -> bool:
        """Whether shared documents alone connect all these."""
        left = list(members)
        if not all(self.link(one, one) is Link.DOCUMENT for one in left):
            return False
        waiting = [left.pop()] if left else []
        while waiting:
            one = waiting.pop()
            void = self.void(one.documents)
            joined = [other for other in left if link(one, other, void) is Link.DOCUMENT]
            left = [other for other in left if other not in joined]
            waiting += joined
        return not left

    def _linked_with(self, start: Facts) -> set[Facts]:
        found, waiting = {start}, [start]
        while waiting:
            facts = waiting.pop()
            for other in self.near(lookup_keys(facts)) - found:
                if self._is_suspected(other) and self.link(facts, other):
                    found.add(other)
                    waiting.append(other)
        return found

    def _apart(self, linked: set[Facts]) -> list[Someone]:
        """Return what is left of facts that link where verdicts tell some apart."""
        if not any(facts.marks for facts in linked):
            return [frozenset(linked)]
        return parted(linked, self.are_told_apart, self._strength, self._first)

    def _strength(self, one: Facts, other: Facts) -> float | None:
        how = self.link(one, other)
        return None if how is None else STRENGTH[how]

    def _first(self, facts: Facts) -> When:
        """Return where an incident that makes the person of interest names them first."""
        return min((*one.case.sort_key, place_of(one.position)) for one in self.suspected(facts))

    def _is_suspected(self, facts: Facts) -> bool:
        """Whether somebody in an incident, known well enough to link by, may be suspected."""
        if not (can_link_by_name(facts) or facts.documents - self.void(facts.documents)):
            return False
        return any(self.suspected(facts))

    def _is_void(self, document: str) -> bool:
        if document not in self._void:
            self._void[document] = self.in_conflict(document) is not None
        return self._void[document]

    def _forget_void(self, facts: Facts) -> None:
        for document in facts.documents:
            self._void.pop(document, None)


def _earliest(holders: Iterable[Holder]) -> datetime:
    return min(holder.case.report.occurred_at for holder in holders)
