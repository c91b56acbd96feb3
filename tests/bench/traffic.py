"""What goes in, and what has to come out: passages by a seed, and where in the input each hit comes from."""

from __future__ import annotations

import random
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final, NamedTuple

PARTITIONS: Final = 4
PLATES: Final = 10_000
HIT_EVERY: Final = 10
SEED: Final = 20_261_101
_COUNTRIES: Final = ("SI", "HR", "RS", "BA", "ME", "MK", "AL", "AT", "HU", "BG")
_STATIONS: Final = ("SI-OBR", "SI-GRU", "HR-BAJ", "HR-TOV", "RS-BAT", "RS-PRE", "BA-ORA", "AT-SPI", "HU-TOM", "BG-KAL")
_LETTERS: Final = "ABCDEFGHJKLMNPRSTUVZ"


class Passage(NamedTuple):
    """One input record."""

    plate: str
    partition: int
    value: bytes


@dataclass(frozen=True, order=True, slots=True)
class Hit:
    """One output: a plate and its count, a multiple of ten."""

    plate: str
    count: int


class Place(NamedTuple):
    """Where in the input topic a record stands."""

    partition: int
    offset: int


@dataclass
class Expected:
    """What is known of the output before any system runs."""

    records: int
    hits: dict[Hit, Place] = field(default_factory=dict)
    in_partition: list[int] = field(default_factory=lambda: [0] * PARTITIONS)


def passages(records: int, seed: int = SEED) -> Iterator[Passage]:
    """Yield passages of some 10,000 plates, the same for the same seed.

    As at a real border a few plates pass every day and most pass seldom: plate number n with a probability that
    falls with the square root of n. So hits come soon after the start, and steadily.
    """
    rng = random.Random(seed)
    uniform, bits = rng.random, rng.getrandbits
    plates = [f"LJ{number:05d}{_LETTERS[number % len(_LETTERS)]}" for number in range(PLATES)]
    # librdkafka's own default: the CRC-32 of the key chooses the partition.
    partitions = [zlib.crc32(plate.encode()) % PARTITIONS for plate in plates]
    for number in range(records):
        index = int(uniform() ** 2 * PLATES)
        plate = plates[index]
        country = _COUNTRIES[index % len(_COUNTRIES)]
        noise = bits(16)
        station, speed = _STATIONS[noise % len(_STATIONS)], 30 + (noise >> 8) % 100
        where = f'"country":"{country}","station":"{station}","speed":{speed}'
        yield Passage(plate, partitions[index], f'{{"id":"e-{number:07d}","plate":"{plate}",{where}}}'.encode())


class Tally:
    """Follows passages in their order and notes the hits that they must cause."""

    def __init__(self, records: int) -> None:
        self.expected = Expected(records)
        self._counts: dict[str, int] = {}

    def add(self, passage: Passage) -> None:
        """Count one passage, the next of its partition."""
        offsets = self.expected.in_partition
        count = self._counts.get(passage.plate, 0) + 1
        self._counts[passage.plate] = count
        if count % HIT_EVERY == 0:
            self.expected.hits[Hit(passage.plate, count)] = Place(passage.partition, offsets[passage.partition])
        offsets[passage.partition] += 1
