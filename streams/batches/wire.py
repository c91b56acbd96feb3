"""What partitions need of Kafka, on Faust's producer: whole batches, acknowledged by every in-sync replica."""

import time
from collections.abc import Awaitable, Callable, Sequence
from functools import lru_cache
from typing import Any, Final

from aiokafka.partitioner import murmur2

from streams.batches.changelog import Entry
from streams.batches.records import Output

LARGEST_REQUEST_BYTES: Final = 6 * 1024 * 1024 - 64 * 1024
"""Of a batch too: the topics must accept as much (``max.message.bytes``), or a worker stands still before it."""


class KafkaWire:
    """`partitions.Wire` on an aiokafka producer, which `producer` returns once it is started."""

    def __init__(self, producer: Callable[[], Any], may_commit: Callable[[str, int, int], None]) -> None:
        self._producer = producer
        self.may_commit = may_commit
        self._counts: dict[str, int] = {}

    async def partitions(self, topic: str) -> int:
        """Return how many partitions a topic has; they never change while a worker runs."""
        if topic not in self._counts:
            self._counts[topic] = len(await self._producer().partitions_for(topic))
        return self._counts[topic]

    async def publish(self, outputs: Sequence[Output]) -> Sequence[Awaitable[object]]:
        """Queue the outputs, those of one partition as one batch; raises `OverflowError` for one that is too large."""
        groups: dict[tuple[str, int], list[Output]] = {}
        for output in outputs:
            number = output.partition
            if number is None:
                number = partition_of(output.key, await self.partitions(output.topic))
            groups.setdefault((output.topic, number), []).append(output)
        sent: list[Awaitable[object]] = []
        for (topic, number), group in groups.items():
            batch, now = self._producer().create_batch(), _milliseconds()
            for output in group:
                fields = {"timestamp": now, "key": output.key, "value": output.value, "headers": list(output.headers)}
                if batch.append(**fields) is not None:
                    continue
                sent.append(await self._producer().send_batch(batch, topic, partition=number))
                batch = self._producer().create_batch()
                if batch.append(**fields) is None:
                    raise OverflowError(f"a record for {topic} exceeds {LARGEST_REQUEST_BYTES} bytes")
            sent.append(await self._producer().send_batch(batch, topic, partition=number))
        return sent

    async def append(self, topic: str, partition: int, entries: Sequence[Entry]) -> int:
        """Append one atomic batch, return its first offset; raises `OverflowError` where the entries are too large."""
        batch, now = self._producer().create_batch(), _milliseconds()
        append = batch.append
        for key, value in entries:
            if append(timestamp=now, key=key, value=value) is None:
                raise OverflowError(f"a batch for {topic} exceeds {LARGEST_REQUEST_BYTES} bytes")
        acknowledged = await (await self._producer().send_batch(batch, topic, partition=partition))
        return int(acknowledged.offset)


@lru_cache(maxsize=100_000)
def partition_of(key: bytes, partitions: int) -> int:
    """Return the partition of a key, as Java's clients and librdkafka's `murmur2` choose it."""
    return int(murmur2(key) & 0x7FFFFFFF) % partitions


def _milliseconds() -> int:
    return time.time_ns() // 1_000_000
