"""Silences, and revisions that wait for one another: what a contact point is not sent, and why.

What was delivered before is silenced by nobody: what it would have to be known by was not kept.
"""

from alembic import op

revision = "0005"
down_revision = "0004"

_TABLES = r"""
CREATE TABLE silences (id text PRIMARY KEY, contact_point text NOT NULL, alert_id text, kinds text[],
  severity smallint, places text[], countries text[], reason text NOT NULL, author text NOT NULL,
  made_at timestamptz NOT NULL, begins_at timestamptz NOT NULL, ends_at timestamptz NOT NULL,
  approved_by text, approved_at timestamptz, ended_at timestamptz, ended_by text,
  CONSTRAINT silences_something CHECK (num_nonnulls(alert_id, kinds, severity, places, countries) > 0),
  CONSTRAINT has_a_reason CHECK (length(reason) BETWEEN 1 AND 200),
  CONSTRAINT bounded CHECK (ends_at > begins_at AND ends_at <= begins_at + interval '7 days'),
  CONSTRAINT approved_by_somebody CHECK ((approved_by IS NULL) = (approved_at IS NULL)),
  CONSTRAINT four_eyes CHECK (lower(approved_by) <> lower(author)),
  CONSTRAINT ended_by_somebody CHECK (ended_at IS NOT NULL OR ended_by IS NULL));
CREATE INDEX silences_standing ON silences (contact_point) WHERE ended_at IS NULL;
ALTER TABLE deliveries ADD kind text, ADD severity smallint, ADD withdrawn boolean NOT NULL DEFAULT false,
  ADD places text[] NOT NULL DEFAULT '{}', ADD countries text[] NOT NULL DEFAULT '{}',
  ADD must_tell boolean NOT NULL DEFAULT true, ADD due_at timestamptz, ADD silenced_by text, ADD replaced_by text;
ALTER TABLE deliveries ALTER withdrawn DROP DEFAULT, ALTER places DROP DEFAULT, ALTER countries DROP DEFAULT,
  ALTER must_tell DROP DEFAULT;
ALTER TABLE sendings DROP CONSTRAINT known_state;
ALTER TABLE sendings ADD CONSTRAINT known_state
  CHECK (state IN ('pending', 'held', 'delivered', 'spared', 'replaced'));
CREATE INDEX sendings_held ON sendings (contact_point) WHERE state = 'held';
ALTER TABLE clocks ADD elsewhere_at timestamptz;
UPDATE clocks SET elsewhere_at = due_at + (SELECT coalesce(sum((one ->> 'after_minutes')::float8), 0)
  FROM jsonb_array_elements(policy) WITH ORDINALITY AS steps (one, number) WHERE number > step + 1)
  * interval '1 minute' WHERE state = 'running';
"""


def upgrade() -> None:
    """Add the tables and columns."""
    op.get_bind().exec_driver_sql(_TABLES, execution_options={"no_parameters": True})


def downgrade() -> None:
    """Refuse: what was held back would be sent, or never."""
    raise NotImplementedError("there is no way back from 0005: nobody would know what was held back, nor the audit why")
