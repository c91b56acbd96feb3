"""What can go wrong in consumers.

ConsumerError
├── ContentConflictError a revision came again with other content
├── NotEscalatedError    a clock that is due cannot be acted on
├── ExerciseError        an exercise cannot be started, stopped or reported on
└── DatabaseAwayError    PostgreSQL does not answer
"""


class ConsumerError(Exception):
    """Base of every error raised by this package."""


class ContentConflictError(ConsumerError):
    """A revision came again with other content; the first one holds."""


class NotEscalatedError(ConsumerError):
    """A clock that is due cannot be acted on: that of this alert at this contact point."""

    def __init__(self, alert_id: str, contact_point: str) -> None:
        super().__init__(f"{alert_id} at {contact_point}")
        self.alert_id = alert_id
        self.contact_point = contact_point


class ExerciseError(ConsumerError):
    """An exercise cannot be started, stopped or reported on; says why."""


class DatabaseAwayError(ConsumerError):
    """PostgreSQL does not answer."""
