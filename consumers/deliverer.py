"""From PostgreSQL to the channels: claims due sendings, sends them, writes down what became of each."""

import asyncio
import uuid
from collections import Counter as Count
from collections import defaultdict
from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime, timedelta
from typing import Final

import structlog
from prometheus_client import Counter, Gauge, Histogram

from consumers.breaker import Breaker, BreakerStatus
from consumers.contact_points import Channel, ContactPoint
from consumers.database import AWAY, async_engine
from consumers.heartbeat import heartbeats
from consumers.holding import attend, look_after
from consumers.notifications import listen
from consumers.outbox import PACE, Claim, Pace, Queue, SendOutcome, SendResult, claim, hasten, settle
from consumers.reaper import reap
from consumers.retention import erase

POLL_SECONDS: Final = 1.0
"""How long a sending that is due may wait where no notification comes."""

REAP_SECONDS: Final = 30.0
HEARTBEAT: Final = timedelta(seconds=60)
_HEARTBEAT_POLL_SECONDS: Final = 5.0

Send = Callable[[ContactPoint, Claim, datetime], Awaitable[SendResult]]
Clock = Callable[[], datetime]

log = structlog.get_logger()
_attempts = Counter("border_consumers_attempts_total", "Attempts to deliver", ["contact_point", "channel", "outcome"])
_waited = Histogram(
    "border_consumers_delivery_seconds",
    "From the delivery's creation to its acknowledgement",
    ["channel"],
    buckets=(0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 3600),
)
_sending = Gauge("border_consumers_sending", "Sendings on their way now")
_tripped = Gauge("border_consumers_breaker_open", "1 where a queue sends probes alone", ["contact_point", "channel"])
_beats = Counter("border_consumers_heartbeats_total", "Heartbeats sent", ["contact_point", "outcome"])
_erased = Counter("border_consumers_erased_revisions_total", "Revisions erased when their retention ended")
_reaped = Counter("border_consumers_reaped_total", "What the reaper mended", ["what"])


