"""The interface of contact points as it runs, on a real PostgreSQL, and who asks it."""

from __future__ import annotations

import asyncio
import hashlib
import threading
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime

import httpx
import sqlalchemy as sa
from delivery_rig import Database, everybody

from consumers.api.access import Caller, Tokens
from consumers.api.app import Guarded, Interface, api
from consumers.api.live import Live
from consumers.configuration import Configuration
from consumers.contact_points import ContactPoint
from consumers.database import engine
from infra.http_server import listen, serve
from infra.services.ports import HOST

ACCOUNTS = ("a.novak", "b.kos")
"""Who asks for each contact point; the first where a test does not say."""


def token(code: str, account: str = ACCOUNTS[0]) -> str:
    return f"token-of-{account}-of-{code}"


def as_account(code: str, account: str) -> dict[str, str]:
    """Return the headers by which another account of a contact point asks."""
    return {"Authorization": f"Bearer {token(code, account)}"}


@contextmanager
def serving_api(database: Database, *points: ContactPoint, clock: Sequence[datetime] = ()) -> Iterator[str]:
    """Serve the interface for these contact points and yield its address; what `clock` holds is what time it is."""
    tokens = Tokens(
        {
            hashlib.sha256(token(one.code, account).encode()).hexdigest(): Caller(one.code, account)
            for one in points
            for account in ACCOUNTS
        }
    )
    listener, started = listen(HOST, 0), threading.Event()
    loop, stop = asyncio.new_event_loop(), asyncio.Event()

    async def run(own: sa.Engine) -> None:
        live = Live(own, database.url)
        configuration = Configuration(everybody("SI"), {one.code: one for one in points})
        interface = Interface(
            own, tokens, lambda: configuration, live, lambda: clock[0] if clock else datetime.now(UTC)
        )
        listening = asyncio.create_task(live.listen())
        serving = asyncio.create_task(serve(Guarded(api(interface)), listener, stop, started.set))
        await stop.wait()
        live.close()
        await serving
        listening.cancel()
        await asyncio.gather(listening, return_exceptions=True)

    own = engine(database.url)
    thread = threading.Thread(target=lambda: loop.run_until_complete(run(own)))
    thread.start()
    try:
        assert started.wait(10)
        yield f"http://{HOST}:{listener.getsockname()[1]}"
    finally:
        loop.call_soon_threadsafe(stop.set)
        thread.join(20)
        assert not thread.is_alive()
        loop.close()
        own.dispose()


@contextmanager
def all_asking(
    database: Database, points: Iterable[ContactPoint], clock: Sequence[datetime] = ()
) -> Iterator[dict[str, httpx.Client]]:
    """Serve the interface and ask as each of these contact points."""
    points = list(points)
    with serving_api(database, *points, clock=clock) as address:
        clients = {}
        try:
            for one in points:
                headers = as_account(one.code, ACCOUNTS[0])
                clients[one.code] = httpx.Client(base_url=address, headers=headers, trust_env=False, timeout=10)
            yield clients
        finally:
            for client in clients.values():
                client.close()
