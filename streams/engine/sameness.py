"""Why the readings in an alert are one vehicle, in sentences that a duty officer can read aloud."""

from collections.abc import Iterable, Iterator
from typing import Final

from streams.engine.about import Joined
from streams.engine.cases import Case, Part
from streams.engine.traffic import Named, named_in
from streams.matching.vehicles import compare

LISTED: Final = 5
"""How many plates beside the first are explained."""


def named_of(parts: Iterable[Part[Case]]) -> list[Named]:
    """Return the vehicle as each part names it, the earliest first."""
    return sorted(
        (named for part in parts for named in named_in(part.case) if named.position in part.positions),
        key=lambda named: named.sort_key,
    )


def joined(named: list[Named]) -> tuple[Joined, ...]:
    """Return the explanation of each plate that is not the first; none where all are equal and their country known."""
    return tuple(_explanations(named))[:LISTED]


def _explanations(named: list[Named]) -> Iterator[Joined]:
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
