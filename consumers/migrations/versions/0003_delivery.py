"""A delivery of its own for each contact point, in sequence; a sending for each of its channels; audit; permissions."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"

_TABLES = r"""
ALTER TABLE alert_revisions ADD apart text[] NOT NULL DEFAULT '{}', ADD erased_at timestamptz;
ALTER TABLE alert_revisions ALTER body DROP NOT NULL;
CREATE TABLE sequences (contact_point text PRIMARY KEY, last bigint NOT NULL,
  heartbeat_at timestamptz NOT NULL DEFAULT now());
CREATE TABLE sendings (delivery_id text NOT NULL REFERENCES deliveries (id), channel text NOT NULL,
  contact_point text NOT NULL, notice text NOT NULL, priority smallint NOT NULL,
  state text NOT NULL DEFAULT 'pending', attempts integer NOT NULL DEFAULT 0,
  next_attempt_at timestamptz NOT NULL DEFAULT now(), lease_owner text, lease_until timestamptz,
  created_at timestamptz NOT NULL DEFAULT clock_timestamp(), delivered_at timestamptz,
  PRIMARY KEY (delivery_id, channel),
  CONSTRAINT known_state CHECK (state IN ('pending', 'delivered', 'spared')));
CREATE INDEX sendings_due ON sendings (contact_point, channel, priority, next_attempt_at) WHERE state = 'pending';
ALTER TABLE deliveries ADD sequence bigint, ADD why text[] NOT NULL DEFAULT '{}',
  ADD digest text NOT NULL DEFAULT '', ADD notice text, ADD confirmed_at timestamptz, ADD arrived_at timestamptz;
UPDATE deliveries SET arrived_at = delivered_at, sequence = numbered.sequence,
  digest = 'sha-256=' || encode(sha256(convert_to(payload, 'UTF8')), 'hex') FROM
  (SELECT id, row_number() OVER (PARTITION BY contact_point ORDER BY created_at, id) AS sequence FROM deliveries)
  AS numbered WHERE deliveries.id = numbered.id;
