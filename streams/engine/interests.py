"""What the watch looks out for: keys of vehicles and persons of interest, and when a sighting of them matters.

The watch only passes on what could matter, and the case book decides. So an interest may reach further than
the rules do, and never less far.
"""

import hashlib
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from typing import Annotated, Literal

from pydantic import Field

from schemas.events import Incident
from schemas.fields import Instant, Strict
from streams.engine.watchlist import Standing
from streams.matching import persons, vehicles
from streams.matching.persons import Facts
from streams.matching.vehicles import Reading


class Interest(Strict):
    """Keys that matter in sightings between two times, documents at any time; nothing where it has ended.

    Whom a vehicle met matters at any time too: `subject` names the vehicle, whichever way it was read.
    `place` is one whose traffic matters.
    """

    type: Literal["interest"] = "interest"
    id: Annotated[str, Field(min_length=1)]
    exercise: bool
    keys: tuple[str, ...] = ()
    begins_at: Instant | None = None
    ends_at: Instant | None = None
    documents: tuple[str, ...] = ()
    subject: str | None = None
    place: str | None = None

    @property
    def has_ended(self) -> bool:
        """Whether there is nothing left to look out for."""
        return not (self.keys or self.documents or self.place)

    def covers(self, met: frozenset[str], occurred_at: datetime) -> bool:
        """Whether a sighting whose keys are `met_by` these could matter at this time."""
        if not met.isdisjoint(self.documents):
            return True
        if met.isdisjoint(self.keys):
            return False
        begins, ends = self.begins_at, self.ends_at
        return (begins is None or begins <= occurred_at) and (ends is None or occurred_at <= ends)


def of_vehicle(
    reading: Reading, vehicle: Iterable[Reading], reports: Iterable[Incident], window: timedelta, *, exercise: bool
) -> Interest:
    """Return what to look out for of a vehicle by this reading, one of several that link.

    It begins with the vehicle's first incident and ends a window after its last.
    """
    times = [report.occurred_at for report in reports]
    return Interest(
        id=f"vehicle/{_digest(reading)}",
        exercise=exercise,
        keys=tuple(sorted(vehicles.lookup_keys(reading))),
        begins_at=min(times),
        ends_at=max(times) + window,
        subject=min(map(_digest, vehicle)),
    )


def of_traffic(vehicle: Iterable[Reading], place: str, *, exercise: bool) -> Interest:
    """Return that it matters how busy a place is, where a vehicle met others."""
    return Interest(id=f"traffic/{min(map(_digest, vehicle))}/{place}", exercise=exercise, place=place)


def of_person(facts: Facts, reports: Iterable[Incident], window: timedelta, *, exercise: bool) -> Interest:
    """Return what to look out for of a person by these facts, whatever links the reports of them."""
    times = [report.occurred_at for report in reports]
    keys = tuple(sorted(persons.lookup_keys(facts)))
    return Interest(
        id=f"person/{_digest(facts)}",
        exercise=exercise,
        keys=keys,
        begins_at=min(times),
        ends_at=max(times) + window,
        documents=tuple(sorted(persons.document_keys(facts))),
    )


def of_document(document: str, *, exercise: bool) -> Interest:
    """Return what to look out for of a document that somebody in an incident held: another holder, at any time."""
    keys = persons.document_keys(Facts(frozenset({document})))
    identity = hashlib.sha256(document.encode()).hexdigest()[:20]
    return Interest(id=f"document/{identity}", exercise=exercise, documents=tuple(keys))


def of_entry(standing: Standing) -> Interest:
    """Return what an entry of the watchlist asks to look out for."""
    upsert = standing.upsert
    return Interest(
        id=f"entry/{upsert.key}",
        exercise=upsert.exercise,
        keys=tuple(sorted(standing.keys)),
        begins_at=upsert.valid_from,
        ends_at=standing.ends_at,
        documents=tuple(sorted(persons.document_keys(standing.person) if standing.person else ())),
    )


def joined(several: Iterable[Interest]) -> Iterator[Interest]:
    """Return what to look out for where each of several audiences needs something of its own."""
    found: dict[tuple[bool, str], Interest] = {}
    for one in several:
        other = found.setdefault((one.exercise, one.id), one)
        if other != one:
            begins = one.begins_at and other.begins_at and min(one.begins_at, other.begins_at)
            ends = one.ends_at and other.ends_at and max(one.ends_at, other.ends_at)
            found[one.exercise, one.id] = other.model_copy(
                update={
                    "keys": tuple(sorted({*other.keys, *one.keys})),
                    "documents": tuple(sorted({*other.documents, *one.documents})),
                    "begins_at": begins,
                    "ends_at": ends,
                }
            )
    yield from found.values()


def changes(before: Iterable[Interest], after: Iterable[Interest]) -> Iterator[Interest]:
    """Return what to tell the watch: what is new or reaches otherwise, and what has ended."""
    was = {(one.exercise, one.id): one for one in before}
    now = {(one.exercise, one.id): one for one in after}
    for exercise, identity in sorted(was.keys() | now.keys()):
        one = now.get((exercise, identity)) or Interest(id=identity, exercise=exercise)
        if one != was.get((exercise, identity)):
            yield one


def _digest(identity: Facts | Reading) -> str:
    return hashlib.sha256(repr(identity).encode()).hexdigest()[:20]
