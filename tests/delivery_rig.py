"""What tests of the delivery side share: contact points on loopback, databases, processes to run and to kill."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import AsyncIterator, Callable, Coroutine, Iterable, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import wraps
from pathlib import Path
from typing import Any, Final, ParamSpec
from urllib.parse import urlsplit

import sqlalchemy as sa
from endpoints import a_contact_point

from consumers.acknowledgement import Timing
from consumers.audit import Act
from consumers.channels.webhook import WebhookChannel
from consumers.configuration import Configuration
from consumers.contact_points import Channel, ContactPoint
from consumers.deliverer import Deliverer
from consumers.dispatcher import Dispatcher
from consumers.duties import NO_DUTIES
from consumers.outbox import Pace
from consumers.permissions import Who
from consumers.records import Record, read_records
from consumers.routing import Route, RoutingTable
from consumers.storing import Arrived, store
from consumers.tables import attempts, deliveries
from infra.services.postgres import start_postgres
from schemas.alerts import Alert, Edition

ROOT: Final = Path(__file__).parents[1]
QUICK: Final = Pace(lease=timedelta(seconds=60), waits=(timedelta(0),))
"""A minute's lease, and no wait after a failure."""

P = ParamSpec("P")


def in_a_loop(test: Callable[P, Coroutine[Any, Any, None]]) -> Callable[P, None]:
    """Run an asynchronous test in a loop of its own."""

    @wraps(test)
    def run(*args: P.args, **kwargs: P.kwargs) -> None:
        asyncio.run(test(*args, **kwargs))

    return run


