"""An MRZ fills what a report leaves open; a misread one is a note in the alert and nothing else."""

from datetime import date
from typing import Any

import pytest
from factory import a_vehicle, an_incident, open_alerts

from schemas.readings import read_person
from schemas.subjects import Person

TODAY = date(2026, 11, 20)
SPECIMEN = ["P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<", "L898902C36UTO7408122F1204159ZE184226B<<<<<10"]
"""ICAO Doc 9303-4, appendix: the specimen passport of Utopia."""

WRONG_DIGIT = [SPECIMEN[0], SPECIMEN[1].replace("L898902C3", "L898902C4")]


def a_person(**fields: Any) -> Person:
    return Person.model_validate(fields, strict=False)


def test_an_mrz_fills_what_is_absent() -> None:
    read = read_person(a_person(documents=[{"mrz": SPECIMEN}]), today=TODAY)
    assert not read.misread
    person = read.person
    assert (person.family_name, person.given_names, person.birth_date) == ("ERIKSSON", "ANNA MARIA", "1974-08-12")
    (document,) = person.documents
    assert (document.type, document.number, document.issuer) == ("passport", "L898902C3", "UTO")


def test_an_mrz_overrides_nothing_that_an_officer_wrote() -> None:
    said = {"family_name": "Erikson", "birth_date": "1974"}
    document = {"type": "other", "number": "X1", "issuer": "D", "mrz": SPECIMEN}
    person = a_person(documents=[document], **said)
    assert read_person(person, today=TODAY).person == person


def test_a_wrong_check_digit_means_that_the_mrz_is_not_used() -> None:
    person = a_person(documents=[{"mrz": WRONG_DIGIT}])
    read = read_person(person, today=TODAY)
    assert (read.person, read.misread) == (person, True)


def test_of_several_documents_the_first_that_reads_right_names_the_person() -> None:
    read = read_person(a_person(documents=[{"mrz": WRONG_DIGIT}, {"mrz": SPECIMEN}]), today=TODAY)
    assert (read.person.family_name, read.misread) == ("ERIKSSON", True)
    assert read.person.documents[0].number is None


@pytest.mark.parametrize(
    ("plate", "mrz", "notes"),
    [
        ("LJ AB-123", SPECIMEN, ()),
        ("LJ AB-123", WRONG_DIGIT, ("a machine readable zone is misread (form or check digit) and was not used",)),
        ("HELLO 1", [], ("a plate does not look like its country's: personalised, foreign or misread",)),
    ],
)
def test_what_is_odd_stands_in_the_alert_and_changes_no_score(
    plate: str, mrz: list[str], notes: tuple[str, ...]
) -> None:
    documents = [{"type": "passport", "mrz": mrz}] if mrz else []
    event = an_incident(life_at_risk=True, vehicles=[a_vehicle(plate)], persons=[{"documents": documents}])
    (alert,) = open_alerts(event)
    assert alert.quality_notes == notes
    assert alert.score == 1.0
