"""Clusters: what links connect, the strongest first, but for what is separated."""

from itertools import permutations

import pytest

from streams.matching.clusters import clusters


def found(links: list[str], apart: set[str]) -> set[str]:
    def separate(one: str, other: str) -> bool:
        return bool({one + other, other + one} & apart)

    return {"".join(sorted(one)) for one in clusters("abcd", [(link[0], link[1]) for link in links], separate)}


@pytest.mark.parametrize(
    ("links", "apart", "expected"),
    [
        ([], set(), {"a", "b", "c", "d"}),
        (["ab", "bc"], set(), {"abc", "d"}),
        (["ab", "bc"], {"ac"}, {"ab", "c", "d"}),
        (["bc", "ab"], {"ac"}, {"a", "bc", "d"}),
        (["ab", "cd", "bc"], {"ad"}, {"ab", "cd"}),
        (["ab", "ba", "aa"], set(), {"ab", "c", "d"}),
    ],
)
def test_a_link_that_would_join_what_is_separated_is_left_out(
    links: list[str], apart: set[str], expected: set[str]
) -> None:
    assert found(links, apart) == expected


def test_the_order_of_items_does_not_matter() -> None:
    results = {
        frozenset(clusters(items, [("a", "b"), ("b", "c"), ("c", "d")], lambda one, other: {one, other} == {"a", "c"}))
        for items in permutations("abcd")
    }
    assert results == {frozenset({frozenset("ab"), frozenset("cd")})}
