"""What can go wrong for a producer.

ProducerError
├── NotPublishedError       Kafka did not acknowledge everything in time
├── OtherStationError       a device was given the message of another station
├── SpoolError              the spool cannot be read or written; an event being published is not stored
│   └── SpoolFullError      a limit of the spool is reached
├── NotImportedError        an import cannot begin or go on (`importing/progress.py`)
├── ScenarioError           a scenario cannot be simulated (`simulator/scenario.py`)
├── GatewayError            a request that is not taken; carries its outcome (`gateway/answers.py`)
└── NotLoopbackError        without tokens the gateway would be open to a network (`gateway/access.py`)
"""


class ProducerError(Exception):
    """Base of every error raised by this package."""


class NotPublishedError(ProducerError):
    """Kafka did not acknowledge `remaining` records in time, or refused them; none of those may be forgotten."""

    def __init__(self, remaining: int, why: str) -> None:
        super().__init__(f"{remaining} records are not acknowledged by Kafka: {why}")
        self.remaining = remaining


class OtherStationError(ProducerError):
    """A device publishes for its own station alone."""


class SpoolError(ProducerError):
    """The spool cannot do it. Where an event was being published, that event is not stored."""


class SpoolFullError(SpoolError):
    """The spool holds as much as it may; there is room again as soon as Kafka has acknowledged some of it."""
