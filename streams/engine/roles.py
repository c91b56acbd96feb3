"""Who may be suspected, and which vehicle counts: by the part that a report gives them, never by who they are.

Directive (EU) 2016/680 Art. 6 keeps suspects, victims and witnesses apart; so does everything here. Whoever
is smuggled, a victim or a witness is in no index, reason or label.
"""

from typing import Final

from schemas.events import Incident
from schemas.subjects import Person

_SUSPECTED_ROLES: Final = {"driver", "organiser", "guide"}
_SUSPECTED_STATUSES: Final = {"suspect", "convicted"}
_PROTECTED_STATUSES: Final = {"victim", "witness"}


def is_protected(person: Person) -> bool:
    """Whether the report gives this person a part that is never held against anybody."""
    return person.role == "smuggled" or person.status in _PROTECTED_STATUSES


def may_be_suspected(person: Person) -> bool:
    """Whether an incident gives this person a part that makes them of interest."""
    suspected = person.role in _SUSPECTED_ROLES or person.status in _SUSPECTED_STATUSES
    return suspected and not is_protected(person)


def makes_of_interest(report: Incident) -> bool:
    """Whether an incident of this kind makes its subjects of interest; being returned does not."""
    return report.kind != "return_or_readmission"


def is_of_interest(report: Incident, position: int) -> bool:
    """Whether a vehicle's part in the report makes it one to look out for."""
    return makes_of_interest(report) and report.involvement_of(report.vehicles[position]) in {"used", "stolen"}


def counts_for_repeats(report: Incident, position: int) -> bool:
    """Whether a vehicle's part in the report can make it a repeating vehicle."""
    return makes_of_interest(report) and report.involvement_of(report.vehicles[position]) == "used"
