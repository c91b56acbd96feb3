"""What tests of answers and escalation share: a rota, a clock that is moved by hand, and what was done until then."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any, Final, TypeVar

import sqlalchemy as sa
from delivery_rig import Database, everybody
from endpoints import a_contact_point

from consumers.acknowledgement import Timing
from consumers.answers import hear
from consumers.calls import claim_calls, settle_call
from consumers.clocks import Key, find
from consumers.configuration import Configuration
from consumers.duties import Duties
from consumers.escalator import Escalator, SendCall, escalate
from consumers.outbox import SendOutcome, SendResult
from consumers.standing_down import stand_down
from consumers.storing import Arrived, store
from consumers.tables import calls, clocks, escalations
from consumers.taking_back import hear_retractions
from schemas.alerts import Alert, Edition
from schemas.feedback import Retraction, Verdict

NOON: Final = datetime(2026, 5, 20, 12, 0, tzinfo=UTC)
POINTS: Final = {code: a_contact_point(code) for code in ("SI", "HR", "AT", "EUROPOL")}
OPERATIONS: Final = {"email": "operations@brdo.example"}
ROTA: Final[dict[str, Any]] = {
    "timezone": "Europe/Ljubljana",
    "officers": {
        "a.novak": {"email": "a.novak@si.example", "language": "sl"},
        "b.kos": {"email": "b.kos@si.example"},
        "c.zupan": {"email": "c.zupan@si.example"},
        "d.silent": {},
    },
    "layers": [[{"officers": ["a.novak"]}], [{"officers": ["b.kos"]}]],
    "supervisors": ["c.zupan"],
}
ARRIVED: Final = SendResult(SendOutcome.DELIVERED, 250)
T = TypeVar("T")


def duties(rota: dict[str, Any] | None = ROTA, **more: Any) -> Duties:
    """Return duties with this rota for SI, EUROPOL as the fallback, and operations."""
    rotas = {} if rota is None else {"SI": rota}
    return Duties.model_validate({"operations": OPERATIONS, "fallback": ["EUROPOL"], "rotas": rotas, **more})


@dataclass
class Watch:
    """A database, duties that may be changed, and what time it is."""

    database: Database
    duties: Duties = field(default_factory=duties)
    now: datetime = NOON

    @property
    def configuration(self) -> Configuration:
        return Configuration(everybody("SI"), POINTS, self.duties)

    def done(self, work: Callable[[sa.Connection], T]) -> T:
        with self.database.engine.begin() as connection:
            return work(connection)

    def tell(self, *alerts: Alert, to: Iterable[str] = ("SI",)) -> None:
        self.tell_editions(*(Edition(alert=one) for one in alerts), to=to)

    def tell_editions(self, *editions: Edition, to: Iterable[str] = ("SI",)) -> None:
        arrived = [Arrived(one, "border.editions/0/0") for one in editions]
        timing = Timing(self.duties.policy, self.now)
        self.done(lambda connection: store(connection, arrived, everybody(*to), POINTS, timing))

    def hear(self, verdict: Verdict) -> None:
        self.done(lambda connection: hear(connection, [(verdict, "border.feedback/0/0")]))

    def hear_back(self, *retractions: Retraction) -> None:
        timing = Timing(self.duties.policy, self.now)
        heard = [(one, "border.feedback/0/1") for one in retractions]
        self.done(lambda connection: hear_retractions(connection, heard, timing))

    def delivered(self) -> None:
        """Let every call that waits arrive, as a mail server that takes all would."""
        while claimed := self.done(lambda connection: claim_calls(connection, "rig", 100)):
            for one in claimed:
                self.done(partial(settle_call, call=one, result=ARRIVED))

    def told_over(self) -> list[tuple[str, str]]:
        """Stand down whoever need not act; return who was ever told so, and why."""
        self.done(stand_down)
        query = sa.select(calls).where(calls.c.about != "unanswered", calls.c.state != "spared")
        return sorted((row.officer, row.about) for row in self.database.rows(query))

    def act(self) -> list[str]:
        """Act on all that is due now; return why each step was what it was."""
        done: list[str] = []
        while found := self.done(lambda connection: escalate(connection, self.configuration, self.now)):
            done.append(str(found[1].reason))
        return done

    def later(self, minutes: float) -> list[str]:
        """Let so much time pass, and act."""
        self.now += timedelta(minutes=minutes)
        return self.act()

    def state(self, alert: Alert, code: str = "SI") -> str | None:
        found = self.done(lambda connection: find(connection, Key(alert.id, code)))
        return None if found is None else str(found.state)

    def called(self, *states: str) -> list[str]:
        """Return who is, was or is not to be called any more, in the order of the steps."""
        wanted = calls.c.state.in_(states or ("pending", "delivered")), calls.c.about == "unanswered"
        query = (
            sa.select(calls.c.officer)
            .where(*wanted)
            .order_by(calls.c.since_revision, calls.c.restarts, calls.c.step, calls.c.officer)
        )
        return [row.officer for row in self.database.rows(query)]

    def steps(self) -> list[tuple[int, str, str, list[str]]]:
        query = sa.select(escalations).order_by(
            escalations.c.since_revision, escalations.c.restarts, escalations.c.step
        )
        return [(row.step, row.whom, row.reason, row.told) for row in self.database.rows(query)]

    def running(self) -> set[str]:
        query = sa.select(clocks.c.contact_point).where(clocks.c.state == "running")
        return {row.contact_point for row in self.database.rows(query)}


def a_verdict(alert: Alert, code: str = "SI", **more: Any) -> Verdict:
    said = {
        "type": "verdict",
        "schema_version": "1.0",
        "id": "vd-1",
        "at": NOON + timedelta(minutes=1),
        "alert": alert.id,
        "contact_point": code,
        "officer": "A. Novak",
        "outcome": "acknowledged",
    }
    return Verdict.model_validate({**said, **more})


def a_retraction(verdict: Verdict, **more: Any) -> Retraction:
    said = {
        "type": "retraction",
        "schema_version": "1.0",
        "id": f"{verdict.id}-back",
        "at": verdict.at + timedelta(minutes=1),
        "originator": verdict.contact_point,
        "officer": "A. Novak",
        "retracts": verdict.id,
        "reason": "entered_in_error",
        "exercise": verdict.exercise,
    }
    return Retraction.model_validate({**said, **more})


def revised(alert: Alert, number: int = 2, **changes: Any) -> Alert:
    return alert.model_copy(update={"revision": number, **changes})


def withdrawn(alert: Alert, superseded_by: Alert | None = None) -> Alert:
    successor = superseded_by.id if superseded_by else None
    reason = "superseded" if superseded_by else "no_longer_supported"
    return revised(alert, alert.revision + 1, status="withdrawn", withdrawn_reason=reason, superseded_by=successor)


@asynccontextmanager
async def escalating(watch: Watch, send: SendCall | None = None) -> AsyncIterator[Escalator]:
    """Run an escalator in this loop until the block ends."""
    stop = asyncio.Event()
    escalator = Escalator(
        database_url=watch.database.url,
        configuration=lambda: watch.configuration,
        send=send,
        clock=lambda: watch.now,
    )
    running = asyncio.create_task(escalator.run(stop))
    try:
        yield escalator
    finally:
        stop.set()
        await asyncio.wait_for(running, 20)
