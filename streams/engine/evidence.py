"""What an alert rests on, as far as every kind of alert needs it, whatever it was made from."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Literal

from schemas.alerts import Occurrence
from schemas.danger import Danger
from schemas.feedback import Bulletin
from schemas.fields import Evaluation, HandlingCode
from schemas.messages import Stamped
from schemas.stations import Station, station
from schemas.watchlist import WatchlistEntry
from streams.engine.cases import Case, Passage
from streams.engine.incidents import ResolvedIncident
from streams.engine.quality import QualityNote, notes_on

LATE: Final = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Evidence:
    """One piece of evidence: the event ids that it is, and the reports that it replaced (`group`, itself included).

    A machine's read has no evaluation and no handling code of its own; `originators` are whose information it is.
    """

    type: Literal["incident", "sighting", "watchlist_entry", "bulletin"]
    ids: tuple[str, ...]
    group: frozenset[str]
    occurred_at: datetime
    occurrence: Occurrence | None
    handling: HandlingCode | None
    originators: tuple[str, ...]
    evaluation: Evaluation | None
    life_at_risk: bool = False
    notes: tuple[QualityNote, ...] = ()

    @property
    def sort_key(self) -> tuple[datetime, str]:
        """Earliest first, the event id deciding between equals."""
        return self.occurred_at, self.occurrence.event if self.occurrence else self.ids[0]


def of_case(case: Case) -> Evidence:
    """Return an incident or a passage as evidence."""
    return of_passage(case) if isinstance(case, Passage) else of_incident(case)


def of_passage(passage: Passage) -> Evidence:
    """Return an accepted sighting as evidence."""
    report = passage.report
    return Evidence(
        type="sighting",
        ids=passage.evidence,
        group=frozenset(passage.evidence),
        occurred_at=report.occurred_at,
        occurrence=Occurrence(
            event=report.id,
            type="sighting",
            station=report.station,
            country=report.at.country,
            occurred_at=report.occurred_at,
            direction=report.direction,
            late=passage.ingested_at - report.occurred_at > LATE,
        ),
        handling=None,
        originators=(report.at.country,),
        evaluation=None,
        notes=tuple(notes_on(report)),
    )


def of_entry(upsert: WatchlistEntry) -> Evidence:
    """Return an entry of the watchlist as evidence: it says whose information it is, and how to handle it."""
    return Evidence(
        type="watchlist_entry",
        ids=(upsert.id,),
        group=frozenset({upsert.id}),
        occurred_at=upsert.at,
        occurrence=None,
        handling=upsert.handling,
        originators=(upsert.originator,),
        evaluation=None,
    )


def of_bulletin(bulletin: Bulletin) -> Evidence:
    """Return a contact point's word as evidence: of itself, not of what it refers to."""
    return Evidence(
        type="bulletin",
        ids=(bulletin.id,),
        group=frozenset({bulletin.id}),
        occurred_at=bulletin.at,
        occurrence=None,
        handling=bulletin.handling,
        originators=(bulletin.originator,),
        evaluation=bulletin.evaluation,
    )


def of_incident(incident: ResolvedIncident) -> Evidence:
    """Return an accepted incident as evidence."""
    report = incident.report
    return Evidence(
        type="incident",
        ids=incident.evidence,
        group=incident.group,
        occurred_at=report.occurred_at,
        occurrence=Occurrence(
            event=report.id,
            type="incident",
            station=report.station,
            country=report.at.country,
            occurred_at=report.occurred_at,
            direction=report.direction,
            late=incident.ingested_at - report.occurred_at > LATE,
        ),
        handling=report.handling,
        originators=(report.originated_by,),
        evaluation=report.evaluation,
        life_at_risk=report.is_life_at_risk,
        notes=incident.notes,
    )


def of_danger(stamped: Stamped[Danger]) -> Evidence:
    """Return what could be read of a refused message as evidence."""
    danger = stamped.event
    occurred_at = danger.occurred_at or stamped.ingested_at
    notes = [QualityNote.UNVERIFIED_FORM]
    if danger.occurred_at is None:
        notes.append(QualityNote.TIME_UNREADABLE)
    place = station(danger.station) if danger.station else None
    if place is None:
        notes.append(QualityNote.PLACE_UNREADABLE)
    originator = danger.originator or (place.country if place else None)
    return Evidence(
        type="incident",
        ids=(danger.id,),
        group=frozenset({danger.id}),
        occurred_at=occurred_at,
        occurrence=_occurrence(stamped, place, occurred_at) if place else None,
        handling=danger.handling,
        originators=(originator,) if originator else (),
        evaluation=Evaluation(),
        life_at_risk=True,
        notes=tuple(notes),
    )


def _occurrence(stamped: Stamped[Danger], place: Station, occurred_at: datetime) -> Occurrence:
    return Occurrence(
        event=stamped.event.id,
        type="incident",
        station=place.code,
        country=place.country,
        occurred_at=occurred_at,
        direction=stamped.event.direction,
        late=stamped.ingested_at - occurred_at > LATE,
    )
