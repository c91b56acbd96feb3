"""The review of all alerts after a change of rules, a slice at a time, so that nobody waits for its end.

A slice is one record among the others of the case book; the next one follows at the end of its topic. How far a
review is stands in the state with what it came to, so that a slice that comes twice, or belongs to a review that
another change overtook, changes nothing.
"""

from collections.abc import Iterable
from heapq import nsmallest
from typing import Final, Literal

from schemas.fields import Strict
from streams.engine.register import Register
from streams.engine.touched import Scope

MOST_PER_SLICE: Final = 100
"""Events."""

MOST_BYTES: Final = 512 * 1024
"""Of the revisions of a slice, if it is of more than one event: they are one batch with those of the events beside."""


class Review(Strict):
    """The next slice: by which change ("" is the file), and behind which id."""

    type: Literal["review"] = "review"
    change: str
    after: str = ""


def due(register: Register, after: str, most: int = MOST_PER_SLICE) -> list[str]:
    """Return the next ids, in their order, of what alerts may be about."""
    return nsmallest(most, {key for key in register.reported if key > after})


def scope_of(register: Register, ids: Iterable[str]) -> Scope:
    """Return all that alerts about the events or refused messages with these ids can be about."""
    scope = Scope()
    for key in ids:
        known = register.get(key)
        scope.join(register.scope(known.event) if known else Scope({key}))
    return scope
