"""The live feed: notices as server-sent events, each with its number as the event's id, from any number on.

One that a silence holds back, or that is replaced, when it is read is followed by a word that says so.
"""

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator, Callable
from typing import Final

import sqlalchemy as sa
from starlette.concurrency import run_in_threadpool

from consumers import records
from consumers.notice import parse
from consumers.notifications import listen
from consumers.records import Listed

POLL_SECONDS: Final = 2.0
"""How old the feed may become where no notification comes; a comment is sent then, so that a dead line shows."""

_AT_ONCE: Final = 100


class Live:
    """One connection listens for all feeds; each reads its own contact point's notices."""

    def __init__(self, engine: sa.Engine, database_url: str) -> None:
        self._engine = engine
        self._url = database_url
        self._news = asyncio.Event()
        self._closed = False

    async def listen(self) -> None:
        """Wake the feeds at each notification, until cancelled."""
        await listen(self._url, self._wake, POLL_SECONDS)

    def close(self) -> None:
        """End all feeds; whoever reads one connects again with the number it has."""
        self._closed = True
        self._wake()

    async def events(self, contact_point: str, after: int, still: Callable[[], bool]) -> AsyncIterator[str]:
        """Yield a contact point's notices after a number, and then what comes, until closed or not `still`."""
        while not self._closed and still():
            news = self._news
            try:
                found = await run_in_threadpool(self._read, contact_point, after)
            except (sa.exc.DBAPIError, sa.exc.TimeoutError):
                found = None
            for one in found or ():
                yield f"id: {one.sequence}\nevent: {parse(one.notice).type}\ndata: {one.notice}\n\n"
                if any(one.mark):
                    mark = json.dumps({"delivery": one.delivery, **one.mark._asdict()})
                    yield f"event: delivery.mark\ndata: {mark}\n\n"
            after += len(found or ())
            if not found:
                yield ": database away\n\n" if found is None else ": here\n\n"
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(news.wait(), POLL_SECONDS)

    def _read(self, contact_point: str, after: int) -> list[Listed]:
        with self._engine.connect() as connection:
            return records.notices(connection, contact_point, after, _AT_ONCE)

    def _wake(self) -> None:
        waiting, self._news = self._news, asyncio.Event()
        waiting.set()
