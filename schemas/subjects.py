"""Vehicles and persons as reports name them."""

import unicodedata
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints
from pydantic_core import PydanticCustomError

from schemas import plates

CountryCode = Annotated[str, StringConstraints(pattern=r"^[A-Z]{2}$")]
"""ISO 3166-1 alpha-2, and `XK` for Kosovo."""

IssuerCode = Annotated[str, StringConstraints(pattern=r"^[A-Z]{1,3}$")]
"""Issuing state or organisation of a document, ICAO Doc 9303-3 section 5 (`D` is Germany)."""


def _printable(value: str) -> str:
    if any(unicodedata.category(character) == "Cc" and character not in "\n\t" for character in value):
        raise PydanticCustomError("control_character", "holds a control character")
    return value


Text = Annotated[str, AfterValidator(_printable)]
"""Text without control characters other than line feed and tab: a null byte would stop a database."""

ShortText = Annotated[Text, StringConstraints(min_length=1, max_length=200)]
Confidence = Annotated[float, Field(ge=0, le=1)]
Involvement = Literal["used", "public_transport", "rescue_or_official", "stolen", "bystander"]
VehicleCategory = Literal["car", "van", "lorry", "bus", "motorcycle", "camper", "trailer", "other"]
PersonStatus = Literal["suspect", "convicted", "victim", "witness", "contact", "unknown"]
PersonRole = Literal["driver", "organiser", "guide", "passenger", "smuggled", "other"]
DocumentType = Literal["passport", "id_card", "residence_permit", "driving_licence", "other"]


def _readable_plate(value: str) -> str:
    if not plates.normalise(value):
        raise PydanticCustomError("unreadable_plate", "holds no letter or digit")
    return value


class Strict(BaseModel):
    """Base of all wire models: unknown fields and loose types are refused, values never change."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, allow_inf_nan=False)


class Vehicle(Strict):
    """A vehicle as it was seen or written down."""

    plate: Annotated[Text, StringConstraints(min_length=1, max_length=20), AfterValidator(_readable_plate)]
    plate_country: CountryCode | None = None
    plate_confidence: Confidence | None = None
    vin: Annotated[Text, StringConstraints(min_length=1, max_length=17)] | None = None
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
        return plates.PlateKey(self.plate_country, plates.normalise(self.plate))


class Document(Strict):
    """A travel or identity document as presented."""

    type: DocumentType
    number: Annotated[Text, StringConstraints(min_length=1, max_length=40)]
    issuer: IssuerCode
    mrz: tuple[Annotated[Text, StringConstraints(max_length=44)], ...] = Field(default=(), max_length=3)


class Person(Strict):
    """A person as a report names them; `status` follows Directive (EU) 2016/680 Art. 6."""

    status: PersonStatus = "unknown"
    role: PersonRole | None = None
    family_name: ShortText | None = None
    given_names: ShortText | None = None
    birth_date: Annotated[str, StringConstraints(pattern=r"^\d{4}(-\d{2}(-\d{2})?)?$")] | None = None
    documents: tuple[Document, ...] = Field(default=(), max_length=20)
