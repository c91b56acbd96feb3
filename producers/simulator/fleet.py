"""Vehicles: what they are, and the plates they bear."""

from dataclasses import dataclass, field
from itertools import accumulate
from random import Random
from typing import Final

from producers.simulator.number_plates import Plates
from producers.simulator.people import Person
from schemas.plates import normalise

_MODELS: Final[dict[str, tuple[tuple[str, str], ...]]] = {
    "car": (
        ("Volkswagen", "Golf"), ("Volkswagen", "Passat"), ("Škoda", "Octavia"), ("Škoda", "Fabia"), ("Opel", "Astra"),
        ("Opel", "Corsa"), ("Renault", "Clio"), ("Renault", "Megane"), ("Fiat", "Punto"), ("Fiat", "500L"),
        ("Peugeot", "308"), ("Audi", "A4"), ("Audi", "A6"), ("BMW", "320d"), ("BMW", "X3"), ("Mercedes-Benz", "C 220"),
        ("Ford", "Focus"), ("Toyota", "Yaris"), ("Hyundai", "i30"), ("Dacia", "Duster"), ("Seat", "Leon"),
        ("Citroën", "C4"), ("Kia", "Ceed"), ("Suzuki", "Vitara"),
    ),
    "van": (
        ("Fiat", "Ducato"), ("Mercedes-Benz", "Sprinter"), ("Volkswagen", "Transporter"), ("Ford", "Transit"),
        ("Renault", "Master"), ("Renault", "Trafic"), ("Citroën", "Jumper"), ("Peugeot", "Boxer"), ("Opel", "Vivaro"),
        ("Iveco", "Daily"),
    ),
    "lorry": (
        ("Scania", "R 450"), ("Volvo", "FH"), ("MAN", "TGX"), ("DAF", "XF"), ("Mercedes-Benz", "Actros"),
        ("Iveco", "S-Way"), ("Renault", "T High"),
    ),
    "bus": (("Setra", "S 515 HD"), ("Neoplan", "Tourliner"), ("MAN", "Lion's Coach"), ("Irizar", "i6"),
            ("Mercedes-Benz", "Tourismo")),
}  # fmt: skip
_COLOURS: Final = ("white", "grey", "black", "silver", "blue", "red", "green", "brown", "beige", "yellow")
_COLOURS_CUMULATIVE: Final = tuple(accumulate((26, 20, 18, 14, 9, 7, 2, 2, 1, 1)))
_VIN_SIGNS: Final = "ABCDEFGHJKLMNPRSTUVWXYZ0123456789"
_VIN_BEGINNINGS: Final = ("WVW", "WBA", "WDB", "VF1", "VF3", "ZFA", "TMB", "W0L", "YV2", "XLR")


@dataclass(slots=True)
class Vehicle:
    """A vehicle as it is. `written` is its plate with separators, `plate` without; `aboard` whoever travels in it."""

    number: int
    country: str
    written: str
    make: str
    model: str
    colour: str
    category: str
    vin: str
    plate: str = field(init=False)
    aboard: tuple[Person, ...] = ()

    def __post_init__(self) -> None:
        """Take the plate's compared form from the written one."""
        self.plate = normalise(self.written)

    @property
    def entity(self) -> str:
        """Its name in the truth."""
        return f"V{self.number:06}"


class Fleet:
    """All vehicles of one simulation."""

    def __init__(self) -> None:
        self.plates = Plates()
        self._made = 0

    def vehicle(
        self, chance: Random, country: str, category: str, *, written: str | None = None, like: Vehicle | None = None
    ) -> Vehicle:
        """Make a vehicle; `written` is the plate it shall bear (a clone's, a twin's), `like` whose looks it has."""
        make, model = chance.choice(_MODELS[category])
        colour = chance.choices(_COLOURS, cum_weights=_COLOURS_CUMULATIVE)[0]
        if like is not None:
            make, model, colour = like.make, like.model, like.colour
        self._made += 1
        return Vehicle(
            self._made,
            country,
            written or self.plates.issue(chance, country),
            make,
            model,
            colour,
            category,
            _vin(chance),
        )

    def unlike(self, chance: Random, vehicle: Vehicle, country: str, category: str, written: str) -> Vehicle:
        """Make a vehicle that bears `written` and has another make and colour than `vehicle`."""
        while True:
            made = self.vehicle(chance, country, category, written=written)
            if made.make != vehicle.make and made.colour != vehicle.colour:
                return made


def _vin(chance: Random) -> str:
    """Return a number after ISO 3779's form; its check digit, voluntary in Europe, is not computed."""
    return chance.choice(_VIN_BEGINNINGS) + "".join(chance.choices(_VIN_SIGNS, k=14))
