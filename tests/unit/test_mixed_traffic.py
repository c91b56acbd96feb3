"""Mixed traffic is valid, repeatable, and rich enough to raise every kind."""

import random
from collections import Counter
from itertools import combinations
from typing import Any

import oracle
from factory import as_line
from mixed_people import PEOPLE, card_zone, passport_zone
from mixed_traffic import mixed_events
from oracle import vehicles
from oracle.mrz import read_zone
from oracle.reports import Case, moment

from schemas.codec import decode_as
from schemas.events import Incident, Sighting
from schemas.watchlist import WatchlistEntry

MODELS: dict[str, type[Any]] = {"incident": Incident, "sighting": Sighting, "watchlist_entry": WatchlistEntry}


def test_all_of_it_is_valid_by_the_contract() -> None:
    for seed in range(20):
        for event in mixed_events(random.Random(seed), 30):
            decode_as(MODELS[event["type"]], as_line(event))


def test_the_same_seed_makes_the_same_events_and_no_id_twice() -> None:
    events = mixed_events(random.Random(7), 40)
    assert events == mixed_events(random.Random(7), 40)
    assert len({event["id"] for event in events}) == 40


def test_every_kind_is_raised_often() -> None:
    raised = Counter(
        alert.kind for seed in range(80) for alert in oracle.open_alerts(mixed_events(random.Random(seed), 40))
    )
    assert set(raised) == {
        "life_at_risk",
        "repeat_vehicle",
        "known_vehicle_sighted",
        "repeat_person",
        "known_person_sighted",
        "watchlist_hit",
        "impossible_journey",
        "identity_conflict",
        "surge",
        "linked_incidents",
    }
    assert min(raised.values()) >= 10, raised


def test_vehicles_are_read_in_several_ways_connected_by_others_and_kept_apart() -> None:
    plates: Counter[int] = Counter()
    connected = apart = 0
    for seed in range(20):
        events = [one for one in mixed_events(random.Random(seed), 60) if one["type"] == "incident"]
        reported = vehicles.in_incidents([Case(event, (event["id"],)) for event in events])
        found = vehicles.vehicles_of(reported, set())
        plates.update(len({one.subject.plate for one in group}) for group in found)
        for one, other in combinations(reported, 2):
            together = any(one in group and other in group for group in found)
            linked = vehicles.same_vehicle(one.subject, other.subject)
            connected += together and not linked
            apart += linked and not together
    assert sum(times for number, times in plates.items() if number >= 3) > 15, plates
    assert connected > 100
    assert apart > 50


def test_the_zones_of_its_people_read_right() -> None:
    for who in PEOPLE:
        for lines in (passport_zone(who, who), card_zone(who, who)):
            zone = read_zone(lines, moment("2026-05-01T00:00:00Z").date())
            assert zone is not None
            assert (zone.number, zone.issuer, zone.birth_date) == (who.number, who.issuer, who.born)


def test_the_oracle_answers_the_same_in_any_order() -> None:
    for seed in range(20):
        events = mixed_events(random.Random(seed), 40)
        expected = set(oracle.find(events))
        random.Random(seed).shuffle(events)
        assert set(oracle.find(events + events[:10])) == expected
