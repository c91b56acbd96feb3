"""How long one look-up takes among so many persons, and the memory of the index.

A look-up is what a note on an alert costs: the keys of a description, the candidates that share one, and each weighed.
Names are as common as the seed of frequencies says or invented; seven in ten have a full birth date, half a document.
Every second look-up is of somebody known, misspelt or with less than was known; none is asked for twice. Timed
is the processor, not the clock.
"""

import gc
import json
import random
import re
import sys
import time
import tracemalloc
from pathlib import Path
from statistics import median, quantiles

from streams.matching import frequencies
from streams.matching.blocking import Blocks, blocking_keys
from streams.matching.comparison import compare, may_be_possible
from streams.matching.persons import Facts, WrittenName, facts_from
from streams.matching.verdicts import Verdict
from streams.rules import load_rules

SIZES = (10, 1_000, 50_000)
LOOK_UPS = 5_000
WARM_UP = 2_000
SYLLABLES = "ba ko mi ra ze lu sta vo hri dža ne po ti gor še li dra ma".split()  # noqa: SIM905 - read as words
ISSUERS = ("SRB", "ALB", "BIH", "HRV", "MKD")
SEED = Path(frequencies.__file__).with_name("names.csv").read_text(encoding="utf-8").splitlines()
COMMON = [
    (2.0 ** -float(bits), spelling)
    for bits, _, names in (line.partition(",") for line in SEED if re.match(r"\d", line))
    for entry in names.strip('"').split()
    for spelling in [re.split("[=~]", entry.strip("=~"))[0]]
]
WEIGHTS, NAMES = [weight for weight, _ in COMMON], [name for _, name in COMMON]


def word(rng: random.Random, common: float) -> str:
    if rng.random() < common:
        return rng.choices(NAMES, WEIGHTS)[0]
    return "".join(rng.choices(SYLLABLES, k=rng.choice((2, 3, 4)))).capitalize()


def person(rng: random.Random) -> Facts:
    name = WrittenName(word(rng, 0.6) + rng.choice(("", "", "ić")), word(rng, 0.9))
    day = f"{rng.randrange(1955, 2006)}-{rng.randrange(1, 13):02}-{rng.randrange(2, 29):02}"
    born = rng.choices((day, day[:4], None), (7, 2, 1))[0]
    number = f"{rng.choice('ABP')}{rng.randrange(10**7):07}"
    documents = {f"passport/{number}/{rng.choice(ISSUERS)}"} if rng.random() < 1 / 2 else set[str]()
    return facts_from(frozenset(documents), name, born)


def asked(rng: random.Random, known: list[Facts]) -> Facts:
    if rng.random() < 1 / 2:
        return person(rng)
    one = rng.choice(known)
    family, given = one.written.family, one.written.given
    place = rng.randrange(len(family))
    return rng.choice(
        (
            facts_from(frozenset(), WrittenName(family[:place] + family[place + 1 :], given), one.birth_date),
            facts_from(frozenset(), one.written, one.birth_date and one.birth_date[:4]),
            facts_from(one.documents, WrittenName(given, family), None),
        )
    )


def measured(size: int) -> dict[str, float]:
    rng = random.Random(size)
    known = list({person(rng): None for _ in range(size)})
    blocking_keys(known[0])  # the seed of frequencies is read once
    gc.collect()
    tracemalloc.start()
    blocks = Blocks(load_rules().possible_person.most_alike)
    for one in known:
        blocks.add(one)
    memory = tracemalloc.get_traced_memory()[0]
    tracemalloc.stop()
    microseconds, candidates, shown, over_full = [], 0, 0, 0
    for number, one in enumerate([asked(rng, known) for _ in range(WARM_UP + LOOK_UPS)]):
        begin = time.thread_time_ns()
        near = blocks.candidates(one)
        found = [
            other
            for other in near.found
            if may_be_possible(one, other) and compare(one, other).verdict is not Verdict.NO_MATCH
        ]
        if number >= WARM_UP:
            microseconds.append((time.thread_time_ns() - begin) / 1000)
            candidates += len(near.found)
            shown += bool(found)
            over_full += bool(near.over_full)
    return {
        "persons": len(known),
        "keys": sum(len(blocking_keys(one)) for one in known),
        "median_microseconds": round(median(microseconds), 1),
        "p99_microseconds": round(quantiles(microseconds, n=100)[98], 1),
        "candidates_each": round(candidates / LOOK_UPS, 2),
        "linked_or_possible": shown,
        "over_full": over_full,
        "index_megabytes": round(memory / 1e6, 1),
    }


if __name__ == "__main__":
    for size in SIZES:
        sys.stdout.write(json.dumps(measured(size)) + "\n")