async def until(condition: Callable[[], bool], seconds: float = 10) -> None:
    """Poll until the condition holds; fails at the deadline."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, f"not so within {seconds} seconds"
        await asyncio.sleep(0.01)


# Databases


class DatabaseServer:
    """A PostgreSQL that can be killed and started again on its data."""

    def __init__(self, data_dir: Path) -> None:
        self._data_dir = data_dir
        self._postgres = start_postgres(data_dir)
        self._made = 0

    @property
    def url(self) -> str:
        return self._postgres.url

    def kill(self) -> None:
        """Kill it with SIGKILL, and what it left."""
        assert self._postgres.pid is not None
        os.kill(self._postgres.pid, signal.SIGKILL)
        self._postgres.stop()

    def start(self) -> None:
        """Start it again where it was killed, on the same port."""
        before = self._postgres.url
        self._postgres = start_postgres(self._data_dir)
        assert self._postgres.url == before

    def stop(self) -> None:
        self._postgres.stop()

    def new_database(self) -> str:
        """Make an empty database and return its URL."""
        self._made += 1
        name = f"test_{self._made}"
        with sa.create_engine(self.url, isolation_level="AUTOCOMMIT", poolclass=sa.NullPool).connect() as connection:
            connection.execute(sa.text(f"CREATE DATABASE {name}"))
        return self.url.rpartition("/")[0] + "/" + name


@dataclass(frozen=True)
class Database:
    """A migrated database of one test."""

    server: DatabaseServer
    url: str

    @property
    def engine(self) -> sa.Engine:
        """An engine without a pool: nothing of it stays behind when the server is killed."""
        return sa.create_engine(self.url, poolclass=sa.NullPool)

    def rows(self, query: sa.Select[Any]) -> Sequence[sa.Row[Any]]:
        with self.engine.connect() as connection:
            return connection.execute(query).all()

    def count(self, table: sa.Table, *where: sa.ColumnElement[bool]) -> int:
        number: int = self.rows(sa.select(sa.func.count()).select_from(table).where(*where))[0][0]
        return number

    def delivery_of(self, alert: Alert, code: str) -> str:
        """Return the id of the delivery of this revision to a contact point."""
        named = {"alert_id": alert.id, "revision": alert.revision, "contact_point": code}
        return str(self.rows(sa.select(deliveries.c.id).filter_by(**named))[0].id)

    def records(self, code: str) -> list[Record]:
        """Return what a contact point may see now of all its deliveries, in their sequence."""
        ids = [row.id for row in self.rows(sa.select(deliveries.c.id))]
        with self.engine.begin() as connection:
            return read_records(connection, code, ids, Act.DISCLOSURE, Who("test", "test"))

    def delivered(self) -> int:
        return self.count(deliveries, deliveries.c.arrived_at.is_not(None))

    def outcomes(self, contact_point: str) -> list[tuple[str, int | None]]:
        """Return (outcome, status code) of every attempt at a contact point, in order."""
        query = (
            sa.select(attempts.c.outcome, attempts.c.status_code)
            .join(deliveries, deliveries.c.id == attempts.c.delivery_id)
            .where(deliveries.c.contact_point == contact_point)
            .order_by(attempts.c.started_at, attempts.c.number)
        )
        return [(row.outcome, row.status_code) for row in self.rows(query)]

    def waiting_for_a_lock(self) -> bool:
        """Whether some statement in this database waits for a lock."""
        query = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
        with self.engine.connect() as connection:
            return bool(connection.execute(sa.text(query)).scalar_one())

    def store(self, *alerts: Alert, told: Iterable[ContactPoint], timing: Timing | None = None) -> None:
        """Store the alerts with a delivery to each of these contact points."""
        points = {point.code: point for point in told}
        with self.engine.begin() as connection:
            for alert in alerts:
                arrived = [Arrived(Edition(alert=alert), "border.editions/0/0")]
                store(connection, arrived, everybody(*points), points, timing or by_default())


def by_default() -> Timing:
    """Return how clocks start unless a test wants it otherwise: as without duties, now."""
    return Timing(NO_DUTIES.policy, datetime.now(UTC))


def everybody(*codes: str) -> RoutingTable:
    """Return routes that tell these contact points of every alert."""
    return RoutingTable(routes=(Route(name="everybody", to=codes),), fallback=codes)


# Contact points


def a_deliverer(  # noqa: PLR0913 - what it is connected to
    url: str,
    points: Iterable[ContactPoint],
    webhook: WebhookChannel,
    pace: Pace = QUICK,
    heartbeat: timedelta = timedelta(minutes=10),
    *,
    clock: Callable[[], datetime] = lambda: datetime.now(UTC),
) -> Deliverer:
    return Deliverer(
        database_url=url,
        contact_points=lambda: {point.code: point for point in points},
        channels={Channel.WEBHOOK: webhook.send},
        clock=clock,
        pace=pace,
        heartbeat=heartbeat,
    )


@asynccontextmanager
async def delivering(
    database: Database,
    *points: ContactPoint,
    timeout_seconds: float = 20,
    pace: Pace = QUICK,
    heartbeat: timedelta = timedelta(minutes=10),
) -> AsyncIterator[Deliverer]:
    """Run a deliverer in this loop until the block ends."""
    stop = asyncio.Event()
    async with WebhookChannel(timeout_seconds) as webhook:
        deliverer = a_deliverer(database.url, points, webhook, pace, heartbeat)
        running = asyncio.create_task(deliverer.run(stop))
        try:
            yield deliverer
        finally:
            stop.set()
            await asyncio.wait_for(running, 20)


@contextmanager
def dispatching(
    bootstrap: str, database: Database, table: RoutingTable, points: Mapping[str, ContactPoint]
) -> Iterator[Dispatcher]:
    """Run a dispatcher in a thread until the block ends."""
    configuration = Configuration(table, points)
    dispatcher = Dispatcher(
        bootstrap=bootstrap,
        database_url=database.url,
        configuration=lambda: configuration,
        clock=lambda: datetime.now(UTC),
    )
    stop = threading.Event()
    thread = threading.Thread(target=dispatcher.run, args=(stop,))
    thread.start()
    try:
        yield dispatcher
    finally:
        stop.set()
        thread.join(20)
        assert not thread.is_alive()


@contextmanager
def process(*command: str, **environment: str) -> Iterator[subprocess.Popen[bytes]]:
    """Run Python with these arguments; killed with SIGKILL at the latest when the block ends."""
    ours = {name: value for name, value in os.environ.items() if not name.startswith("BRDO_")}
    ours |= {"PYTHONPATH": os.pathsep.join([str(ROOT), str(ROOT / "tests")]), **environment}
    with subprocess.Popen([sys.executable, *command], env=ours) as child:
        try:
            yield child
        finally:
            child.kill()


@contextmanager
def deliverer_process(
    database: Database, point: ContactPoint, lease_seconds: float
) -> Iterator[subprocess.Popen[bytes]]:
    """Run a deliverer as a process of its own."""
    assert point.webhook is not None
    said = {"code": point.code, "port": urlsplit(point.webhook.url).port, "lease": lease_seconds}
    with process(
        "-c", "import delivery_rig; delivery_rig.deliver_alone()", RIG_DATABASE=database.url, RIG=json.dumps(said)
    ) as child:
        yield child


def deliver_alone() -> None:
    """Deliver until killed: what a deliverer's process does."""
    said = json.loads(os.environ["RIG"])
    pace = Pace(timedelta(seconds=said["lease"]), QUICK.waits)

    async def deliver() -> None:
        async with WebhookChannel(20) as webhook:
            point = a_contact_point(said["code"], said["port"])
            await a_deliverer(os.environ["RIG_DATABASE"], [point], webhook, pace).run(asyncio.Event())

    asyncio.run(deliver())
