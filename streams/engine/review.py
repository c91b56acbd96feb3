"""The review of all alerts after a change of rules, a slice at a time, so that nobody waits for its end.

A slice is one record among the others of the case book; the next one follows at the end of its topic. How far a
review is stands in the state with what it came to, so that a slice that comes twice, or belongs to a review that
another change overtook, changes nothing.
"""

from typing import Final, Literal

from schemas.fields import Strict

MOST_PER_SLICE: Final = 100
"""Events."""

MOST_BYTES: Final = 512 * 1024
"""Of the revisions of a slice, if it is of more than one event: they are one batch with those of the events beside."""


class Review(Strict):
    """The next slice: by which change ("" is the file), and behind which id."""

    type: Literal["review"] = "review"
    change: str
    after: str = ""
