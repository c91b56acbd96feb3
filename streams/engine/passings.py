"""The times at which each plate was read at each place, to find two that nobody drives between."""

from bisect import bisect_left, bisect_right, insort
from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta

from schemas.events import Sighting
from schemas.plates import PlateKey
from schemas.stations import Station
from streams.rules import JourneyRules
from streams.typologies.journeys import soonest

Time = tuple[datetime, str]


class Passings:
    """Readings by plate and place, those that are in no impossible journey yet apart.

    A new reading is compared with what lies close to it in time; those that were found before are only asked
    whether there is one, so that a plate that is read a thousand times costs no million comparisons.
    """

    def __init__(self, rules: JourneyRules) -> None:
        self._rules = rules
        self._all: dict[tuple[bool, PlateKey], dict[str, tuple[Station, list[Time]]]] = defaultdict(dict)
        self._unfound: dict[tuple[bool, PlateKey, str], list[Time]] = defaultdict(list)

    def add(self, report: Sighting) -> list[str]:
        """Take in a reading; return the ids that are in an impossible journey because of it."""
        plate = report.vehicle.key if report.vehicle else None
        if plate is None:
            return []
        found = sorted(self._close_to(report, plate))
        time = (report.occurred_at, report.id)
        _, times = self._all[report.exercise, plate].setdefault(report.at.place, (report.at, []))
        insort(times, time)
        if not found:
            insort(self._unfound[report.exercise, plate, report.at.place], time)
            return []
        return [*filter(None, found), report.id]

    def judge_by(self, rules: JourneyRules, readings: Iterable[Sighting]) -> list[str]:
        """Judge by other rules from now on; return the ids of these readings, all there are, that matter by them."""
        if rules == self._rules:
            return []
        self._rules = rules
        self._all.clear()
        self._unfound.clear()
        return [name for report in readings for name in self.add(report)]

    def remove(self, report: Sighting) -> None:
        """Forget a reading."""
        plate = report.vehicle.key if report.vehicle else None
        if plate is None:
            return
        time, place = (report.occurred_at, report.id), report.at.place
        places = self._all[report.exercise, plate]
        places[place][1].remove(time)
        if not places[place][1]:
            del places[place]
        if not places:
            del self._all[report.exercise, plate]
        unfound = self._unfound.get((report.exercise, plate, place), [])
        if time in unfound:
            unfound.remove(time)
        if not unfound:
            self._unfound.pop((report.exercise, plate, place), None)

    def at(self, plate: PlateKey, place: str, *, exercise: bool) -> list[str]:
        """Return the ids of a plate's readings at a place."""
        _, times = self._all.get((exercise, plate), {}).get(place, (None, []))
        return [name for _, name in times]

    def _close_to(self, report: Sighting, plate: PlateKey) -> Iterator[str]:
        """Return what is newly found with this reading, and "" for what was found before."""
        for place, (station, times) in self._all.get((report.exercise, plate), {}).items():
            limit = soonest(report.at, station, self._rules)
            if not limit:
                continue
            if not _within(times, report.occurred_at, limit):
                continue
            yield ""
            unfound = self._unfound.get((report.exercise, plate, place), [])
            begin, end = _range(unfound, report.occurred_at, limit)
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
