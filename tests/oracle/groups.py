"""Connected components, over all pairs."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from itertools import combinations
from typing import TypeVar

Item = TypeVar("Item")


def components(items: Sequence[Item], linked: Callable[[Item, Item], bool]) -> list[list[Item]]:
    pairs = combinations(range(len(items)), 2)
    return joined(items, ((one, other) for one, other in pairs if linked(items[one], items[other])))


def joined(items: Sequence[Item], pairs: Iterable[tuple[int, int]]) -> list[list[Item]]:
    """Return the components of `items`, given the pairs of positions that are linked."""
    beside: dict[int, set[int]] = defaultdict(set)
    for one, other in pairs:
        beside[one].add(other)
        beside[other].add(one)
    seen: set[int] = set()
    groups = []
    for start in range(len(items)):
        if start in seen:
            continue
        group = [start]
        seen.add(start)
        for one in group:  # grows while it is walked
            near = beside[one] - seen
            seen |= near
            group += near
        groups.append([items[one] for one in sorted(group)])
    return groups
