"""How to reach the database of the delivery side, and bring it to the newest schema."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

MIGRATIONS: Final = Path(__file__).with_name("migrations")
AWAY: Final = (sa.exc.DBAPIError, sa.exc.TimeoutError, OSError)
"""What a database that does not answer raises; a pool without a free connection included."""

# Errors are logged, and parameters hold personal data.
_OPTIONS: Final[dict[str, Any]] = {
    "pool_pre_ping": True,
    "hide_parameters": True,
    "connect_args": {"connect_timeout": 5},
}


def engine(url: str) -> sa.Engine:
    """Return an engine; it connects when it is used first."""
    return sa.create_engine(url, **_OPTIONS)


def async_engine(url: str) -> AsyncEngine:
    """Return an engine for asyncio; it connects when it is used first."""
    return create_async_engine(url, **_OPTIONS)


def given(rows: Sequence[Mapping[str, Any]], *columns: sa.ColumnClause[Any]) -> sa.TableValuedAlias:
    """Return rows to be inserted as a table, in their order, with these columns of theirs.

    They travel as one value: the statement is the same for any number of them, and so it is compiled and parsed once.
    To find rows by them it is not for: PostgreSQL takes them for a hundred, and reads whole tables for one.
    """
    typed = [sa.column(column.name, column.type) for column in columns]
    rowset = sa.func.jsonb_to_recordset(sa.literal(rows, JSONB))
    return rowset.table_valued(*typed, name="given").render_derived(with_types=True)


def upgrade(url: str) -> None:
    """Bring the database to the newest schema. Safe where several processes start at once."""
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    database = engine(url)
    try:
        with database.begin() as connection:  # the lock ends with the transaction, once the tables can be seen
            connection.execute(sa.text("SELECT pg_advisory_xact_lock(hashtext('brdo migrations'))"))
            config.attributes["connection"] = connection
            command.upgrade(config, "head")
    finally:
        database.dispose()
