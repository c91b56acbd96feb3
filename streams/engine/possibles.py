"""Who is possibly the person of an alert and no more: a note for the officer, which links nobody and scores nothing.

What is weak (a year of birth, a sound, a slip of the pen) is weighed by `matching.comparison`. Told is of suspects of
incidents alone, and of them where, when and in what they agree, never who they are. Nothing is told of information
that is not to be shared onward (H2, H3), of anybody under 18, of returns, or of sightings: who passes a border is
nobody's suspect.

A key that too many descriptions have leads to nobody, and the note says so. When a key comes to that, or ceases
to be so, all who have it are looked at anew; in between, who has it neither costs nor changes anything by it.
"""

from collections.abc import Iterable, Iterator, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from schemas.events import Incident
from streams.engine.about import may_be_minor
from streams.engine.incidents import ResolvedIncident
from streams.engine.people import Holder, People
from streams.engine.quality import QualityNote
from streams.engine.roles import makes_of_interest
from streams.matching.blocking import Blocks, blocking_keys
from streams.matching.comparison import Comparison, compare, may_be_possible
from streams.matching.persons import Facts
from streams.matching.verdicts import Verdict
from streams.rules import PossiblePersonRules
from streams.typologies.wording import day

_SHARED: Final = {"H0", "H1"}


@dataclass(frozen=True, slots=True)
class _Possible:
    """A report that possibly names the person, and how what it says compares."""

    comparison: Comparison
    report: Incident

    @property
    def rank(self) -> tuple[float, str, datetime, str]:
        """What agrees most comes first, then what happened first."""
        return -self.comparison.bits, self.comparison.outline, self.report.occurred_at, self.report.id

    def __str__(self) -> str:
        """Return the note."""
        report = self.report
        where = f"{report.id} ({report.originated_by}, {day(report.occurred_at)})"
        return f"Possibly the same person as in report {where}: {self.comparison.outline}; not linked."


class Possibles:
    """The suspects of one side by what they could be mistaken for, beside the persons that are known by it."""

    def __init__(self, people: People, rules: PossiblePersonRules) -> None:
        self._people = people
        self.judge_by(rules)

    def judge_by(self, rules: PossiblePersonRules) -> None:
        """Judge by these rules from now on."""
        self._listed = rules.listed
        self._told_of, self._others = Blocks(rules.most_alike), Blocks(rules.most_alike)
        self._turned: set[str] = set()
        for facts in self._people.known:
            self.renew(facts)
        self._turned.clear()

    def renew(self, facts: Facts) -> None:
        """Take in or forget who is described so, as `People` knows them now."""
        keys = blocking_keys(facts)
        before = self._told_of.over_full(keys)
        holders = list(self._people.holders(facts))
        told_of = any(map(_told_in, holders))
        suspected = any(holder.suspected for holder in holders)
        for blocks, belongs in ((self._told_of, told_of), (self._others, suspected and not told_of)):
            (blocks.add if belongs else blocks.discard)(facts)
        self._turned ^= before ^ self._told_of.over_full(keys)

    def take_turned(self) -> set[Facts]:
        """Return whom keys lead to that have become over-full, or are no longer, since this was asked last."""
        turned, self._turned = self._turned, set()
        return {facts for key in turned for facts in self._with_key(key)}

    def lookers(self, members: Iterable[Facts]) -> set[Facts]:
        """Return those whose alerts may tell of these: with whom one of these is possibly the same person."""
        found: set[Facts] = set()
        for one in members:
            if any(map(_told_in, self._people.holders(one))):
                keys = blocking_keys(one)
                near = {other for key in keys - self._told_of.over_full(keys) for other in self._with_key(key)}
                found.update(other for other in near - found if self._possible(other, one))
        return found

    def notes(self, said: Sequence[tuple[Facts, Holder]]) -> tuple[str, ...]:
        """Return what an alert says of others who are possibly its person, given the appearances that it lists."""
        about = {facts for facts, _ in said}
        meant = {facts for one in about for facts in self._people.meant_by(one)}
        if not said or _one_is_minor(about | meant, max(holder.case.report.occurred_at for _, holder in said)):
            return ()
        near = [(one, self._told_of.candidates(one)) for one in about]
        own = {holder.key[0] for one in meant for holder in self._people.suspected(one)}
        own.update(holder.key[0] for _, holder in said)
        found: dict[str, _Possible] = {}
        for one, candidates in near:
            for other in candidates.found - meant:
                for possible in self._tellable(one, other, about | meant):
                    event = possible.report.id
                    if event not in own and (event not in found or possible.rank < found[event].rank):
                        found[event] = possible
        listed = sorted(found.values(), key=lambda possible: possible.rank)[: self._listed]
        too_many = any(candidates.over_full for _, candidates in near)
        return (*map(str, listed), *((QualityNote.TOO_MANY_ALIKE,) if too_many else ()))

    def _tellable(self, one: Facts, other: Facts, person: AbstractSet[Facts]) -> Iterator[_Possible]:
        """Return the reports that may be told of in which the other, possibly the same as the one, is named."""
        comparison = self._possible(one, other)
        if comparison is None:
            return
        whole = self._people.identity(other) or frozenset({other})
        if any(self._people.are_told_apart(mine, theirs) for mine in person for theirs in whole):
            return
        for report in filter(None, map(_told_in, self._people.holders(other))):
            if not _one_is_minor(whole, report.occurred_at):
                yield _Possible(comparison, report)

    def _possible(self, one: Facts, other: Facts) -> Comparison | None:
        """Return how these two compare, where they are possibly one person and no more."""
        void = self._people.void(one.documents & other.documents)
        if not may_be_possible(one, other, void):
            return None
        comparison = compare(one, other, void)
        return comparison if comparison.verdict is Verdict.POSSIBLE else None

    def _with_key(self, key: str) -> AbstractSet[Facts]:
        return self._told_of.with_key(key) | self._others.with_key(key)


def _told_in(holder: Holder) -> Incident | None:
    """Return the report, where it makes somebody of interest and everybody may know of it."""
    case = holder.case
    if not isinstance(case, ResolvedIncident) or not holder.suspected or not makes_of_interest(case.report):
        return None
    return case.report if case.report.handling in _SHARED else None


def _one_is_minor(person: Iterable[Facts], moment: datetime) -> bool:
    return any(may_be_minor(facts.birth_date, moment) for facts in person)
