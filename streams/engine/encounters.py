"""Which vehicles passed a place in the same direction, minutes apart, and what else is known of traffic there."""

from bisect import bisect_left, bisect_right, insort
from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from itertools import pairwise

from schemas.events import Sighting
from schemas.plates import PlateKey
from schemas.subjects import Vehicle
from streams.engine.background import Background
from streams.engine.cases import Case, Part, Passage
from streams.matching.misreads import Likeness, likeness
from streams.rules import ConvoyRules
from streams.typologies.convoys import Meeting, could_be_one

Way = tuple[str, str]
"""A place, and whither (`heading`)."""

Time = tuple[datetime, str]


def heading(report: Sighting) -> str:
    """Return whither a vehicle passed: leaving one country by a crossing is entering the other."""
    if report.direction == "entry":
        return f"into {report.at.country}"
    if report.direction == "exit":
        return f"into {report.at.other_country}"
    return report.direction or ""


def drives(vehicle: Vehicle) -> bool:
    """Whether a vehicle can be a companion: not a trailer, which is drawn, and none that is on duty or a bus line."""
    return vehicle.category != "trailer" and vehicle.involvement in {None, "used", "stolen"}


def is_companion(plate: PlateKey, of: Iterable[PlateKey]) -> bool:
    """Whether a plate is of another vehicle, not of the same one misread."""
    return all(likeness(plate.plate, own.plate) is Likeness.OTHER for own in of)


def could_be_in_one(passages: Iterable[Passage], rules: ConvoyRules, *, spare: timedelta = timedelta(0)) -> bool:
    """Whether a vehicle's passages suffice for a convoy, were each of them up to half of `spare` sooner or later."""
    reports = [passage.report for passage in passages]
    times = [report.occurred_at for report in reports]
    places = {report.at.place for report in reports}
    return bool(times) and could_be_one(len(places), max(times) - min(times) + spare, rules)


class Encounters:
    """The passages that the case book holds, of real reports or of an exercise's, by place and time."""

    def __init__(self) -> None:
        self._times: dict[Way, list[Time]] = defaultdict(list)
        self._passages: dict[str, Passage] = {}
        self._of: dict[PlateKey, dict[str, dict[str, Passage]]] = defaultdict(lambda: defaultdict(dict))
        """By plate, place and id."""
        self._background: dict[str, Background] = {}

    def add(self, case: Case) -> None:
        """Remember a passage."""
        if isinstance(case, Passage) and case.report.vehicle:
            insort(self._times[_way(case)], case.sort_key)
            self._passages[case.report.id] = case
            if key := case.report.vehicle.key:
                self._of[key][case.report.at.place][case.report.id] = case

    def remove(self, case: Case) -> None:
        """Forget it."""
        if isinstance(case, Passage) and case.report.vehicle:
            times = self._times[_way(case)]
            del times[bisect_left(times, case.sort_key)]
            if not times:
                del self._times[_way(case)]
            del self._passages[case.report.id]
            if key := case.report.vehicle.key:
                at_place = self._of[key][case.report.at.place]
                del at_place[case.report.id]
                if not at_place:
                    del self._of[key][case.report.at.place]
                if not self._of[key]:
                    del self._of[key]

    def learn(self, background: Background) -> None:
        """Take in how the traffic of a place is spread now."""
        self._background[background.place] = background

    def share(self, place: str, moment: datetime) -> float | None:
        """Return the share of a place's passages in the moment's hour of the week; None if it is not known yet."""
        background = self._background.get(place)
        return background.share(moment) if background else None

    def passages(self, vehicle: PlateKey, place: str) -> int:
        """Return how often a vehicle passed a place."""
        return len(self._of.get(vehicle, {}).get(place, ()))

    def of_its_plate(self, passage: Passage) -> list[Passage]:
        """Return the passages of a plate, this one among them, whether it is held or not; none where it is unread."""
        key = passage.report.vehicle.key if passage.report.vehicle else None
        if key is None:
            return []
        held = {name: one for there in self._of.get(key, {}).values() for name, one in there.items()}
        return list({**held, passage.report.id: passage}.values())

    def close(self, place: str, gap: timedelta) -> Iterator[Passage]:
        """Return what passed a place at most so long before or after something else that is held here."""
        for way in [way for way in self._times if way[0] == place]:
            times = self._times[way]
            pairs = [pair for pair in pairwise(times) if pair[1][0] - pair[0][0] <= gap]
            yield from (self._passages[name] for name in {name for pair in pairs for _, name in pair})

    def beside(self, passage: Passage, gap: timedelta) -> Iterator[Passage]:
        """Return what passed the same way at most so long before or after."""
        times = self._times.get(_way(passage), [])
        begin = bisect_left(times, passage.report.occurred_at - gap, key=_moment)
        end = bisect_right(times, passage.report.occurred_at + gap, key=_moment)
        return (self._passages[name] for _, name in times[begin:end] if name != passage.report.id)

    def met(self, parts: Iterable[Part[Passage]], gap: timedelta) -> dict[PlateKey, list[Meeting]]:
        """Return every meeting of a vehicle, which passed so, with others, by the other's plate."""
        own = list(parts)
        plates = {key for part in own if part.case.report.vehicle and (key := part.case.report.vehicle.key)}
        met: dict[PlateKey, list[Meeting]] = defaultdict(list)
        for part in own:
            for other in self.beside(part.case, gap):
                vehicle = other.report.vehicle
                if vehicle and vehicle.key and drives(vehicle):
                    met[vehicle.key].append(Meeting(part, Part(other, ("vehicle",))))
        return {plate: meetings for plate, meetings in met.items() if is_companion(plate, plates)}


def _way(passage: Passage) -> Way:
    return passage.report.at.place, heading(passage.report)


def _moment(time: Time) -> datetime:
    return time[0]
