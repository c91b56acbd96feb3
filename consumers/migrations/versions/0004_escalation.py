"""A clock for each alert at each contact point, what was done when it was due, whom to call, what was answered.

Alerts that were told before have no clock until their next revision: all of them would be due at once.
"""

from alembic import op

revision = "0004"
down_revision = "0003"

_TABLES = r"""
CREATE TABLE clocks (alert_id text NOT NULL, contact_point text NOT NULL, state text NOT NULL, severity text NOT NULL,
  exercise boolean NOT NULL, policy jsonb NOT NULL, step integer NOT NULL, due_at timestamptz,
  told_at timestamptz NOT NULL, started_at timestamptz NOT NULL, since_revision integer NOT NULL,
  revision integer NOT NULL, acknowledged_at timestamptz, acknowledged_by text, outcome text, outcome_at timestamptz,
  superseded_by text, first_report_by timestamptz, sirene_reply_by timestamptz,
  PRIMARY KEY (alert_id, contact_point),
  CONSTRAINT known_clock CHECK (state IN ('running', 'acknowledged', 'exhausted', 'withdrawn', 'superseded')),
  CONSTRAINT due_while_running CHECK ((state = 'running') = (due_at IS NOT NULL)));
CREATE INDEX clocks_due ON clocks (due_at) WHERE state = 'running';
CREATE INDEX clocks_superseded ON clocks (superseded_by) WHERE superseded_by IS NOT NULL;
CREATE TABLE escalations (alert_id text NOT NULL, contact_point text NOT NULL, since_revision integer NOT NULL,
  step integer NOT NULL, at timestamptz NOT NULL, due_at timestamptz NOT NULL, whom text NOT NULL,
  reason text NOT NULL, told text[] NOT NULL, PRIMARY KEY (alert_id, contact_point, since_revision, step),
  CONSTRAINT escalation_of_a_clock FOREIGN KEY (alert_id, contact_point) REFERENCES clocks (alert_id, contact_point));
CREATE TABLE calls (id text PRIMARY KEY, alert_id text NOT NULL, contact_point text NOT NULL,
  since_revision integer NOT NULL, step integer NOT NULL, officer text NOT NULL, address text NOT NULL,
  language text NOT NULL, notice text NOT NULL, state text NOT NULL DEFAULT 'pending',
  attempts integer NOT NULL DEFAULT 0, outcome text, next_attempt_at timestamptz NOT NULL DEFAULT now(),
  lease_owner text, lease_until timestamptz, created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  delivered_at timestamptz,
  CONSTRAINT known_call CHECK (state IN ('pending', 'delivered', 'spared')),
  CONSTRAINT call_of_an_escalation FOREIGN KEY (alert_id, contact_point, since_revision, step)
  REFERENCES escalations (alert_id, contact_point, since_revision, step));
CREATE INDEX calls_due ON calls (next_attempt_at) WHERE state = 'pending';
CREATE TABLE answers (id text PRIMARY KEY, alert_id text NOT NULL, contact_point text NOT NULL, officer text NOT NULL,
  outcome text NOT NULL, exercise boolean NOT NULL, revision integer, at timestamptz NOT NULL,
  state text NOT NULL, body text, stored_at timestamptz NOT NULL DEFAULT now(),
  CONSTRAINT known_answer CHECK (state IN ('to_publish', 'published')));
CREATE INDEX answers_to_publish ON answers (stored_at) WHERE state = 'to_publish';
CREATE INDEX answers_to_an_alert ON answers (alert_id, contact_point);
"""


def upgrade() -> None:
    """Add the tables."""
    op.get_bind().exec_driver_sql(_TABLES, execution_options={"no_parameters": True})


def downgrade() -> None:
    """Refuse: neither answers nor the audit must be lost."""
    raise NotImplementedError("there is no way back from 0004: answers would be lost with it, and the audit before it")
