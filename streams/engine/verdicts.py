"""Whom contact points told apart: pairs of appearances that a verdict calls a false match.

The two never stand in one cluster again, until the verdict is retracted. A verdict goes on holding when the
report that it names is updated or turns out to be a relay: for what that report said at this position.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from dataclasses import replace

from schemas.events import Incident, Sighting
from schemas.feedback import Verdict
from schemas.subjects import Person, Vehicle
from streams.engine.cases import Case, alone, persons_in, vehicles_in
from streams.matching.clusters import NO_MARKS, Mark, Marks


class FalseMatches:
    """The pairs that are told apart, on one side."""

    def __init__(self) -> None:
        self._pairs: dict[str, frozenset[Mark]] = {}
        self._held: Counter[frozenset[Mark]] = Counter()
        self._named: dict[str, Counter[Mark]] = defaultdict(Counter)

    def add(self, verdict: Verdict) -> None:
        """Take in a verdict that names two."""
        self._pairs[verdict.id] = pair = frozenset((one.event, one.subject) for one in verdict.between or ())
        self._held[pair] += 1
        for mark in pair:
            self._named[mark[0]][mark] += 1

    def remove(self, verdict: Verdict) -> None:
        """Forget it, if it is here."""
        pair = self._pairs.pop(verdict.id, None)
        if pair is not None:
            self._held -= Counter([pair])
            for mark in pair:
                self._named[mark[0]] -= Counter([mark])

    def tell_apart(self, one: Marks, other: Marks) -> bool:
        """Whether a verdict says that these two are never the same."""
        return any(frozenset({mark, other_mark}) in self._held for mark in one for other_mark in other)

    def marked(self, case: Case, said: Callable[[str], Incident | Sighting | None]) -> Case:
        """Return a case with the names under which verdicts know its subjects; `said` returns a report by its id."""
        found: dict[str, Marks] = {}
        for event in case.group & self._named.keys():
            for mark in self._named[event]:
                if place := _place_in(case.report, said(event), mark[1]):
                    found[place] = found.get(place, NO_MARKS) | {mark}
        return replace(case, marks=found) if found else case


def _place_in(report: Incident | Sighting, named: Incident | Sighting | None, position: str) -> str | None:
    """Return where a report has what another one of the case said at a position: the same, else what stands there."""
    here = dict(_subjects(report))
    if named is None or named.id == report.id:
        return position if position in here else None
    before = dict(_subjects(named)).get(position)
    if before is None:
        return None
    same = (place for place, subject in here.items() if subject == before)
    return next(same, position if position in here else None)


def _subjects(report: Incident | Sighting) -> Iterator[tuple[str, Vehicle | Person]]:
    case = alone(report)
    yield from vehicles_in(case)
    yield from persons_in(case)
