"""Identity of vehicles: the country and the plate; a misread is bridged by evidence alone, another VIN separates.

The rules are the contract's ("Identity of vehicles") and decide. The bits, log2 of how much likelier a reading is
of one vehicle than of two, explain a decision, order links by strength, and tell what is possible from what is not.
"""

import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from typing import Final

from schemas import plates
from schemas.subjects import Vehicle
from streams.matching.clusters import NO_MARKS, Marks
from streams.matching.index import SHORTENED, WHOLE
from streams.matching.misreads import Likeness, collapsed, difference, likeness, shortened
from streams.matching.verdicts import Comparison, Finding

DOUBTFUL: Final = 0.8
"""A read of a lower confidence may be bridged without further evidence, where nothing contradicts it."""

NEUTRAL_COLOURS: Final = frozenset({"white", "silver", "grey", "gray"})
"""Taken for each other in bad light: no evidence against one vehicle."""

_SPELT_ALIKE: Final = str.maketrans("IOQ", "100")
"""A VIN has no I, O and Q (ISO 3779): they were 1 and 0."""

_SCRIPTS: Final = (None, "RS", "BG", "GR")
"""A country for each way in which `normalise_for` reads letters."""

_ALIKE_BITS: Final = {
    Likeness.EQUAL: 14.0,
    Likeness.LOOKALIKE: 8.0,
    Likeness.ONE_LOST: 6.0,
    Likeness.HOOK_DROPPED: 8.0,
    Likeness.OTHER: -8.0,
}
_BRIDGED: Final = frozenset({Likeness.LOOKALIKE, Likeness.ONE_LOST})


class Ground(StrEnum):
    """Why two readings are of one vehicle, or are not known to be; what links comes first."""

    SAME_PLATE = "the same plate of the same country"
    BRIDGED_BY_VIN = "one plate misread, with the same vehicle identification number"
    BRIDGED_BY_LOOK = "one plate misread, with the same make and colour"
    BRIDGED_BY_DOUBT = "one plate misread: a doubtful read, and nothing speaks against it"
    COUNTRY_BY_VIN = "the same plate, a country not read, with the same vehicle identification number"
    COUNTRY_BY_LOOK = "the same plate, a country not read, with the same make and colour"
    OTHER_VIN = "another vehicle identification number: two vehicles, of which one bears a cloned or re-issued plate"
    OTHER_COUNTRY = "plates of two countries are two vehicles"
    OTHER_PLATE = "the plates differ, and by more than a misread that may be bridged"
    OTHER_CATEGORY = "a misread is not bridged between two categories of vehicle"
    NOT_BRIDGED = (
        "a misread is bridged only by the same vehicle identification number, by the same make and colour, "
        "or by a doubtful read without a contradiction"
    )
    COUNTRY_UNKNOWN = (
        "where a country was not read, the same vehicle identification number, or make and colour, must be known"
    )

    @property
    def links(self) -> bool:
        """Whether it makes two readings one vehicle."""
        return self in _LINKING


_LINKING: Final = frozenset(list(Ground)[: list(Ground).index(Ground.OTHER_VIN)])


@dataclass(frozen=True, slots=True)
class Reading:
    """A vehicle as it was read, in the form in which it is compared: `plate` normalised, the rest folded."""

    country: str | None
    plate: str
    vin: str | None = None
    make: str | None = None
    colour: str | None = None
    category: str | None = None
    doubtful: bool = False
    marks: Marks = NO_MARKS
    """What verdicts call it; who is marked stands for that appearance alone."""

    def __str__(self) -> str:
        """Return for example ``LJAB123 (SI)``."""
        return f"{self.plate} ({self.country or 'country unknown'})"

    @property
    def can_link(self) -> bool:
        """Whether it can be known again: an unknown country with no more than a plate is never a match."""
        return bool(self.country or self.vin or self.has_look)

    @property
    def has_look(self) -> bool:
        """Whether make and colour are known."""
        return bool(self.make and self.colour)


def reading_of(vehicle: Vehicle, marks: Marks = NO_MARKS) -> Reading:
    """Return a vehicle as it is compared."""
    vin = "".join(filter(str.isalnum, vehicle.vin.upper())).translate(_SPELT_ALIKE) if vehicle.vin else ""
    return Reading(
        country=vehicle.plate_country,
        plate=plates.normalise_for(vehicle.plate_country, vehicle.plate),
        vin=vin or None,
        make=_folded(vehicle.make),
        colour=_folded(vehicle.colour),
        category=vehicle.category,
        doubtful=vehicle.plate_confidence is not None and vehicle.plate_confidence < DOUBTFUL,
        marks=marks,
    )


@lru_cache(maxsize=8_192)  # one event asks for the same reading several times
def lookup_keys(reading: Reading) -> frozenset[str]:
    """Return the keys of a reading: of two that link one is `met_by` the other's keys."""
    return frozenset(_keys(reading))


def _keys(reading: Reading) -> Iterator[str]:
    plate, country = reading.plate, reading.country
    if country is not None:
        yield f"{WHOLE}{country}/{plate}"
        yield f"o:{country}/{collapsed(plate)}"
        yield from (f"{SHORTENED}{country}/{rest}" for rest in shortened(plate) if rest)
    forms = {plate} if country else {plates.normalise_for(script, plate) for script in _SCRIPTS}
    for form in forms:  # what a reading without a country has in common with one of a country
        if reading.vin:
            yield f"u:{form}/{reading.vin}"
        if reading.has_look:
            yield f"u:{form}/{reading.make}/{reading.colour}"


