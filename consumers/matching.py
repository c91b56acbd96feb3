"""What an alert must be for a route to apply: one field for each question, any of its values answers it."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import Annotated, Any, Final

from pydantic import AfterValidator, Field

from schemas import stations
from schemas.alerts import Alert, AlertKind, Occurrence, Severity
from schemas.configuration import Table
from schemas.fields import CountryCode, HandlingCode, Originator


class MismatchReason(StrEnum):
    """The field of a route that an alert does not meet, as the file names it."""

    KINDS = "kinds"
    SEVERITY = "severity_at_least"
    LIFE_AT_RISK = "life_at_risk"
    EXERCISE = "exercise"
    PLACES = "places"
    ROUTE = "route"
    COUNTRIES = "countries"
    ORIGINATORS = "originators"
    HANDLING = "handling"
    WHEN = "when"
    NOT_WHEN = "not_when"


def _a_country(code: str) -> str:
    if all(code != side.country for side in stations.registry().values()):
        raise ValueError("is no country with a station in the registry")
    return code


def _a_place(code: str) -> str:
    if code not in stations.registry() and all(code != side.place for side in stations.registry().values()):
        raise ValueError("is no station of the registry, nor a place such as HR-BRE/SI-OBR")
    return code


Place = Annotated[str, AfterValidator(_a_place)]
"""A station, or a place with both sides of a crossing."""


def _a_step(code: str) -> str:
    return _a_place(code) if "-" in code else _a_country(code)


class Match(Table):
    """What an alert must be for a route to apply; absent means any."""

    kinds: Annotated[frozenset[AlertKind], Field(min_length=1)] | None = None
    severity_at_least: Severity | None = None
    life_at_risk: bool | None = None
    exercise: bool | None = None
    places: Annotated[tuple[Place, ...], Field(min_length=1)] | None = None
    """Something happened at one of these at least: stations, or places with both sides of a crossing."""
    route: Annotated[tuple[Annotated[str, AfterValidator(_a_step)], ...], Field(min_length=2)] | None = None
    """Countries, stations or places that the occurrences pass one after another by time, whatever lies between."""
    countries: Annotated[tuple[CountryCode, ...], Field(min_length=1)] | None = None
    """One of these at least: where something happened, or whom a bulletin is for."""
    originators: Annotated[frozenset[Originator], Field(min_length=1)] | None = None
    handling: Annotated[frozenset[HandlingCode], Field(min_length=1)] | None = None
    """A report with one of these codes at least is part of the evidence."""

    def unmet(self, alert: Alert) -> MismatchReason | None:
        """Return the first field that the alert does not meet; None where it meets all."""
        for reason, field in FIELDS.items():
            wanted = getattr(self, reason)
            if wanted is not None and not field.meets(wanted, alert):
                return reason
        return None

    def covers(self, other: "Match") -> bool:
        """Whether every alert that meets the other meets this. False where that cannot be told from the fields."""
        return all(
            (wide := getattr(self, reason)) is None
            or ((narrow := getattr(other, reason)) is not None and field.covers(wide, narrow))
            for reason, field in FIELDS.items()
        )

    def excludes(self, other: "Match") -> MismatchReason | None:
        """Return a field by which no alert meets both; None where there is none."""
        for reason in (MismatchReason.KINDS, MismatchReason.LIFE_AT_RISK, MismatchReason.EXERCISE):
            one, two = getattr(self, reason), getattr(other, reason)
            if one is not None and two is not None and _are_apart(one, two):
                return reason
        return None


@dataclass(frozen=True, slots=True)
class _Field:
    """What a field asks: whether an alert meets it, what the alert has, whether one value takes in all of another."""

    meets: Callable[[Any, Alert], bool]
    has: Callable[[Alert], Iterable[str]]
    covers: Callable[[Any, Any], bool] = lambda wide, narrow: set(narrow) <= set(wide)


def _same(wide: object, narrow: object) -> bool:
    return wide == narrow


def _yes_or_no(holds: object) -> tuple[str, ...]:
    return ("yes" if holds else "no",)


def _happened(alert: Alert) -> list[Occurrence]:
    return sorted(alert.occurrences, key=lambda one: (one.occurred_at, one.event))


def _names(occurrence: Occurrence) -> set[str]:
    """Return what a step or a place may call it by. Streams may know a station before this process does."""
    station = stations.registry().get(occurrence.station)
    return {occurrence.station, occurrence.country, *([station.place] if station else ())}


def places_of(alert: Alert) -> set[str]:
    """Return the stations where something happened, and their places, by any of which they may be asked for."""
    return {name for one in alert.occurrences for name in _names(one) - {one.country}}


def countries_of(alert: Alert) -> set[str]:
    """Return the countries where something happened, or whom a bulletin is for."""
    return set(_concerned(alert))


def _passes(route: Sequence[str], passed: Iterable[set[str]]) -> bool:
    ahead: Iterator[set[str]] = iter(passed)
    return all(any(step in names for names in ahead) for step in route)


def _concerned(alert: Alert) -> list[str]:
    return [*(occurrence.country for occurrence in _happened(alert)), *alert.countries]


def _are_apart(one: object, two: object) -> bool:
    if isinstance(one, frozenset) and isinstance(two, frozenset):
        return one.isdisjoint(two)
    return one != two


FIELDS: Final[Mapping[MismatchReason, _Field]] = MappingProxyType(
    {
        MismatchReason.KINDS: _Field(lambda wanted, alert: alert.kind in wanted, lambda alert: [alert.kind]),
        MismatchReason.SEVERITY: _Field(
            lambda wanted, alert: alert.severity.rank <= wanted.rank,
            lambda alert: [alert.severity],
            lambda wide, narrow: narrow.rank <= wide.rank,
        ),
        MismatchReason.LIFE_AT_RISK: _Field(
            lambda wanted, alert: alert.life_at_risk is wanted, lambda alert: _yes_or_no(alert.life_at_risk), _same
        ),
        MismatchReason.EXERCISE: _Field(
            lambda wanted, alert: alert.exercise is wanted, lambda alert: _yes_or_no(alert.exercise), _same
        ),
        MismatchReason.PLACES: _Field(
            lambda wanted, alert: any(not _names(one).isdisjoint(wanted) for one in alert.occurrences),
            lambda alert: [one.station for one in _happened(alert)],
        ),
        MismatchReason.ROUTE: _Field(
            lambda wanted, alert: _passes(wanted, map(_names, _happened(alert))),
            lambda alert: [one.station for one in _happened(alert)],
            lambda wide, narrow: _passes(wide, ({step} for step in narrow)),
        ),
        MismatchReason.COUNTRIES: _Field(
            lambda wanted, alert: not set(wanted).isdisjoint(_concerned(alert)), _concerned
        ),
        MismatchReason.ORIGINATORS: _Field(
            lambda wanted, alert: not wanted.isdisjoint(alert.originators), lambda alert: alert.originators
        ),
        MismatchReason.HANDLING: _Field(
            lambda wanted, alert: not wanted.isdisjoint(alert.handling_codes), lambda alert: alert.handling_codes
        ),
    }
)
"""Every field of `Match`, in the order in which they are asked."""


def wanted(value: object) -> tuple[str, ...]:
    """Return what a field asks for, in words."""
    if isinstance(value, bool):
        return _yes_or_no(value)
    if isinstance(value, frozenset):
        return tuple(sorted(value))
    return value if isinstance(value, tuple) else (str(value),)
