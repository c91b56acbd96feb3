"""Who is told of an alert, and why: a tree of routes decides, and whoever it does not reach, the fallback does."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

from consumers.matching import FIELDS, MismatchReason, wanted
from consumers.route_checks import load_routes
from consumers.routes import BUNDLED, Route, RoutingTable
from consumers.times import TimeInterval
from schemas import stations
from schemas.alerts import Alert, AlertKind
from schemas.errors import UnknownStationError

__all__ = [
    "BUNDLED",
    "Assignment",
    "Route",
    "RouteReason",
    "RoutingTable",
    "Visit",
    "VisitStatus",
    "load_routes",
    "route",
    "visits",
]


class RouteReason(StrEnum):
    """Why a contact point is told; also a metric label."""

    PLACE = "place"
    ORIGINATOR = "originator"
    ADDRESSEE = "addressee"
    NAMED = "named"
    PERMITTED = "permitted"
    FOLLOWS = "follows"
    FALLBACK = "fallback"
    UNANSWERED = "unanswered"
    REPLY = "reply"


class VisitStatus(StrEnum):
    """What becomes of a route of the tree as an alert comes by."""

    TELLS = "tells"
    PASSES_ON = "passes_on"
    UNMET = "unmet"
    NONE_BELOW = "none_below"
    AFTER_ANOTHER = "after_another"
    BELOW_UNMET = "below_unmet"


@dataclass(frozen=True, slots=True)
class Assignment:
    """One contact point that is told: why (the first reason, and its route), and every reason in words."""

    contact_point: str
    reason: RouteReason
    route: str
    texts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Visit:
    """One route of the tree as an alert comes by; `unmet` is the field that the alert does not meet."""

    route: Route
    depth: int
    status: VisitStatus
    unmet: MismatchReason | None = None

    @property
    def applies(self) -> bool:
        """Whether the routes after it are left out, unless it says `continue`."""
        return self.status in {VisitStatus.TELLS, VisitStatus.PASSES_ON}

    def text(self, alert: Alert) -> str:
        """Return what became of it, in words."""
        if self.unmet is None:
            return _TEXTS[self.status].format(to=", ".join(self.route.to))
        if self.unmet in {MismatchReason.WHEN, MismatchReason.NOT_WHEN}:
            names = ", ".join(self.route.when if self.unmet is MismatchReason.WHEN else self.route.not_when)
            return f"{self.unmet}: {names}; the revision is of {alert.updated_at:%A %Y-%m-%d %H:%M} UTC"
        between = " → " if self.unmet is MismatchReason.ROUTE else ", "
        has = between.join(dict.fromkeys(FIELDS[self.unmet].has(alert))) or "none"
        return f"{self.unmet}: {between.join(wanted(getattr(self.route.match, self.unmet)))}; the alert: {has}"


_TEXTS = {
    VisitStatus.TELLS: "tells {to}",
    VisitStatus.PASSES_ON: "applies; its own routes tell",
    VisitStatus.NONE_BELOW: "tells nobody itself, and none of its routes applies",
    VisitStatus.AFTER_ANOTHER: "not tried: one before it applies, and does not say `continue`",
    VisitStatus.BELOW_UNMET: "not tried: the one above it does not apply",
}


def visits(alert: Alert, table: RoutingTable) -> tuple[Visit, ...]:
    """Return every route of the tree in the file's order, and what becomes of it for this alert."""
    return tuple(_try_in_order(alert, table.routes, table.times, 0))


def route(
    alert: Alert, table: RoutingTable, contact_points: Collection[str], told_before: Iterable[str] = ()
) -> tuple[Assignment, ...]:
    """Return whom to tell, each once, with every reason found; never nobody.

    Whoever was told of an earlier revision is told of this one, wherever the routes lead now, unless
    it is no contact point any more.
    """
    reasons: dict[str, list[_Reason]] = defaultdict(list)
    for visit in visits(alert, table):
        if visit.status is VisitStatus.TELLS:
            for reason in _assign(alert, visit.route, contact_points):
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


def _try_in_order(
    alert: Alert, routes: Iterable[Route], times: Mapping[str, TimeInterval], depth: int
) -> Iterator[Visit]:
    ended = False
    for one in routes:
        if ended:
            yield from _left_out(one, depth, VisitStatus.AFTER_ANOTHER)
            continue
        found = _try(alert, one, times, depth)
        yield from found
        ended = found[0].applies and not one.goes_on


def _try(alert: Alert, one: Route, times: Mapping[str, TimeInterval], depth: int) -> list[Visit]:
    if (unmet := one.unmet(alert, times)) is not None:
        below = [visit for each in one.routes for visit in _left_out(each, depth + 1, VisitStatus.BELOW_UNMET)]
        return [Visit(one, depth, VisitStatus.UNMET, unmet), *below]
    below = list(_try_in_order(alert, one.routes, times, depth + 1))
    if any(visit.applies for visit in below):
        status = VisitStatus.PASSES_ON
    else:
        status = VisitStatus.TELLS if one.to else VisitStatus.NONE_BELOW
    return [Visit(one, depth, status), *below]


def _left_out(one: Route, depth: int, status: VisitStatus) -> Iterator[Visit]:
    yield Visit(one, depth, status)
    for each in one.routes:
        yield from _left_out(each, depth + 1, status)


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
                yield from _addressees(alert, one.name, contact_points)
            case code:
                text = f"Route “{one.name}” names {code} for alerts like this."
                yield _Reason(code, RouteReason.NAMED, one.name, text)


def _addressees(alert: Alert, name: str, contact_points: Collection[str]) -> Iterator[_Reason]:
    if alert.kind is not AlertKind.BULLETIN:  # it names no countries, and that would mean all
        return
    text = "The bulletin is for {code}." if alert.countries else "The bulletin is for all contact points."
    for code in alert.countries or sorted(contact_points):
        yield _Reason(code, RouteReason.ADDRESSEE, name, text.format(code=code))


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


def _once(values: Iterable[tuple[str, str]]) -> Iterable[tuple[str, str]]:
    return dict.fromkeys(values)
