"""A worker of several jobs over topics of different partition counts, for the soak of rebalances.

It counts the records of each key and keeps their sum, publishes each tenth count, and writes what it
has in memory to a file, so that memory can be compared and not only the changelog.
"""

import argparse
import json
from collections.abc import Sequence
from functools import partial
from pathlib import Path

from schemas.records import Record
from streams.batches.app import BatchApp
from streams.batches.jobs import Job
from streams.batches.keyed import Keyed
from streams.batches.partitions import Owned
from streams.batches.records import Outcome, RawRecord
from streams.batches.stores import Store
from streams.batches.worker import end_process, run_worker

Sums = Keyed[tuple[int, int]]
EACH = 10
MOST_PER_BATCH = 200
"""Small, so that batches are under way whenever something is killed."""


def read(value: bytes) -> tuple[int, int]:
    """Return count and sum as they stand in the changelog."""
    count, total = value.split()
    return int(count), int(total)


def new_sums(store: Store) -> Sums:
    """Return what the store has."""
    return Keyed(store, read)


def add(output: str, sums: Sums, records: Sequence[RawRecord]) -> Outcome:
    """Count and add."""
    now = sums.many({record.key() or b"" for record in records})
    tenths = []
    for record in records:
        key = record.key() or b""
        count, total = now.get(key, (0, 0))
        now[key] = count + 1, total + int(record.value() or b"0")
        if now[key][0] % EACH == 0:
            tenths.append(Record(output, key, b"%d %d" % now[key]))
    sums.change(now)
    return Outcome(tenths, {key: b"%d %d" % value for key, value in now.items()}, sums.kept)


def make_app(arguments: argparse.Namespace) -> BatchApp:
    """Return the app of both jobs."""
    app = BatchApp(
        arguments.group,
        bootstrap=arguments.bootstrap,
        data_dir=arguments.data_dir,
        on_failure=end_process,
        on_disk=arguments.store == "rocksdb",
    )
    jobs: list[tuple[str, Owned[Sums]]] = []
    for said in arguments.jobs:
        name, _, topics = said.partition("=")
        process = {topic: partial(add, f"{arguments.group}-out") for topic in topics.split(",")}
        job = Job(name, process, new_sums, f"{arguments.group}-{name}-changelog", MOST_PER_BATCH)
        jobs.append((name, app.add(job)))

    @app.timer(0.25)  # type: ignore[untyped-decorator]
    async def dump() -> None:
        write()

    def write() -> None:
        owned = [(name, one) for name, job in jobs for one in job.partitions()]
        held = {
            f"{name}/{one.number}": {key.decode(): value for key, value in one.state.items()} for name, one in owned
        }
        part: Path = arguments.dump.with_suffix(".new")
        part.write_text(json.dumps({"ready": app.ready, "partitions": held}), encoding="utf-8")
        part.replace(arguments.dump)

    return app


def main() -> None:
    """Run until a signal."""
    parser = argparse.ArgumentParser(description=__doc__)
    for name in ("bootstrap", "group"):
        parser.add_argument(f"--{name}", required=True)
    for name in ("data-dir", "dump"):
        parser.add_argument(f"--{name}", required=True, type=Path)
    parser.add_argument("--store", choices=["memory", "rocksdb"], required=True)
    parser.add_argument("--jobs", nargs="+", required=True, help="name=topic,topic")
    arguments = parser.parse_args()
    arguments.data_dir.mkdir(parents=True, exist_ok=True)
    run_worker(partial(make_app, arguments))


if __name__ == "__main__":
    main()
