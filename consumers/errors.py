"""What can go wrong in consumers.

ConsumerError
└── ContentConflictError a revision came again with other content
"""


class ConsumerError(Exception):
    """Base of every error raised by this package."""


class ContentConflictError(ConsumerError):
    """A revision came again with other content; the first one holds."""
