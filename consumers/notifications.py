"""PostgreSQL's word that there are new deliveries, so that nobody has to ask again and again."""

import asyncio
import contextlib
from collections.abc import Callable
from typing import Final

import psycopg
import sqlalchemy as sa

CHANNEL: Final = "brdo_deliveries"
"""PostgreSQL's NOTIFY channel that says: there are new deliveries."""

LISTEN: Final = f"LISTEN {CHANNEL}"


def plain(database_url: str) -> str:
    """Return SQLAlchemy's address of a database as PostgreSQL's own library takes it."""
    return database_url.replace("postgresql+psycopg://", "postgresql://", 1)


def notify(connection: sa.Connection) -> None:
    """Say, once the caller's transaction is committed, that there are new deliveries."""
    connection.execute(sa.select(sa.func.pg_notify(CHANNEL, "")))


async def listen(database_url: str, wake: Callable[[], None], pause_seconds: float) -> None:
    """Call `wake` at each notification, until cancelled; a connection that breaks is made again after a pause."""
    while True:
        with contextlib.suppress(psycopg.Error, OSError):
            async with await psycopg.AsyncConnection.connect(plain(database_url), autocommit=True) as connection:
                await connection.execute(LISTEN)
                async for _ in connection.notifies():
                    wake()
        await asyncio.sleep(pause_seconds)
