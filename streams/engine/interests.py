"""What the watch looks out for: keys of vehicles and persons of interest, and when a sighting of them matters.

The watch only passes on what could matter, and the case book decides. So an interest may reach further than
the rules do, and never less far.
"""

from collections.abc import Iterator
from datetime import datetime
from typing import Annotated, Literal

from pydantic import Field

from schemas.events import Incident
from schemas.fields import Instant, Strict
from schemas.messages import CaseMessage
from schemas.watchlist import WatchlistEntry
from streams.engine.roles import is_of_interest, makes_of_interest, may_be_suspected
from streams.engine.watchlist import Watchlist
from streams.matching import persons, vehicles
from streams.rules import Rules

ENTRY = "entry/"


class Interest(Strict):
    """Keys that matter in sightings between two times, documents at any time; nothing where it has ended."""

    type: Literal["interest"] = "interest"
    id: Annotated[str, Field(min_length=1)]
    exercise: bool
    keys: tuple[str, ...] = ()
    begins_at: Instant | None = None
    ends_at: Instant | None = None
    documents: tuple[str, ...] = ()

    @property
    def has_ended(self) -> bool:
        """Whether there is nothing left to look out for."""
        return not (self.keys or self.documents)

    def covers(self, keys: frozenset[str], occurred_at: datetime) -> bool:
        """Whether a sighting with these keys at this time could matter."""
        if not keys.isdisjoint(self.documents):
            return True
        if keys.isdisjoint(self.keys):
            return False
        begins, ends = self.begins_at, self.ends_at
        return (begins is None or begins <= occurred_at) and (ends is None or occurred_at <= ends)


def of_incident(report: Incident, rules: Rules) -> Iterator[Interest]:
    """Return whom and what an incident makes of interest, if anybody: nobody who is protected."""
    if not makes_of_interest(report):
        return
    plates = {
        key
        for position, vehicle in enumerate(report.vehicles)
        if is_of_interest(report, position)
        for key in vehicles.lookup_keys(vehicle)
    }
    if plates:
        ends_at = report.occurred_at + rules.known_vehicle_sighted.window
        yield _interest(f"{report.id}/vehicles", report, plates, ends_at)
    today = report.occurred_at.date()
    facts = [persons.facts_of(person, today=today) for person in report.persons if may_be_suspected(person)]
    keys = {key for one in facts for key in persons.lookup_keys(one)}
    if keys:
        ends_at = report.occurred_at + rules.known_person_sighted.window
        documents = {key for one in facts for key in persons.document_keys(one)}
        yield _interest(f"{report.id}/persons", report, keys, ends_at, documents)


def of_entry(change: WatchlistEntry, watchlist: Watchlist) -> Interest:
    """Return what an entry asks to look out for, as it stands now."""
    standing = watchlist.standing(change.key)
    name = f"{ENTRY}{change.key}"
    if standing is None:
        return Interest(id=name, exercise=change.exercise)
    documents = persons.document_keys(standing.person) if standing.person else ()
    return Interest(
        id=name,
        exercise=change.exercise,
        keys=tuple(sorted(standing.keys)),
        begins_at=standing.upsert.valid_from,
        ends_at=standing.ends_at,
        documents=tuple(sorted(documents)),
    )


def ended(event: CaseMessage) -> Iterator[Interest]:
    """Return the end of what an incident made of interest, once it is forgotten."""
    if isinstance(event, Incident):
        for part in ("vehicles", "persons"):
            yield Interest(id=f"{event.id}/{part}", exercise=event.exercise)


def _interest(
    name: str, report: Incident, keys: set[str], ends_at: datetime, documents: set[str] | frozenset[str] = frozenset()
) -> Interest:
    return Interest(
        id=name,
        exercise=report.exercise,
        keys=tuple(sorted(keys)),
        begins_at=report.occurred_at,
        ends_at=ends_at,
        documents=tuple(sorted(documents)),
    )
