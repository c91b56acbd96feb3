"""Why the readings in an alert are one vehicle or person, in sentences that a duty officer can read aloud."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import combinations, islice
from typing import Final

from streams.engine.about import Joined
from streams.engine.cases import Case, Part
from streams.engine.people import Holder
from streams.engine.traffic import Named, named_in
from streams.matching.clusters import NO_MARKS
from streams.matching.comparison import Comparison
from streams.matching.persons import Facts
from streams.matching.vehicles import compare

LISTED: Final = 5
"""How many plates or descriptions beside the first are explained."""
COMPARED: Final = 20
"""How many descriptions of a person are held against each other."""


def named_of(parts: Iterable[Part[Case]]) -> list[Named]:
    """Return the vehicle as each part names it, the earliest first."""
    return sorted(
        (named for part in parts for named in named_in(part.case) if named.position in part.positions),
        key=lambda named: named.sort_key,
    )


def joined_persons(
    said: Sequence[tuple[Facts, Holder]], weigh: Callable[[Facts, Facts], Comparison]
) -> tuple[Joined, ...]:
    """Return why each description beside the first, of these in order of time, is of the same person.

    Not for anybody under 18: it would tell the name.
    """
    return tuple(islice(_persons_explained(said, weigh), LISTED))


def _persons_explained(
    said: Sequence[tuple[Facts, Holder]], weigh: Callable[[Facts, Facts], Comparison]
) -> Iterator[Joined]:
    known: dict[Facts, Holder] = {}
    for facts, holder in said:
        plain = replace(facts, marks=NO_MARKS)
        if known and plain not in known:
            yield _joined_person(plain, holder, known, weigh)
        known.setdefault(plain, holder)


def _joined_person(
    facts: Facts, holder: Holder, known: Mapping[Facts, Holder], weigh: Callable[[Facts, Facts], Comparison]
) -> Joined:
    found = [(weigh(other, facts), earlier) for other, earlier in known.items()]
    linking = [(comparison, earlier) for comparison, earlier in found if comparison.link]
    if linking:
        comparison, earlier = max(linking, key=lambda pair: pair[0].bits)
        text = f"One person: {comparison.explanation}."
    else:
        earlier = next(iter(known.values()))
        text = "Described otherwise: other reports of the person connect the two."
    return Joined(text, tuple(sorted({*earlier.case.evidence, *holder.case.evidence})))


def at_odds(said: Sequence[tuple[Facts, Holder]], weigh: Callable[[Facts, Facts], Comparison]) -> Iterator[str]:
    """Return which two reports of a person speak most against each other, where they do more than they agree.

    A and B are linked, and so are B and C, but A and C are nobody's idea of one person. The contract's links hold all
    the same: the officer is told. Of the earliest descriptions only.
    """
    first = {replace(facts, marks=NO_MARKS): holder for facts, holder in reversed(said)}
    described = list(islice(reversed(first.items()), COMPARED))
    against = [
        (weigh(facts, other_facts).bits, holder.key[0], other.key[0])
        for (facts, holder), (other_facts, other) in combinations(described, 2)
    ]
    bits, one, other = min(against, key=lambda pair: pair[0], default=(0.0, "", ""))
    if bits < 0:
        yield f"Reports {one} and {other} by themselves speak of two persons: only other reports connect them."


def joined_vehicles(named: list[Named]) -> tuple[Joined, ...]:
    """Return the explanation of each plate that is not the first; none where all are equal and their country known."""
    return tuple(islice(_vehicles_explained(named), LISTED))


def _vehicles_explained(named: list[Named]) -> Iterator[Joined]:
    explained = set()
    for number, one in enumerate(named):
        plate = (one.reading.country, one.reading.plate)
        if plate in explained:
            continue
        if number == 0:
            if one.reading.country:
                explained.add(plate)
            continue
        explained.add(plate)
        yield _joined(one, named[:number])


def _joined(one: Named, earlier: list[Named]) -> Joined:
    """Return why this reading is of the same vehicle as those before it."""
    found = [(compare(one.reading, other.reading), other) for other in earlier]
    linking = [(comparison, other) for comparison, other in found if comparison.links]
    if not linking:
        other = earlier[0]
        text = f"Read as {other.reading} and as {one.reading}: other reports of the vehicle connect the two."
    else:
        comparison, other = max(linking, key=lambda pair: pair[0].bits)
        text = f"Read as {other.reading} and as {one.reading}, one vehicle: {comparison.agreement}."
    return Joined(text, tuple(sorted({*other.case.evidence, *one.case.evidence})))
