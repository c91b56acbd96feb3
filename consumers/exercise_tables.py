"""The tables of exercises, and of verdicts that were taken back."""

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY

from consumers.tables import metadata

exercises = sa.Table(
    "exercises",
    metadata,
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("scenario", sa.Text, nullable=False),
    sa.Column("author", sa.Text, nullable=False),
    sa.Column("expected", ARRAY(sa.Text), nullable=False),
    sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
    sa.Column("stopped_at", sa.DateTime(timezone=True)),
    sa.Column("stopped_by", sa.Text),
    sa.Index(
        "one_exercise", sa.text("(stopped_at IS NULL)"), unique=True, postgresql_where=sa.text("stopped_at IS NULL")
    ),
)
"""One at a time; `expected` are the contact points that its scenario says are to be told."""

exercise_events = sa.Table(
    "exercise_events",
    metadata,
    sa.Column("event", sa.Text, primary_key=True),
    sa.Column("exercise", sa.Text, sa.ForeignKey("exercises.id", ondelete="CASCADE"), nullable=False),
    sa.Column("originator", sa.Text, nullable=False),
    sa.Column("published_at", sa.DateTime(timezone=True)),
)
"""The events of an exercise, written down before they are published: whatever was sent can be taken back."""

verdicts_taken_back = sa.Table(
    "verdicts_taken_back",
    metadata,
    sa.Column("verdict", sa.Text, primary_key=True),
    sa.Column("contact_point", sa.Text, primary_key=True),
    sa.Column("exercise", sa.Boolean, primary_key=True),
    sa.Column("at", sa.DateTime(timezone=True), nullable=False),
    sa.Column("stored_at", sa.DateTime(timezone=True), nullable=False, server_default=sa.func.now()),
)
"""What contact points take back, by the event's id: it may come before its verdict, and be of no verdict at all."""