UPDATE deliveries SET notice = jsonb_build_object('type', 'alert.revision', 'timestamp', payload::jsonb -> 'timestamp',
  'data', jsonb_build_object('delivery', id, 'sequence', sequence, 'contact_point', contact_point, 'alert', alert_id,
  'revision', revision, 'status', payload::jsonb #> '{data,alert,status}',
  'kind', payload::jsonb #> '{data,alert,kind}',
  'severity', coalesce(payload::jsonb #>> '{data,alert,severity}', 'low'),
  'exercise', payload::jsonb #> '{data,alert,exercise}',
  'life_at_risk', coalesce((payload::jsonb #>> '{data,alert,life_at_risk}')::boolean, false),
  'view', view, 'digest', digest, 'link', '/v1/deliveries/' || id))::text;
INSERT INTO sequences (contact_point, last) SELECT contact_point, max(sequence) FROM deliveries GROUP BY 1;
INSERT INTO sendings SELECT id, channel, contact_point, notice, 3, state, attempts, next_attempt_at, lease_owner,
  lease_until, created_at, delivered_at FROM deliveries;
ALTER TABLE attempts ADD channel text NOT NULL DEFAULT 'webhook';
ALTER TABLE attempts ALTER channel DROP DEFAULT;
ALTER TABLE attempts DROP CONSTRAINT attempts_pkey, DROP CONSTRAINT attempts_delivery_id_fkey;
ALTER TABLE attempts ADD PRIMARY KEY (delivery_id, channel, number),
  ADD CONSTRAINT attempt_of_a_sending
  FOREIGN KEY (delivery_id, channel) REFERENCES sendings (delivery_id, channel);
ALTER TABLE deliveries DROP COLUMN channel, DROP COLUMN payload, DROP COLUMN state, DROP COLUMN attempts,
  DROP COLUMN next_attempt_at, DROP COLUMN lease_owner, DROP COLUMN lease_until, DROP COLUMN delivered_at;
ALTER TABLE deliveries ALTER sequence SET NOT NULL, ALTER notice SET NOT NULL, ALTER why DROP DEFAULT,
  ALTER digest DROP DEFAULT, ADD CONSTRAINT one_delivery UNIQUE (alert_id, revision, reader, contact_point, digest),
  ADD CONSTRAINT no_gap UNIQUE (contact_point, sequence);
CREATE TABLE permissions (alert_id text NOT NULL, originator text NOT NULL, contact_point text NOT NULL,
  state text NOT NULL, requested_at timestamptz, decided_at timestamptz,
  PRIMARY KEY (alert_id, originator, contact_point),
  CONSTRAINT known_permission CHECK (state IN ('requested', 'granted', 'refused', 'revoked')));
CREATE TABLE audit_heads (book text PRIMARY KEY, number bigint NOT NULL, hash text NOT NULL);
CREATE TABLE audit (book text NOT NULL, number bigint NOT NULL, at timestamptz NOT NULL DEFAULT now(),
  act text NOT NULL, actor text NOT NULL, recipient text NOT NULL DEFAULT '', purpose text NOT NULL DEFAULT '',
  alert_id text NOT NULL DEFAULT '', revision integer NOT NULL DEFAULT 0, reader text NOT NULL DEFAULT '',
  detail text NOT NULL DEFAULT '', previous text NOT NULL, hash text NOT NULL, PRIMARY KEY (book, number));
CREATE INDEX audit_of_an_alert ON audit (alert_id, at);
CREATE INDEX revisions_by_age ON alert_revisions (stored_at) WHERE body IS NOT NULL;
CREATE TABLE positions (topic text NOT NULL, partition integer NOT NULL, next bigint NOT NULL,
  PRIMARY KEY (topic, partition));
"""
_CHAIN = r"""
CREATE FUNCTION audit_chained() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE head audit_heads%ROWTYPE;
BEGIN
  INSERT INTO audit_heads VALUES (NEW.book, 0, '') ON CONFLICT DO NOTHING;
  SELECT * INTO head FROM audit_heads WHERE book = NEW.book FOR UPDATE;
  NEW.number := head.number + 1;
  NEW.previous := head.hash;
  NEW.at := clock_timestamp();
  NEW.hash := encode(sha256(convert_to(array_to_string(ARRAY[
    NEW.previous, NEW.book, NEW.number::text, to_char(NEW.at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'),
    NEW.act, NEW.actor, NEW.recipient, NEW.purpose, NEW.alert_id, NEW.revision::text, NEW.reader, NEW.detail
  ], E'\n'), 'UTF8')), 'hex');
  UPDATE audit_heads SET number = NEW.number, hash = NEW.hash WHERE book = NEW.book;
  RETURN NEW;
END $$;
CREATE TRIGGER chained BEFORE INSERT ON audit FOR EACH ROW EXECUTE FUNCTION audit_chained();
CREATE FUNCTION audit_is_kept() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN RAISE EXCEPTION 'audit rows are neither changed nor removed'; END $$;
CREATE TRIGGER kept BEFORE UPDATE OR DELETE OR TRUNCATE ON audit FOR EACH STATEMENT EXECUTE FUNCTION audit_is_kept();
"""


def upgrade() -> None:
    """Move what there is into the new tables."""
    for script in (_TABLES, _CHAIN):
        op.get_bind().exec_driver_sql(script, execution_options={"no_parameters": True})
    for column in ("act", "actor", "recipient", "purpose", "alert_id", "reader", "detail", "book"):
        op.create_check_constraint(f"one_line_{column}", "audit", sa.column(column).not_like("%\n%"))


def downgrade() -> None:
    """Refuse: the audit must not be lost."""
    raise NotImplementedError("there is no way back from 0003: the audit would be lost with it")
