"""What is known, by keys, such that whatever may link is met by them: a look-up costs the same whatever is known."""

from collections.abc import Hashable, Iterable
from typing import Final, Generic, TypeVar

WHOLE: Final = "v:"
SHORTENED: Final = "s:"
"""Before a plate as it was read, and before what is left of it when a character is lost."""

ItemT = TypeVar("ItemT", bound=Hashable)


def met_by(keys: Iterable[str]) -> frozenset[str]:
    """Return under which keys those are known that may link with what has these; it holds both ways.

    A plate meets its equal, what becomes it by a lost character and what it becomes by one; two plates that would
    only become the same do not meet. A key of any other sort meets its equal.
    """
    return frozenset(met for key in keys for met in _meets(key))


def _meets(key: str) -> tuple[str, ...]:
    if key.startswith(SHORTENED):
        return (WHOLE + key[len(SHORTENED) :],)
    return (key, SHORTENED + key[len(WHOLE) :]) if key.startswith(WHOLE) else (key,)


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
        """Return every item that may link with what has these keys."""
        by_key = self._by_key
        return {item for key in met_by(keys) if key in by_key for item in by_key[key]}
