"""The errors of the services, each saying what happened, where, and what to do.

::

    ServiceError
    ├── DirectoryInUseError     another process runs on this data directory
    ├── DirectoryError          the directory cannot hold a service
    ├── DownloadError           Kafka's jars cannot be fetched or are not what they should be
    ├── StartError              a process could not be started, ended early or never got ready
    ├── AccountError            running as root, and no account for PostgreSQL can be had
    └── ContainerError          the container engine did not give us the service
"""

from __future__ import annotations


class ServiceError(Exception):
    """A service cannot be had. Its text is meant for the person at the terminal."""

    def __init__(self, what: str, *, where: str, remedy: str) -> None:
        self.what = what
        self.where = where
        self.remedy = remedy
        super().__init__(f"{what}\n  where: {where}\n  what to do: {remedy}")


class DirectoryInUseError(ServiceError):
    """Another process holds the lock of this directory; `pid` is None if it cannot be told."""

    def __init__(self, what: str, *, where: str, remedy: str, pid: int | None) -> None:
        self.pid = pid
        super().__init__(what, where=where, remedy=remedy)


class DirectoryError(ServiceError):
    """The directory cannot hold a service: not writable, or its path cannot be used."""


class DownloadError(ServiceError):
    """Kafka's jars cannot be fetched, or are not the ones that were locked."""


class StartError(ServiceError):
    """A service could not be started, ended early, or was not ready by its deadline."""


class AccountError(ServiceError):
    """PostgreSQL refuses to run as root, and there is no other account to run it as."""


class ContainerError(ServiceError):
    """The container engine is missing, failed, or took longer than its limit."""
