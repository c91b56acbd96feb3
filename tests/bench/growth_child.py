"""One size measured in a process of its own; prints JSON.

The traffic is plainer than the simulator's, which would take longer to make a million than this takes to measure them:
three sightings a vehicle, the busy ones more; one in fifteen has a driver with a document.
"""

from __future__ import annotations

import gc
import json
import random
import sys
import time
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import psutil
from failure import BenchError

from schemas import topics
from schemas.codec import encode
from schemas.records import Record
from schemas.stations import registry
from streams.batches.records import InputRecord
from streams.correlation import correlate
from streams.engine.casebook import CaseBook
from streams.engine.interests import Interest
from streams.engine.watch import Watch
from streams.intake import take_in
from streams.matching.vehicles import Reading, lookup_keys
from streams.offline import read_back
from streams.rules import load_rules
from streams.watching import watch_interests, watch_passages, watch_roadside

BEGINS: Final = datetime(2026, 11, 14, tzinfo=UTC)
WEEK: Final = timedelta(days=7)
PROBES: Final = 5_000
BATCH: Final = 500
INCIDENTS: Final = 1_000
_MIB: Final = 1024 * 1024
_STATIONS: Final = sorted(registry())
_LOOKS: Final = [(make, colour) for make in ("Audi", "VW", "Opel", "Fiat") for colour in ("white", "grey", "red")]
Said = dict[str, Any]


