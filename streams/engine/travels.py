"""Where and when each vehicle of interest passed: whom it met matters only once that suffices for a convoy.

Most pass once or twice. Each of them meets all that passes minutes apart, at a busy place hundreds, of whom nobody
need hear until it has been seen at so many places, on so many journeys.
"""

from bisect import bisect_left, insort
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import msgspec

from streams.engine.retention import Ages
from streams.engine.roadside import Passed, Travelled
from streams.rules import ConvoyRules
from streams.typologies.convoys import could_be_one

Subject = tuple[bool, str]


@dataclass(slots=True)
class _Travel:
    """One vehicle's passages."""

    passages: dict[str, Passed] = field(default_factory=dict)
    places: Counter[str] = field(default_factory=Counter)
    times: list[datetime] = field(default_factory=list)

    def add(self, one: Passed) -> None:
        self.passages[one.id] = one
        self.places[one.place] += 1
        insort(self.times, one.occurred_at)

    def remove(self, name: str) -> None:
        one = self.passages.pop(name)
        self.places[one.place] -= 1
        self.places += Counter()  # drops what is not positive
        del self.times[bisect_left(self.times, one.occurred_at)]

    def suffices(self, rules: ConvoyRules) -> bool:
        lasted = self.times[-1] - self.times[0] if self.times else timedelta(0)
        return could_be_one(len(self.places), lasted, rules)


class Travels:
    """The passages of the vehicles of interest of one partition."""

    def __init__(self, rules: ConvoyRules) -> None:
        self._rules = rules
        self._travels: dict[Subject, _Travel] = defaultdict(_Travel)
        self._ages = Ages()

    def add(self, one: Travelled) -> list[Passed]:
        """Take in a passage; return those of which the roadside must say now whom the vehicle met there."""
        key = one.passed.exercise, one.subject
        travel = self._travels[key]
        if one.passed.id in travel.passages:
            return []
        sufficed = travel.suffices(self._rules)
        travel.add(one.passed)
        self._ages.add(one.passed.ingested_at, name_of(one).encode())
        if not travel.suffices(self._rules):
            return []
        return [_asked(one.subject, it) for it in ([one.passed] if sufficed else travel.passages.values())]

    def judge_by(self, rules: ConvoyRules) -> Iterator[Passed]:
        """Judge by other rules from now on; return what the roadside must be asked by them, and was not before."""
        before, self._rules = self._rules, rules
        for (_, subject), travel in self._travels.items():
            if travel.suffices(rules) and not travel.suffices(before):
                yield from (_asked(subject, one) for one in travel.passages.values())

    def forget(self, ingested_at: datetime, kept: timedelta) -> Iterator[str]:
        """Forget the passages that are too old when something of this time of intake comes; return their names."""
        for entry in self._ages.expired(ingested_at, kept):
            name = entry.decode()
            exercise, subject, passage = name.split("/", 2)
            key = exercise == "True", subject
            self._travels[key].remove(passage)
            if not self._travels[key].passages:
                del self._travels[key]
            yield name


def name_of(one: Travelled) -> str:
    """Return what tells a vehicle's passage from others."""
    return f"{one.passed.exercise}/{one.subject}/{one.passed.id}"


def _asked(subject: str, one: Passed) -> Passed:
    """Return a passage as it asks the roadside whom this vehicle met."""
    return msgspec.structs.replace(one, subjects=(subject,))
