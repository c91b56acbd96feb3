"""Who is one, from links between two: strongest links first, and none that would join what is separated."""

from collections.abc import Callable, Hashable, Iterable
from typing import Final, TypeVar

Mark = tuple[str, str]
"""The name under which a verdict knows an appearance: an event and a position in it."""
Marks = frozenset[Mark]
NO_MARKS: Final[Marks] = frozenset()

ItemT = TypeVar("ItemT", bound=Hashable)


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