def plate(number: int) -> Said:
    """Return a vehicle by number, always read alike."""
    make, colour = _LOOKS[number % len(_LOOKS)]
    country = ("SI", "HR", "RS", "BA")[number % 4]
    letters = "".join(chr(65 + number // 26**place % 26) for place in range(4))
    written = f"{letters[:2]}{number // 26**4 % 1000:03}{letters[2:]}"
    return {"plate": written, "plate_country": country, "plate_confidence": 0.93, "make": make, "colour": colour}


def sighting(chance: random.Random, number: int, of: int, moment: datetime, **more: Any) -> Said:
    """Return a passage of one of many vehicles."""
    said: Said = {"schema_version": "1.0", "type": "sighting", "id": f"S-{number}", "station": chance.choice(_STATIONS)}
    said |= {"occurred_at": moment.isoformat(), "direction": chance.choice(("entry", "exit")), "lane": "2"}
    said |= {"device": "camera-2", "vehicle": plate(int(chance.random() ** 2 * of))}
    if chance.random() < 1 / 15:
        said["persons"] = [driver(chance.randrange(of))]
    return {**said, **more}


def driver(number: int) -> Said:
    """Return a person by number."""
    document = {"type": "passport", "number": f"P{number:07}", "issuer": "SRB"}
    return {"role": "driver", "documents": [document]}


def passages(size: int, begin: int = 0, seed: int = 7) -> Iterator[InputRecord]:
    """Return so many stamped passages, spread evenly over the week that is retained."""
    chance = random.Random(seed)
    for number in range(begin, begin + size):
        moment = BEGINS + WEEK * (number - begin) / size * 0.99
        yield from taken_in(sighting(chance, number, max(100, size // 3), moment), moment)


def taken_in(event: Said, moment: datetime) -> Iterator[InputRecord]:
    """Return what intake makes of an event."""
    came = InputRecord(topics.SIGHTINGS.name, 0, 0, None, json.dumps(event, separators=(",", ":")).encode(), {})
    return map(read_back, take_in(came, moment))


def interests(size: int) -> Iterator[InputRecord]:
    """Return so many vehicles of interest, none of which is sighted."""
    for number in range(size):
        said = plate(number + 30_000_000)
        reading = Reading(said["plate_country"], said["plate"], None, said["make"].lower(), said["colour"])
        keys = tuple(sorted(lookup_keys(reading)))
        one = Interest(
            id=f"vehicle/{number}",
            exercise=False,
            keys=keys,
            begins_at=BEGINS,
            ends_at=BEGINS + WEEK,
            subject=str(number),
        )
        yield read_back(Record(topics.INTERESTS.name, b"", encode(one)))


def seen(watch: Watch, records: Iterable[InputRecord]) -> tuple[float, int]:
    """Let the watch see passages, and itself at the roadside; return the seconds of processor, and how many."""
    batch: list[InputRecord] = []
    spent, number = 0.0, 0
    for record in records:
        batch.append(record)
        if len(batch) == BATCH:
            spent, number = spent + _see(watch, batch), number + len(batch)
            batch = []
    return spent + (_see(watch, batch) if batch else 0.0), number + len(batch)


def _see(watch: Watch, batch: list[InputRecord]) -> float:
    begun = time.process_time()
    told = watch_passages(watch, batch, BEGINS).records
    while told:
        own = [read_back(one) for one in told if one.topic == topics.ROADSIDE.name]
        told = watch_roadside(watch, own, BEGINS).records
    return time.process_time() - begun


def memory() -> float:
    """Return the resident memory of this process in MiB."""
    gc.collect()
    return float(psutil.Process().memory_info().rss / _MIB)


def of_sightings(size: int) -> dict[str, float]:
    """Return the memory of so many retained sightings, what each cost, and one more, and one that forgets another."""
    watch, before = Watch(load_rules()), memory()
    spent, number = seen(watch, passages(size))
    after = memory()
    more, probed = seen(watch, _later(size, timedelta(days=6.95)))
    forgetting, forgot = seen(watch, _later(size + PROBES, timedelta(days=7) + WEEK * PROBES / size))
    return {
        "memory_mib": after - before,
        "bytes_each": (after - before) * _MIB / number,
        "us_each": spent / number * 1e6,
        "us_one_more": more / probed * 1e6,
        "us_one_more_and_forget": forgetting / forgot * 1e6,
    }


def _later(begin: int, after: timedelta) -> Iterator[InputRecord]:
    chance, moment = random.Random(begin), BEGINS + after
    for number in range(begin, begin + PROBES):
        yield from taken_in(sighting(chance, number, max(100, begin // 3), moment), moment)


def of_subjects(size: int) -> dict[str, float]:
    """Return the memory of so many subjects of interest, what each cost, and a sighting beside them."""
    watch, before = Watch(load_rules()), memory()
    records = list(interests(size))
    begun = time.process_time()
    watch_interests(watch, records, BEGINS)
    spent = time.process_time() - begun
    del records
    after = memory()
    sighted, number = seen(watch, passages(4 * PROBES))
    return {
        "memory_mib": after - before,
        "bytes_each": (after - before) * _MIB / size,
        "us_each": spent / size * 1e6,
        "us_a_sighting": sighted / number * 1e6,
    }


def by_kind() -> dict[str, float]:
    """Return the µs of an event of each kind: sightings after 20,000 others, the rest after 1,000 incidents."""
    chance, casebook, watch = random.Random(3), CaseBook(load_rules()), Watch(load_rules())
    told = list[Record]()

    def apply(events: Iterable[Said]) -> float:
        records = [list(taken_in(event, BEGINS)) for event in events]
        if any(record.topic != topics.CASEBOOK.name for one in records for record in one):
            raise BenchError("intake refused an event that was to be measured")
        begun = time.process_time()
        for one in records:
            told.extend(correlate(casebook, one, BEGINS).records)
        return (time.process_time() - begun) / max(1, len(records)) * 1e6

    apply(incident(chance, number) for number in range(INCIDENTS))
    seen(watch, passages(20_000))
    wanted = [read_back(one) for one in told if one.topic == topics.INTERESTS.name and not one.partition]
    watch_interests(watch, wanted, BEGINS)
    ordinary, number = seen(watch, passages(PROBES, 20_000, seed=8))
    moments = (BEGINS + WEEK * place / 500 for place in range(500))
    of_interest = (
        sighting(chance, 40_000 + place, 1, moment, vehicle=plate(INCIDENT_PLATES + place % 400))
        for place, moment in enumerate(moments)
    )
    hits, hit = seen(watch, (record for event in of_interest for record in taken_in(event, BEGINS)))
    return {
        "sighting": ordinary / number * 1e6,
        "sighting_of_interest": hits / hit * 1e6,
        "incident": apply(incident(chance, INCIDENTS + number) for number in range(200)),
        "watchlist_entry": apply(entry(number) for number in range(200)),
        "verdict": apply(verdict(number) for number in range(200)),
        "retraction": apply(retraction(number) for number in range(200)),
    }


INCIDENT_PLATES: Final = 10_000_000


def incident(chance: random.Random, number: int) -> Said:
    """Return an incident with a vehicle that comes back now and then, and its driver."""
    whom = chance.randrange(400)
    moment = BEGINS - timedelta(days=30) * chance.random()
    said: Said = {"schema_version": "1.0", "type": "incident", "id": f"I-{number}", "station": chance.choice(_STATIONS)}
    said |= {"occurred_at": moment.isoformat(), "kind": "migrant_smuggling", "originator": "SI"}
    said |= {"persons": [driver(10_000_000 + whom)]}
    return said | {"vehicles": [plate(INCIDENT_PLATES + whom)]}


def entry(number: int) -> Said:
    """Return an entry of the watchlist on a vehicle, one in two of an incident."""
    said: Said = {"schema_version": "1.0", "type": "watchlist_entry", "id": f"W-{number}", "action": "upsert"}
    said |= {"at": BEGINS.isoformat(), "valid_until": (BEGINS + timedelta(days=90)).isoformat(), "originator": "SI"}
    said |= {"check": "discreet", "suggested_response": "Note the passengers.", "reason": "Inquiry."}
    return said | {"vehicle": plate(INCIDENT_PLATES + number * 4)}


def verdict(number: int) -> Said:
    """Return a verdict that two incidents' vehicles are two."""
    said: Said = {"schema_version": "1.0", "type": "verdict", "id": f"V-{number}", "at": BEGINS.isoformat()}
    said |= {"alert": f"al-{number:020x}", "contact_point": "SI", "officer": "A. B.", "outcome": "false_match"}
    pair = [{"event": f"I-{one}", "subject": "vehicles/0"} for one in (number, number + 1)]
    return said | {"between": pair}


def retraction(number: int) -> Said:
    """Return a retraction of an incident."""
    said: Said = {"schema_version": "1.0", "type": "retraction", "id": f"R-{number}", "at": BEGINS.isoformat()}
    return said | {"originator": "SI", "officer": "A. B.", "retracts": f"I-{number}", "reason": "unfounded"}


if __name__ == "__main__":
    what, size = sys.argv[1], int(sys.argv[2])
    figures = {"sightings": of_sightings, "subjects": of_subjects}.get(what, lambda _: by_kind())(size)
    sys.stdout.write(json.dumps(figures))
