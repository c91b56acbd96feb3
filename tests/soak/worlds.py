"""Mixed traffic in many small worlds side by side, none of which has anything to do with another.

Each world has ids, plates and people of its own: the same names, born on other days and with other documents,
so that neither a name nor a document leads from one world to the next. Nor does a misread plate.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any, Final

from mixed_people import PEOPLE, Someone
from mixed_traffic import mixed_events

Event = dict[str, Any]
WORLD_EVENTS: Final = 20
MOST_WORLDS: Final = 100
"""So many in a trial; a trial's number times this is its first world's number."""
_UNLIKE: Final = "ACEFHJKMNPRTUVWXY"
_REFERENCES: Final = ("id", "updates", "relay_of", "entry")


def worlds(prefix: str, trial: int, number: int, seed: int) -> Iterator[Event]:
    """Return at least `number` events, whose ids begin with the prefix; `trial` parts the people and vehicles."""
    many = -(-number // WORLD_EVENTS)
    assert many <= MOST_WORLDS, "the people of one trial would meet those of the next"
    for world in range(many):
        chance = random.Random(f"{seed}/{world}")
        people = [someone_else(who, trial * MOST_WORLDS + world) for who in PEOPLE]
        for event in mixed_events(chance, WORLD_EVENTS, people):
            yield in_world(event, f"{prefix}-{world}", trial * MOST_WORLDS + world)


def someone_else(who: Someone, world: int) -> Someone:
    """Return the person as another world has one: of that name, born on another day, with other documents.

    Who was born on the first of January stays so: that is what is written where nobody knows the day. Nobody
    else comes to be born then; worlds are two days apart, so that the second of January is free.
    """
    born = date.fromisoformat(who.born)
    if not is_new_year(born):
        born += timedelta(days=2 * world)
        born += timedelta(days=is_new_year(born))
    return who._replace(born=str(born), number=f"{who.number[:2]}{world:04}{PEOPLE.index(who):02}")


def is_new_year(day: date) -> bool:
    """Whether it is the first of January."""
    return (day.month, day.day) == (1, 1)


def in_world(event: Event, prefix: str, world: int) -> Event:
    """Return the event with the ids and plates of its world."""
    mine = event | {name: f"{prefix}-{event[name]}" for name in _REFERENCES if name in event}
    if "vehicle" in event:
        mine["vehicle"] = with_plate(event["vehicle"], world)
    if "vehicles" in event:
        mine["vehicles"] = [with_plate(one, world) for one in event["vehicles"]]
    return mine


def with_plate(vehicle: Event, world: int) -> Event:
    """Return the vehicle with a plate that only its world has, and that no misread leads out of."""
    return vehicle | {"plate": f"{sign(world)}{vehicle['plate']}"}


def sign(world: int) -> str:
    """Return three letters that no reader confuses, each twice: a lost one makes no world another."""
    few = len(_UNLIKE)
    assert world < few**3, "more worlds than signs"
    return "".join(2 * _UNLIKE[world // few**place % few] for place in range(3))
