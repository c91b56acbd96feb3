"""How long one look-up takes among so many vehicles, and the memory of the index.

A look-up is what a sighting costs: its keys, the candidates that share one, and the rule for each candidate. One
sighting in twenty is of a known vehicle, half of these misread; of a hundred thousand hardly one is asked for twice.
"""

import gc
import json
import random
import string
import sys
import time
import tracemalloc
from dataclasses import replace
from statistics import median, quantiles

from streams.matching.index import Index
from streams.matching.vehicles import Reading, ground, lookup_keys

SIZES = (10, 1_000, 100_000)
LOOK_UPS = 20_000
COUNTRIES = ("SI", "HR", "RS", "BA", "MK", "ME", "AL", "XK")
LOOKS = [(make, colour) for make in ("audi", "vw", "opel", "fiat") for colour in ("white", "grey", "black", "red")]


def reading(rng: random.Random) -> Reading:
    letters = "".join(rng.choices(string.ascii_uppercase, k=4))
    plate = letters[:2] + f"{rng.randrange(1000):03}" + letters[2:]
    make, colour = rng.choice(LOOKS)
    return Reading(rng.choice(COUNTRIES), plate, None, make, colour, "car")


def sighted(rng: random.Random, known: list[Reading]) -> Reading:
    if rng.random() >= 1 / 20:
        return reading(rng)
    one = rng.choice(known)
    place = rng.randrange(len(one.plate))
    return one if rng.random() < 1 / 2 else replace(one, plate=one.plate[:place] + one.plate[place + 1 :])


def measured(size: int) -> dict[str, float]:
    rng = random.Random(size)
    known = list({reading(rng): None for _ in range(size)})
    lookup_keys.cache_clear()
    gc.collect()
    tracemalloc.start()
    index: Index[Reading] = Index()
    for one in known:
        index.add(one, lookup_keys(one))
    lookup_keys.cache_clear()
    memory = tracemalloc.get_traced_memory()[0]
    tracemalloc.stop()
    microseconds, candidates, found = [], 0, 0
    for one in [sighted(rng, known) for _ in range(LOOK_UPS)]:
        begin = time.perf_counter_ns()
        near = index.near(lookup_keys(one))
        linked = [other for other in near if ground(one, other).links]
        microseconds.append((time.perf_counter_ns() - begin) / 1000)
        candidates += len(near)
        found += bool(linked)
    return {
        "vehicles": len(known),
        "median_microseconds": round(median(microseconds), 1),
        "p99_microseconds": round(quantiles(microseconds, n=100)[98], 1),
        "candidates_each": round(candidates / LOOK_UPS, 2),
        "found": found,
        "index_megabytes": round(memory / 1e6, 1),
    }


if __name__ == "__main__":
    for size in SIZES:
        sys.stdout.write(json.dumps(measured(size)) + "\n")