def ground(one: Reading, other: Reading) -> Ground:
    """Return what makes these one vehicle, or why they are not known to be one."""
    if _differ(one.vin, other.vin):
        return Ground.OTHER_VIN
    if _differ(one.country, other.country):
        return Ground.OTHER_COUNTRY
    alike = _likeness(one, other)
    both_countries = one.country is not None and other.country is not None
    if alike is Likeness.EQUAL:
        return Ground.SAME_PLATE if both_countries else _country_by_evidence(one, other)
    return _bridge(one, other) if both_countries and alike in _BRIDGED else Ground.OTHER_PLATE


def separate(one: Reading, other: Reading) -> bool:
    """Whether these are never one vehicle, whatever links each of them with others."""
    if _differ(one.vin, other.vin) or _differ(one.country, other.country):
        return True
    return _differ(one.category, other.category) and _likeness(one, other) is not Likeness.EQUAL


def compare(one: Reading, other: Reading) -> Comparison:
    """Return all that speaks for and against one vehicle, with its weight, and what follows by the contract."""
    why = ground(one, other)
    return Comparison(tuple(_findings(one, other)), links=why.links, conclusion=why.value)


def _country_by_evidence(one: Reading, other: Reading) -> Ground:
    if _same(one.vin, other.vin):
        return Ground.COUNTRY_BY_VIN
    return Ground.COUNTRY_BY_LOOK if _look_alike(one, other) else Ground.COUNTRY_UNKNOWN


def _bridge(one: Reading, other: Reading) -> Ground:
    if _differ(one.category, other.category):
        return Ground.OTHER_CATEGORY
    if _same(one.vin, other.vin):
        return Ground.BRIDGED_BY_VIN
    if _look_alike(one, other):
        return Ground.BRIDGED_BY_LOOK
    contradicted = _differ(one.make, other.make) or _differ(one.colour, other.colour)
    doubtful = one.doubtful or other.doubtful
    return Ground.BRIDGED_BY_DOUBT if doubtful and not contradicted else Ground.NOT_BRIDGED


def _findings(one: Reading, other: Reading) -> Iterator[Finding]:
    if _differ(one.country, other.country):
        countries = " and ".join(sorted(filter(None, (one.country, other.country))))
        yield Finding(f"plates of two countries, {countries}", -8.0)
    else:
        yield from _plate_findings(one, other)
    yield from _field(one.vin, other.vin, "vehicle identification number", 16.0, -20.0)
    yield from _field(one.make, other.make, "make", 2.0, -4.0)
    if one.colour == other.colour or not {one.colour, other.colour} <= NEUTRAL_COLOURS:
        yield from _field(one.colour, other.colour, "colour", 1.0, -1.5)
    yield from _field(one.category, other.category, "category", 1.0, -6.0)


def _plate_findings(one: Reading, other: Reading) -> Iterator[Finding]:
    here, there = sorted(_under_one_country(one, other))
    alike = likeness(here, there)
    text = {
        Likeness.EQUAL: f"plates equal, {here}",
        Likeness.ONE_LOST: f"plates {here} and {there}: one character lost or added",
        Likeness.HOOK_DROPPED: f"plates {here} and {there}: a hooked letter without its hook",
        Likeness.OTHER: f"plates {here} and {there} differ",
    }.get(alike)
    yield Finding(text or f"plates {here} and {there}: readers confuse {difference(here, there)}", _ALIKE_BITS[alike])
    if one.country is None or other.country is None:
        yield Finding("a country was not read", -6.0)
    if alike in _BRIDGED and (one.doubtful or other.doubtful):
        yield Finding("a doubtful read", 3.0)


def _field(one: str | None, other: str | None, name: str, agreeing: float, differing: float) -> Iterator[Finding]:
    if _same(one, other):
        yield Finding(f"same {name}, {one}", agreeing)
    elif _differ(one, other):
        yield Finding(f"other {name}, {' and '.join(sorted(filter(None, (one, other))))}", differing)


def _likeness(one: Reading, other: Reading) -> Likeness:
    return likeness(*_under_one_country(one, other))


def _under_one_country(one: Reading, other: Reading) -> tuple[str, str]:
    """Return both plates, one without a country as the other's country would write it."""
    country = one.country or other.country
    return plates.normalise_for(country, one.plate), plates.normalise_for(country, other.plate)


def _look_alike(one: Reading, other: Reading) -> bool:
    return one.has_look and (one.make, one.colour) == (other.make, other.colour)


def _same(one: str | None, other: str | None) -> bool:
    return one is not None and one == other


def _differ(one: str | None, other: str | None) -> bool:
    return one is not None and other is not None and one != other


@lru_cache(maxsize=1_024)  # there are few makes and colours
def _folded(text: str | None) -> str | None:
    """Return the text without case, diacritics, spaces and punctuation; None where nothing is left."""
    decomposed = unicodedata.normalize("NFKD", (text or "").casefold())
    return "".join(filter(str.isalnum, decomposed)) or None
