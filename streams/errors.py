"""What can go wrong in streams.

StreamError
├── EngineError       a rule failed on an event; the event goes to the dead letters
└── GapError          records are missing between the state and the batch at hand
"""


class StreamError(Exception):
    """Base of every error raised by this package."""


class EngineError(StreamError):
    """A rule failed on an event; the engine's state is as it was before."""


class GapError(StreamError):
    """A batch begins after the next record that the state expects: applying it would lose records."""
