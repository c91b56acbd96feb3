"""Identity of vehicles: the country and the plate as it is compared; an unknown country is never a match by itself."""

from typing import Final

from schemas.plates import PlateKey
from schemas.subjects import Vehicle

_MARK: Final = "v:"


def lookup_key(plate: PlateKey) -> str:
    """Return the key under which readings of this vehicle find each other."""
    return f"{_MARK}{plate.country}/{plate.plate}"


def lookup_keys(vehicle: Vehicle) -> frozenset[str]:
    """Return the keys of a reading: two readings of one vehicle have one in common."""
    return frozenset() if vehicle.key is None else frozenset({lookup_key(vehicle.key)})
