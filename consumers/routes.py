"""The file of routes: a tree in the manner of Alertmanager's.

Routes beside each other are tried in order, and the first that applies ends it, unless it says `continue`. Of a route
that applies and has routes of its own those are tried; it is told itself where none of them applies. A route that tells
nobody itself applies only where one of its own does.
"""

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Annotated, Final, Self

from pydantic import AfterValidator, Field, StringConstraints, model_validator

from consumers.contact_points import Code
from consumers.matching import Match, MismatchReason
from consumers.times import TimeInterval
from schemas.alerts import Alert
from schemas.configuration import Table

BUNDLED: Final = Path(__file__).with_name("routing.yaml")
PLACES: Final = "@places"
ORIGINATORS: Final = "@originators"
ADDRESSEES: Final = "@addressees"

_TARGET: Final = re.compile(f"{PLACES}|{ORIGINATORS}|{ADDRESSEES}|[A-Z]{{2,10}}")

Name = Annotated[str, StringConstraints(min_length=1, max_length=50)]


def _target(said: str) -> str:
    if not _TARGET.fullmatch(said):  # not repeated: it may be an address of somebody
        raise ValueError(f"must be a contact point's code, {PLACES}, {ORIGINATORS} or {ADDRESSEES}")
    return said


Target = Annotated[str, AfterValidator(_target)]
"""A contact point, or the countries of the alert's places, of those who reported, of those a bulletin is for."""

Where = tuple[int | str, ...]


class Route(Table):
    """A route: what it matches and when, whom it tells, and the routes below it."""

    name: Name
    match: Match = Match()
    when: tuple[Name, ...] = ()
    """It applies at one of these times only."""
    not_when: tuple[Name, ...] = ()
    """It applies at none of these times."""
    to: tuple[Target, ...] = ()
    goes_on: Annotated[bool, Field(alias="continue")] = False
    """Whether the routes after it are tried where it applies."""
    routes: tuple["Route", ...] = ()

    @model_validator(mode="after")
    def _tells_somebody(self) -> Self:
        if not self.to and not self.routes:
            raise ValueError("tells nobody: needs `to`, or routes of its own")
        return self

    def unmet(self, alert: Alert, times: Mapping[str, TimeInterval]) -> MismatchReason | None:
        """Return the first field that the alert does not meet; None where it meets all.

        The time is that of the revision (`updated_at`) and not of the clock, so that a replay tells the same.
        """
        if (reason := self.match.unmet(alert)) is not None:
            return reason
        if self.when and not any(times[name].holds(alert.updated_at) for name in self.when):
            return MismatchReason.WHEN
        if any(times[name].holds(alert.updated_at) for name in self.not_when):
            return MismatchReason.NOT_WHEN
        return None

    def covers(self, other: "Route") -> bool:
        """Whether this applies to every alert to which the other does. False where the fields do not say so."""
        sooner = not self.when or (bool(other.when) and set(other.when) <= set(self.when))
        return bool(self.to) and sooner and set(self.not_when) <= set(other.not_when) and self.match.covers(other.match)


class RoutingTable(Table):
    """The whole tree, the times that it names, and who is told where it finds nobody."""

    times: Mapping[Name, TimeInterval] = {}
    routes: tuple[Route, ...]
    fallback: Annotated[tuple[Code, ...], Field(min_length=1)]

    def located(self) -> Iterator[tuple[Where, Route]]:
        """Return every route of the tree in the file's order, and where it stands."""
        return _located(("routes",), self.routes)


def _located(where: Where, routes: tuple[Route, ...]) -> Iterator[tuple[Where, Route]]:
    for position, one in enumerate(routes):
        yield (*where, position), one
        yield from _located((*where, position, "routes"), one.routes)
