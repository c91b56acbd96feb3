"""A guard against chains that glue strangers: A is like B and B like C, but A and C are nobody's idea of one person."""

from collections.abc import Callable, Collection, Iterable
from itertools import product
from typing import Final, TypeVar

Member = TypeVar("Member")
_LEAST_MEAN_BITS: Final = 12.0


def group(
    edges: Iterable[tuple[Member, Member, float]],
    bits: Callable[[Member, Member], float],
    order: Callable[[Member], str],
    separated: Collection[frozenset[Member]] = (),
) -> list[frozenset[Member]]:
    """Join members along edges (one, other, bits), the strongest first; return the groups of two and more.

    Two groups are joined only where the mean of the `bits` between all their members is at least 12, and no pair
    of them is `separated`. `order` settles ties, so that the order of the edges does not matter.
    """
    groups: dict[Member, frozenset[Member]] = {}
    for one, other, _ in sorted(edges, key=lambda edge: (-edge[2], *sorted((order(edge[0]), order(edge[1]))))):
        left, right = (groups.get(member, frozenset({member})) for member in (one, other))
        if left != right and _belong_together(left, right, bits, separated):
            together = left | right
            groups.update(dict.fromkeys(together, together))
    return sorted(set(groups.values()), key=lambda members: min(map(order, members)))


def _belong_together(
    left: frozenset[Member],
    right: frozenset[Member],
    bits: Callable[[Member, Member], float],
    separated: Collection[frozenset[Member]],
) -> bool:
    across = list(product(left, right))
    if any(frozenset(pair) in separated for pair in across):
        return False
    return sum(bits(*pair) for pair in across) / len(across) >= _LEAST_MEAN_BITS
