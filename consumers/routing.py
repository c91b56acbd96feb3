"""Who is told of an alert, and why. A table of routes decides; every one that matches applies."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Final, NamedTuple, Self

from pydantic import Field, StringConstraints, model_validator

from schemas import stations
from schemas.alerts import Alert, AlertKind, Severity
from schemas.configuration import Table, read_yaml
from schemas.errors import ConfigurationError, UnknownStationError
from schemas.fields import CountryCode

BUNDLED: Final = Path(__file__).with_name("routing.yaml")
PLACES: Final = "@places"
ORIGINATORS: Final = "@originators"
ADDRESSEES: Final = "@addressees"


class RouteReason(StrEnum):
    """Why a contact point is told; also a metric label."""

    PLACE = "place"
    ORIGINATOR = "originator"
    ADDRESSEE = "addressee"
    NAMED = "named"
    PERMITTED = "permitted"
    FOLLOWS = "follows"
    FALLBACK = "fallback"


@dataclass(frozen=True, slots=True)
class Assignment:
    """One contact point that is told: why (the first reason, and its route), and every reason in words."""

    contact_point: str
    reason: RouteReason
    route: str
    texts: tuple[str, ...]


class Match(Table):
    """What an alert must be for a route to apply; absent means any."""

    kinds: Annotated[frozenset[AlertKind], Field(min_length=1)] | None = None
    severity_at_least: Severity | None = None
    exercise: bool | None = None
    countries: Annotated[frozenset[CountryCode], Field(min_length=1)] | None = None
    """One of these at least: where something happened, or whom a bulletin is for."""

    def holds(self, alert: Alert) -> bool:
        """Whether the route applies to this alert."""
        return (
            (self.kinds is None or alert.kind in self.kinds)
            and (self.severity_at_least is None or alert.severity.rank <= self.severity_at_least.rank)
            and (self.exercise is None or alert.exercise is self.exercise)
            and (self.countries is None or not self.countries.isdisjoint(_concerned(alert)))
        )


class Route(Table):
    """A route: what it matches, and whom it tells."""

    name: Annotated[str, StringConstraints(min_length=1, max_length=50)]
    match: Match = Match()
    to: Annotated[tuple[str, ...], Field(min_length=1)]


class RoutingTable(Table):
    """All routes, and who is told where none finds anybody."""

    routes: tuple[Route, ...]
    fallback: Annotated[tuple[str, ...], Field(min_length=1)]

    @model_validator(mode="after")
    def _one_route_a_name(self) -> Self:
        names = [one.name for one in self.routes]
        if twice := [name for name in names if names.count(name) > 1]:
            raise ValueError(f"two routes are named {twice[0]}")
        return self


def load_routes(path: Path, contact_points: Collection[str]) -> RoutingTable:
    """Read the table; raises `ConfigurationError` where it names a contact point that there is not."""
    table = read_yaml(path, RoutingTable)
    named = [(f"routes.{route.name}", code) for route in table.routes for code in route.to]
    for field, code in [*named, *(("fallback", code) for code in table.fallback)]:
        if code not in contact_points and (field == "fallback" or code not in {PLACES, ORIGINATORS, ADDRESSEES}):
            raise ConfigurationError(f"{path}: {field}: {code} is not a contact point")
    return table


def route(
    alert: Alert, table: RoutingTable, contact_points: Collection[str], told_before: Iterable[str] = ()
) -> tuple[Assignment, ...]:
    """Return whom to tell, each once, with every reason found; never nobody.

    Whoever was told of an earlier revision is told of this one, wherever the routes lead now, unless
    it is no contact point any more.
    """
    reasons: dict[str, list[_Reason]] = defaultdict(list)
    for one in table.routes:
        if one.match.holds(alert):
            for reason in _assign(alert, one, contact_points):
                if reason.contact_point in contact_points:
                    reasons[reason.contact_point].append(reason)
    for code in told_before:
        if code in contact_points and code not in reasons:
            text = f"{code} was told of an earlier revision."
            reasons[code].append(_Reason(code, RouteReason.FOLLOWS, "follows", text))
    if not reasons:
        text = "No route found a contact point for this alert."
        for code in table.fallback:
            reasons[code].append(_Reason(code, RouteReason.FALLBACK, "fallback", text))
    return tuple(
        Assignment(code, several[0].reason, several[0].route, tuple(dict.fromkeys(one.text for one in several)))
        for code, several in reasons.items()
    )


class _Reason(NamedTuple):
    """One reason to tell a contact point."""

    contact_point: str
    reason: RouteReason
    route: str
    text: str


def _assign(alert: Alert, one: Route, contact_points: Collection[str]) -> Iterator[_Reason]:
    for target in one.to:
        match target:
            case "@places":
                yield from _places(alert, one.name)
            case "@originators":
                for code in alert.originators:
                    text = f"A report of {code} is part of the evidence."
                    yield _Reason(code, RouteReason.ORIGINATOR, one.name, text)
            case "@addressees":
                text = "The bulletin is for {code}." if alert.countries else "The bulletin is for all contact points."
                for code in alert.countries or sorted(contact_points):
                    yield _Reason(code, RouteReason.ADDRESSEE, one.name, text.format(code=code))
            case code:
                text = f"Route “{one.name}” names {code} for alerts like this."
                yield _Reason(code, RouteReason.NAMED, one.name, text)


def _places(alert: Alert, name: str) -> Iterator[_Reason]:
    for code, country in _once((occurrence.station, occurrence.country) for occurrence in alert.occurrences):
        try:
            station = stations.station(code)
        except UnknownStationError:  # streams may know a station before this process does
            yield _Reason(country, RouteReason.PLACE, name, f"{code} ({country}) is one of the places.")
            continue
        where = f"{station.name} ({station.country})"
        yield _Reason(station.country, RouteReason.PLACE, name, f"{where} is one of the places.")
        text = f"{where} is one of the places, and this is its other side."
        yield _Reason(station.other_country, RouteReason.PLACE, name, text)


def _concerned(alert: Alert) -> set[str]:
    return {occurrence.country for occurrence in alert.occurrences}.union(alert.countries)


def _once(values: Iterable[tuple[str, str]]) -> Iterable[tuple[str, str]]:
    return dict.fromkeys(values)
