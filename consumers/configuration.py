"""Routes, contact points, duties and tokens in force: the last that could be read whole, and read again when asked."""

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from queue import SimpleQueue

import structlog
from prometheus_client import Counter, Gauge

from consumers.api.access import NOBODY, Tokens, load_tokens
from consumers.contact_points import ContactPoint, load_contact_points
from consumers.duties import NO_DUTIES, Duties, load_duties
from consumers.routing import RoutingTable, load_routes
from schemas.errors import ConfigurationError

log = structlog.get_logger()
_valid = Gauge("border_consumers_configuration_valid", "Whether the files were right when they were last read")
_reloads = Counter("border_consumers_configuration_reloads_total", "Times that the files were read again", ["result"])


class ReloadStatus(StrEnum):
    """What came of reading the files again; a metric label."""

    IN_FORCE = "in_force"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Configuration:
    """Who is told of what, how they can be told, who is called where nobody answers, and whose tokens are taken."""

    table: RoutingTable
    contact_points: Mapping[str, ContactPoint]
    duties: Duties = NO_DUTIES
    tokens: Tokens = NOBODY


def load_configuration(
    routes: Path,
    contact_points: Path,
    environment: Mapping[str, str],
    duties: Path | None = None,
    tokens: Path | None = None,
) -> Configuration:
    """Read the files; raises `ConfigurationError` where one is wrong, or does not fit another."""
    points = load_contact_points(contact_points, environment)
    called = NO_DUTIES if duties is None else load_duties(duties, points)
    known = NOBODY if tokens is None else load_tokens(tokens)
    return Configuration(load_routes(routes, points), points, called, known)


class Reloadable:
    """The configuration in force. The first must be right; a later one that is wrong changes nothing."""

    def __init__(self, load: Callable[[], Configuration]) -> None:
        """Load the first one; raises what `load` raises."""
        self._load = load
        self._configuration = load()
        self._asked: SimpleQueue[None] = SimpleQueue()
        _valid.set(1)
        threading.Thread(target=self._answer, name="configuration", daemon=True).start()

    def in_force(self) -> Configuration:
        """Return the last configuration that was right."""
        return self._configuration

    def ask(self) -> None:
        """Have the files read again, soon and on another thread; may be called from a signal's handler."""
        self._asked.put(None)

    def reload(self) -> ReloadStatus:
        """Read the files again; where they are wrong, say so in the log and the metrics, and change nothing."""
        try:
            self._configuration = self._load()
        except ConfigurationError as error:  # its text names file, line and field
            log.error("configuration_refused", error=str(error))  # noqa: TRY400 - said in words
            status = ReloadStatus.REFUSED
        else:
            log.info("configuration_in_force")
            status = ReloadStatus.IN_FORCE
        _valid.set(status is ReloadStatus.IN_FORCE)
        _reloads.labels(status.value).inc()
        return status

    def _answer(self) -> None:
        while True:
            self._asked.get()
            self.reload()
