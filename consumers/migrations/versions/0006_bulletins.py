"""Bulletins that contact points send here, and replies to them; a delivery may be of a reply."""

from alembic import op

revision = "0006"
down_revision = "0005"

_TABLES = r"""
CREATE TABLE bulletin_events (id text PRIMARY KEY, type text NOT NULL, contact_point text NOT NULL, name text NOT NULL,
  officer text NOT NULL, alert_id text NOT NULL, exercise boolean NOT NULL, digest text NOT NULL,
  at timestamptz NOT NULL, state text NOT NULL, body text, stored_at timestamptz NOT NULL DEFAULT now(),
  CONSTRAINT known_bulletin_event CHECK (type IN ('bulletin', 'retraction')),
  CONSTRAINT known_bulletin_state CHECK (state IN ('to_publish', 'published')),
  CONSTRAINT one_bulletin_of_a_name UNIQUE (contact_point, name, type));
CREATE INDEX bulletin_events_to_publish ON bulletin_events (stored_at) WHERE state = 'to_publish';
CREATE TABLE replies (alert_id text NOT NULL, number integer NOT NULL, contact_point text NOT NULL, name text NOT NULL,
  officer text NOT NULL, addressee text, text text NOT NULL, at timestamptz NOT NULL,
  PRIMARY KEY (alert_id, number), CONSTRAINT one_reply_of_a_name UNIQUE (alert_id, contact_point, name));
ALTER TABLE deliveries ADD COLUMN reply integer;
"""


def upgrade() -> None:
    """Add the tables and the column."""
    op.get_bind().exec_driver_sql(_TABLES, execution_options={"no_parameters": True})


def downgrade() -> None:
    """Refuse: no reply must be lost."""
    raise NotImplementedError("there is no way back from 0006: replies would be lost with it, and the audit before it")
