"""Exercises; verdicts that were taken back, and how often a clock began again for it; who is told that a call is over.

Whoever was called before, about what was answered or withdrawn since, is told nothing any more.
"""

from alembic import op

revision = "0007"
down_revision = "0006"

_TABLES = r"""
CREATE TABLE exercises (id text PRIMARY KEY, scenario text NOT NULL, author text NOT NULL,
  expected text[] NOT NULL, started_at timestamptz NOT NULL, stopped_at timestamptz, stopped_by text);
CREATE UNIQUE INDEX one_exercise ON exercises ((stopped_at IS NULL)) WHERE stopped_at IS NULL;
CREATE TABLE exercise_events (event text PRIMARY KEY, exercise text NOT NULL, originator text NOT NULL,
  published_at timestamptz, FOREIGN KEY (exercise) REFERENCES exercises (id) ON DELETE CASCADE);
CREATE TABLE verdicts_taken_back (verdict text NOT NULL, contact_point text NOT NULL, exercise boolean NOT NULL,
  at timestamptz NOT NULL, stored_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (verdict, contact_point, exercise));
ALTER TABLE calls DROP CONSTRAINT call_of_an_escalation;
ALTER TABLE clocks ADD COLUMN restarts integer NOT NULL DEFAULT 0;
ALTER TABLE escalations ADD COLUMN restarts integer NOT NULL DEFAULT 0, DROP CONSTRAINT escalations_pkey,
  ADD PRIMARY KEY (alert_id, contact_point, since_revision, restarts, step);
ALTER TABLE calls ADD COLUMN restarts integer NOT NULL DEFAULT 0, ADD COLUMN about text NOT NULL DEFAULT 'unanswered',
  ADD COLUMN priority smallint NOT NULL DEFAULT 0, ADD COLUMN stood_down_at timestamptz,
  ADD CONSTRAINT known_about CHECK (about IN ('unanswered', 'answered', 'withdrawn', 'superseded')),
  ADD CONSTRAINT call_of_an_escalation FOREIGN KEY (alert_id, contact_point, since_revision, restarts, step)
  REFERENCES escalations (alert_id, contact_point, since_revision, restarts, step);
UPDATE calls SET stood_down_at = now() FROM clocks WHERE clocks.alert_id = calls.alert_id
  AND clocks.contact_point = calls.contact_point AND clocks.state NOT IN ('running', 'exhausted');
DROP INDEX calls_due;
CREATE INDEX calls_due ON calls (priority, next_attempt_at) WHERE state = 'pending';
CREATE INDEX calls_to_end ON calls (alert_id, contact_point) WHERE about = 'unanswered' AND stood_down_at IS NULL
  AND (state = 'delivered' OR lease_until IS NOT NULL);
"""


def upgrade() -> None:
    """Add the tables and columns."""
    op.get_bind().exec_driver_sql(_TABLES, execution_options={"no_parameters": True})


def downgrade() -> None:
    """Refuse: neither answers nor the audit must be lost."""
    raise NotImplementedError("there is no way back from 0007: answers would be lost with it, and the audit before it")
