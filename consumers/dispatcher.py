"""From Kafka to PostgreSQL: revisions become deliveries, verdicts stop clocks, before the offsets are committed."""

import logging
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

import sqlalchemy as sa
import structlog
from confluent_kafka import Consumer, KafkaException, Message
from prometheus_client import Counter, Histogram
from pydantic import ValidationError

from consumers import answers, consultations
from consumers.acknowledgement import Timing
from consumers.audience import View
from consumers.configuration import Configuration
from consumers.database import engine
from consumers.errors import ContentConflictError
from consumers.notifications import notify
from consumers.routing import Assignment
from consumers.storing import Arrived, store, store_refused
from consumers.taking_back import hear_retractions
from schemas import topics
from schemas.alerts import Edition
from schemas.codec import decode
from schemas.errors import Refusal
from schemas.feedback import Retraction, Verdict

GROUP: Final = "brdo-dispatcher"
_MOST_PER_TRANSACTION: Final = 200
_WAIT_SECONDS: Final = 0.2
_PAUSES_SECONDS: Final = (0.2, 0.5, 1.0, 2.0, 5.0)

_NOT_DELIVERABLE: Final[Mapping[type[Exception], str]] = {
    ValidationError: "not_an_edition",
    ContentConflictError: "content_conflict",
    sa.exc.DataError: "database_refused",
    sa.exc.IntegrityError: "database_refused",
}
"""What is wrong with one record and stays wrong however often it is tried; each is kept in `refused_alerts`."""

log = structlog.get_logger()
_assigned = Counter("border_consumers_assigned_total", "Deliveries assigned", ["contact_point", "reason", "view"])
_refused = Counter("border_consumers_refused_alerts_total", "Alert records that cannot be delivered", ["reason"])
_stored = Histogram("border_consumers_store_seconds", "Time to store one batch of revisions")


