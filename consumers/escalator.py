"""The escalator: acts on each clock that is due, once, and sends the calls that come of it."""

import asyncio
import uuid
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import datetime
from typing import Final

import sqlalchemy as sa
import structlog
from prometheus_client import Counter, Gauge, Histogram
from sqlalchemy.dialects.postgresql import insert

from consumers import audit, calls, clocks
from consumers.acknowledgement import Clock, ClockState, Timing
from consumers.audit import Act, Entry
from consumers.calls import ACTOR, OPERATIONS, Call, claim_calls, settle_call
from consumers.clocks import Key
from consumers.configuration import Configuration
from consumers.database import AWAY, async_engine
from consumers.deliveries import told_before
from consumers.errors import NotEscalatedError
from consumers.escalation import LAST, Action, EscalationReason, next_step
from consumers.notifications import notify
from consumers.outbox import PACE, Pace, SendResult
from consumers.rota import Officer
from consumers.standing_down import stand_down
from consumers.storing import fall_back
from consumers.tables import escalations

POLL_SECONDS: Final = 1.0
"""How long a clock that is due may wait; its steps are minutes apart."""

_COUNT_SECONDS: Final = 15.0
_CALLS_AT_ONCE: Final = 16

SendCall = Callable[[Call], Awaitable[SendResult]]
_ITS_OWN: Final = (sa.exc.DataError, sa.exc.IntegrityError, LookupError, ValueError)
"""What is wrong with one clock alone, however often it is tried."""

log = structlog.get_logger()
_last_run = Gauge(
    "border_consumers_escalator_last_run_timestamp_seconds", "When all clocks that were due had been acted on last"
)
_escalations = Counter("border_consumers_escalations_total", "Steps of clocks that were acted on", ["reason"])
_running = Gauge("border_consumers_clocks_running", "Clocks that run: alerts that a contact point has not answered")
_late = Histogram(
    "border_consumers_escalation_late_seconds",
    "From when a step was due to when it was acted on",
    buckets=(0.5, 1, 2.5, 5, 10, 30, 60, 300, 3600),
)
_called = Counter("border_consumers_calls_total", "Attempts to call officers and operations", ["outcome"])


def escalate(
    connection: sa.Connection, configuration: Configuration, now: datetime, passed: frozenset[Key] = frozenset()
) -> tuple[Clock, Action] | None:
    """Act on the clock that is due longest, in the caller's transaction; return it as it was, or None where none is.

    Raises `NotEscalatedError` where something of this one alone is in the way.
    """
    clock = clocks.due(connection, now, passed)
    if clock is None:
        return None
    try:
        return clock, _act(connection, configuration, clock, now)
    except _ITS_OWN as error:
        raise NotEscalatedError(clock.alert_id, clock.contact_point) from error


def _act(connection: sa.Connection, configuration: Configuration, clock: Clock, now: datetime) -> Action:
    duties = configuration.duties.in_exercises() if clock.exercise else configuration.duties
    rota = duties.rotas.get(clock.contact_point)
    action = next_step(clock.steps, clock.step, rota, now, exercise=clock.exercise)
    before = told_before(connection, [clock.alert_id])[clock.alert_id]
    last = action.reason in LAST
    state = ClockState.EXHAUSTED if last else ClockState.RUNNING
    clocks.save(connection, [replace(clock, state=state, due_at=action.due_at, step=action.following)])
    called: dict[str, Officer] = {name: rota.officers[name] for name in action.officers} if rota else {}
    elsewhere: tuple[str, ...] = ()
    if last:
        timing = Timing(duties.policy, now)
        elsewhere = fall_back(connection, clock.alert_id, duties.fallback, configuration.contact_points, timing)
        called |= {OPERATIONS: duties.operations} if duties.operations else {}
    _write_down(connection, clock, action, (*elsewhere, *called), now)
    notice = before.get(clock.contact_point)
    if notice is not None:
        calls.queue(connection, clock, called, notice)
    return action


