"""Keeps an embedded service alive: one that died is started again on its data and its port."""

import threading
from collections.abc import Callable
from typing import Final, Generic, Protocol, TypeVar

import psutil
import structlog

from infra.services.errors import ServiceError

_POLL_SECONDS: Final = 0.5
_PAUSE_SECONDS: Final = 5.0

log = structlog.get_logger()


class Service(Protocol):
    """What is kept: a process of ours (None: a container, which its engine keeps), and the way to stop it."""

    @property
    def pid(self) -> int | None:
        """The process."""

    @property
    def stop(self) -> Callable[[], None]:
        """Stop it; harmless where it is dead already."""


ServiceT = TypeVar("ServiceT", bound=Service)


class Kept(Generic[ServiceT]):
    """A service that is started again when it dies, until `stop`."""

    def __init__(self, name: str, start: Callable[[], ServiceT]) -> None:
        self._name = name
        self._start = start
        self._stopping = threading.Event()
        self.service = start()
        self._watcher = threading.Thread(target=self._watch, name=name, daemon=True)
        self._watcher.start()

    def stop(self) -> None:
        """Stop the service for good."""
        self._stopping.set()
        self._watcher.join()
        self.service.stop()

    def _watch(self) -> None:
        while not self._stopping.wait(_POLL_SECONDS):
            if self.service.pid is None or _lives(self.service.pid):
                continue
            log.error("service_died", service=self._name)
            try:
                self.service.stop()
                self.service = self._start()
                log.info("service_started_again", service=self._name)
            except ServiceError as error:
                log.error("service_not_started", service=self._name, error=error.what)  # noqa: TRY400 - said in words
                self._stopping.wait(_PAUSE_SECONDS)


def _lives(pid: int) -> bool:
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False
