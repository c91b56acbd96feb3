"""Whom the routes tell of an edition and what each may see, as the dispatcher would decide it; nothing is sent."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from consumers.audience import Audience, AudienceReason, View, decide
from consumers.routing import Assignment, RoutingTable, Visit, route, visits
from schemas.alerts import Edition


@dataclass(frozen=True, slots=True)
class Told:
    """A contact point that the routes lead to, and what it may see."""

    assignment: Assignment
    audience: Audience


@dataclass(frozen=True, slots=True)
class Telling:
    """An edition of an alert, what became of each route, and who is told of it."""

    edition: Edition
    visits: tuple[Visit, ...]
    told: tuple[Told, ...]

    @property
    def shown_to(self) -> frozenset[str]:
        """Those who get to see something of it."""
        return frozenset(one.assignment.contact_point for one in self.told if one.audience.view is not View.WITHHELD)


def tell(
    edition: Edition,
    table: RoutingTable,
    contact_points: Collection[str],
    told_before: Collection[str] = (),
    grants: Mapping[str, frozenset[str]] = MappingProxyType({}),
) -> Telling:
    """Return whom these routes tell of this edition; `grants` are originators' permissions by contact point."""
    told = [
        Told(
            one,
            decide(
                edition,
                one.contact_point,
                told_before=one.contact_point in told_before,
                granted_by=grants.get(one.contact_point, frozenset()),
            ),
        )
        for one in route(edition.alert, table, contact_points, sorted(told_before))
    ]
    reading = tuple(one for one in told if one.audience.reason is not AudienceReason.ANOTHER_EDITION)
    return Telling(edition, visits(edition.alert, table), reading)
