"""What can go wrong in consumers.

ConsumerError
├── ContentConflictError a revision came again with other content
└── DatabaseAwayError    PostgreSQL does not answer
"""


class ConsumerError(Exception):
    """Base of every error raised by this package."""


class ContentConflictError(ConsumerError):
    """A revision came again with other content; the first one holds."""


class DatabaseAwayError(ConsumerError):
    """PostgreSQL does not answer."""
