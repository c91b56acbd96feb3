"""An alert on a person, and who is possibly the same: shared by the tests of who is shown and who is not."""

from typing import Any

from factory import a_person, an_incident, at
from offline_rig import standing

PERSON, HIT, SIGHTED = "repeat_person", "watchlist_hit", "known_person_sighted"
NAMES = {"family_name": "Xhaferi", "given_names": "Agron"}
AGRON = {**NAMES, "birth_date": "1985-04-12"}
ALIKE = {**NAMES, "birth_date": "1985"}
Said = dict[str, Any]


def crime(identity: str, days: float = 0, person: Said | None = None, **more: Any) -> Said:
    fields = {"kind": "irregular_crossing", "persons": [a_person(**AGRON) if person is None else person], **more}
    return an_incident(id=identity, occurred_at=at(days), **fields)


def notes(*events: Said, kind: str = PERSON, of: str = "A-1") -> tuple[str, ...]:
    """Return the notes of the alert of this kind that rests on an event."""
    (alert,) = (alert for alert in standing(kind, *events) if of in alert.evidence)
    return alert.quality_notes


def possibly(event: str, day: int, agreement: str, originator: str = "SI") -> str:
    return f"Possibly the same person as in report {event} ({originator}, {day} May 2026): {agreement}; not linked."


TWICE = [crime("A-1"), crime("B-1", 3, station="SI-GRU")]
YEAR = "family name equal; given name equal; year of birth equal"
NOTE = possibly("C-1", 2, YEAR)


def alike(person: Said | None = None, days: float = 1, identity: str = "C-1", **more: Any) -> Said:
    return crime(identity, days, a_person(**(ALIKE if person is None else person)), **more)
