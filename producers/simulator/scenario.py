"""What to simulate: one seed, a stretch of time, and how much of everything."""

from dataclasses import dataclass
from datetime import UTC, datetime
from random import Random
from typing import Final

from producers.errors import ProducerError

DAY: Final = 86_400
SHORTEST_DAYS: Final = 10
SHORTEST_SIGHTING_DAYS: Final = 4
"""A forerunner's journeys need three nights and the days between them."""

_INCIDENTS_TO_A_SET_OF_CASES: Final = 1_000


class ScenarioError(ProducerError):
    """A scenario that cannot be simulated; the text says what to change."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Scenario:
    """All that a simulation depends on: equal scenarios give equal bytes.

    `ends_at` has an offset; nothing occurs at it or later. `sightings` and `incidents` are how much
    background is wanted, roughly; what the planted cases need comes on top. Sightings lie in the last
    `sighting_days` (None: in all days), incidents in all `days`. `cases` is how often every kind of
    case is planted (None: once, and once more for each thousand incidents).
    """

    seed: int
    ends_at: datetime
    days: int = 120
    sightings: int = 100_000
    incidents: int = 2_000
    sighting_days: int | None = 7
    cases: int | None = None

    def __post_init__(self) -> None:
        """Raise `ScenarioError` for what cannot be simulated."""
        if self.ends_at.tzinfo is None:
            raise ScenarioError("the end has no offset; write for example 2026-11-20T00:00:00+00:00")
        if self.days < SHORTEST_DAYS:
            raise ScenarioError(f"the planted cases need {SHORTEST_DAYS} days or more")
        if self.sighting_days is not None and not SHORTEST_SIGHTING_DAYS <= self.sighting_days <= self.days:
            raise ScenarioError(f"sightings need {SHORTEST_SIGHTING_DAYS} days or more, within the days")
        if min(self.sightings, self.incidents, self.cases or 0) < 0:
            raise ScenarioError("sightings, incidents and cases are counts: zero or more")

    @property
    def ends(self) -> int:
        """The end in seconds since 1970 (UTC)."""
        return int(self.ends_at.astimezone(UTC).timestamp())

    @property
    def begins(self) -> int:
        """Before it nothing occurs."""
        return self.ends - self.days * DAY

    @property
    def sighted_from(self) -> int:
        """Before it nothing is sighted."""
        return self.ends - (self.days if self.sighting_days is None else self.sighting_days) * DAY

    @property
    def sets_of_cases(self) -> int:
        """How often every kind of case is planted."""
        return 1 + self.incidents // _INCIDENTS_TO_A_SET_OF_CASES if self.cases is None else self.cases

    def random(self, purpose: str) -> Random:
        """Return a stream of chance of its own: what one purpose draws moves no other's."""
        return Random(f"{self.seed}/{purpose}")  # noqa: S311 - seeded, so that a simulation can be repeated
