"""The tables of word between contact points: what they send here, and what they reply."""

import sqlalchemy as sa

from consumers.tables import metadata

bulletin_events = sa.Table(
    "bulletin_events",
    metadata,
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("type", sa.Text, nullable=False),
    sa.Column("contact_point", sa.Text, nullable=False),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("officer", sa.Text, nullable=False),
    sa.Column("alert_id", sa.Text, nullable=False),
    sa.Column("exercise", sa.Boolean, nullable=False),
    sa.Column("digest", sa.Text, nullable=False),
    sa.Column("at", sa.DateTime(timezone=True), nullable=False),
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("body", sa.Text),
    sa.Column("stored_at", sa.DateTime(timezone=True), nullable=False, server_default=sa.func.now()),
    sa.CheckConstraint("type IN ('bulletin', 'retraction')", name="known_bulletin_event"),
    sa.CheckConstraint("state IN ('to_publish', 'published')", name="known_bulletin_state"),
    sa.UniqueConstraint("contact_point", "name", "type", name="one_bulletin_of_a_name"),
    sa.Index("bulletin_events_to_publish", "stored_at", postgresql_where=sa.text("state = 'to_publish'")),
)
"""Bulletins of contact points and what takes them back, each by its event's id once; `body` is it until Kafka has it.

`name` is what the contact point calls it, `digest` that of what it said.
"""

replies = sa.Table(
    "replies",
    metadata,
    sa.Column("alert_id", sa.Text, primary_key=True),
    sa.Column("number", sa.Integer, primary_key=True),
    sa.Column("contact_point", sa.Text, nullable=False),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("officer", sa.Text, nullable=False),
    sa.Column("addressee", sa.Text),
    sa.Column("text", sa.Text, nullable=False),
    sa.Column("at", sa.DateTime(timezone=True), nullable=False),
    sa.UniqueConstraint("alert_id", "contact_point", "name", name="one_reply_of_a_name"),
)
"""What was replied to a bulletin, numbered in its thread: for its originator and the addressee; for all without one."""
