"""From the spool to Kafka, by one process at a time: the one that holds the lock; when it dies, another has it.

Rows go out in the order of their sequence and are removed when Kafka has acknowledged them. Whatever
fails is sent again by a new producer from the oldest row that waits, so that a later record of a
station never overtakes an earlier one.
"""

import os
import threading
import time
from collections.abc import Callable
from enum import StrEnum
from typing import Final

import structlog
from confluent_kafka import KafkaError
from prometheus_client import Counter, Gauge

from producers.device.ordered import OrderedProducer, Outcome
from producers.device.status import StatusReporter
from producers.errors import SpoolError
from producers.spool import files as spool_files
from producers.spool.store import Spool
from producers.spool.table import Place, SetAsideReason

_IDLE_SECONDS: Final = 0.2
_POLL_SECONDS: Final = 0.05
_PROBE_SECONDS: Final = 0.5
_LONGEST_BACKOFF_SECONDS: Final = 3.0
_MOST_ROWS: Final = 500
_MOST_BYTES: Final = 4 * 1024 * 1024
_MOST_UNREMOVED: Final = 100_000
_JOIN_SECONDS: Final = 10.0

log = structlog.get_logger()
_acknowledged = Counter("border_producers_acknowledged_total", "Records from the spool that Kafka has", ["topic"])
_restarts = Counter("border_producers_restarts_total", "Producers given up because a record failed")
_waiting = Gauge("border_producers_spool_waiting", "Records in the spool that Kafka has not acknowledged")


class SenderStatus(StrEnum):
    """Where sending stands, for the log."""

    STANDBY = "another_process_sends"
    UNKNOWN = "not_known_yet"
    CONNECTED = "connected"
    AWAY = "kafka_does_not_answer"
    HELD_UP = "records_fail"
    SPOOL_FAILS = "spool_cannot_be_used"