class Dispatcher:
    """Reads the editions of alerts and stores each revision with its deliveries, once."""

    def __init__(
        self,
        *,
        bootstrap: str,
        database_url: str,
        configuration: Callable[[], Configuration],
        clock: Callable[[], datetime],
    ) -> None:
        self._consumer = Consumer(
            {
                "bootstrap.servers": bootstrap,
                "group.id": GROUP,
                "enable.auto.commit": False,
                "auto.offset.reset": "earliest",
                "session.timeout.ms": 6000,
                "heartbeat.interval.ms": 1000,
                "fetch.wait.max.ms": 20,
                "log_level": 3,
                "logger": logging.getLogger("librdkafka"),  # else it writes to standard error as it likes
            }
        )
        self._engine = engine(database_url)
        self._configuration = configuration
        self._clock = clock
        self._database_answers = False
        self._assigned = False

    @property
    def ready(self) -> bool:
        """Whether Kafka has given it partitions and the database answers."""
        return self._assigned and self._database_answers

    def run(self, stop: threading.Event) -> None:
        """Work until `stop` is set."""
        self._consumer.subscribe(
            [topic.name for topic in (topics.EDITIONS, topics.CONSULTATIONS, topics.FEEDBACK)],
            on_assign=self._on_assign,
            on_revoke=self._on_revoke,
        )
        self._store([], stop)
        while not stop.is_set():
            messages = self._read()
            if messages and self._store(messages, stop):
                self._commit()
        self._consumer.close()
        self._engine.dispose()

    def _read(self) -> list[Message]:
        """Return what is there, waiting a moment for a first message only: `consume` alone would wait for more."""
        first = self._consumer.poll(_WAIT_SECONDS)
        if first is None:
            return []
        more = self._consumer.consume(_MOST_PER_TRANSACTION, timeout=0)
        return [message for message in (first, *more) if not message.error()]

    def _store(self, messages: Sequence[Message], stop: threading.Event) -> bool:
        """Store a batch in one transaction, however often the database is away; False only when told to stop."""
        failures = 0
        while not stop.is_set():
            try:
                with _stored.time(), self._engine.begin() as connection:
                    outcomes = self._store_all(connection, messages)
                    notify(connection)
            except (sa.exc.OperationalError, sa.exc.InterfaceError) as error:
                self._database_answers = False
                log.warning("database_away", error=type(error.orig).__name__)
                stop.wait(_PAUSES_SECONDS[min(failures, len(_PAUSES_SECONDS) - 1)])
                failures += 1
            else:
                self._database_answers = True
                for outcome in outcomes:
                    _count(outcome)
                return True
        return False

    def _store_all(self, connection: sa.Connection, messages: Sequence[Message]) -> "list[_Outcome]":
        """Store a batch in few statements; one by one where something in it cannot be stored."""
        looks = [message for message in messages if message.topic() == topics.CONSULTATIONS.name]
        editions = [message for message in messages if message.topic() == topics.EDITIONS.name]
        try:
            outcomes = self._store_editions(connection, editions)
        except tuple(_NOT_DELIVERABLE):
            outcomes = [self._store_one(connection, message) for message in editions]
        feedback = _feedback(messages)
        answers.hear(connection, [(said, source) for said, source in feedback if isinstance(said, Verdict)])
        retractions = [(said, source) for said, source in feedback if isinstance(said, Retraction)]
        hear_retractions(connection, retractions, self._timing())
        consultations.copy(connection, looks)
        return outcomes

    def _store_editions(self, connection: sa.Connection, messages: Sequence[Message]) -> "list[_Outcome]":
        arrived = [Arrived(Edition.model_validate_json(one.value() or b""), _source(one)) for one in messages]
        if not arrived:
            return []
        with connection.begin_nested():
            now = self._configuration()
            assigned = store(connection, arrived, now.table, now.contact_points, self._timing())
        return [_Outcome(one.source, mine) for one, mine in zip(arrived, assigned, strict=True)]

    def _timing(self) -> Timing:
        return Timing(self._configuration().duties.policy, self._clock())

    def _store_one(self, connection: sa.Connection, message: Message) -> "_Outcome":
        try:
            return self._store_editions(connection, [message])[0]
        except tuple(_NOT_DELIVERABLE) as error:
            reason = _NOT_DELIVERABLE[type(error)]
            store_refused(connection, _source(message), reason, message.value() or b"")
            return _Outcome(_source(message), refused=reason)

    def _commit(self) -> None:
        try:
            self._consumer.commit(asynchronous=False)
        except KafkaException as error:  # the rows are there: reading the records again changes nothing
            log.warning("offsets_not_committed", error=error.args[0].name())

    def _on_assign(self, consumer: Consumer, partitions: object) -> None:
        del consumer, partitions
        self._assigned = True

    def _on_revoke(self, consumer: Consumer, partitions: object) -> None:
        del consumer, partitions
        self._assigned = False


@dataclass(frozen=True, slots=True)
class _Outcome:
    """What became of one record, counted once its transaction is committed."""

    source: str
    assigned: Sequence[tuple[Assignment, View]] = ()
    refused: str | None = None


def _feedback(messages: Sequence[Message]) -> list[tuple[Verdict | Retraction, str]]:
    """Return verdicts and retractions with their places. What intake refuses is none, and intake says so."""
    found: list[tuple[Verdict | Retraction, str]] = []
    for message in messages:
        if message.topic() == topics.FEEDBACK.name:
            try:
                said = decode(message.value())
            except Refusal:
                continue
            if isinstance(said, Verdict | Retraction):
                found.append((said, _source(message)))
    return found


def _source(message: Message) -> str:
    return f"{message.topic()}/{message.partition()}/{message.offset()}"


def _count(outcome: _Outcome) -> None:
    if outcome.refused is not None:
        _refused.labels(outcome.refused).inc()
        log.warning("alert_not_deliverable", source=outcome.source, reason=outcome.refused)
    for assignment, view in outcome.assigned:
        _assigned.labels(assignment.contact_point, assignment.reason.value, view.value).inc()
        if view is View.WITHHELD:
            log.info("alert_withheld", source=outcome.source, contact_point=assignment.contact_point)
