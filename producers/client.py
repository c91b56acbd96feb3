"""What a station's device calls: publish an event, know that it is kept, and hear what is known of the car."""

import hashlib
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Final, Self

import structlog

from producers.device.kafka_clock import Clock, KafkaClock
from producers.device.notices import NoticeReader
from producers.device.sender import Sender, SenderStatus
from producers.device.status import STATUS_SECONDS, Device, StatusReporter
from producers.errors import NotPublishedError, OtherStationError
from producers.spool.repair import Damage
from producers.spool.store import Spool, SpoolLimits
from schemas import stations
from schemas.codec import decode, encode
from schemas.danger import read_danger
from schemas.devices import Notice
from schemas.errors import Refusal
from schemas.events import Incident
from schemas.messages import AnyMessage
from schemas.records import Record, line_record, message_record

_POLL_SECONDS: Final = 0.02
_AWAY_SECONDS: Final = 1.0
"""As long as leaving waits at least, so that a broker that is there has time to answer."""

log = structlog.get_logger()


def utc_now() -> datetime:
    """Return the device's own time."""
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class Pace:
    """How often the device reports on itself, and how long leaving waits for a broker that is there."""

    status_seconds: float = STATUS_SECONDS
    close_seconds: float = 5.0


class StationClient:
    """Publishes what a station reports, and never loses any of it. Several threads and processes may share a spool.

    >>> with StationClient("127.0.0.1:9092", station="SI-OBR", spool=Path("spool")) as client:
    ...     client.publish(b'{"type": "incident", ...}')

    Raises `schemas.errors.UnknownStationError` and `producers.errors.SpoolError`.
    """

    def __init__(  # noqa: PLR0913 - what differs from device to device
        self,
        bootstrap: str,
        *,
        station: str,
        spool: Path,
        version: str | None = None,
        clock: Clock = utc_now,
        limits: SpoolLimits | None = None,
        pace: Pace | None = None,
    ) -> None:
        self._station = stations.station(station).code
        self._pace = pace or Pace()
        self._clock = clock
        self._spool = Spool(spool, clock, limits)
        self._closed = threading.Event()
        kafka_clock = KafkaClock(clock)
        device = Device(station, version, clock)
        self._sender = Sender(
            bootstrap,
            self._spool,
            lambda: StatusReporter(bootstrap, self._spool, device, kafka_clock, self._pace.status_seconds),
        )
        self._notices = NoticeReader(bootstrap, station, self._spool, kafka_clock)
        self._sender.start()

    def publish(self, event: AnyMessage | bytes) -> AnyMessage:
        """Check an event, given as a model or as its JSON, store it, and return it. It is on the disk by then.

        Raises `schemas.errors.Refusal` with the same texts as intake, `OtherStationError`, and `SpoolError`
        or `SpoolFullError`; the event is then not stored. But one that says that life is at risk is stored
        and sent as it stands all the same when it is refused or another station's, because a form error
        must not cost a life. Not even the time is checked: the device's own clock may be wrong.
        """
        line = event if isinstance(event, bytes) else encode(event)
        try:
            message = decode(line)
        except Refusal as refusal:
            if read_danger(line, refusal.reason) is not None:
                self._store(*self._as_it_stands(line))
            raise
        station = getattr(message, "station", self._station)
        if station != self._station:
            if isinstance(message, Incident) and message.is_life_at_risk:
                self._store(message.id, message_record(message))
            raise OtherStationError(f"the message is of {station}, and this device publishes for {self._station} alone")
        self._store(message.id, message_record(message))
        return message

    def flush(self, timeout_seconds: float) -> None:
        """Wait until Kafka has acknowledged all that was stored before; raises `NotPublishedError`."""
        ends = self._spool.ends
        if ends is None:
            return
        first, last = ends
        deadline = time.monotonic() + timeout_seconds
        self._sender.wake()
        while (ends := self._spool.ends) is not None and ends[0] <= last:
            if time.monotonic() >= deadline:
                raise NotPublishedError(self.waiting, f"no answer in time ({self._sender.status.value})")
            time.sleep(_POLL_SECONDS)
        if set_aside := self._spool.set_aside_between(first, last):
            raise NotPublishedError(set_aside, "refused by Kafka or damaged; they are kept in the spool")

    @property
    def waiting(self) -> int:
        """How many records are not acknowledged yet."""
        return self._spool.waiting

    @property
    def damage(self) -> tuple[Damage, ...]:
        """What the spool's file has lost, if anything."""
        return self._spool.damage

    def notices(self, timeout_seconds: float | None = None) -> Iterator[Notice]:
        """Return the station's notices as they come, each at least once over all runs of the device.

        One counts as taken when the next is asked for. Ends when the client is closed, or after so many
        seconds without one; at the first time it begins an hour ago.
        """
        return self._notices.read(timeout_seconds, self._closed.is_set)

    def close(self) -> None:
        """Stop; what Kafka has not acknowledged by then stays in the spool. Harmless when called again."""
        if self._closed.is_set():
            return
        self._closed.set()
        started_at = time.monotonic()
        self._sender.wake()
        while self._may_still_send(time.monotonic() - started_at):
            time.sleep(_POLL_SECONDS)
        self._sender.stop()
        if waiting := self._spool.waiting:
            log.warning("spool_not_empty", waiting=waiting)
        self._spool.close()

    def __enter__(self) -> Self:
        """Return the client itself."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close it."""
        self.close()

    def _store(self, identity: str, record: Record) -> None:
        if self._spool.store(identity, record):
            self._sender.wake()

    def _as_it_stands(self, line: bytes) -> tuple[str, Record]:
        """Return an id that no event can have, and the record; its headers say what the device itself knows."""
        told = (("ce_source", self._station.encode()), ("ce_time", self._clock().isoformat().encode()))
        record = line_record(line)._replace(key=self._station.encode(), headers=told)
        return f"#{hashlib.sha256(line).hexdigest()}", record

    def _may_still_send(self, seconds: float) -> bool:
        """Whether waiting longer makes sense: something is left, and Kafka answers or may yet do so."""
        if seconds >= self._pace.close_seconds or self._spool.waiting == 0:
            return False
        return self._sender.status is SenderStatus.CONNECTED or seconds < _AWAY_SECONDS
