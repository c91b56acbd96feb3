"""What is known, by keys of which two that link have one in common: a look-up costs the same whatever is known."""

from collections.abc import Hashable, Iterable
from typing import Generic, TypeVar

ItemT = TypeVar("ItemT", bound=Hashable)


class Index(Generic[ItemT]):
    """Items by their keys, each once under a key. Most keys have one item: tuples are smaller than sets."""

    def __init__(self) -> None:
        self._by_key: dict[str, tuple[ItemT, ...]] = {}

    def add(self, item: ItemT, keys: Iterable[str]) -> None:
        """Take in an item that is not here."""
        for key in keys:
            self._by_key[key] = (*self._by_key.get(key, ()), item)

    def remove(self, item: ItemT, keys: Iterable[str]) -> None:
        """Forget an item that is here, under the keys with which it was added."""
        for key in keys:
            left = tuple(one for one in self._by_key[key] if one != item)
            if left:
                self._by_key[key] = left
            else:
                del self._by_key[key]

    def near(self, keys: Iterable[str]) -> set[ItemT]:
        """Return every item that has one of these keys."""
        by_key = self._by_key
        return {item for key in keys if key in by_key for item in by_key[key]}
