"""Persons described in a few words, and compared both ways round."""

import pytest

from streams.matching.comparison import Comparison, compare
from streams.matching.persons import Facts, WrittenName, facts_from


def person(name: str, born: str | None = None, *documents: str) -> Facts:
    """Return a person from a name, family name and given names parted by a comma or not at all."""
    family, comma, given_names = name.partition(",")
    written = WrittenName(family, given_names) if comma else WrittenName(either=name)
    return facts_from(frozenset(documents), written, born)


def names(one: str, other: str) -> Comparison:
    comparison = compare(person(one), person(other))
    turned = compare(person(other), person(one))
    assert (comparison.bits, comparison.name_likeness) == pytest.approx((turned.bits, turned.name_likeness))
    return comparison
