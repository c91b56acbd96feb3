"""How the simulator's subjects are read, as its truth tells it; the known and the listed as everybody else."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from datetime import timedelta
from typing import Any

from simulated import ENDS_AT, Seen, appearances, of_type, simulated, subject_of

from producers.simulator import Sent
from schemas.mrz import MrzError, read_mrz
from schemas.plates import normalise

PLATE_FAULTS = {"plate misread", "part of the plate read", "hook of a letter not read", "plate mistyped"}
HOOKS = str.maketrans("ČĆŠŽĐÖ", "CCSZDO")
WRONG_PLATES = {"plate misread", "part of the plate read"}
"""Of all reads of a camera, 3.4 in 100."""


def subjects(events: Iterable[Sent]) -> Iterator[tuple[str, dict[str, Any], set[str]]]:
    """Return of every subject of every event who it truly is, what is said of it, and what went wrong in that."""
    for one in events:
        if one.truth is not None:
            for position, entity in one.truth["subjects"].items():
                yield entity, subject_of(one.event, position), set(one.truth["read"].get(position, ()))


def test_the_truth_tells_every_fault_in_the_reading_of_a_vehicle() -> None:
    """What is called well read is one plate throughout; what is not differs from it as the fault says."""
    events, _ = simulated(incidents=3_000, sightings=30_000, cases=0)
    found: Counter[str] = Counter()
    plates, colours = defaultdict[str, set[str]](set), defaultdict[str, set[str]](set)
    for entity, said, faults in subjects(events):
        if entity.startswith("V"):
            found.update(faults)
            assert ("no country read" in faults) is ("plate_country" not in said)
            if PLATE_FAULTS.isdisjoint(faults):
                plates[entity].add(normalise(said["plate"]))
            if "colour" in said and "another colour read" not in faults:
                colours[entity].add(said["colour"])
    assert all(len(known) == 1 for known in (*plates.values(), *colours.values()))
    for entity, said, faults in subjects(events):
        wrong, (plate,) = faults & PLATE_FAULTS, plates.get(entity, {""})
        if entity.startswith("V") and plate and wrong:
            read = normalise(said["plate"])
            assert read != plate
            assert (wrong == {"hook of a letter not read"}) is (read == plate.translate(HOOKS))
            assert (wrong == {"part of the plate read"}) is (len(read) < len(plate) - 1 and read in plate)
        if "another colour read" in faults and entity in colours:
            assert said["colour"] not in colours[entity]
    assert set(found) == {*PLATE_FAULTS, "no country read", "another colour read"}


def test_the_truth_tells_every_fault_in_the_reading_of_a_person() -> None:
    events, _ = simulated(incidents=3_000, sightings=30_000, cases=0)
    found: Counter[str] = Counter()
    born, named = defaultdict[str, set[str]](set), defaultdict[str, set[tuple[str, str]]](set)
    for entity, said, faults in subjects(events):
        if entity.startswith("P"):
            found.update(faults)
            documents = said.get("documents", [])
            assert ("document without number" in faults) is any("number" not in one for one in documents)
            assert ("wrong check digit" in faults) is any("mrz" in one and not is_right(one) for one in documents)
            assert ("year of birth alone" in faults) is (len(said.get("birth_date", "2000-01-01")) == len("2000"))
            if "year of birth alone" not in faults and "birth_date" in said:
                born[entity].add(said["birth_date"])
            if faults.isdisjoint({"names swapped", "name spelled otherwise"}) and "family_name" in said:
                named[entity].add((said["family_name"], said["given_names"]))
    assert {len(known) for known in born.values()} == {len(known) for known in named.values()} == {1}
    for entity, said, faults in subjects(events):
        if entity in named and "family_name" in said:
            (names,) = named[entity]
            told = (said["family_name"], said["given_names"])
            assert (told != names) is bool(faults & {"names swapped", "name spelled otherwise"})
            if faults == {"names swapped"}:
                assert told == (names[1], names[0])
    assert set(found) == {"names swapped", "name spelled otherwise", "year of birth alone", "document without number",
                          "wrong check digit"}  # fmt: skip


def is_right(document: dict[str, Any]) -> bool:
    try:
        read_mrz(document["mrz"], today=ENDS_AT.date())
    except MrzError:
        return False
    return True


def test_the_owner_of_a_stolen_passport_is_not_who_shows_it() -> None:
    events, cases = simulated(cases=2, sightings=500, incidents=10)
    owner, thief, _ = next(case.entities for case in cases if case.case == "stolen_passport")
    told = {entity: faults for entity, _, faults in subjects(events)}
    assert "document of somebody else" in told[thief]
    assert "document of somebody else" not in told[owner]


def test_known_and_listed_subjects_of_planted_cases_are_read_as_everybody_is() -> None:
    events, cases = simulated(cases=60, sightings=500, incidents=10)
    told = {one.event["id"]: one for one in reversed(events)}
    reads = wrong = shown = faulty = 0
    for case in cases:
        if case.case in {"known_vehicle", "watched_vehicle", "watched_person", "driver_continues"}:
            for entity, _, faults in subjects(of_type((told[name] for name in case.events), "sighting")):
                reads += entity.startswith("V")
                wrong += not WRONG_PLATES.isdisjoint(faults)
                shown += entity.startswith("P")
                faulty += not faults.isdisjoint({"names swapped", "year of birth alone", "document without number"})
    assert reads > 500
    assert 0.015 < wrong / reads < 0.06
    assert shown > 150
    assert 0.03 < faulty / shown < 0.13


def test_who_was_met_or_is_listed_passes_again_and_is_read_as_everybody_is() -> None:
    """Those with a part in the incident and those with none; some after every window."""
    events, _ = simulated(incidents=3_000, sightings=500, sighting_days=None, cases=0)
    seen = appearances(events)
    met = {entity: one for entity, all_of in seen.items() if (one := first_report(all_of))}
    listed = {entity for entity, _, _ in subjects(of_type(events, "watchlist_entry"))}
    again = {entity for entity in {*met, *listed} if any(is_later(one, met.get(entity)) for one in seen[entity])}
    assert 0.2 < len(again & set(met)) / len(met) < 0.35
    assert 0.2 < len(again & listed) / len(listed) < 0.4
    assert {entity[0] for entity in again & listed} == {"V", "P"}
    involved = {met[entity].said.get("involvement") for entity in again & set(met) if entity.startswith("V")}
    assert involved == {"used", "stolen", "bystander", "public_transport", None}
    roles = {met[entity].said.get("role") for entity in again & set(met) if entity.startswith("P")}
    assert roles == {"driver", "passenger", "smuggled"}
    gaps = [one.at - met[entity].at for entity in again & set(met) for one in seen[entity] if is_sighting(one)]
    assert sum(gap > timedelta(days=90) for gap in gaps) > 20
    reads = [
        faults for entity, _, faults in subjects(of_type(events, "sighting")) if entity in again and entity[0] == "V"
    ]
    assert 0.028 < sum(not WRONG_PLATES.isdisjoint(faults) for faults in reads) / len(reads) < 0.042


def first_report(seen: list[Seen]) -> Seen | None:
    return next((one for one in seen if one.event["type"] == "incident"), None)


def is_sighting(one: Seen) -> bool:
    return bool(one.event["type"] == "sighting")


def is_later(one: Seen, met: Seen | None) -> bool:
    return is_sighting(one) and (met is None or one.at - met.at >= timedelta(days=1))
