"""A chain of likenesses does not make strangers one person."""

import random

from streams.matching.chains import group

BITS = {("a", "b"): 22.0, ("b", "c"): 20.0, ("a", "c"): -7.0, ("c", "d"): 25.0, ("a", "d"): -7.0, ("b", "d"): 0.0}
Edges = list[tuple[str, str, float]]


def bits(one: str, other: str) -> float:
    return BITS[min(one, other), max(one, other)]


def grouped(edges: Edges, *separated: str) -> list[set[str]]:
    apart = [frozenset(pair) for pair in separated]
    return [set(members) for members in group(edges, bits, str, apart)]


def edges_between(pairs: str) -> Edges:
    return [(pair[0], pair[1], bits(pair[0], pair[1])) for pair in pairs.split()]


def test_who_is_like_one_member_only_stays_out() -> None:
    """On the mean of all pairs between them two groups have 12 bits or more, or they are not joined."""
    assert grouped(edges_between("ab bc")) == [{"a", "b"}]
    assert grouped(edges_between("ab bc cd")) == [{"a", "b"}, {"c", "d"}]


def test_the_strongest_edge_comes_first() -> None:
    assert grouped(edges_between("bc cd")) == [{"c", "d"}]


def test_the_order_of_the_edges_does_not_matter() -> None:
    edges = edges_between("ab bc cd")
    for seed in range(20):
        shuffled = [(other, one, weight) if seed % 2 else (one, other, weight) for one, other, weight in edges]
        random.Random(seed).shuffle(shuffled)
        assert grouped(shuffled) == [{"a", "b"}, {"c", "d"}]


def test_a_separated_pair_never_stands_in_one_group() -> None:
    assert grouped(edges_between("ab cd"), "ab") == [{"c", "d"}]


def test_nobody_stands_in_a_group_alone() -> None:
    assert grouped([]) == []
