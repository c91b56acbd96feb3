"""The soak's small worlds have nothing to do with one another, so that each trial can be judged by itself."""

from itertools import combinations

from oracle.vehicles import misread, read_vehicle
from worlds import sign, worlds


def test_no_misread_leads_from_one_world_to_another() -> None:
    """Not between trials and worlds whose numbers look alike either: 3 and 8, 1 and 11."""
    plates: dict[str, set[str]] = {}
    for trial in (1, 3, 8, 11):
        for event in worlds(f"T{trial:02}", trial, 300, seed=5):
            said = [*event.get("vehicles", ()), *([event["vehicle"]] if "vehicle" in event else [])]
            plates.setdefault(event["id"].rpartition("-E-")[0], set()).update(read_vehicle(one).plate for one in said)
    assert len(plates) == 4 * 15
    for one, other in combinations(plates, 2):
        assert plates[one].isdisjoint(plates[other])
        assert not any(misread(here, there) for here in plates[one] for there in plates[other])


def test_every_world_has_a_sign_of_its_own() -> None:
    assert len({sign(world) for world in range(17**3)}) == 17**3
    assert sign(0) == "AAAAAA"
