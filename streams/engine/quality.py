"""What is odd about a report without being wrong enough to refuse it: told in the alert, never scored."""

from collections.abc import Iterator
from enum import StrEnum

from schemas import plates
from schemas.events import Incident, Sighting
from schemas.readings import read_person


class QualityNote(StrEnum):
    """The text that stands in the alert, where it is always the same."""

    FOREIGN_UPDATE = "an update names another station's incident and was not applied"
    MRZ_NOT_USED = "a machine readable zone is misread (form or check digit) and was not used"
    UNUSUAL_PLATE = "a plate does not look like its country's: personalised, foreign or misread"
    PLATE_OF_TWO_VEHICLES = "the plate was reported with two vehicle identification numbers: cloned or re-issued"
    TOO_MANY_ALIKE = "too many are described alike to list all who are possibly the same person"
    UNVERIFIED_FORM = "unverified form: the report was refused, only place, time, vehicles and counts were read"
    TIME_UNREADABLE = "unverified form: the time of occurrence could not be read, the time of intake stands for it"
    PLACE_UNREADABLE = "unverified form: the station could not be read"


def notes_on(report: Incident | Sighting) -> Iterator[QualityNote]:
    """Return what is odd about a report taken by itself."""
    today = report.occurred_at.date()
    if any(read_person(person, today=today).misread for person in report.persons):
        yield QualityNote.MRZ_NOT_USED
    vehicles = report.vehicles if isinstance(report, Incident) else filter(None, (report.vehicle,))
    if any(
        vehicle.plate_country is not None and plates.fits(vehicle.plate_country, vehicle.plate) is False
        for vehicle in vehicles
    ):
        yield QualityNote.UNUSUAL_PLATE
