"""The engine's rules as data: `rules.yaml`, or what operations changed them to; checked either way."""

from datetime import timedelta
from pathlib import Path
from typing import Annotated, Final

from pydantic import Field

from schemas.alerts import AlertKind
from schemas.configuration import Table, read_yaml
from schemas.events import IncidentKind
from streams.modes import Mode

DEFAULT_RULES: Final = Path(__file__).with_name("rules.yaml")

Contribution = Annotated[float, Field(ge=0, le=1)]


class SeverityRules(Table):
    """Lower bounds of the score for each severity."""

    high: Contribution
    medium: Contribution


class IntakeRules(Table):
    """How far an event's time may lie from the clock of live intake."""

    longest_ahead_hours: Annotated[float, Field(gt=0)]
    longest_back_days: Annotated[float, Field(gt=0)]


class RetentionRules(Table):
    """How long the case book keeps an event after its intake."""

    days: Annotated[float, Field(gt=0)]
    sightings_days: Annotated[float, Field(gt=0)]

    @property
    def kept(self) -> timedelta:
        """The same."""
        return timedelta(days=self.days)

    @property
    def sightings_kept(self) -> timedelta:
        """How long a sighting is kept that is evidence of no alert."""
        return timedelta(days=self.sightings_days)

    @property
    def tick(self) -> timedelta:
        """How often the time is told where nothing comes: every 10 minutes, more often for a short retention."""
        return min(timedelta(minutes=10), self.sightings_kept / 20)


class OccurrenceRules(Table):
    """When incidents of one subject are one occurrence."""

    same_place_hours: Annotated[float, Field(gt=0)]

    @property
    def same_place(self) -> timedelta:
        """The longest time between two incidents of one occurrence."""
        return timedelta(hours=self.same_place_hours)


class _Kind(Table):
    mode: Mode


class _Windowed(_Kind):
    window_days: Annotated[float, Field(gt=0)]

    @property
    def window(self) -> timedelta:
        """The longest time between two pieces of evidence of one alert."""
        return timedelta(days=self.window_days)


class LifeAtRiskContributions(Table):
    """What each ground for danger to life adds."""

    flagged: Contribution
    search_and_rescue: Contribution
    injured: Contribution
    unverified_form: Contribution


class LifeAtRiskRules(_Windowed):
    """Rules of `life_at_risk`."""

    contributions: LifeAtRiskContributions


class RepeatContributions(Table):
    """What each fact about a repeating vehicle or person, or about incidents that several link, adds."""

    occurrences: Contribution
    each_further: Contribution
    each_further_limit: Contribution
    smuggling: Contribution
    several_places: Contribution


class RepeatRules(_Windowed):
    """Rules of `repeat_vehicle` and `repeat_person`."""

    least_occurrences: Annotated[int, Field(ge=2)]
    contributions: RepeatContributions
    smuggling_kinds: frozenset[IncidentKind]


class LinkedRules(_Kind):
    """Rules of `linked_incidents`; each link keeps to the window in which its subject repeats."""

    contributions: RepeatContributions
    smuggling_kinds: frozenset[IncidentKind]


class SightedContributions(Table):
    """What each fact about a known vehicle or person that is sighted adds."""

    sighted: Contribution
    several_occurrences: Contribution
    smuggling: Contribution


class SightedRules(_Windowed):
    """Rules of `known_vehicle_sighted` and `known_person_sighted`."""

    own_place_hours: Annotated[float, Field(ge=0)]
    several: Annotated[int, Field(ge=2)]
    contributions: SightedContributions
    smuggling_kinds: frozenset[IncidentKind]

    @property
    def own_place(self) -> timedelta:
        """How long after an incident a sighting at its own place is the incident itself."""
        return timedelta(hours=self.own_place_hours)


class WatchlistContributions(Table):
    """What a hit adds."""

    listed: Contribution


class WatchlistRules(_Windowed):
    """Rules of `watchlist_hit`."""

    contributions: WatchlistContributions


class JourneyContributions(Table):
    """What an impossible journey adds."""

    impossible: Contribution


