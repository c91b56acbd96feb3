"""From the local store and the changelog back to where a partition was, and shut out whoever wrote before."""

import time
from collections.abc import Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final, Protocol

from confluent_kafka import OFFSET_BEGINNING, Consumer, KafkaError, KafkaException, TopicCollection, TopicPartition
from confluent_kafka.admin import AdminClient

from streams.batches.changelog import Entry, Positions, Replay, claim, marked
from streams.batches.records import LOGGED
from streams.batches.stores import Held, Store

_WAIT_SECONDS: Final = 30.0
_AT_ONCE: Final = 10_000

Append = Callable[[str, int, Sequence[Entry]], Awaitable[int]]
"""Appends one atomic batch to a topic's partition and returns the offset of its first record."""
OnProgress = Callable[[int, int], bool]
"""Called with how many records of the changelog are read, and how many there are to read; says whether to go on."""


class Log(Protocol):
    """What recovery reads from Kafka; every call blocks, for a thread."""

    def identity(self, topic: str) -> str:
        """Return what tells this topic from an earlier one of the same name."""

    def ends(self, topic: str, partition: int) -> tuple[int, int]:
        """Return the first offset that is there, and the one that the next record will get."""

    def committed(self, topic: str, partition: int) -> int | None:
        """Return the offset that the group committed."""

    def read(self, topic: str, partition: int, begin: int, end: int) -> Iterator[tuple[bytes, bytes | None, int]]:
        """Return (key, value, offset) of the records in [begin, end)."""


class KafkaLog:
    """`Log` on confluent-kafka; raises its `KafkaException`."""

    def __init__(self, bootstrap: str, group: str) -> None:
        self._bootstrap = bootstrap
        self._settings = {
            "bootstrap.servers": bootstrap,
            "group.id": group,
            "enable.auto.commit": False,
            "enable.partition.eof": True,
            "fetch.message.max.bytes": 8 * 1024 * 1024,
            **LOGGED,
        }

    def identity(self, topic: str) -> str:
        """Return the topic's id, which Kafka gives anew to each topic it makes."""
        admin = AdminClient({"bootstrap.servers": self._bootstrap, **LOGGED})
        described = admin.describe_topics(TopicCollection([topic]), request_timeout=_WAIT_SECONDS)
        return str(described[topic].result().topic_id)

    def ends(self, topic: str, partition: int) -> tuple[int, int]:
        """Return the partition's low and high watermarks."""
        consumer = Consumer(self._settings)
        try:
            low, high = consumer.get_watermark_offsets(TopicPartition(topic, partition), timeout=_WAIT_SECONDS)
            return low, high
        finally:
            consumer.close()

    def committed(self, topic: str, partition: int) -> int | None:
        """Return the group's committed offset."""
        consumer = Consumer(self._settings)
        try:
            (found,) = consumer.committed([TopicPartition(topic, partition)], timeout=_WAIT_SECONDS)
            return None if found.offset < 0 else found.offset
        finally:
            consumer.close()

    def read(self, topic: str, partition: int, begin: int, end: int) -> Iterator[tuple[bytes, bytes | None, int]]:
        """Return the records; raises `TimeoutError` where they do not come."""
        if begin >= end:
            return
        consumer = Consumer(self._settings)
        deadline = time.monotonic() + _WAIT_SECONDS
        try:
            consumer.assign([TopicPartition(topic, partition, begin or OFFSET_BEGINNING)])
            while True:
                messages = consumer.consume(_AT_ONCE, timeout=0.2)
                if messages:
                    deadline = time.monotonic() + _WAIT_SECONDS
                for message in messages:
                    offset = int(message.offset() or 0)
                    if (error := message.error()) is None and offset < end:
                        yield message.key() or b"", message.value(), offset
                    elif error is not None and error.code() != KafkaError._PARTITION_EOF:  # noqa: SLF001 - public
                        raise KafkaException(error)
                    if offset >= end - 1:  # or the end of the partition: what stood last was compacted away
                        return
                if time.monotonic() > deadline:
                    raise TimeoutError(f"{topic}/{partition}: nothing came for {_WAIT_SECONDS:g} s")
        finally:
            consumer.close()


@dataclass(slots=True)
class Recovered:
    """Where a partition goes on: its store, the input positions, its epoch, the changelog's next offset."""

    store: Store
    positions: Positions
    log: str = ""
    epoch: int = 0
    log_next: int = 0
    suspects: set[bytes] = field(default_factory=set)

    @property
    def held(self) -> Held:
        """The same, as the store keeps it."""
        return Held(self.log, self.log_next, self.epoch, dict(self.positions), _as_text(self.suspects))


def read_on(log: Log, store: Store, topic: str, partition: int, on_progress: OnProgress) -> Recovered:
    """Bring the store up to the end of the changelog, or as far as it is when it is told to stop. Blocks."""
    identity = log.identity(topic)
    low, end = log.ends(topic, partition)
    held = store.held()
    if held is not None and (held.log != identity or not low <= held.log_next <= end):
        store.erase()  # of a changelog that was made anew, or lost its beginning or its end
        held = None
    held = held or Held(identity)
    replay = Replay(held.epoch, dict(held.positions), {text.encode("latin-1") for text in held.suspects})
    recovered = Recovered(store, dict(held.positions), identity, held.epoch, held.log_next)
    begin = held.log_next
    for key, value, offset in log.read(topic, partition, begin, end):
        for change in replay.take(key, value):
            reached = Held(identity, offset + 1, replay.epoch, change.positions, _as_text(replay.suspects))
            store.write(change.entries, reached)
            if not on_progress(offset + 1 - begin, end - begin):
                break
    recovered.positions, recovered.epoch, recovered.suspects = replay.positions, replay.epoch, replay.suspects
    recovered.log_next = end
    return recovered


async def take_over(
    topic: str,
    partition: int,
    append: Append,
    read: Callable[[], Awaitable[Recovered]],
) -> Recovered:
    """Read the changelog, claim it, and return once nothing that counts stands between what was read and the claim.

    What stale writers touched is written again. A claim that another writer's append came before is made anew.
    """
    while True:
        recovered = await read()
        epoch = recovered.epoch + 1
        claimed_at = await append(topic, partition, claim(epoch))
        if claimed_at != recovered.log_next:
            continue  # somebody appended meanwhile: read that too
        recovered.epoch, recovered.log_next = epoch, claimed_at + 1
        if recovered.suspects:
            keys = sorted(recovered.suspects)
            valid = dict(zip(keys, recovered.store.get_many(keys), strict=True))
            entries = marked(valid, epoch, recovered.positions)
            appended_at = await append(topic, partition, entries)
            if appended_at != recovered.log_next:
                continue
            recovered.log_next += len(entries)
            recovered.suspects = set()
        recovered.store.write({}, recovered.held)
        return recovered


def _as_text(keys: set[bytes]) -> tuple[str, ...]:
    return tuple(sorted(key.decode("latin-1") for key in keys))