class Sender:
    """The thread that sends. `new_status` makes the one that reports on the device while this process sends."""

    def __init__(self, bootstrap: str, spool: Spool, new_status: Callable[[], StatusReporter]) -> None:
        self.status = SenderStatus.UNKNOWN
        self._bootstrap = bootstrap
        self._spool = spool
        self._new_status = new_status
        self._reporter: StatusReporter | None = None
        self._producer: OrderedProducer | None = None
        self._lock: int | None = None
        self._answered = False
        self._generation = 0
        self._sent_through = 0
        self._alone_through = 0
        self._acknowledged: dict[Place, None] = {}
        self._remove_at = 0.0
        self._failures = 0
        self._wake = threading.Event()
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="station-sender", daemon=True)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def wake(self) -> None:
        """Say that there is something new."""
        self._wake.set()

    def stop(self) -> None:
        """End, whatever is in flight; it stays in the spool until a next sender knows that Kafka has it."""
        self._stopping.set()
        self._wake.set()
        self._thread.join(_JOIN_SECONDS)

    def _run(self) -> None:
        try:
            while not self._stopping.is_set():
                try:
                    self._step()
                except (SpoolError, OSError) as error:
                    self._turn(SenderStatus.SPOOL_FAILS, error=str(error))
                    self._stopping.wait(_LONGEST_BACKOFF_SECONDS / 2)
                except Exception:  # a sender that ended for a reason not thought of would leave every report here
                    log.exception("sender_failed")
                    self._drop_producer()
                    self._back_off()
        finally:
            self._leave()

    def _step(self) -> None:
        _waiting.set(self._spool.waiting)
        if not self._may_send():
            self._turn(SenderStatus.STANDBY)
            self._stopping.wait(_IDLE_SECONDS)
            return
        if self._producer is None:
            self._producer = OrderedProducer(self._bootstrap, self._on_error)
            self._answered = False
        if not self._answered and not self._probe(self._producer):
            return
        if self._reporter is None:
            self._reporter = self._new_status()
        self._reporter.tick()
        if not self._reporter.is_settled:  # the records wait for Kafka's time, which comes with its answer
            self._stopping.wait(_POLL_SECONDS / 5)
            return
        self._send_more(self._producer)
        is_idle = self._producer.in_flight == 0
        self._settle(self._producer, self._producer.poll(0 if is_idle else _POLL_SECONDS))
        if is_idle:
            self._spool.tidy()
            self._wake.wait(_POLL_SECONDS / 5 if self._reporter.in_flight else _IDLE_SECONDS)
            self._wake.clear()

    def _may_send(self) -> bool:
        if self._lock is None:
            lock = spool_files.open_lock(self._spool.files.send_lock)
            if not spool_files.try_lock(lock):
                os.close(lock)
                return False
            self._lock = lock
        return True

    def _probe(self, producer: OrderedProducer) -> bool:
        self._answered = producer.answers(_PROBE_SECONDS)
        if not self._answered:
            self._turn(SenderStatus.AWAY)
            self._back_off()
            return False
        self._turn(SenderStatus.CONNECTED)
        return True

    def _send_more(self, producer: OrderedProducer) -> None:
        """Put rows in flight as far as there is room for them."""
        if self._generation != self._spool.generation:
            self._generation = self._spool.generation
            self._sent_through = 0  # a mended file may give numbers anew; what is in flight is sent once more
        alone = self._sent_through < self._alone_through
        rows = (1 if alone else _MOST_ROWS) - producer.in_flight
        size = _MOST_BYTES - producer.in_flight_bytes
        if rows <= 0 or size <= 0 or len(self._acknowledged) > _MOST_UNREMOVED:
            return
        for row in self._spool.after(self._sent_through, rows=rows, size=size):
            if row.place not in self._acknowledged:
                producer.send(row, alone=alone)
            self._sent_through = row.sequence

    def _settle(self, producer: OrderedProducer, outcomes: list[Outcome]) -> None:
        """Remove what was acknowledged; go on with a new producer from the oldest row if anything failed."""
        if producer.has_failed or any(outcome.error is not None for outcome in outcomes):
            outcomes += self._drop_producer()
        for outcome in outcomes:
            if outcome.error is None:
                self._acknowledged[outcome.place] = None
                _acknowledged.labels(outcome.topic).inc()
        if self._acknowledged:
            self._turn(SenderStatus.CONNECTED)
            self._failures = 0
        self._judge([outcome for outcome in outcomes if outcome.error is not None])
        self._remove()

    def _judge(self, failed: list[Outcome]) -> None:
        """Set a record aside that the broker refuses by itself; of a refused batch, try the records one by one."""
        refused = [outcome for outcome in failed if outcome.is_refused]
        for outcome in refused:
            if outcome.was_alone:
                self._spool.set_aside(outcome.place, SetAsideReason.REFUSED_BY_BROKER)
        self._alone_through = max([self._alone_through, *(outcome.place[0] for outcome in refused)])
        if failed and not refused:
            self._turn(SenderStatus.HELD_UP, error=str(failed[0].error))
            self._back_off()

    def _remove(self) -> None:
        """Remove what was acknowledged. A disk too full for that must not hold up what is still to be sent."""
        if not self._acknowledged or time.monotonic() < self._remove_at:
            return
        try:
            self._spool.remove(list(self._acknowledged))
            self._acknowledged = {}
        except SpoolError as error:
            self._turn(SenderStatus.SPOOL_FAILS, error=str(error))
            self._remove_at = time.monotonic() + _LONGEST_BACKOFF_SECONDS / 2

    def _drop_producer(self) -> list[Outcome]:
        """Let go of the producer, so that a new one begins with the oldest row; return what is known of its rows."""
        producer, self._producer = self._producer, None
        self._sent_through = 0
        _restarts.inc()
        return [] if producer is None else producer.close()

    def _back_off(self) -> None:
        self._failures += 1
        self._stopping.wait(min(_LONGEST_BACKOFF_SECONDS, 0.1 * 2 ** min(self._failures, 6)))

    def _on_error(self, error: KafkaError) -> None:
        if error.code() == KafkaError._ALL_BROKERS_DOWN:  # noqa: SLF001 - its public name
            self._turn(SenderStatus.AWAY)

    def _turn(self, status: SenderStatus, **said: str) -> None:
        """Log a change, not each attempt."""
        if status is not self.status:
            self.status = status
            log.info("sender_status", status=status.value, **said)

    def _leave(self) -> None:
        try:
            if self._producer is not None:
                late = self._producer.close()
                self._spool.remove([*self._acknowledged, *(one.place for one in late if one.error is None)])
        except SpoolError as error:
            log.warning("sender_left_sent_records_in_the_spool", error=str(error))
        finally:
            if self._reporter is not None:
                self._reporter.close()
            if self._lock is not None:
                os.close(self._lock)
