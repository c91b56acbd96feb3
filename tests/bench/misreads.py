"""How well a vehicle of an incident is known again by cameras that misread: of the simulator's fleet and errors.

A third of a fleet is in an incident, written down by an officer; cameras read every vehicle three times, misreading
as `read_errors` says (3 % of plates). A read is found where it links with an incident's reading, by the same keys and
rule as in the product; it is right where both are truly one vehicle.
"""

import json
import random
import sys
from collections import Counter
from collections.abc import Iterator

from producers.simulator.descriptions import Involved, camera_vehicle, written_vehicle
from producers.simulator.fleet import Fleet, Vehicle
from schemas.subjects import Vehicle as Said
from streams.matching.index import Index
from streams.matching.misreads import Likeness, likeness
from streams.matching.vehicles import Reading, ground, lookup_keys, reading_of

SEEDS = (101, 102, 103)
VEHICLES = 30_000
READS = 3
COUNTRIES = ("RS", "HR", "BA", "SI", "HU", "AT", "MK", "ME", "AL", "XK", "IT", "DE", "BG", "RO")
KINDS = ("well read", "misread", "else")
CATEGORIES = ("car", "car", "car", "car", "van", "lorry")


def fleet(chance: random.Random) -> list[Vehicle]:
    made = Fleet()
    return [made.vehicle(chance, chance.choice(COUNTRIES), chance.choice(CATEGORIES)) for _ in range(VEHICLES)]


def kind_of(read: Reading, vehicle: Vehicle) -> str:
    """Return whether it is well read, misread as may be bridged, or else: half a plate, a lost hook, no country."""
    alike = likeness(read.plate, vehicle.plate) if read.country else Likeness.OTHER
    if alike is Likeness.EQUAL:
        return "well read"
    return "misread" if alike in {Likeness.LOOKALIKE, Likeness.ONE_LOST} else "else"


def outcomes(seed: int) -> Iterator[str]:
    """Yield what became of each camera read, by how it was read."""
    chance = random.Random(seed)
    vehicles = fleet(chance)
    known: dict[Reading, set[int]] = {}
    for vehicle in vehicles[: VEHICLES // 3]:
        reading = reading_of(Said(**written_vehicle(chance, Involved(vehicle)).said))
        known.setdefault(reading, set()).add(vehicle.number)
    index: Index[Reading] = Index()
    for reading in known:
        index.add(reading, lookup_keys(reading))
    of_interest = {number for numbers in known.values() for number in numbers}
    for vehicle in vehicles * READS:
        read = reading_of(Said(**camera_vehicle(chance, vehicle).said))
        near = index.near(lookup_keys(read))
        found = {number for one in near if ground(read, one).links for number in known[one]}
        kind = kind_of(read, vehicle)
        if vehicle.number in of_interest:
            yield f"{kind}, {'found' if vehicle.number in found else 'missed'}"
        yield from (f"{kind}, taken for another" for _ in found - {vehicle.number})


def shares(counted: Counter[str], *kinds: str) -> dict[str, float]:
    found, missed, wrong = (
        sum(counted[f"{kind}, {fate}"] for kind in kinds) for fate in ("found", "missed", "taken for another")
    )
    return {"recall": round(found / (found + missed), 4), "precision": round(found / (found + wrong), 4)}


if __name__ == "__main__":
    counted = Counter(outcome for seed in SEEDS for outcome in outcomes(seed))
    figures = {"all": shares(counted, *KINDS), **{kind: shares(counted, kind) for kind in KINDS}}
    sys.stdout.write(json.dumps({"counted": dict(sorted(counted.items())), **figures}, indent=2) + "\n")
