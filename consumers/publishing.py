"""From PostgreSQL to Kafka: what contact points say here waits in its table until Kafka has it, and then not twice."""

import threading
from collections.abc import Callable
from typing import Final

import sqlalchemy as sa
import structlog
from prometheus_client import Gauge

from consumers.bulletin_tables import bulletin_events
from consumers.tables import answers
from schemas.codec import decode
from schemas.records import Record, message_record

Publish = Callable[[Record], None]
"""Returns once Kafka has the record; raises where it has not."""

_TABLES: Final = (answers, bulletin_events)
_AT_ONCE: Final = 50
_POLL_SECONDS: Final = 0.5

log = structlog.get_logger()
_waiting = Gauge("border_consumers_said_to_publish", "Answers and bulletins that Kafka does not have yet", ["what"])


class Publisher:
    """Publishes what waits, until Kafka has each of them."""

    def __init__(self, engine: sa.Engine, publish: Publish) -> None:
        self._engine = engine
        self._publish = publish

    def run(self, stop: threading.Event) -> None:
        """Work until `stop` is set; whatever fails is tried again."""
        while not stop.is_set():
            try:
                more = self.publish_waiting()
            except Exception as error:  # noqa: BLE001 - Kafka's, the database's: the rows are still there
                log.warning("not_published", error=type(error).__name__)
                more = 0
            if not more:
                stop.wait(_POLL_SECONDS)

    def publish_waiting(self) -> int:
        """Publish some; return how many. Where it breaks off they go again, under the same ids."""
        return sum(self._publish_from(table) for table in _TABLES)

    def _publish_from(self, table: sa.Table) -> int:
        waits = table.c.state == "to_publish"
        with self._engine.begin() as connection:
            _waiting.labels(table.name).set(
                connection.execute(sa.select(sa.func.count()).select_from(table).where(waits)).scalar_one()
            )
            query = sa.select(table.c.id, table.c.contact_point, table.c.body).where(waits).order_by(table.c.stored_at)
            rows = connection.execute(query.limit(_AT_ONCE).with_for_update(skip_locked=True)).all()
            for row in rows:
                self._publish(message_record(decode(row.body.encode())))
                published(connection, table, row.id, row.contact_point)
        return len(rows)


def published(connection: sa.Connection, table: sa.Table, event: str, contact_point: str) -> None:
    """Note that Kafka has it and keeps it: what it says need not stand here as well."""
    same = table.c.id == event, table.c.contact_point == contact_point
    connection.execute(sa.update(table).where(*same).values(state="published", body=None))
