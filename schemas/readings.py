"""What a report says of a person once the machine readable zones of the documents are read.

A zone whose check digits are right fills what the report leaves open, and overrides nothing that an
officer wrote. A misread zone is not used: a note, never a refusal, never a score.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Any

from schemas.mrz import Mrz, MrzError, read_mrz
from schemas.subjects import Document, DocumentType, Person


@dataclass(frozen=True, slots=True)
class PersonReading:
    """A person with the gaps filled; whether a zone was misread, and whether the name taken from one is cut off."""

    person: Person
    misread: bool = False
    name_truncated: bool = False


@lru_cache(maxsize=256)  # one event asks for the same persons several times; few, because the cache knows no retention
def read_person(person: Person, *, today: date) -> PersonReading:
    """Return the person with what the zones of the documents add; of several the first that reads right names them.

    `today` decides the century of a birth date: nobody is born in the future.
    """
    zones = [_zone(document, today) for document in person.documents]
    documents = tuple(map(_filled, person.documents, zones))
    zone = next((one for one in zones if isinstance(one, Mrz)), None)
    misread = any(isinstance(one, MrzError) for one in zones)
    changes: dict[str, Any] = {"documents": documents} if documents != person.documents else {}
    names_open = person.family_name is None and person.given_names is None
    if zone is not None:
        if names_open:  # one name from the officer and one from the zone could be two persons'
            changes |= {"family_name": zone.family_name or None, "given_names": zone.given_names or None}
        if person.birth_date is None:
            changes["birth_date"] = zone.birth_date
    filled = person.model_copy(update=changes) if changes else person
    return PersonReading(filled, misread, name_truncated=zone is not None and names_open and zone.name_truncated)


def _zone(document: Document, today: date) -> Mrz | MrzError | None:
    if not document.mrz:
        return None
    try:
        return read_mrz(document.mrz, today=today)
    except MrzError as error:
        return error


def _filled(document: Document, zone: Mrz | MrzError | None) -> Document:
    if not isinstance(zone, Mrz):
        return document
    said = dict(_open_fields(document, zone))
    return document.model_copy(update=said) if said else document


def _open_fields(document: Document, zone: Mrz) -> Iterator[tuple[str, str]]:
    if document.type is None:
        yield "type", _document_type(zone.document_code)
    if document.number is None and zone.number:
        yield "number", zone.number
    if document.issuer is None and zone.issuer:
        yield "issuer", zone.issuer


def _document_type(code: str) -> DocumentType:
    """Return the type that the first letter of a document code names (ICAO Doc 9303-4, -5, -6, -7)."""
    match code[:1]:
        case "P":
            return "passport"
        case "I" | "A" | "C":
            return "id_card"
        case _:
            return "other"
