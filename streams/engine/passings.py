"""The times at which each plate was read at each place, to find two that nobody drives between."""

from bisect import bisect_left, bisect_right, insort
from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta

from schemas.plates import PlateKey
from schemas.stations import Station
from streams.rules import JourneyRules
from streams.typologies.journeys import soonest

Time = tuple[datetime, str]
Places = dict[str, tuple[Station, list[Time]]]
Here = tuple[bool, PlateKey, str]
Reading = tuple[PlateKey, Station, Time, bool]
"""A plate, where and when it was read, and whether in an exercise."""


class Passings:
    """Readings by plate and place, those that are in no impossible journey yet apart.

    A new reading is compared with what lies close to it in time; those that were found before are only asked
    whether there is one, so that a plate that is read a thousand times costs no million comparisons.
    """

    def __init__(self, rules: JourneyRules) -> None:
        self._rules = rules
        self._all: dict[tuple[bool, PlateKey], Places] = defaultdict(dict)
        self._unfound: dict[Here, list[Time]] = defaultdict(list)

    def add(self, plate: PlateKey, station: Station, time: Time, *, exercise: bool) -> list[str]:
        """Take in a reading; return the ids that are in an impossible journey because of it."""
        places = self._all[exercise, plate]
        here, moment = (exercise, plate, station.place), time[0]
        found = sorted(self._close_to(places, here, station, moment))
        _, times = places.setdefault(station.place, (station, []))
        insort(times, time)
        if not found:
            insort(self._unfound[here], time)
            return []
        return [*filter(None, found), time[1]]

    def judge_by(self, rules: JourneyRules, readings: Iterable[Reading]) -> list[str]:
        """Judge by other rules from now on; return the ids of these readings, all there are, that matter by them."""
        if rules == self._rules:
            return []
        self._rules = rules
        self._all.clear()
        self._unfound.clear()
        return [
            name
            for plate, station, time, exercise in readings
            for name in self.add(plate, station, time, exercise=exercise)
        ]

    def remove(self, plate: PlateKey, place: str, time: Time, *, exercise: bool) -> None:
        """Forget a reading."""
        places = self._all[exercise, plate]
        places[place][1].remove(time)
        if not places[place][1]:
            del places[place]
        if not places:
            del self._all[exercise, plate]
        unfound = self._unfound.get((exercise, plate, place), [])
        if time in unfound:
            unfound.remove(time)
        if not unfound:
            self._unfound.pop((exercise, plate, place), None)

    def at(self, plate: PlateKey, place: str, *, exercise: bool) -> list[str]:
        """Return the ids of a plate's readings at a place."""
        _, times = self._all.get((exercise, plate), {}).get(place, (None, []))
        return [name for _, name in times]

    def _close_to(self, places: Places, here: Here, station: Station, moment: datetime) -> Iterator[str]:
        """Return what is newly found with this reading, and "" for what was found before."""
        for place, (other, times) in places.items():
            limit = soonest(station, other, self._rules)
            if not limit or not _within(times, moment, limit):
                continue
            yield ""
            unfound = self._unfound.get((*here[:2], place), [])
            begin, end = _range(unfound, moment, limit)
            new = unfound[begin:end]
            del unfound[begin:end]
            yield from (name for _, name in new)


def _within(times: list[Time], moment: datetime, limit: timedelta) -> bool:
    begin, end = _range(times, moment, limit)
    return begin < end


def _range(times: list[Time], moment: datetime, limit: timedelta) -> tuple[int, int]:
    """Return where the readings lie that are less than `limit` away."""
    begin = bisect_right(times, moment - limit, key=_moment)
    return begin, bisect_left(times, moment + limit, key=_moment)


def _moment(time: Time) -> datetime:
    return time[0]
