"""The boards that are open: each contact point's alerts are read once, however many look at them.

A viewer is told what changed since the version that it has; whoever is slow is told the newest at once, and nothing
twice. What a viewer is told is in the audit first, under the viewer's own account.
"""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Final

import sqlalchemy as sa
import structlog
from prometheus_client import Counter, Gauge
from starlette.concurrency import run_in_threadpool

from consumers import audit
from consumers.audit import Act, Entry
from consumers.clocks import Key, found
from consumers.console.board import Row, Tally, ordered, tally
from consumers.database import AWAY
from consumers.desk.feed import read_changed
from consumers.notifications import listen
from consumers.permissions import Who
from consumers.permissions import ended as ended_permissions

PURPOSE: Final = "duty"
POLL_SECONDS: Final = 2.0
"""How old a board may become where no notification comes; a sign of life is sent then."""
PAUSE_SECONDS: Final = 0.2
"""At least so long between two looks at the database: what comes meanwhile is told together."""

log = structlog.get_logger()
_open = Gauge("border_consumers_console_boards", "Boards that are open")
_read = Counter("border_consumers_console_reads_total", "Looks at the database for open boards", ["result"])


@dataclass(frozen=True, slots=True, eq=False)
class News:
    """What a viewer does not have yet: rows that are new or changed; None while the database is away.

    All who have the same are given the same object, so that it is put into words once.
    """

    version: int
    rows: tuple[Row, ...] | None
    gone: tuple[str, ...]
    """Alerts of which nothing may be shown any more."""
    left_out: int
    tally: Tally


class _Board:
    """What one contact point's board shows."""

    def __init__(self, contact_point: str) -> None:
        self.contact_point = contact_point
        self.known: dict[str, int] = {}
        self.rows: dict[str, Row] = {}
        self.changed: dict[str, int] = {}
        self.gone: dict[str, int] = {}
        self.ended: dict[str, datetime] = {}
        self.version = 0
        self.left_out = 0
        self.tally = Tally(0, 0, 0)
        self.away = False
        self.viewers: dict[object, str] = {}
        self._told: dict[int, News] = {}
        self.reading = asyncio.Lock()
        self.news = asyncio.Event()

    def since(self, version: int) -> tuple[Row, ...]:
        rows = (row for alert, row in self.rows.items() if self.changed[alert] > version)
        return tuple(ordered(rows))

    def told_since(self, version: int) -> News:
        """Return what somebody who has this version is told."""
        if version not in self._told:
            gone = tuple(sorted(alert for alert, at in self.gone.items() if at > version))
            self._told[version] = News(self.version, self.since(version), gone, self.left_out, self.tally)
        return self._told[version]

    def take(self, changed: dict[str, Row], gone: Iterable[str]) -> None:
        self.version += 1
        self._told.clear()
        for alert in gone:
            self.rows.pop(alert, None)
            self.changed.pop(alert, None)
            self.gone[alert] = self.version
        for alert in changed:
            self.gone.pop(alert, None)
        self.rows |= changed
        self.changed |= dict.fromkeys(changed, self.version)
        self.tally = tally(self.rows.values())


