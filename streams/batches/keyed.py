"""A state of values by key: all in memory, or what is not durable yet in memory above RocksDB."""

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Generic, TypeVar

from streams.batches.stores import MemoryStore, Store

ValueT = TypeVar("ValueT")


class Keyed(Generic[ValueT]):
    """Values by key. `change` is seen at once; `kept` says that the store has the oldest change by now."""

    def __init__(self, store: Store, load: Callable[[bytes], ValueT]) -> None:
        self._store = store
        self._load = load
        self._memory: dict[bytes, ValueT] | None = None
        self._under_way: deque[Mapping[bytes, ValueT | None]] = deque()
        if isinstance(store, MemoryStore):
            self._memory = {key: load(value) for key, value in store.items()}

    def many(self, keys: Iterable[bytes]) -> dict[bytes, ValueT]:
        """Return the values of those keys that have one."""
        if (memory := self._memory) is not None:
            return {key: memory[key] for key in keys if key in memory}
        found: dict[bytes, ValueT | None] = {}
        absent = list(keys)
        for layer in reversed(self._under_way):
            found |= {key: layer[key] for key in absent if key in layer}
            absent = [key for key in absent if key not in layer]
        if absent:
            load = self._load
            stored = zip(absent, self._store.get_many(absent), strict=True)
            found |= {key: load(value) for key, value in stored if value is not None}
        return {key: value for key, value in found.items() if value is not None}

    def change(self, changed: Mapping[bytes, ValueT | None]) -> None:
        """Take what an engine changed (None deletes)."""
        if self._memory is None:
            self._under_way.append(changed)
            return
        for key, value in changed.items():
            if value is None:
                self._memory.pop(key, None)
            else:
                self._memory[key] = value

    def kept(self) -> None:
        """Let go of the oldest change: the store has it."""
        if self._memory is None:
            self._under_way.popleft()

    def items(self) -> Iterator[tuple[bytes, ValueT]]:
        """Return every value, for a look from outside."""
        if self._memory is not None:
            return iter(self._memory.items())
        values: dict[bytes, ValueT | None] = {key: self._load(value) for key, value in self._store.items()}
        for layer in self._under_way:
            values |= layer
        return ((key, value) for key, value in values.items() if value is not None)
