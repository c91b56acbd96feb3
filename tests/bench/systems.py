"""The systems that are compared, and what one has to know of each."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).parents[2]
BENCH: Final = Path(__file__).parent
BUILD: Final = ROOT / "build" / "bench"
OURS: Final = BENCH / "ours.py"


class Runtime(Enum):
    """What runs a system's job."""

    PRODUCT = "the product's own environment"
    PYTHON = "a Python environment of its own"
    JAVA = "Java"


@dataclass(frozen=True)
class System:
    """One system; `package` is what its version is the version of."""

    name: str
    runtime: Runtime
    package: str
    durability: str
    arguments: tuple[str, ...] = ()
    most_records: int | None = None
    least_records_per_s: int = 3_000  # slower than that, and a run is given up
    faust_topics: bool = False  # Faust's own topics are made beforehand, lest it miss a changelog made late

    @property
    def folder(self) -> Path:
        """Where its job stands."""
        return BENCH / "peers" / self.name

    @property
    def build(self) -> Path:
        """Where its environment is made."""
        return BUILD / self.name


SYSTEMS: Final = (
    System(
        "ours_memory",
        Runtime.PRODUCT,
        "brdo",
        "Kafka changelog; state in memory",
        arguments=("--store", "memory"),
        faust_topics=True,
    ),
    System(
        "ours_rocksdb",
        Runtime.PRODUCT,
        "brdo",
        "Kafka changelog; state in RocksDB",
        arguments=("--store", "rocksdb"),
        faust_topics=True,
    ),
    System(
        "stock_faust",
        Runtime.PYTHON,
        "faust-streaming",
        "Kafka changelog; state in memory",
        most_records=60_000,
        least_records_per_s=400,
        faust_topics=True,
    ),
    System("quix", Runtime.PYTHON, "quixstreams", "Kafka changelog; state in RocksDB"),
    System("bytewax", Runtime.PYTHON, "bytewax", "snapshot to a local SQLite file every 10 s; no changelog"),
    System("kafka_streams", Runtime.JAVA, "kafka-streams", "Kafka changelog; state in RocksDB, record cache"),
    System("limit", Runtime.PYTHON, "confluent-kafka", "none: a crash loses all counts"),
)
REFERENCE: Final = "ours_rocksdb"
