"""From PostgreSQL to the channels: claims due deliveries, sends them, writes down what became of each."""

import asyncio
import contextlib
import uuid
from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime
from typing import Final

import psycopg
import sqlalchemy as sa
import structlog
from prometheus_client import Counter, Gauge, Histogram

from consumers.contact_points import Channel, ContactPoint
from consumers.database import CHANNEL, async_engine
from consumers.outbox import PACE, Claim, Pace, SendOutcome, SendResult, claim, settle

POLL_SECONDS: Final = 1.0
"""How long a delivery that is due may wait where no notification comes."""

Send = Callable[[ContactPoint, Claim, datetime], Awaitable[SendResult]]
Clock = Callable[[], datetime]

_AWAY: Final = (sa.exc.DBAPIError, sa.exc.TimeoutError, OSError)
"""What a database that does not answer raises; a pool without a free connection included."""

log = structlog.get_logger()
_attempts = Counter("border_consumers_attempts_total", "Attempts to deliver", ["contact_point", "channel", "outcome"])
_waited = Histogram(
    "border_consumers_delivery_seconds",
    "From the delivery's creation to its acknowledgement",
    ["channel"],
    buckets=(0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 3600),
)
_sending = Gauge("border_consumers_sending", "Deliveries on their way now")


class Deliverer:
    """Sends what is due, one at a time to each contact point and channel, all of these at once."""

    def __init__(
        self,
        *,
        database_url: str,
        contact_points: Mapping[str, ContactPoint],
        channels: Mapping[Channel, Send],
        clock: Clock,
        pace: Pace = PACE,
    ) -> None:
        self._url = database_url
        self._engine = async_engine(database_url)
        self._contact_points = contact_points
        self._channels = channels
        self._clock = clock
        self._pace = pace
        self._owner = str(uuid.uuid4())
        self._wake = asyncio.Event()
        self._busy: dict[tuple[str, Channel], asyncio.Task[None]] = {}
        self.ready = False

    async def run(self, stop: asyncio.Event) -> None:
        """Work until `stop` is set, then finish what is on its way."""
        self._stop = stop
        listening = asyncio.create_task(self._listen())
        stopping = asyncio.create_task(stop.wait())
        try:
            while not stop.is_set():
                self._wake.clear()
                if not await self._start_due():
                    await self._pause(stopping)
            if self._busy:
                await asyncio.wait(self._busy.values())
        finally:
            for task in (listening, stopping):
                task.cancel()
            await asyncio.gather(listening, stopping, return_exceptions=True)
            await self._engine.dispose()

    async def _start_due(self) -> bool:
        """Start sending what is due; False where there is nothing to start."""
        try:
            async with self._engine.begin() as connection:
                claims = await claim(connection, self._owner, tuple(self._busy), self._pace)
        except _AWAY as error:
            self._away(error)
            return False
        self.ready = True
        for one in claims:
            queue = one.contact_point, one.channel
            self._busy[queue] = asyncio.create_task(self._deliver(one))
        return bool(claims)

    async def _deliver(self, claimed: Claim) -> None:
        try:
            with _sending.track_inprogress():
                result = await self._send(claimed)
            _attempts.labels(claimed.contact_point, claimed.channel.value, result.outcome.value).inc()
            log.info("attempted", delivery=claimed.id, outcome=result.outcome.value, status=result.status_code)
            await self._settle(claimed, result)
        except Exception as error:  # noqa: BLE001 - whatever it was, the lease runs out and it is tried again
            log.error("delivery_failed", delivery=claimed.id, error=type(error).__name__)  # noqa: TRY400 - no data
        finally:
            del self._busy[claimed.contact_point, claimed.channel]
            self._wake.set()

    async def _send(self, claimed: Claim) -> SendResult:
        contact_point = self._contact_points.get(claimed.contact_point)
        if contact_point is None:  # taken out of the file: its deliveries wait until it is back
            return SendResult(SendOutcome.UNCONFIGURED)
        return await self._channels[claimed.channel](contact_point, claimed, self._clock())

    async def _settle(self, claimed: Claim, result: SendResult) -> None:
        """Write down what became of it, however long the database is away: else it would be sent again.

        Told to stop meanwhile, it leaves the delivery to its lease.
        """
        while True:
            try:
                async with self._engine.begin() as connection:
                    await settle(connection, claimed, result, self._pace)
            except _AWAY as error:
                self._away(error)
                if self._stop.is_set():
                    return
                await asyncio.sleep(POLL_SECONDS)
            else:
                if result.outcome is SendOutcome.DELIVERED:
                    waited = self._clock() - claimed.created_at
                    _waited.labels(claimed.channel.value).observe(waited.total_seconds())
                return

    async def _pause(self, stopping: "asyncio.Task[bool]") -> None:
        """Wait until something is new, a delivery ended, a second passed or it is time to stop."""
        waking = asyncio.create_task(self._wake.wait())
        await asyncio.wait({waking, stopping}, timeout=POLL_SECONDS, return_when=asyncio.FIRST_COMPLETED)
        waking.cancel()

    async def _listen(self) -> None:
        """Wake up at each notification; where the connection breaks, polling goes on until it is back."""
        plain = self._url.replace("postgresql+psycopg://", "postgresql://", 1)
        while True:
            with contextlib.suppress(psycopg.Error, OSError):
                async with await psycopg.AsyncConnection.connect(plain, autocommit=True) as connection:
                    await connection.execute(f"LISTEN {CHANNEL}")
                    async for _ in connection.notifies():
                        self._wake.set()
            await asyncio.sleep(POLL_SECONDS)

    def _away(self, error: Exception) -> None:
        self.ready = False
        log.warning("database_away", error=type(error).__name__)
