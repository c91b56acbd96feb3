"""A table whose state and input position are kept as one: both or neither survive a crash.

One batch of input makes one changelog batch, which Kafka appends atomically: the changed entries
and, last, the position of the input they came from. Recovery holds the entries of a batch until
its position is read, so a half-read batch is never applied.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Final, Generic, Protocol, TypeVar, cast

import faust
from faust.stores import memory
from faust.types import TP

from streams.batches.app import BatchApp
from streams.batches.positions import due
from streams.batches.records import InputRecord, from_message

POSITION: Final = b"\xff\x00next-offset"


class State(Protocol):
    """What a table holds for one partition."""

    def load(self, key: bytes, value: bytes | None) -> None:
        """Take back one entry of an earlier change (None deletes it)."""


StateT = TypeVar("StateT", bound=State)


class StateStore(memory.Store[bytes, bytes], Generic[StateT]):
    """The states of the partitions that this worker owns, and the next input offset of each."""

    new_state: Callable[[], StateT]
    input_topic: str

    def __post_init__(self) -> None:
        """Begin empty."""
        super().__post_init__()
        self.states: dict[int, StateT] = {}
        self.next_offsets: dict[int, int] = {}
        self._held: dict[int, list[tuple[bytes, bytes | None]]] = defaultdict(list)

    def of(self, partition: int) -> StateT:
        """Return the partition's state, a new one where there is none."""
        if partition not in self.states:
            self.states[partition] = self.new_state()
        return self.states[partition]

    def apply_changelog_batch(self, batch: Iterable[Any], to_key: object, to_value: object) -> None:  # noqa: ARG002
        """Take records of the changelog; entries count only once the position that ends their batch is here."""
        for event in batch:
            message = event.message
            held = self._held[message.partition]
            if message.key != POSITION:
                held.append((message.key, message.value))
                continue
            position = int(message.value)
            if position > self.next_offsets.get(message.partition, -1):
                state = self.of(message.partition)
                for key, value in held:
                    state.load(key, value)
                self.next_offsets[message.partition] = position
            held.clear()

    async def on_rebalance(
        self, assigned: set[TP], revoked: set[TP], newly_assigned: set[TP], generation_id: int = 0
    ) -> None:
        """Forget the partitions that go or come: what comes is read from the changelog."""
        del assigned, generation_id
        for tp in revoked | newly_assigned:
            if tp.topic == self.table.changelog_topic.get_topic_name():
                for kept in (self.states, self.next_offsets, self._held):
                    kept.pop(tp.partition, None)

    async def on_recovery_completed(self, active_tps: set[TP], standby_tps: set[TP]) -> None:
        """Begin at the start of the input where the changelog knows no position, and stop reading the changelog."""
        del standby_tps
        self.app.consumer.pause_partitions(active_tps)  # else a first start would read back its own writes
        new = [TP(self.input_topic, tp.partition) for tp in active_tps if tp.partition not in self.next_offsets]
        if new:
            for tp, offset in (await self.app.consumer.earliest_offsets(*new)).items():
                self.next_offsets[tp.partition] = offset


class StateTable(faust.Table[bytes, bytes], Generic[StateT]):
    """A Faust table of one state per partition, changed only by `begin` and `keep`."""

    def __init__(
        self, app: BatchApp, *, name: str, input_topic: str, partitions: int, new_state: Callable[[], StateT]
    ) -> None:
        super().__init__(app, name=name, partitions=partitions, key_type=bytes, value_type=bytes)
        self._app = app
        self._input_topic = input_topic
        self._new_state = new_state

    def _new_store(self) -> StateStore[StateT]:
        store: StateStore[StateT] = StateStore("memory://", self.app, self, table_name=self.name)
        store.input_topic = self._input_topic
        store.new_state = self._new_state
        return store

    @property
    def store(self) -> StateStore[StateT]:
        """The states of this worker."""
        return cast(StateStore[StateT], self.data)

    def begin(self, events: Sequence[Any]) -> tuple[int, StateT, Sequence[InputRecord]]:
        """Return partition, state and the records that are due, for the events of one partition."""
        records = [from_message(event.message) for event in events]
        partition = records[0].partition
        return partition, self.store.of(partition), due(records, self.store.next_offsets[partition])

    async def keep(self, partition: int, changed: Mapping[bytes, bytes | None], applied: Sequence[InputRecord]) -> None:
        """Make durable what applying these records changed, together with the position after them."""
        next_offset = applied[-1].offset + 1
        entries = [*changed.items(), (POSITION, str(next_offset).encode())]
        await self._app.send_batch(self.changelog_topic_name, partition, entries)
        self.store.next_offsets[partition] = next_offset


def by_partition(events: Iterable[Any]) -> Iterable[list[Any]]:
    """Return the events of each partition together, in their order."""
    groups: dict[int, list[Any]] = defaultdict(list)
    for event in events:
        groups[event.message.partition].append(event)
    return groups.values()