def _write_down(connection: sa.Connection, clock: Clock, action: Action, told: tuple[str, ...], now: datetime) -> None:
    code = clock.contact_point
    row = {
        "alert_id": clock.alert_id,
        "contact_point": code,
        "since_revision": clock.since_revision,
        "restarts": clock.restarts,
        "step": clock.step,
        "at": now,
        "due_at": clock.due_at,
        "whom": action.whom,
        "reason": action.reason,
        "told": list(told),
    }
    connection.execute(insert(escalations).values(row))
    detail = f"step {clock.step + 1}, {action.whom}: {action.reason}"
    entry = Entry(Act.CHANGE, ACTOR, code, code, "escalation", clock.alert_id, clock.revision, detail=detail)
    audit.record(connection, [entry])
    notify(connection)


class Escalator:
    """Escalates and calls, each in a loop of its own: a mail server that hangs delays no clock."""

    def __init__(
        self,
        *,
        database_url: str,
        configuration: Callable[[], Configuration],
        send: SendCall | None,
        clock: Callable[[], datetime],
        pace: Pace = PACE,
    ) -> None:
        self._engine = async_engine(database_url)
        self._configuration = configuration
        self._send = send
        self._clock = clock
        self._pace = pace
        self._owner = str(uuid.uuid4())
        self.ready = False

    async def run(self, stop: asyncio.Event) -> None:
        """Work until `stop` is set. What is under way then is left to its lease."""
        work = [asyncio.create_task(self._escalate()), asyncio.create_task(self._count())]
        if self._send is not None:
            work.append(asyncio.create_task(self._call(self._send)))
        stopping = asyncio.create_task(stop.wait())
        try:
            await asyncio.wait([stopping, *work], return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in (stopping, *work):
                task.cancel()
            ended = await asyncio.gather(*work, return_exceptions=True)
            await self._engine.dispose()
        for one in ended:
            if isinstance(one, Exception):
                raise one

    async def _escalate(self) -> None:
        while True:
            try:
                whole = await self.escalate_due()
            except AWAY as error:
                self._away(error)
            else:
                self.ready = True
                if whole:
                    _last_run.set(self._clock().timestamp())
            await asyncio.sleep(POLL_SECONDS)

    async def escalate_due(self) -> bool:
        """Act on all clocks that are due, a transaction each; False where one could not be: the others go on."""
        passed: frozenset[Key] = frozenset()
        while True:
            now = self._clock()
            try:
                async with self._engine.begin() as connection:
                    done = await connection.run_sync(escalate, self._configuration(), now, passed)
            except NotEscalatedError as error:
                log.error("not_escalated", alert=error.alert_id, error=type(error.__cause__).__name__)  # noqa: TRY400
                passed |= {Key(error.alert_id, error.contact_point)}
                continue
            if done is None:
                return not passed
            clock, action = done
            _escalations.labels(action.reason.value).inc()
            _late.observe((now - (clock.due_at or now)).total_seconds())
            say = log.error if action.reason is EscalationReason.EXHAUSTED else log.info
            say("escalated", alert=clock.alert_id, contact_point=clock.contact_point, reason=action.reason.value)

    async def _call(self, send: SendCall) -> None:
        while True:
            try:
                async with self._engine.begin() as connection:
                    await connection.run_sync(stand_down)
                    claimed = await connection.run_sync(
                        claim_calls, self._owner, _CALLS_AT_ONCE, self._pace, self._clock()
                    )
                await asyncio.gather(*(self._make(send, one) for one in claimed))
            except AWAY as error:
                self._away(error)
                claimed = []
            if not claimed:
                await asyncio.sleep(POLL_SECONDS)

    async def _make(self, send: SendCall, call: Call) -> None:
        try:
            result = await send(call)
        except Exception as error:  # noqa: BLE001 - whatever it was, the lease runs out and it is tried again
            log.error("call_failed", alert=call.alert_id, error=type(error).__name__)  # noqa: TRY400 - no data
            return
        _called.labels(result.outcome.value).inc()
        log.info("called", alert=call.alert_id, contact_point=call.contact_point, outcome=result.outcome.value)
        async with self._engine.begin() as connection:
            await connection.run_sync(settle_call, call, result, self._pace)

    async def _count(self) -> None:
        while True:
            try:
                async with self._engine.connect() as connection:
                    _running.set(await connection.run_sync(clocks.running))
            except AWAY as error:
                self._away(error)
            await asyncio.sleep(_COUNT_SECONDS)

    def _away(self, error: Exception) -> None:
        self.ready = False
        log.warning("database_away", error=type(error).__name__)