class Deliverer:
    """Sends what is due: of each contact point and channel a few at a time, all queues at once."""

    def __init__(  # noqa: PLR0913 - what it is connected to
        self,
        *,
        database_url: str,
        contact_points: Callable[[], Mapping[str, ContactPoint]],
        channels: Mapping[Channel, Send],
        clock: Clock,
        pace: Pace = PACE,
        heartbeat: timedelta = HEARTBEAT,
    ) -> None:
        self._url = database_url
        self._engine = async_engine(database_url)
        self._contact_points = contact_points
        self._channels = channels
        self._clock = clock
        self._pace = pace
        self._heartbeat = heartbeat
        self._owner = str(uuid.uuid4())
        self._wake = asyncio.Event()
        self._ended_one = asyncio.Event()
        self._under_way: Count[Queue] = Count()
        self._tasks: set[asyncio.Task[None]] = set()
        self._breakers: dict[Queue, Breaker] = defaultdict(Breaker)
        self._ended: list[tuple[Claim, SendResult]] = []
        self.ready = False

    async def run(self, stop: asyncio.Event) -> None:
        """Work until `stop` is set, then finish what is on its way."""
        self._stop = stop
        stopping = asyncio.create_task(stop.wait())
        work = listen(self._url, self._wake.set, POLL_SECONDS), self._reap(), self._beat()
        beside = [asyncio.create_task(one) for one in work]
        settling = asyncio.create_task(self._settle())
        try:
            while not stop.is_set():
                self._wake.clear()
                if not await self._start_due():
                    await self._pause(stopping)
            await asyncio.gather(*self._tasks)
            self._ended_one.set()
            await settling
        finally:
            for task in (stopping, settling, *beside):
                task.cancel()
            await asyncio.gather(stopping, settling, *beside, return_exceptions=True)
            await self._engine.dispose()

    async def _start_due(self) -> bool:
        """Start sending what is due; False where there is nothing to start."""
        room, now = self._room(), self._clock()
        try:
            async with self._engine.begin() as connection:
                await connection.run_sync(attend, now)
            async with self._engine.begin() as connection:
                claims = await connection.run_sync(claim, self._owner, room, self._pace, now)
        except AWAY as error:
            self._away(error)
            return False
        self.ready = True
        for one in claims:
            self._under_way[one.queue] += 1
            task = asyncio.create_task(self._deliver(one))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)
        return bool(claims)

    def _room(self) -> dict[Queue, int]:
        """Return how many sendings of each queue may be started now."""
        now = self._clock()
        return {
            queue: self._breakers[queue].room(now, self._under_way[queue], self._pace.at_once)
            for code, point in self._contact_points().items()
            for channel in point.channels
            if channel in self._channels
            for queue in [Queue(code, channel)]
        }

    async def _deliver(self, claimed: Claim) -> None:
        queue = claimed.queue
        try:
            with _sending.track_inprogress():
                point = self._contact_points()[claimed.contact_point]
                result = await self._channels[claimed.channel](point, claimed, self._clock())
            _attempts.labels(*queue, result.outcome.value).inc()
            log.info("attempted", delivery=claimed.id, outcome=result.outcome.value, status=result.status_code)
            self._ended.append((claimed, result))
            self._ended_one.set()
        except Exception as error:  # noqa: BLE001 - whatever it was, the lease runs out and it is tried again
            log.error("delivery_failed", delivery=claimed.id, error=type(error).__name__)  # noqa: TRY400 - no data
            self._under_way[queue] -= 1

    async def _settle(self) -> None:
        """Write down what has ended, as much as there is in one transaction, until all has and it is time to stop.

        However long the database is away it tries again, or all would be sent again. Told to stop meanwhile, it leaves
        the rest to the leases.
        """
        while not self._stop.is_set() or self._ended or self._tasks:
            if not self._ended:
                self._ended_one.clear()
                await self._ended_one.wait()
                continue
            results, now = list(self._ended), self._clock()
            breakers = self._judged(results, now)
            answering = [
                queue for queue, after in breakers.items() if self._breakers[queue].probe_at and not after.probe_at
            ]
            try:
                async with self._engine.begin() as connection:
                    await connection.run_sync(settle, results, self._pace)
                    for queue in answering:
                        await connection.run_sync(hasten, queue)
            except AWAY as error:
                self._away(error)
                if self._stop.is_set():
                    return
                await asyncio.sleep(POLL_SECONDS)
                continue
            del self._ended[: len(results)]
            self._breakers |= breakers
            for claimed, result in results:
                self._under_way[claimed.queue] -= 1
                if result.outcome is SendOutcome.DELIVERED:
                    _waited.labels(claimed.channel.value).observe((now - claimed.created_at).total_seconds())
            for queue, after in breakers.items():
                _tripped.labels(*queue).set(after.status(now) is not BreakerStatus.CLOSED)
            self._wake.set()

    def _judged(self, results: list[tuple[Claim, SendResult]], now: datetime) -> dict[Queue, Breaker]:
        """Return the breakers of these queues after what ended."""
        found: dict[Queue, Breaker] = {}
        for claimed, result in results:
            before = found.get(claimed.queue, self._breakers[claimed.queue])
            found[claimed.queue] = before.after(arrived=result.outcome is SendOutcome.DELIVERED, now=now)
        return found

    async def _pause(self, stopping: "asyncio.Task[bool]") -> None:
        """Wait until something is new, a sending ended, a second passed or it is time to stop."""
        waking = asyncio.create_task(self._wake.wait())
        await asyncio.wait({waking, stopping}, timeout=POLL_SECONDS, return_when=asyncio.FIRST_COMPLETED)
        waking.cancel()

    async def _reap(self) -> None:
        """Mend now and then what crashes and changes of the configuration leave; erase what is too old."""
        while True:
            try:
                async with self._engine.begin() as connection:
                    await connection.run_sync(look_after, self._clock())
                    cut_off, missing = await connection.run_sync(reap, self._contact_points())
                    erased = await connection.run_sync(erase)
                _erased.inc(erased)
                _reaped.labels("attempt_cut_off").inc(cut_off)
                _reaped.labels("sending_missing").inc(missing)
                if missing:
                    self._wake.set()
            except AWAY as error:
                self._away(error)
            await asyncio.sleep(REAP_SECONDS)

    async def _beat(self) -> None:
        """Tell each webhook now and then up to where its contact point has been sent deliveries.

        Nothing hangs on one that does not arrive: the next one says the same.
        """
        send = self._channels.get(Channel.WEBHOOK)
        while send is not None:
            points = {code: one for code, one in self._contact_points().items() if one.webhook is not None}
            try:
                async with self._engine.begin() as connection:
                    due = await connection.run_sync(heartbeats, points, self._heartbeat, self._clock())
            except AWAY as error:
                self._away(error)
            else:
                sent = (send(points[one.contact_point], one, self._clock()) for one in due)
                for one, result in zip(due, await asyncio.gather(*sent), strict=True):
                    _beats.labels(one.contact_point, result.outcome.value).inc()
            await asyncio.sleep(min(_HEARTBEAT_POLL_SECONDS, self._heartbeat.total_seconds()))

    def _away(self, error: Exception) -> None:
        self.ready = False
        log.warning("database_away", error=type(error).__name__)
