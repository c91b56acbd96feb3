"""The console's tables, as the migrations make them."""

import sqlalchemy as sa

from consumers.tables import metadata

accounts = sa.Table(
    "console_accounts",
    metadata,
    sa.Column("contact_point", sa.Text, primary_key=True),
    sa.Column("account", sa.Text, primary_key=True),
    sa.Column("role", sa.Text, nullable=False),
    sa.Column("password", sa.Text, nullable=False),
    sa.Column("one_time_until", sa.DateTime(timezone=True)),
    sa.Column("made_at", sa.DateTime(timezone=True), nullable=False, server_default=sa.func.clock_timestamp()),
)
"""Who may sign in; `password` is its scrypt, and a one-time one until its owner has chosen another."""

sessions = sa.Table(
    "console_sessions",
    metadata,
    sa.Column("token", sa.Text, primary_key=True),
    sa.Column("contact_point", sa.Text, nullable=False),
    sa.Column("account", sa.Text, nullable=False),
    sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
    sa.Column("began_at", sa.DateTime(timezone=True), nullable=False, server_default=sa.func.clock_timestamp()),
    sa.ForeignKeyConstraint(
        ["contact_point", "account"],
        ["console_accounts.contact_point", "console_accounts.account"],
        name="session_of_an_account",
        ondelete="CASCADE",
    ),
    sa.Index("console_sessions_by_end", "ends_at"),
)
"""Who is signed in; `token` is the SHA-256 of what the browser holds."""
