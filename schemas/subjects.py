"""Vehicles and persons as reports name them."""

from datetime import date
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, StringConstraints
from pydantic_core import PydanticCustomError

from schemas import plates
from schemas.fields import PRINTABLE, Confidence, CountryCode, IssuerCode, ShortText, Strict

Involvement = Literal["used", "public_transport", "rescue_or_official", "stolen", "bystander"]
VehicleCategory = Literal["car", "van", "lorry", "bus", "motorcycle", "camper", "trailer", "other"]
PersonStatus = Literal["suspect", "convicted", "victim", "witness", "contact", "unknown"]
PersonRole = Literal["driver", "organiser", "guide", "passenger", "smuggled", "other"]
DocumentType = Literal["passport", "id_card", "residence_permit", "driving_licence", "other"]


def _readable_plate(value: str) -> str:
    if not plates.normalise(value):
        raise PydanticCustomError("unreadable_plate", "holds no letter or digit")
    return value


def _day_that_exists(value: str) -> str:
    year, month, day = (int(part) for part in (value + "-01-01").split("-")[:3])
    try:
        date(year, month, day)
    except ValueError:
        raise PydanticCustomError("no_such_day", "is not a day of the calendar") from None
    return value


PlateText = Annotated[str, StringConstraints(min_length=1, max_length=20), PRINTABLE, AfterValidator(_readable_plate)]
BirthDate = Annotated[
    str, StringConstraints(pattern=r"^[0-9]{4}(-[0-9]{2}(-[0-9]{2})?)?$"), AfterValidator(_day_that_exists)
]
"""`YYYY`, `YYYY-MM` or `YYYY-MM-DD`, as far as it is known."""


class Vehicle(Strict):
    """A vehicle as it was seen or written down."""

    plate: PlateText
    plate_country: CountryCode | None = None
    plate_confidence: Confidence | None = None
    vin: Annotated[str, StringConstraints(min_length=1, max_length=17), PRINTABLE] | None = None
    make: ShortText | None = None
    model: ShortText | None = None
    colour: ShortText | None = None
    category: VehicleCategory | None = None
    involvement: Involvement | None = None

    @property
    def key(self) -> plates.PlateKey | None:
        """What an exact match compares; None where the country is unknown, which is never a match by itself."""
        if self.plate_country is None:
            return None
        return plates.PlateKey(self.plate_country, plates.normalise_for(self.plate_country, self.plate))


class Document(Strict):
    """A travel or identity document as presented; what the fields leave open may stand in the MRZ."""

    type: DocumentType | None = None
    number: Annotated[str, StringConstraints(min_length=1, max_length=40), PRINTABLE] | None = None
    issuer: IssuerCode | None = None
    mrz: tuple[Annotated[str, StringConstraints(max_length=90), PRINTABLE], ...] = Field(default=(), max_length=3)


class Person(Strict):
    """A person as a report names them; `status` follows Directive (EU) 2016/680 Art. 6."""

    status: PersonStatus = "unknown"
    role: PersonRole | None = None
    family_name: ShortText | None = None
    given_names: ShortText | None = None
    birth_date: BirthDate | None = None
    documents: tuple[Document, ...] = Field(default=(), max_length=20)
