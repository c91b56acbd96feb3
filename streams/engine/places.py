"""What happened at each crossing, both sides together, in order of time."""

from bisect import bisect_left, insort
from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import TypeGuard

from streams.engine.cases import Case
from streams.engine.incidents import ResolvedIncident
from streams.engine.roles import makes_of_interest
from streams.typologies.surges import Remembered


class Places:
    """The incidents of real reports, or of an exercise's, that can be occurrences."""

    def __init__(self) -> None:
        self._incidents: dict[str, list[ResolvedIncident]] = defaultdict(list)
        self._remembered: dict[str, Remembered] = defaultdict(Remembered)

    def add(self, case: Case) -> None:
        """Remember a case."""
        if counts(case):
            insort(self._incidents[case.report.at.place], case, key=_sort_key)

    def remove(self, case: Case) -> None:
        """Forget it."""
        if counts(case):
            incidents = self._incidents[case.report.at.place]
            del incidents[bisect_left(incidents, case.sort_key, key=_sort_key)]
            if not incidents:
                del self._incidents[case.report.at.place]
                self._remembered.pop(case.report.at.place, None)

    def at(self, place: str) -> Sequence[ResolvedIncident]:
        """Return the incidents there, the earliest first."""
        return self._incidents.get(place, ())

    def remembered(self, place: str) -> Remembered:
        """Return what was found there before."""
        return self._remembered[place]

    def judge_anew(self) -> None:
        """Let go of what was found before: it was by other rules."""
        self._remembered.clear()

    def doubt(self, cases: Iterable[Case]) -> None:
        """Note that the vehicles or persons of these cases may be others by now."""
        for case in cases:
            if counts(case):
                self._remembered[case.report.at.place].doubtful.add(case.report.id)


def counts(case: Case) -> TypeGuard[ResolvedIncident]:
    """Whether a case can be an occurrence."""
    return isinstance(case, ResolvedIncident) and makes_of_interest(case.report)


def places_of(cases: Iterable[Case]) -> set[str]:
    """Return where these cases can be occurrences."""
    return {case.report.at.place for case in cases if counts(case)}


def _sort_key(case: ResolvedIncident) -> tuple[datetime, str]:
    return case.sort_key
