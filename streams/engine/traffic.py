"""The vehicles that reports name, by country and plate, with their part in each."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator

from schemas.events import Incident
from schemas.plates import PlateKey
from streams.engine.cases import Case, Part, Passage, plates_in, vehicles_in
from streams.engine.incidents import ResolvedIncident

Counts = Callable[[Incident, int], bool]
"""Whether the vehicle at this place of the report's list counts."""


class Vehicles:
    """The vehicles of real reports, or of an exercise's."""

    def __init__(self) -> None:
        self._cases: dict[PlateKey, dict[str, Case]] = defaultdict(dict)

    def add(self, case: Case) -> None:
        """Remember the vehicles of a report."""
        for key in plates_in(case):
            self._cases[key][case.report.id] = case

    def remove(self, case: Case) -> None:
        """Forget them."""
        for key in plates_in(case):
            del self._cases[key][case.report.id]
            if not self._cases[key]:
                del self._cases[key]

    def cases(self, key: PlateKey) -> Iterable[Case]:
        """Return every report that names the vehicle."""
        return self._cases.get(key, {}).values()

    def appearances(self, key: PlateKey) -> Iterator[tuple[str, str]]:
        """Return each event and position at which the vehicle is named."""
        return ((case.report.id, position) for case in self.cases(key) for position in positions_of(case, key))

    def incidents(self, key: PlateKey, counts: Counts) -> Iterator[Part[ResolvedIncident]]:
        """Return the incidents in which the vehicle's part counts."""
        for case in self.cases(key):
            if isinstance(case, ResolvedIncident):
                positions = tuple(
                    position
                    for number, position in enumerate(position for position, _ in vehicles_in(case))
                    if case.report.vehicles[number].key == key and counts(case.report, number)
                )
                if positions:
                    yield Part(case, positions)

    def passages(self, key: PlateKey) -> Iterator[Part[Passage]]:
        """Return the sightings of the vehicle."""
        return (Part(case, positions_of(case, key)) for case in self.cases(key) if isinstance(case, Passage))


def positions_of(case: Case, key: PlateKey) -> tuple[str, ...]:
    """Return where a report names the vehicle."""
    return tuple(position for position, vehicle in vehicles_in(case) if vehicle.key == key)
