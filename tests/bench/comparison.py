"""How sets of alerts compare: by the evidence that they share, and by the pairs of events that they join.

Evidence is compared incident by incident: reports that update or relay each other are one incident. Two alerts of a
kind tell the same when they share what makes the kind:

- `life_at_risk`: the incident;
- `repeat_vehicle`, `repeat_person`: two incidents;
- `known_vehicle_sighted`, `known_person_sighted`: an incident and a sighting;
- `watchlist_hit`: an entry, and the incident or sighting that it matches;
- `impossible_journey`: two sightings;
- `linked_incidents`: three incidents;
- `identity_conflict`: an incident, and another incident or sighting;
- `surge`: three incidents.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any, Final, NamedTuple

KINDS: Final = (
    "life_at_risk",
    "repeat_vehicle",
    "repeat_person",
    "known_vehicle_sighted",
    "known_person_sighted",
    "watchlist_hit",
    "impossible_journey",
    "linked_incidents",
    "identity_conflict",
    "surge",
)
"""The kinds that are compared."""

_LEAST: Final = {
    "life_at_risk": (1, 0),
    "repeat_vehicle": (2, 0),
    "repeat_person": (2, 0),
    "known_vehicle_sighted": (1, 1),
    "known_person_sighted": (1, 1),
    "impossible_journey": (0, 2),
    "linked_incidents": (3, 0),
    "surge": (3, 0),
}
"""How many incidents and sightings two alerts of a kind must share."""


class Evidence(NamedTuple):
    """What an alert rests on, each incident by one name."""

    incidents: frozenset[str] = frozenset()
    sightings: frozenset[str] = frozenset()
    entries: frozenset[str] = frozenset()

    @property
    def pairs(self) -> Iterator[tuple[str, str]]:
        """Every two things that are joined in it."""
        return combinations(sorted(self.incidents | self.sightings | self.entries), 2)


def evidence_of(ids: Iterable[str], events: Mapping[str, Mapping[str, Any]]) -> Evidence:
    """Return these events by their types, an incident by the first report that it goes back to."""
    found: dict[str, set[str]] = {"incident": set(), "sighting": set(), "watchlist_entry": set()}
    for name in ids:
        found[events[name]["type"]].add(first_report(name, events))
    return Evidence(*map(frozenset, found.values()))


def first_report(name: str, events: Mapping[str, Mapping[str, Any]]) -> str:
    """Return the report that this one updates or relays, directly or through others; itself where it does neither."""
    passed = {name}
    while True:
        event = events[name]
        earlier = event.get("relay_of") or event.get("updates")
        if earlier is None or earlier not in events or earlier in passed:
            return name
        passed.add(earlier)
        name = earlier


def tell_the_same(kind: str, one: Evidence, other: Evidence) -> bool:
    """Whether two alerts of a kind share what makes it."""
    incidents, sightings, entries = (len(mine & theirs) for mine, theirs in zip(one, other, strict=True))
    match kind:
        case "watchlist_hit":
            return entries >= 1 and incidents + sightings >= 1
        case "identity_conflict":
            return incidents >= 1 and incidents + sightings >= 2
        case _:
            least_incidents, least_sightings = _LEAST[kind]
            return incidents >= least_incidents and sightings >= least_sightings


@dataclass(frozen=True, slots=True)
class Score:
    """Counts of one kind; they add up over seeds, and the shares are taken of the sums (None: of nothing)."""

    expected: int = 0
    found: int = 0
    raised: int = 0
    right: int = 0
    pairs_expected: int = 0
    pairs_raised: int = 0
    pairs_right: int = 0

    @property
    def precision(self) -> float | None:
        """The share of the raised alerts that tell the same as an expected one."""
        return _share(self.right, self.raised)

    @property
    def recall(self) -> float | None:
        """The share of the expected alerts that tell the same as a raised one."""
        return _share(self.found, self.expected)

    @property
    def pair_precision(self) -> float | None:
        """The share of the pairs joined in a raised alert that are joined in an expected one."""
        return _share(self.pairs_right, self.pairs_raised)

    @property
    def pair_recall(self) -> float | None:
        """The share of the pairs joined in an expected alert that are joined in a raised one."""
        return _share(self.pairs_right, self.pairs_expected)

    def __add__(self, other: Score) -> Score:
        names = self.__slots__
        return Score(*(getattr(self, name) + getattr(other, name) for name in names))


def score(kind: str, expected: Sequence[Evidence], raised: Sequence[Evidence]) -> Score:
    """Compare the expected with the raised alerts of a kind."""
    pairs_expected = {pair for one in expected for pair in one.pairs}
    pairs_raised = {pair for one in raised for pair in one.pairs}
    return Score(
        expected=len(expected),
        found=len(expected) - len(unmatched(kind, expected, raised)),
        raised=len(raised),
        right=len(raised) - len(unmatched(kind, raised, expected)),
        pairs_expected=len(pairs_expected),
        pairs_raised=len(pairs_raised),
        pairs_right=len(pairs_expected & pairs_raised),
    )


def unmatched(kind: str, ours: Sequence[Evidence], theirs: Sequence[Evidence]) -> list[int]:
    """Return the positions of those of ours that tell the same as none of theirs."""
    return [place for place, one in enumerate(ours) if not any(tell_the_same(kind, one, other) for other in theirs)]


def _share(part: int, whole: int) -> float | None:
    return part / whole if whole else None
