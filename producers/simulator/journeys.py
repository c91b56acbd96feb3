"""A drive along a route: when which side of which crossing is passed."""

from collections.abc import Iterator
from random import Random
from typing import Final

from producers.simulator.calendar import MINUTE
from producers.simulator.roads import FASTEST_KMH, SLOWEST_KMH, Route, travel_seconds
from schemas.stations import Station

Passing = tuple[int, Station, str, bool]
"""Second, station, ``exit`` or ``entry``, whether documents are checked there."""

_REST_AFTER_KM: Final = 150
_RESTS: Final = 0.5
_SLOWEST_LORRY_KMH: Final = 60.0
_FASTEST_LORRY_KMH: Final = 85.0


def drive(chance: Random, route: Route, leaves: int, *, lorry: bool = False) -> Iterator[Passing]:
    """Return both sides of every crossing, the first passed at `leaves`.

    Between crossings the road is driven at 60 to 110 km/h (lorries to 85), with a rest of 10 to 60 minutes on
    half of the stretches over 150 km; between exit and entry lie 1 to 8 minutes where nobody is checked,
    else 3 to 30, and for lorries 10 to 90.
    """
    slowest, fastest = (_SLOWEST_LORRY_KMH, _FASTEST_LORRY_KMH) if lorry else (SLOWEST_KMH, FASTEST_KMH)
    second = leaves
    for one in route:
        if one.km:
            second += travel_seconds(one.km, slowest + chance.random() * (fastest - slowest))
            if one.km > _REST_AFTER_KM and chance.random() < _RESTS:
                second += int((10 + chance.random() * 50) * MINUTE)
        yield second, one.leaves, "exit", one.checked
        second += _wait(chance, checked=one.checked, lorry=lorry)
        yield second, one.enters, "entry", one.checked


def _wait(chance: Random, *, checked: bool, lorry: bool) -> int:
    shortest, longest = (10, 90) if checked and lorry else (3, 30) if checked else (1, 8)
    return int((shortest + (longest - shortest) * chance.random() ** 2) * MINUTE)
