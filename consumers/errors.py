"""What can go wrong in consumers.

ConsumerError
├── ConfigurationError   contact points or routes do not say what they must
└── ContentConflictError a revision came again with other content
"""


class ConsumerError(Exception):
    """Base of every error raised by this package."""


class ConfigurationError(ConsumerError):
    """A configuration file is wrong; the text names the file, the field and the reason."""


class ContentConflictError(ConsumerError):
    """A revision came again with other content; the first one holds."""
