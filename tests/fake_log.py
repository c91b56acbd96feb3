"""Stand-ins for Kafka: a record, a changelog in memory, and the wire to it."""

import asyncio
from collections.abc import Awaitable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from streams.batches.changelog import Entry


@dataclass(frozen=True)
class Raw:
    """A record as the client gives it."""

    at: int
    content: bytes = b""

    def topic(self) -> str:
        return "input"

    def partition(self) -> int:
        return 0

    def offset(self) -> int:
        return self.at

    def key(self) -> bytes | None:
        return None

    def value(self) -> bytes | None:
        return self.content

    def headers(self) -> None:
        return None


@dataclass
class FakeLog:
    """A changelog in memory, that appends whole batches and reads them back."""

    records: list[Entry] = field(default_factory=list)
    identified: str = "one"

    async def append(self, _: str, __: int, entries: Sequence[Entry]) -> int:
        self.records += entries
        return len(self.records) - len(entries)

    def identity(self, _: str) -> str:
        return self.identified

    def ends(self, _: str, __: int) -> tuple[int, int]:
        return 0, len(self.records)

    def committed(self, _: str, __: int) -> int | None:
        raise AssertionError("a job with a state does not ask what was committed")

    def read(self, _: str, __: int, begin: int, end: int) -> Iterator[tuple[bytes, bytes | None, int]]:
        for offset in range(begin, end):
            yield *self.records[offset], offset


class Wire(FakeLog):
    """A log that also takes outputs, and notes the order of everything."""

    def __init__(self) -> None:
        super().__init__()
        self.steps: list[str] = []

    async def publish(self, outputs: Sequence[Any]) -> Sequence[Awaitable[object]]:
        for output in outputs:
            await asyncio.sleep(0)  # another task may come between
            self.steps.append(f"out {output}")
        return [asyncio.sleep(0)]

    async def append(self, topic: str, partition: int, entries: Sequence[Entry]) -> int:
        self.steps.append(f"log {len(entries)}")
        await asyncio.sleep(0)
        return await super().append(topic, partition, entries)

    def may_commit(self, topic: str, partition: int, next_offset: int) -> None:
        self.steps.append(f"commit {topic}/{partition} {next_offset}")


def offsets(records: Any) -> list[int]:
    return [one.offset() for one in records]