class Boards:
    """All boards that somebody looks at."""

    def __init__(self, engine: sa.Engine, database_url: str, clock: Callable[[], datetime]) -> None:
        self._engine = engine
        self._url = database_url
        self._clock = clock
        self._boards: dict[str, _Board] = {}
        self._woken = asyncio.Event()
        self._closed = False

    async def run(self) -> None:
        """Keep the open boards up to date, until cancelled."""
        listening = asyncio.create_task(listen(self._url, self.wake, POLL_SECONDS))
        try:
            while not self._closed:
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(self._woken.wait(), POLL_SECONDS)
                self._woken.clear()
                await asyncio.gather(*map(self._renew, list(self._boards.values())))
                await asyncio.sleep(PAUSE_SECONDS)
        finally:
            listening.cancel()

    def wake(self) -> None:
        """Look at the database now."""
        self._woken.set()

    def close(self) -> None:
        """End all boards; whoever looks at one connects again."""
        self._closed = True
        for board in self._boards.values():
            board.news.set()

    async def board(self, contact_point: str, actor: str) -> News:
        """Return the whole board as it stands now; that this officer looks is on record."""
        board = self._boards.get(contact_point) or _Board(contact_point)
        await self._renew(board, [actor])
        if not board.away:
            await self._log(contact_point, actor, board.rows.values())
        return News(board.version, None if board.away else board.since(0), (), board.left_out, board.tally)

    async def watch(self, contact_point: str, actor: str) -> AsyncIterator[News]:
        """Yield the whole board, and then what changes, until closed."""
        board, me, version = self._boards.setdefault(contact_point, _Board(contact_point)), object(), -1
        _open.inc()
        try:
            if not board.version:
                await self._renew(board)
            board.viewers[me] = actor
            if not board.away:
                await self._log(contact_point, actor, board.rows.values())
            while not self._closed:
                news = board.news
                if board.away:
                    yield News(version, None, (), board.left_out, board.tally)
                elif board.version > version:
                    told = board.told_since(max(0, version))
                    version = told.version
                    yield told
                else:
                    yield News(version, (), (), board.left_out, board.tally)
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(news.wait(), POLL_SECONDS)
        finally:
            _open.dec()
            board.viewers.pop(me, None)
            if not board.viewers:
                self._boards.pop(contact_point, None)

    async def _renew(self, board: _Board, besides: Iterable[str] = ()) -> None:
        """Read what changed, write down who is told of it, and tell them."""
        async with board.reading:
            actors = {*board.viewers.values(), *besides}
            try:
                changed, gone = await run_in_threadpool(self._read, board, actors)
            except AWAY as error:
                log.warning("board_not_read", error=type(error).__name__)
                _read.labels("away").inc()
                told, board.away = not board.away, True
            else:
                _read.labels("read").inc()
                is_news = bool(changed or gone) or not board.version
                told, board.away = board.away or is_news, False
                if is_news:
                    board.take(changed, gone)
        if told:
            waiting, board.news = board.news, asyncio.Event()
            waiting.set()

    def _read(self, board: _Board, actors: Iterable[str]) -> tuple[dict[str, Row], tuple[str, ...]]:
        """Return the rows that changed and the alerts that are gone; one whose permission has ended is read again."""
        code = board.contact_point
        with self._engine.begin() as connection:
            ended = ended_permissions(connection, code)
            known = {one: number for one, number in board.known.items() if board.ended.get(one) == ended.get(one)}
            news = read_changed(connection, code, known, Who("console", PURPOSE))
            alerts = {name: row.alert for name, row in board.rows.items()} | {one.id: one for one in news.alerts}
            clocks = found(connection, code, alerts)
            rows = {name: Row(code, alert, clocks.get(Key(name, code))) for name, alert in alerts.items()}
            changed = {name: row for name, row in rows.items() if board.rows.get(name) != row}
            if changed:
                audit.record(connection, [_looked(code, actor, changed.values()) for actor in sorted(actors)])
        board.known |= news.known
        board.ended = ended
        board.left_out = news.left_out
        return changed, tuple(one for one in news.gone if one in board.rows)

    async def _log(self, contact_point: str, actor: str, rows: Iterable[Row]) -> None:
        entry = _looked(contact_point, actor, rows)

        def write() -> None:
            with self._engine.begin() as connection:
                audit.record(connection, [entry])

        await run_in_threadpool(write)


def _looked(contact_point: str, actor: str, rows: Iterable[Row]) -> Entry:
    """Return that somebody was shown these on the board."""
    shown = " ".join(sorted(f"{row.alert.id}/{row.alert.revision}" for row in rows))
    detail = f"board: {shown}" if shown else "board: nothing"
    return Entry(Act.CONSULTATION, actor, contact_point, contact_point, PURPOSE, detail=detail)
