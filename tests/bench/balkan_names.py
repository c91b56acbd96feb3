"""Names of the region across its scripts, by the simulation: one person written by two offices, and others like them.

No set of such names made by others is public, so this says less than Febrl does: the spellings are our own, though not
the matcher's. Each person is written twice, as offices of two countries write (Serbian Cyrillic and Latin, Macedonian,
Albanian, German custom, without marks, as in a zone); each is held against the one whose names resemble theirs most as
well, so that half of the pairs are no match.
"""

from __future__ import annotations

import random
from collections import defaultdict
from typing import Final

from producers.simulator.people import People, Person
from producers.simulator.spellings import spelled, spelling_at
from streams.matching.comparison import compare
from streams.matching.persons import WrittenName, facts_from
from streams.matching.verdicts import Verdict

PERSONS: Final = 3_000
SEED: Final = 20261128
COUNTRIES: Final = ("SI", "HR", "BA", "RS", "ME", "XK", "MK", "AL")
OFFICES: Final = (*COUNTRIES, "AT", "HU")
REGION: Final = ("sl", "hr", "bs", "sr", "mk", "sq")


def judged() -> tuple[int, int, int]:
    """Return how many pairs are rightly matched, wrongly matched and missed, by the names alone."""
    chance, people = random.Random(SEED), People()
    persons = [people.person(chance, chance.choice(COUNTRIES), of=REGION) for _ in range(PERSONS)]
    by_family: dict[str, list[Person]] = defaultdict(list)
    for one in persons:
        by_family[one.family].append(one)
    right = wrong = missed = 0
    for one in persons:
        first, second = chance.sample(OFFICES, 2)
        if _match(_written(one, chance, first), _written(one, chance, second)):
            right += 1
        else:
            missed += 1
        others = [other for other in by_family[one.family] if other.given != one.given] or persons
        other = chance.choice([other for other in others if (other.family, other.given) != (one.family, one.given)])
        wrong += _match(_written(one, chance, first), _written(other, chance, second))
    return right, wrong, missed


def _written(person: Person, chance: random.Random, office: str) -> str:
    family, given = spelled(person, spelling_at(chance, office))
    return f"{given} {family}" if chance.random() < 0.5 else f"{family} {given}"


def _match(one: str, other: str) -> bool:
    first, second = (facts_from(frozenset(), WrittenName(either=name), None) for name in (one, other))
    return compare(first, second).name_verdict is Verdict.MATCH