class JourneyRules(_Windowed):
    """Rules of `impossible_journey`."""

    road_factor: Annotated[float, Field(ge=1)]
    fastest_kmh: Annotated[float, Field(gt=0)]
    share_of_normal: Annotated[float, Field(gt=0, le=1)]
    contributions: JourneyContributions


class ConflictContributions(Table):
    """What a document with two holders adds."""

    holders: Contribution


class ConflictRules(_Windowed):
    """Rules of `identity_conflict`."""

    contributions: ConflictContributions


class SurgeContributions(Table):
    """What each fact about a surge adds."""

    occurrences: Contribution
    smuggling: Contribution


class SurgeRules(_Kind):
    """Rules of `surge`."""

    window_hours: Annotated[float, Field(gt=0)]
    baseline_days: Annotated[float, Field(gt=0)]
    shortest_baseline_days: Annotated[float, Field(gt=0)]
    level: Annotated[float, Field(gt=0, lt=1)]
    least: Annotated[int, Field(ge=1)]
    contributions: SurgeContributions
    smuggling_kinds: frozenset[IncidentKind]

    @property
    def window(self) -> timedelta:
        """How long the occurrences of a surge are counted."""
        return timedelta(hours=self.window_hours)

    @property
    def baseline(self) -> timedelta:
        """How far back the counts before it go."""
        return timedelta(days=self.baseline_days)

    @property
    def shortest_baseline(self) -> timedelta:
        """How long a place must be known."""
        return timedelta(days=self.shortest_baseline_days)


class ConvoyContributions(Table):
    """What each fact about a convoy adds."""

    together: Contribution
    smuggling: Contribution


class ConvoyRules(_Windowed):
    """Rules of `convoy`."""

    gap_minutes: Annotated[float, Field(gt=0)]
    most_in_gap: Annotated[int, Field(ge=1)]
    least_places: Annotated[int, Field(ge=1)]
    least_journeys: Annotated[int, Field(ge=1)]
    journeys_apart_hours: Annotated[float, Field(gt=0)]
    least_ratio: Annotated[float, Field(gt=1)]
    contributions: ConvoyContributions
    smuggling_kinds: frozenset[IncidentKind]

    @property
    def gap(self) -> timedelta:
        """The longest time between two vehicles that pass a place together."""
        return timedelta(minutes=self.gap_minutes)

    @property
    def apart(self) -> timedelta:
        """The shortest time between two journeys."""
        return timedelta(hours=self.journeys_apart_hours)


class BulletinRules(_Windowed):
    """Rules of `bulletin`: how long one stands that does not say so itself."""


class PossiblePersonRules(Table):
    """How much an alert tells of who is possibly its person."""

    listed: Annotated[int, Field(ge=1)]
    most_alike: Annotated[int, Field(ge=1)]


class NoticeRules(Table):
    """When a station is told."""

    fresh_minutes: Annotated[float, Field(gt=0)]

    @property
    def fresh(self) -> timedelta:
        """How long after the event the car may still be there."""
        return timedelta(minutes=self.fresh_minutes)


class Rules(Table):
    """All rules of one version."""

    version: Annotated[str, Field(min_length=1, max_length=40)]
    severity: SeverityRules
    intake: IntakeRules
    retention: RetentionRules
    occurrence: OccurrenceRules
    life_at_risk: LifeAtRiskRules
    repeat_vehicle: RepeatRules
    known_vehicle_sighted: SightedRules
    repeat_person: RepeatRules
    known_person_sighted: SightedRules
    watchlist_hit: WatchlistRules
    impossible_journey: JourneyRules
    identity_conflict: ConflictRules
    surge: SurgeRules
    convoy: ConvoyRules
    linked_incidents: LinkedRules
    bulletin: BulletinRules
    possible_person: PossiblePersonRules
    notices: NoticeRules

    def mode(self, kind: AlertKind) -> Mode:
        """Return what becomes of a kind's alerts; one without rules of its own is live."""
        return getattr(getattr(self, kind, None), "mode", Mode.LIVE)


def load_rules(path: Path = DEFAULT_RULES) -> Rules:
    """Read the rules; raises `schemas.errors.ConfigurationError` naming the file, line, field and reason."""
    return read_yaml(path, Rules)
