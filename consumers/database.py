"""The tables of the delivery side, and how to reach them."""

from pathlib import Path
from typing import Any, Final

import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

MIGRATIONS: Final = Path(__file__).with_name("migrations")
CHANNEL: Final = "brdo_deliveries"
"""PostgreSQL's NOTIFY channel that says: there are new deliveries."""

# Errors are logged, and parameters hold personal data.
_OPTIONS: Final[dict[str, Any]] = {
    "pool_pre_ping": True,
    "hide_parameters": True,
    "connect_args": {"connect_timeout": 5},
}

metadata = sa.MetaData()

alert_revisions = sa.Table(
    "alert_revisions",
    metadata,
    sa.Column("alert_id", sa.Text, primary_key=True),
    sa.Column("revision", sa.Integer, primary_key=True),
    sa.Column("reader", sa.Text, primary_key=True, server_default=""),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("severity", sa.Text, nullable=False),
    sa.Column("status", sa.Text, nullable=False),
    sa.Column("exercise", sa.Boolean, nullable=False),
    sa.Column("body", JSONB, nullable=False),
    sa.Column("digest", sa.Text, nullable=False),
    sa.Column("source", sa.Text, nullable=False),
    sa.Column("stored_at", sa.DateTime(timezone=True), nullable=False, server_default=sa.func.now()),
)

deliveries = sa.Table(
    "deliveries",
    metadata,
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("alert_id", sa.Text, nullable=False),
    sa.Column("revision", sa.Integer, nullable=False),
    sa.Column("reader", sa.Text, nullable=False, server_default=""),
    sa.Column("contact_point", sa.Text, nullable=False),
    sa.Column("channel", sa.Text, nullable=False),
    sa.Column("reason", sa.Text, nullable=False),
    sa.Column("view", sa.Text, nullable=False),
    sa.Column("payload", sa.Text, nullable=False),
    sa.Column("state", sa.Text, nullable=False, server_default="pending"),
    sa.Column("attempts", sa.Integer, nullable=False, server_default="0"),
    sa.Column("next_attempt_at", sa.DateTime(timezone=True), nullable=False, server_default=sa.func.now()),
    sa.Column("lease_owner", sa.Text),
    sa.Column("lease_until", sa.DateTime(timezone=True)),
    sa.Column("created_at", sa.DateTime(timezone=True), nullable=False, server_default=sa.func.clock_timestamp()),
    sa.Column("delivered_at", sa.DateTime(timezone=True)),
    sa.ForeignKeyConstraint(
        ["alert_id", "revision", "reader"],
        ["alert_revisions.alert_id", "alert_revisions.revision", "alert_revisions.reader"],
        name="delivery_of_a_revision",
    ),
    sa.UniqueConstraint("alert_id", "revision", "contact_point", "channel"),
    sa.CheckConstraint("state IN ('pending', 'delivered')", name="known_state"),
    sa.Index(
        "deliveries_due",
        "contact_point",
        "channel",
        "next_attempt_at",
        postgresql_where=sa.text("state = 'pending'"),
    ),
)

attempts = sa.Table(
    "attempts",
    metadata,
    sa.Column("delivery_id", sa.Text, sa.ForeignKey("deliveries.id"), primary_key=True),
    sa.Column("number", sa.Integer, primary_key=True),
    sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
    sa.Column("finished_at", sa.DateTime(timezone=True)),
    sa.Column("outcome", sa.Text),
    sa.Column("status_code", sa.Integer),
)

refused_alerts = sa.Table(
    "refused_alerts",
    metadata,
    sa.Column("source", sa.Text, primary_key=True),
    sa.Column("reason", sa.Text, nullable=False),
    sa.Column("value", sa.LargeBinary, nullable=False),
    sa.Column("stored_at", sa.DateTime(timezone=True), nullable=False, server_default=sa.func.now()),
)


def engine(url: str) -> sa.Engine:
    """Return an engine; it connects when it is used first."""
    return sa.create_engine(url, **_OPTIONS)


def async_engine(url: str) -> AsyncEngine:
    """Return an engine for asyncio; it connects when it is used first."""
    return create_async_engine(url, **_OPTIONS)


def upgrade(url: str) -> None:
    """Bring the database to the newest schema. Safe where several processes start at once."""
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
