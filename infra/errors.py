"""What can go wrong around the product; each text says what, where and what to do.

InfraError
├── SettingsError        a setting is wrong
├── TopicsError          the broker's topics do not fit the catalogue
├── WorkerError          a process did not get ready
├── OutputError          a file that was asked for cannot be written
├── PairsError           a table of pairs cannot be compared as it is
├── NoSuchAlertError     an alert that is asked about does not stand
├── TruthError           a file of the truth is none
├── DeadLetterError      a dead letter is not there, or cannot be sent again as it is
├── NotListeningError    an address is taken, or is none of this machine's
├── NotReportedError     the gateway did not take an event of an exercise
├── NotRunningError      nothing runs on this data directory
├── NotTakenError        the interface of contact points does not do what it was asked for
└── IncompleteError      not everything published was accounted for in time
"""


class InfraError(Exception):
    """Base of every error raised by this package, beside `services.errors.ServiceError`."""


class SettingsError(InfraError):
    """A setting is wrong; names the variable."""

    def __init__(self, variable: str, why: str) -> None:
        super().__init__(f"{variable} {why}")
        self.variable = variable


class TopicsError(InfraError):
    """A topic is missing or has another number of partitions than the catalogue says."""


class WorkerError(InfraError):
    """A process of ours did not get ready."""


class OutputError(InfraError):
    """A file that was asked for cannot be written."""


class PairsError(InfraError):
    """A table of pairs cannot be compared as it is; names file, line, column and reason."""


class NoSuchAlertError(InfraError):
    """An alert that is asked about does not stand."""


class TruthError(InfraError):
    """A file that should say what is true of a simulation, and does not."""


class DeadLetterError(InfraError):
    """There is no such dead letter, or it cannot be sent again as it is."""


class NotListeningError(InfraError):
    """An address to listen on is taken, or is none of this machine's."""


class NotRunningError(InfraError):
    """Nothing runs on this data directory."""


class NotTakenError(InfraError):
    """The interface of contact points does not do what it was asked for, and says why."""


class IncompleteError(InfraError):
    """Not everything that was published was accounted for in time."""


class NotReportedError(InfraError):
    """The gateway did not take an event of an exercise; says what it answered."""
