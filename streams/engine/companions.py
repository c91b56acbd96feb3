"""Who met a vehicle of interest so often that the case book must judge whether they travel together.

The watch passes on no passage of an ordinary vehicle for one meeting: only where the places and the journeys
suffice for a convoy, and then all its passages at those places, because how often it is there counts for it.
"""

from collections import defaultdict
from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import pairwise

from schemas.plates import PlateKey
from streams.engine.retention import Ages
from streams.engine.roadside import Met
from streams.rules import ConvoyRules

Plate = tuple[bool, PlateKey]


class Companions:
    """The meetings of the vehicles of one partition with vehicles of interest."""

    def __init__(self, rules: ConvoyRules) -> None:
        self._rules = rules
        self._met: dict[Plate, dict[str, dict[str, Met]]] = defaultdict(lambda: defaultdict(dict))
        self._by_name: dict[str, Met] = {}
        self._ages = Ages()

    def meet(self, met: Met) -> list[Met]:
        """Take in a meeting; return the meetings of that pair if they suffice now, none where nothing is new."""
        if name_of(met) in self._by_name:
            return []
        self._by_name[name_of(met)] = met
        self._ages.add(met.ingested_at, name_of(met).encode())
        together = self._met[met.exercise, met.other][met.subject]
        together[met.own] = met
        return list(together.values()) if self._suffice(together) else []

    def judge_by(self, rules: ConvoyRules) -> list[list[Met]]:
        """Judge by other rules from now on; return the meetings of each pair that suffice by them."""
        self._rules = rules
        pairs = (together for by_subject in self._met.values() for together in by_subject.values())
        return [list(together.values()) for together in pairs if self._suffice(together)]

    def places(self, plate: PlateKey, *, exercise: bool) -> set[str]:
        """Return at which places a vehicle's passages matter."""
        several = self._met.get((exercise, plate), {})
        return {met.place for together in several.values() if self._suffice(together) for met in together.values()}

    def forget(self, ingested_at: datetime, kept: timedelta) -> Iterator[str]:
        """Forget the meetings that are too old when something of this time of intake comes; return their names."""
        for entry in self._ages.expired(ingested_at, kept):
            name = entry.decode()
            met = self._by_name.pop(name)
            plate = met.exercise, met.other
            del self._met[plate][met.subject][met.own]
            if not self._met[plate][met.subject]:
                del self._met[plate][met.subject]
            if not self._met[plate]:
                del self._met[plate]
            yield name

    def _suffice(self, together: dict[str, Met]) -> bool:
        if len({met.place for met in together.values()}) < self._rules.least_places:
            return False
        times = sorted(met.own_at for met in together.values())
        journeys = 1 + sum(after - before >= self._rules.apart for before, after in pairwise(times))
        return journeys >= self._rules.least_journeys


def name_of(met: Met) -> str:
    """Return what tells a meeting from others."""
    return f"{met.other}/{met.subject}/{met.own}"
