"""Vehicles and persons as cameras, document readers and officers put them into words: with the errors of each."""

from collections.abc import Mapping
from dataclasses import dataclass
from random import Random
from typing import Any, Final, NamedTuple

from producers.simulator import read_errors as errors
from producers.simulator.fleet import Vehicle
from producers.simulator.people import Person, TravelDocument
from producers.simulator.read_errors import ReadFault
from producers.simulator.spellings import spelled, spelling_at
from producers.simulator.zones import with_wrong_digit, zone

_VIN_NOTED: Final = 0.35
_CAPITALS_WITHOUT_SEPARATORS: Final = 0.3
_ZONE_READ: Final = 0.5
_ZONE_ALONE: Final = 0.3


@dataclass(frozen=True, slots=True)
class Party:
    """Somebody's part in a report; `document` may be another's than their own (None: they show none)."""

    person: Person
    role: str | None = None
    status: str | None = None
    document: TravelDocument | None = None
    year_alone: bool = False


@dataclass(frozen=True, slots=True)
class Involved:
    """A vehicle's part in a report."""

    vehicle: Vehicle
    involvement: str | None = None


class Described(NamedTuple):
    """Somebody or something in an event: what is said of it, who it truly is, and what went wrong in saying it."""

    said: dict[str, Any]
    entity: str
    faults: tuple[ReadFault, ...]


Subjects = Mapping[str, Described]
"""Everybody in an event, by their position."""


def camera_vehicle(chance: Random, vehicle: Vehicle, *, clear: bool = False) -> Described:
    """Return a vehicle as a camera reads it; `clear` where plate and country are read well."""
    read_plate = errors.clear_plate if clear else errors.camera_plate
    plate, confidence, fault = read_plate(chance, vehicle.plate)
    faults = [fault] if fault else []
    said: dict[str, Any] = {"plate": plate}
    if clear or chance.random() >= errors.NO_COUNTRY:
        said["plate_country"] = vehicle.country
    else:
        faults.append(ReadFault.NO_COUNTRY)
    if confidence is not None:
        said["plate_confidence"] = confidence
    if chance.random() >= errors.NO_MAKE:
        said["make"] = vehicle.make
        if chance.random() >= errors.NO_MODEL:
            said["model"] = vehicle.model
    if chance.random() >= errors.NO_COLOUR:
        other = chance.random() < errors.OTHER_COLOUR
        said["colour"] = errors.other_colour(vehicle.colour) if other else vehicle.colour
        if said["colour"] != vehicle.colour:
            faults.append(ReadFault.OTHER_COLOUR)
    if chance.random() >= errors.NO_CATEGORY:
        said["category"] = vehicle.category
    return Described(said, vehicle.entity, tuple(faults))


def written_vehicle(chance: Random, involved: Involved, *, clear: bool = False) -> Described:
    """Return a vehicle as an officer writes it down."""
    vehicle = involved.vehicle
    faults = []
    plate = vehicle.plate if chance.random() < _CAPITALS_WITHOUT_SEPARATORS else vehicle.written
    if not clear and chance.random() < errors.MISTYPED:
        plate = errors.misread(chance, vehicle.plate)
        faults.append(ReadFault.MISTYPED)
    said: dict[str, Any] = {"plate": plate}
    if clear or chance.random() >= errors.NO_COUNTRY:
        said["plate_country"] = vehicle.country
    else:
        faults.append(ReadFault.NO_COUNTRY)
    if chance.random() < _VIN_NOTED:
        said["vin"] = vehicle.vin
    said |= {"make": vehicle.make, "model": vehicle.model, "colour": vehicle.colour, "category": vehicle.category}
    if involved.involvement is not None:
        said["involvement"] = involved.involvement
    return Described(said, vehicle.entity, tuple(faults))


def described_person(chance: Random, party: Party, country: str, *, clear: bool = False) -> Described:
    """Return a person as somebody or something in `country` writes them down; `clear` where nothing goes wrong."""
    person, document = party.person, party.document
    family, given = spelled(person, spelling_at(chance, country))
    faults = [] if (family, given) == (person.family, person.given) else [ReadFault.SPELLED_OTHERWISE]
    if not clear and chance.random() < errors.SWAPPED:
        family, given = given, family
        faults.append(ReadFault.SWAPPED)
    said: dict[str, Any] = {}
    if party.status is not None:
        said["status"] = party.status
    if party.role is not None:
        said["role"] = party.role
    said["family_name"], said["given_names"], said["birth_date"] = family, given, person.born
    if party.year_alone or (not clear and chance.random() < errors.YEAR_ALONE):
        said["birth_date"] = person.born[:4]
        faults.append(ReadFault.YEAR_ALONE)
    if document is not None:
        shown, fault = _shown_document(chance, person, document, clear=clear)
        said["documents"] = [shown]
        if "mrz" in shown and fault is None and not party.year_alone and chance.random() < _ZONE_ALONE:
            del said["family_name"], said["given_names"], said["birth_date"]
            faults.clear()
        if fault is not None:
            faults.append(fault)
    return Described(said, person.entity, tuple(faults))


def _shown_document(
    chance: Random, person: Person, document: TravelDocument, *, clear: bool
) -> tuple[dict[str, Any], ReadFault | None]:
    """Return the document as it was read, and what is wrong with it or with its reading."""
    said: dict[str, Any] = {"type": document.type}
    if not clear and chance.random() < errors.NO_NUMBER:
        return said | {"issuer": document.issuer}, ReadFault.NO_NUMBER
    said |= {"number": document.number, "issuer": document.issuer}
    if document not in person.documents:
        return said, ReadFault.ANOTHERS_DOCUMENT
    if chance.random() >= _ZONE_READ:
        return said, None
    lines = zone(person, document)
    if not clear and chance.random() < errors.WRONG_DIGIT:
        return said | {"mrz": with_wrong_digit(lines)}, ReadFault.WRONG_DIGIT
    return said | {"mrz": lines}, None
