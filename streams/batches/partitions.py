"""Who owns what, what is due, and the order in which a batch becomes durable.

Positions come from the state, never from what the consumer group has committed or the client has in
flight. Input topics are neither compacted nor transactional, so their offsets have no holes: what stands
before the position was applied already, and what begins beyond it means that records are missing
between. That is never applied: the input is rewound to the position.

One batch becomes durable in this order: its outputs are acknowledged, then its changelog batch, then the
local store has it, then its input offset may be committed. Batches of a partition follow each other
through these steps and never overtake; a few are under way at a time.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, Generic, Protocol, TypeVar

from streams.batches.changelog import Entry, Positions, marked
from streams.batches.records import Outcome, Output, RawRecord
from streams.batches.recovery import Recovered
from streams.batches.stores import Held
from streams.errors import GapError, IntrusionError

MOST_UNDER_WAY: Final = 4

StateT = TypeVar("StateT")


class Wire(Protocol):
    """What a partition needs of Kafka."""

    async def publish(self, outputs: Sequence[Output]) -> Sequence[Awaitable[object]]:
        """Queue the outputs, and return what is done once every in-sync replica has them."""

    async def append(self, topic: str, partition: int, entries: Sequence[Entry]) -> int:
        """Append one atomic batch and return the offset of its first record."""

    def may_commit(self, topic: str, partition: int, next_offset: int) -> None:
        """Everything before this input offset is durable."""


def due(records: Sequence[RawRecord], next_offset: int) -> Sequence[RawRecord]:
    """Return the records of one partition, in order of offset, that are to be applied.

    Raises `GapError` where the first of them, or any later one, is not the next: a gap is never applied.
    """
    first, last = records[0].offset(), records[-1].offset()
    if last < next_offset:
        return ()
    if first > next_offset or last - first != len(records) - 1:
        raise GapError(records[0].topic(), records[0].partition(), expected=next_offset, came=first)
    return records[next_offset - first :]


@dataclass(eq=False)
class Partition(Generic[StateT]):
    """One partition that this worker owns: its state, and what is under way to make it durable."""

    number: int
    changelog: str | None
    recovered: Recovered
    state: StateT
    wire: Wire
    _last: "asyncio.Task[None] | None" = None
    _publishing: asyncio.Lock = field(default_factory=asyncio.Lock)
    _slots: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(MOST_UNDER_WAY))

    @property
    def positions(self) -> Positions:
        """The next offset of each input topic, as far as the state has applied it."""
        return self.recovered.positions

    def due(self, topic: str, records: Sequence[RawRecord]) -> Sequence[RawRecord]:
        """Return the records that the state has not applied; raises `GapError`."""
        return due(records, self.positions[topic])

    async def free(self) -> None:
        """Return once another batch may be applied."""
        await self._slots.acquire()

    def release(self) -> None:
        """Give back what `free` waited for, unused."""
        self._slots.release()

    def apply(
        self, topic: str, records: Sequence[RawRecord], process: Callable[[StateT, Sequence[RawRecord]], Outcome]
    ) -> "asyncio.Task[None]":
        """Apply records that are due and begin to make them durable, in the place that `free` waited for.

        Nothing can come between the change of the state and its place in the queue: this does not wait.
        """
        outcome = process(self.state, records)
        self.positions[topic] = records[-1].offset() + 1
        task = asyncio.create_task(self._make_durable(topic, outcome, dict(self.positions), self._last))
        task.add_done_callback(lambda _: self._slots.release())
        self._last = task
        return task

    async def _make_durable(
        self, topic: str, outcome: Outcome, positions: Positions, before: "asyncio.Task[None] | None"
    ) -> None:
        async with self._publishing:  # else outputs of a later batch could come before those of this one
            published = await self.wire.publish(outcome.outputs)
        for acknowledged in published:
            await acknowledged
        if before is not None:
            await before
        if self.changelog is not None:
            await self._keep(self.changelog, outcome.changed, positions)
        if outcome.kept is not None:
            outcome.kept()
        self.wire.may_commit(topic, self.number, positions[topic])

    async def _keep(self, changelog: str, changed: Mapping[bytes, bytes | None], positions: Positions) -> None:
        recovered = self.recovered
        entries = marked(changed, recovered.epoch, positions)
        expected = recovered.log_next
        offset = await self.wire.append(changelog, self.number, entries)
        if offset != expected:
            raise IntrusionError(f"{changelog}/{self.number}: another writer appended at {expected}")
        recovered.log_next = offset + len(entries)
        recovered.store.write(changed, Held(recovered.log, recovered.log_next, recovered.epoch, positions))

    async def settle(self, seconds: float) -> bool:
        """Wait until nothing is under way; False where it took longer, or failed."""
        if self._last is None:
            return True
        done, _ = await asyncio.wait({self._last}, timeout=seconds)
        return bool(done) and self._last.exception() is None

    def close(self) -> None:
        """Let go of the store's files."""
        self.recovered.store.close()


class Owned(Generic[StateT]):
    """The partitions of one job that this worker owns, through every rebalance.

    `ready` makes a partition ready, given what this worker had of it before, if anything.
    """

    def __init__(
        self,
        ready: Callable[[int, Partition[StateT] | None], Awaitable[Partition[StateT]]],
        on_failure: Callable[[BaseException], Any],
    ) -> None:
        self._ready = ready
        self._on_failure = on_failure
        self._partitions: dict[int, asyncio.Task[Partition[StateT]]] = {}
        self._assigned = asyncio.Event()

    async def take(self, number: int) -> Partition[StateT] | None:
        """Return the partition, recovered and with a free place for one batch; None where it is not this worker's.

        Call `apply` at once, without waiting for anything: only then is it certain that it still is.
        """
        while True:
            await self._assigned.wait()
            task = self._partitions.get(number)
            if task is None:
                return None
            await asyncio.wait({task})
            if task.cancelled():
                continue
            partition = task.result()
            await partition.free()
            if self._assigned.is_set() and self._partitions.get(number) is task:
                return partition
            partition.release()

    async def suspend(self, seconds: float) -> None:
        """Partitions are being taken away: finish what is under way, and forget what does not finish."""
        self._assigned.clear()
        for number, task in list(self._partitions.items()):
            if not task.done():
                task.cancel()
                await asyncio.wait({task}, timeout=seconds)
                del self._partitions[number]
            elif not await task.result().settle(seconds):
                self._partitions.pop(number).result().close()

    def assign(self, numbers: set[int]) -> None:
        """Own these from now on: keep those whose state is current, recover the others."""
        for number in self._partitions.keys() - numbers:
            self._partitions.pop(number).result().close()
        for number in sorted(numbers):
            had = self._partitions.get(number)
            task = asyncio.ensure_future(self._ready(number, had.result() if had else None))
            task.add_done_callback(self._check)
            self._partitions[number] = task
        self._assigned.set()

    @property
    def recovered(self) -> bool:
        """Whether every partition assigned is recovered."""
        return self._assigned.is_set() and all(task.done() for task in self._partitions.values())

    def partitions(self) -> list[Partition[StateT]]:
        """Return those that are recovered."""
        return [task.result() for task in self._partitions.values() if task.done() and not task.cancelled()]

    def _check(self, task: "asyncio.Task[Partition[StateT]]") -> None:
        if not task.cancelled() and (error := task.exception()) is not None:
            self._on_failure(error)
