"""Who may sign in at the console, and who is signed in."""

from alembic import op

revision = "0008"
down_revision = "0007"

_TABLES = r"""
CREATE TABLE console_accounts (contact_point text NOT NULL, account text NOT NULL, role text NOT NULL,
  password text NOT NULL, one_time_until timestamptz, made_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  PRIMARY KEY (contact_point, account));
CREATE TABLE console_sessions (token text PRIMARY KEY, contact_point text NOT NULL, account text NOT NULL,
  ends_at timestamptz NOT NULL, began_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  CONSTRAINT session_of_an_account FOREIGN KEY (contact_point, account)
  REFERENCES console_accounts (contact_point, account) ON DELETE CASCADE);
CREATE INDEX console_sessions_by_end ON console_sessions (ends_at);
"""


def upgrade() -> None:
    """Add the tables."""
    op.get_bind().exec_driver_sql(_TABLES, execution_options={"no_parameters": True})


def downgrade() -> None:
    """Refuse: the audit must not be lost."""
    raise NotImplementedError("there is no way back from 0008: the audit of the migrations before it would be lost")
