"""A file of routes is read, or refused: what would tell nobody, or not whom its author thinks."""

from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from functools import partial
from itertools import combinations
from pathlib import Path
from typing import Final

from consumers.contact_points import ContactPoint
from consumers.matching import Match
from consumers.routes import ADDRESSEES, ORIGINATORS, PLACES, Route, RoutingTable, Where
from schemas import stations
from schemas.alerts import AlertKind
from schemas.configuration import Problem, read_yaml
from schemas.errors import ConfigurationError

ContactPoints = Collection[str] | Mapping[str, ContactPoint]

_FOUND_IN_THE_ALERT: Final = frozenset({PLACES, ORIGINATORS, ADDRESSEES})
_OURS: Final = ("follows", "fallback")
"""What stands in the place of a route's name where no route is the reason."""


def load_routes(path: Path, contact_points: ContactPoints) -> RoutingTable:
    """Read the tree; raises `ConfigurationError` with file, line and field where an alert could reach nobody by it.

    Where the contact points are given whole, each must have a channel: whoever is found in an alert, or was told
    before, is told as well as those whom the file names.
    """
    table = read_yaml(path, RoutingTable, partial(problems, contact_points=contact_points))
    if mute := [code for code in contact_points if not _has_channel(code, contact_points)]:
        raise ConfigurationError(f"{path}: contact point {mute[0]} has no working channel")
    return table


def problems(table: RoutingTable, contact_points: ContactPoints) -> Iterator[Problem]:
    """Return what is wrong with the tree, in the file's order; who falls through it is told by the fallback."""
    yield from _names(table)
    yield from _tree(table.routes, ("routes",), ())
    for where, one in table.located():
        yield from _told(one.to, (*where, "to"), contact_points)
        yield from _times(one, where, table)
        yield from _countries(one.match, where, contact_points)
    yield from _told(table.fallback, ("fallback",), contact_points)


def _names(table: RoutingTable) -> Iterator[Problem]:
    count = Counter[str]()
    for where, one in table.located():
        count[one.name] += 1
        if count[one.name] > 1:
            yield Problem((*where, "name"), f"two routes are named {one.name}")
        if one.name in _OURS:
            yield Problem((*where, "name"), f"{one.name} is no name for a route: it stands where none is the reason")


def _tree(routes: tuple[Route, ...], where: Where, above: tuple[Route, ...]) -> Iterator[Problem]:
    for position, one in enumerate(routes):
        here = (*where, position)
        line = (*above, one)
        yield from _never(line, here)
        yield from _tree(one.routes, (*here, "routes"), line)
    for (_, first), (position, second) in combinations(enumerate(routes), 2):
        if not first.goes_on and first.covers(second):
            text = f"never applies: {first.name} before it matches all that it does, and does not say `continue`"
            yield Problem((*where, position), text)


def _never(line: tuple[Route, ...], where: Where) -> Iterator[Problem]:
    *above, one = line
    for other in above:
        if (reason := one.match.excludes(other.match)) is not None:
            yield Problem((*where, "match", reason), f"never applies: {other.name} above it leaves nothing of this")
    kinds = [each.match.kinds for each in line if each.match.kinds is not None]
    if ADDRESSEES in one.to and any(AlertKind.BULLETIN not in each for each in kinds):
        yield Problem((*where, "to"), f"{ADDRESSEES} finds nobody: only a bulletin has addressees, and it matches none")


def _told(codes: tuple[str, ...], where: Where, contact_points: ContactPoints) -> Iterator[Problem]:
    for position, code in enumerate(codes):
        if code in _FOUND_IN_THE_ALERT:
            continue
        if code not in contact_points:
            yield Problem((*where, position), f"{code} is not a contact point")
        elif not _has_channel(code, contact_points):
            yield Problem((*where, position), f"{code} has no working channel")


def _times(one: Route, where: Where, table: RoutingTable) -> Iterator[Problem]:
    for field, names in (("when", one.when), ("not_when", one.not_when)):
        for position, name in enumerate(names):
            if name not in table.times:
                yield Problem((*where, field, position), f"{name} is not one of the `times`")
    if one.when and set(one.when) <= set(one.not_when):
        yield Problem((*where, "not_when"), "never applies: it takes out all of `when`")


def _countries(match: Match, where: Where, contact_points: ContactPoints) -> Iterator[Problem]:
    known = {side.country for side in stations.registry().values()}.union(contact_points)
    for position, code in enumerate(match.countries or ()):
        if code not in known:
            text = f"{code} is neither a country with a station nor a contact point"
            yield Problem((*where, "match", "countries", position), text)


def _has_channel(code: str, contact_points: ContactPoints) -> bool:
    return not isinstance(contact_points, Mapping) or bool(contact_points[code].channels)
