"""The trivial job on the product's own batches: count by plate, publish each tenth, state in memory or RocksDB."""

import argparse
import json
from collections.abc import Sequence
from functools import partial
from pathlib import Path

import orjson

from schemas.records import Record
from streams.batches.app import BatchApp
from streams.batches.jobs import Job
from streams.batches.keyed import Keyed
from streams.batches.records import Outcome, RawRecord
from streams.batches.stores import Store
from streams.batches.worker import end_process, run_worker

EACH = 10
MOST_RECORDS, MOST_BYTES = 10_000, 2 * 1024 * 1024
Counts = Keyed[int]


def count(output: str, counts: Counts, records: Sequence[RawRecord]) -> Outcome:
    """Count the records by plate."""
    plates = [orjson.loads(record.value() or b"")["plate"].encode() for record in records]
    now = counts.many(set(plates))
    tenths = []
    for plate in plates:
        number = now[plate] = now.get(plate, 0) + 1
        if number % EACH == 0:
            tenths.append(Record(output, plate, b'{"plate":"%b","count":%d}' % (plate, number)))
    counts.change(now)
    return Outcome(tenths, {key: b"%d" % value for key, value in now.items()}, counts.kept)


def new_counts(store: Store) -> Counts:
    """Return the counts that the store has."""
    return Keyed(store, int)


def make_app(arguments: argparse.Namespace) -> BatchApp:
    """Return the app that runs the job."""
    app = BatchApp(
        arguments.group,
        bootstrap=arguments.bootstrap,
        data_dir=Path(arguments.data_dir),
        on_failure=end_process,
        on_disk=arguments.store == "rocksdb",
    )
    process = {arguments.input: partial(count, arguments.output)}
    changelog = f"{arguments.group}-counts-changelog"
    owned = app.add(Job("counts", process, new_counts, changelog, MOST_RECORDS, MOST_BYTES))
    if arguments.dump:

        @app.timer(0.5)  # type: ignore[untyped-decorator]
        async def dump() -> None:
            held = {key.decode(): value for one in owned.partitions() for key, value in one.state.items()}
            part = Path(arguments.dump).with_suffix(".new")
            part.write_text(json.dumps({"ready": app.ready, "counts": held}), encoding="utf-8")
            part.replace(arguments.dump)

    return app


def main() -> None:
    """Run until a signal."""
    parser = argparse.ArgumentParser(description=__doc__)
    for name in ("bootstrap", "input", "output", "group", "data-dir"):
        parser.add_argument(f"--{name}", required=True)
    parser.add_argument("--store", choices=["memory", "rocksdb"], required=True)
    parser.add_argument("--dump", help="a file to write the counts in memory to, for tests")
    arguments = parser.parse_args()
    Path(arguments.data_dir).mkdir(parents=True, exist_ok=True)
    run_worker(partial(make_app, arguments))


if __name__ == "__main__":
    main()
