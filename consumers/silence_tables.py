"""The table of silences, as the migrations make it."""

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY

from consumers.tables import metadata

silences = sa.Table(
    "silences",
    metadata,
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("contact_point", sa.Text, nullable=False),
    sa.Column("alert_id", sa.Text),
    sa.Column("kinds", ARRAY(sa.Text)),
    sa.Column("severity", sa.SmallInteger),
    sa.Column("places", ARRAY(sa.Text)),
    sa.Column("countries", ARRAY(sa.Text)),
    sa.Column("reason", sa.Text, nullable=False),
    sa.Column("author", sa.Text, nullable=False),
    sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
    sa.Column("begins_at", sa.DateTime(timezone=True), nullable=False),
    sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
    sa.Column("approved_by", sa.Text),
    sa.Column("approved_at", sa.DateTime(timezone=True)),
    sa.Column("ended_at", sa.DateTime(timezone=True)),
    sa.Column("ended_by", sa.Text),
    sa.Index("silences_standing", "contact_point", postgresql_where=sa.text("ended_at IS NULL")),
)
"""What a contact point is not sent for a while; `severity` is the rank of the gravest. Its checks are PostgreSQL's."""
