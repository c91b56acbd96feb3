"""The watch on Quix Streams: the same engine, a record at a time, its state in RocksDB with changelogs, at least once.

Each of the three topics is a dataframe; those of one partition number share one `Watch`, as in the product. What an
engine call changes is put into the state of the record's topic, as bytes: Quix writes it to the changelog, and to
RocksDB at each checkpoint. Quix keeps a state by the record's key and knows no call for all entries of a partition, so
two things are left out that the product does: forgetting a sighting under another key, and building the engine's
memory anew at a start. Both would make this slower, and neither comes up in the measurement.
"""

from __future__ import annotations

from argparse import ArgumentParser
from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

from quixstreams import Application, State, message_context
from quixstreams.models import SerializationContext, Serializer

from schemas import topics
from schemas.records import Record
from streams.batches.records import InputRecord
from streams.engine.watch import Watch
from streams.rules import load_rules
from streams.watching import watch_interests, watch_passages, watch_roadside

CHECKPOINT_SECONDS = 1.0
STEPS = {
    topics.PASSAGES.name: watch_passages,
    topics.INTERESTS.name: watch_interests,
    topics.ROADSIDE.name: watch_roadside,
}
OUTPUTS = (topics.ROADSIDE.name, topics.CASEBOOK.name, topics.DEAD_LETTERS.name)


class RecordValue(Serializer):
    """Takes a record's value, which is bytes already."""

    def __call__(self, value: Record, ctx: SerializationContext) -> bytes:
        """Return it."""
        del ctx
        return value.value


class Watches:
    """One `Watch` a partition."""

    def __init__(self) -> None:
        self._rules = load_rules()
        self._by_partition: dict[int, Watch] = {}

    def take(
        self, topic: str, value: bytes, key: bytes, _: int, headers: list[tuple[str, bytes]], state: State
    ) -> list[Record]:
        """Take in one record; return what is to be published."""
        context = message_context()
        watch = self._by_partition.get(context.partition)
        if watch is None:
            watch = self._by_partition[context.partition] = Watch(self._rules)
        record = InputRecord(topic, context.partition, context.offset, key, value, dict(headers or ()))
        result = STEPS[topic](watch, [record], datetime.now(UTC))
        for entry, kept in result.changed.items():
            if kept is None:
                state.delete(entry.decode())
            else:
                state.set_bytes(entry.decode(), kept)
        return result.records


def main() -> None:
    """Run until SIGTERM."""
    parser = ArgumentParser()
    for name in ("bootstrap", "group"):
        parser.add_argument(f"--{name}", required=True)
    parser.add_argument("--data-dir", required=True, type=Path)
    line = parser.parse_args()
    app = Application(
        broker_address=line.bootstrap,
        consumer_group=line.group,
        state_dir=line.data_dir,
        auto_offset_reset="earliest",
        processing_guarantee="at-least-once",
        commit_interval=CHECKPOINT_SECONDS,
        loglevel="WARNING",
        consumer_extra_config={"fetch.queue.backoff.ms": 5},  # by default it rests for a second at a full queue
        producer_extra_config={"partitioner": "murmur2", "linger.ms": 20},  # as whoever wrote the passages
    )
    watches = Watches()
    outputs = {name: app.topic(name, key_serializer="bytes", value_serializer=RecordValue()) for name in OUTPUTS}
    to: Callable[..., Any] = lambda record, *_: outputs[record.topic]  # noqa: E731
    for topic in STEPS:
        came = app.dataframe(app.topic(topic, key_deserializer="bytes", value_deserializer="bytes"))
        told = came.apply(partial(watches.take, topic), stateful=True, metadata=True, expand=True)
        told = told.set_headers(lambda record, *_: list(record.headers))
        told.to_topic(to, key=lambda record: record.key)
    app.run()


if __name__ == "__main__":
    main()
