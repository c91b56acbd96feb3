"""What can go wrong for a producer.

ProducerError
└── NotPublishedError     Kafka did not acknowledge everything in time
"""


class ProducerError(Exception):
    """Base of every error raised by this package."""


class NotPublishedError(ProducerError):
    """Kafka did not acknowledge `remaining` records in time, or refused them; none of those may be forgotten."""

    def __init__(self, remaining: int, why: str) -> None:
        super().__init__(f"{remaining} records are not acknowledged by Kafka: {why}")
        self.remaining = remaining
