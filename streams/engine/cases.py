"""What evidence is made of: incidents and passages, and a subject's part in one of them."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Generic, TypeVar

from schemas.events import Incident, Sighting
from schemas.plates import PlateKey
from schemas.subjects import Person, Vehicle
from streams.engine.incidents import ResolvedIncident
from streams.matching.clusters import Marks


@dataclass(frozen=True, slots=True)
class Passage:
    """A sighting that was accepted."""

    report: Sighting
    ingested_at: datetime
    marks: Mapping[str, Marks] = field(default_factory=dict)
    """Under which names verdicts know its subjects, by position."""

    @property
    def group(self) -> frozenset[str]:
        """All ids that belong to it."""
        return frozenset({self.report.id})

    @property
    def evidence(self) -> tuple[str, ...]:
        """The ids it rests on."""
        return (self.report.id,)

    @property
    def sort_key(self) -> tuple[datetime, str]:
        """Earliest first, the event id deciding between equals."""
        return self.report.occurred_at, self.report.id


Case = ResolvedIncident | Passage
CaseT_co = TypeVar("CaseT_co", ResolvedIncident, Passage, ResolvedIncident | Passage, covariant=True)


@dataclass(frozen=True, slots=True)
class Part(Generic[CaseT_co]):
    """A subject's part in a case: the positions at which the report names it, in order."""

    case: CaseT_co
    positions: tuple[str, ...]


def alone(report: Incident | Sighting) -> Case:
    """Return a report as a case of its own, whatever it is linked with."""
    if isinstance(report, Sighting):
        return Passage(report, report.occurred_at)
    return ResolvedIncident(report, (report.id,), frozenset({report.id}), report.occurred_at)


def vehicles_in(case: Case) -> Iterator[tuple[str, Vehicle]]:
    """Return each vehicle of a report with its position."""
    if isinstance(case, Passage):
        if case.report.vehicle is not None:
            yield "vehicle", case.report.vehicle
    else:
        yield from ((f"vehicles/{number}", vehicle) for number, vehicle in enumerate(case.report.vehicles))


def persons_in(case: Case) -> Iterator[tuple[str, Person]]:
    """Return each person of a report with their position."""
    return ((f"persons/{number}", person) for number, person in enumerate(case.report.persons))


def plates_in(case: Case) -> set[PlateKey]:
    """Return the vehicles of a report whose country is known."""
    return {vehicle.key for _, vehicle in vehicles_in(case) if vehicle.key is not None}


def place_of(position: str) -> int:
    """Return where a position stands among those of its list, for sorting."""
    return int(position.partition("/")[2] or 0)
