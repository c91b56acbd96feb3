"""The product's own watch, as `brdo run watch` runs it, on a given broker: state in RocksDB, changelog in Kafka."""

from __future__ import annotations

import argparse
from datetime import UTC, datetime
from pathlib import Path

from streams.app import Place, watch_app
from streams.batches.progress import Progress
from streams.batches.worker import run_worker
from streams.rules import load_rules


def main() -> None:
    """Run until a signal."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--bootstrap", required=True)
    parser.add_argument("--group", required=True, help="is fixed, as the catalogue's topics are")
    parser.add_argument("--data-dir", required=True, type=Path)
    line = parser.parse_args()
    place = Place(line.bootstrap, line.data_dir, on_disk=True, progress=Progress())
    run_worker(lambda: watch_app(place, clock=lambda: datetime.now(UTC), rules=load_rules()))


if __name__ == "__main__":
    main()
