"""From the delivery tables to the desk: read at once whenever PostgreSQL says that deliveries are new."""

import threading
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Final, NamedTuple

import psycopg
import sqlalchemy as sa

from consumers.audience import AudienceReason
from consumers.audit import Act
from consumers.database import AWAY, engine
from consumers.desk.alerts import DeskAlert, read_record
from consumers.desk.model import Away, Read
from consumers.errors import DatabaseAwayError
from consumers.notifications import LISTEN, plain
from consumers.permissions import Who
from consumers.records import read_records
from consumers.tables import deliveries

POLL_SECONDS: Final = 2.0
"""How old the list may become where no notification comes."""

MOST_ALERTS: Final = 500
"""How many alerts are listed; of older ones only the number is told."""

_AWAY: Final = (*AWAY, psycopg.Error)
_BACK_SECONDS: Final = 1.0


class Feed:
    """The newest delivery of each alert to one contact point, read again and again; `who` looks."""

    def __init__(self, database_url: str, contact_point: str, who: Who, clock: Callable[[], datetime]) -> None:
        self._url = database_url
        self._engine = engine(database_url)
        self._contact_point = contact_point
        self._who = who
        self._clock = clock
        self._known: dict[str, int] = {}

    def read(self) -> Read:
        """Return what is new or changed since the last time; raises `DatabaseAwayError`."""
        try:
            return self._read()
        except _AWAY as error:
            raise DatabaseAwayError(f"the database does not answer: {_name(error)}") from None

    def run(self, stop: threading.Event, tell: Callable[[Read | Away], None]) -> None:
        """Read whenever something is new, until `stop` is set; a database that is away is told and tried again."""
        while not stop.is_set():
            try:
                with psycopg.connect(plain(self._url), autocommit=True, connect_timeout=5) as listening:
                    listening.execute(LISTEN)
                    while not stop.is_set():
                        tell(self._read())
                        _wait(listening, stop)
            except _AWAY as error:
                tell(Away(_name(error)))
                stop.wait(_BACK_SECONDS)

    def close(self) -> None:
        """Leave the database."""
        self._engine.dispose()

    def _read(self) -> Read:
        read_at = self._clock()
        with self._engine.begin() as connection:
            news = read_changed(connection, self._contact_point, self._known, self._who)
        self._known |= news.known
        return Read(news.alerts, read_at, news.left_out, news.unreadable)


class Changed(NamedTuple):
    """Alerts that are new or changed, with the number of the delivery of each; how many are older than the listed."""

    alerts: tuple[DeskAlert, ...]
    known: dict[str, int]
    left_out: int
    unreadable: int
    gone: tuple[str, ...]
    """Alerts of which nothing may be shown any more."""


def read_changed(connection: sa.Connection, contact_point: str, known: Mapping[str, int], who: Who) -> Changed:
    """Return what a contact point was told last that is not `known`; the look is on record."""
    own = deliveries.c.contact_point == contact_point
    newest = (
        sa.select(deliveries.c.alert_id, sa.func.max(deliveries.c.sequence), sa.func.count().over().label("alerts"))
        .where(own)
        .group_by(deliveries.c.alert_id)
        .order_by(sa.func.max(deliveries.c.created_at).desc(), deliveries.c.alert_id)
        .limit(MOST_ALERTS)
    )
    rows = connection.execute(newest).all()
    changed = {alert: sequence for alert, sequence, _ in rows if known.get(alert) != sequence}
    query = sa.select(deliveries.c.id).where(own, deliveries.c.sequence.in_(changed.values()))
    ids = connection.execute(query).scalars().all()
    records = read_records(connection, contact_point, ids, Act.CONSULTATION, who)
    alerts = [read_record(one) for one in records if one.audience.reason is not AudienceReason.ERASED]
    readable = tuple(alert for alert in alerts if alert is not None)
    left_out = rows[0].alerts - len(rows) if rows else 0
    gone = tuple(one.alert_id for one in records if one.alert is None)
    return Changed(readable, changed, left_out, len(alerts) - len(readable), gone)


def _wait(listening: psycopg.Connection[tuple[object, ...]], stop: threading.Event) -> None:
    """Wait for a notification, or until it is time to look anyway."""
    waited = 0.0
    while waited < POLL_SECONDS and not stop.is_set():
        for _ in listening.notifies(timeout=_SLICE_SECONDS, stop_after=1):
            return
        waited += _SLICE_SECONDS


_SLICE_SECONDS: Final = 0.5
"""How soon it notices that it is to stop."""


def _name(error: Exception) -> str:
    return type(error.orig if isinstance(error, sa.exc.DBAPIError) and error.orig else error).__name__
