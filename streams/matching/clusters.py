"""Who is one, from links between two: strongest links first, and none that would join what is separated."""

from collections.abc import Callable, Collection, Hashable, Iterable
from datetime import datetime
from itertools import combinations
from typing import Final, TypeVar

Mark = tuple[str, str]
"""The name under which a verdict knows an appearance: an event and a position in it."""
Marks = frozenset[Mark]
NO_MARKS: Final[Marks] = frozenset()

ItemT = TypeVar("ItemT", bound=Hashable)


When = tuple[datetime, str, int]
"""When something was named first: the time, the event and the place in it."""


def parted(
    linked: Collection[ItemT],
    separate: Callable[[ItemT, ItemT], bool],
    strength: Callable[[ItemT, ItemT], float | None],
    first: Callable[[ItemT], When],
) -> list[frozenset[ItemT]]:
    """Return items that links connect in clusters, no two of which are `separate` (symmetric).

    Where some are, the strongest links are taken first (None: these two do not link), then those whose later item was
    named first, then those whose earlier one was.
    """
    pairs = list(combinations(linked, 2))
    if not any(separate(one, other) for one, other in pairs):
        return [frozenset(linked)]
    named = {item: first(item) for item in linked}
    links = [
        (-weight, sorted((named[one], named[other]), reverse=True), (one, other))
        for one, other in pairs
        if (weight := strength(one, other)) is not None
    ]
    links.sort(key=lambda link: link[:2])
    return clusters(linked, [pair for _, _, pair in links], separate)


def clusters(
    items: Iterable[ItemT],
    links: Iterable[tuple[ItemT, ItemT]],
    separate: Callable[[ItemT, ItemT], bool],
) -> list[frozenset[ItemT]]:
    """Return the items in sets that links connect, no two of which are `separate` (symmetric).

    `links` come in the order in which they are taken, the strongest first; the order must not depend on what
    arrived when, and then the result does not either.
    """
    of: dict[ItemT, list[ItemT]] = {item: [item] for item in items}
    for one, other in links:
        here, there = of[one], of[other]
        if here is there or any(separate(left, right) for left in here for right in there):
            continue
        here += there
        for item in there:
            of[item] = here
    return [frozenset(cluster) for cluster in {id(cluster): cluster for cluster in of.values()}.values()]
