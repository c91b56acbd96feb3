"""What can go wrong in streams.

StreamError
├── EngineError       a rule failed on an event; the event goes to the dead letters
├── GapError          records are missing between the state and the batch at hand
├── IntrusionError    another writer appended to a changelog that this worker owns
└── TopicsMismatchError  a changelog does not have the partitions of its input
"""


class StreamError(Exception):
    """Base of every error raised by this package."""


class EngineError(StreamError):
    """A rule failed on an event; the engine's state is as it was before."""


class GapError(StreamError):
    """A batch begins after the next record that the state expects: applying it would lose records."""

    def __init__(self, topic: str, partition: int, *, expected: int, came: int) -> None:
        super().__init__(f"{topic}/{partition}: offset {expected} is missing, {came} came")
        self.expected = expected


class IntrusionError(StreamError):
    """Another worker wrote to this one's changelog, so one of the two is stale; a restart finds out which."""


class TopicsMismatchError(StreamError):
    """A changelog's partitions are not those of its input: state would be lost in silence."""
