"""The tables of the delivery side, as the migrations make them."""

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

metadata = sa.MetaData()

alert_revisions = sa.Table(
    "alert_revisions",
    metadata,
    sa.Column("alert_id", sa.Text, primary_key=True),
    sa.Column("revision", sa.Integer, primary_key=True),
    sa.Column("reader", sa.Text, primary_key=True, server_default=""),
    sa.Column("apart", ARRAY(sa.Text), nullable=False, server_default="{}"),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("severity", sa.Text, nullable=False),
    sa.Column("status", sa.Text, nullable=False),
    sa.Column("exercise", sa.Boolean, nullable=False),
    sa.Column("body", JSONB),
    sa.Column("digest", sa.Text, nullable=False),
    sa.Column("source", sa.Text, nullable=False),
    sa.Column("stored_at", sa.DateTime(timezone=True), nullable=False, server_default=sa.func.now()),
    sa.Column("erased_at", sa.DateTime(timezone=True)),
    sa.Index("revisions_by_age", "stored_at", postgresql_where=sa.text("body IS NOT NULL")),
)
"""What the streams said, an edition a row; `body` is empty once it was erased."""

sequences = sa.Table(
    "sequences",
    metadata,
    sa.Column("contact_point", sa.Text, primary_key=True),
    sa.Column("last", sa.BigInteger, nullable=False),
    sa.Column("heartbeat_at", sa.DateTime(timezone=True), nullable=False, server_default=sa.func.now()),
)
"""How many deliveries a contact point has: they are numbered from 1 without a gap."""

deliveries = sa.Table(
    "deliveries",
    metadata,
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("contact_point", sa.Text, nullable=False),
    sa.Column("sequence", sa.BigInteger, nullable=False),
    sa.Column("alert_id", sa.Text, nullable=False),
    sa.Column("revision", sa.Integer, nullable=False),
    sa.Column("reader", sa.Text, nullable=False, server_default=""),
    sa.Column("reason", sa.Text, nullable=False),
    sa.Column("why", ARRAY(sa.Text), nullable=False),
    sa.Column("view", sa.Text, nullable=False),
    sa.Column("digest", sa.Text, nullable=False),
    sa.Column("notice", sa.Text, nullable=False),
    sa.Column("reply", sa.Integer),
    sa.Column("created_at", sa.DateTime(timezone=True), nullable=False, server_default=sa.func.clock_timestamp()),
    sa.Column("arrived_at", sa.DateTime(timezone=True)),
    sa.Column("confirmed_at", sa.DateTime(timezone=True)),
    sa.Column("kind", sa.Text),
    sa.Column("severity", sa.SmallInteger),
    sa.Column("withdrawn", sa.Boolean, nullable=False),
    sa.Column("places", ARRAY(sa.Text), nullable=False),
    sa.Column("countries", ARRAY(sa.Text), nullable=False),
    sa.Column("must_tell", sa.Boolean, nullable=False),
    sa.Column("due_at", sa.DateTime(timezone=True)),
    sa.Column("silenced_by", sa.Text),
    sa.Column("replaced_by", sa.Text),
    sa.ForeignKeyConstraint(
        ["alert_id", "revision", "reader"],
        ["alert_revisions.alert_id", "alert_revisions.revision", "alert_revisions.reader"],
        name="delivery_of_a_revision",
    ),
    sa.UniqueConstraint("alert_id", "revision", "reader", "contact_point", "digest", name="one_delivery"),
    sa.UniqueConstraint("contact_point", "sequence", name="no_gap"),
)
"""One revision for one contact point, or a `reply` to it by its number. It arrives by whichever channel is first.

What silences go by, `kind` to `must_tell`, is of what is shown. `silenced_by` is the silence that held it back last,
`replaced_by` the delivery of a newer revision that went in its place.
"""

sendings = sa.Table(
    "sendings",
    metadata,
    sa.Column("delivery_id", sa.Text, sa.ForeignKey("deliveries.id"), primary_key=True),
    sa.Column("channel", sa.Text, primary_key=True),
    sa.Column("contact_point", sa.Text, nullable=False),
    sa.Column("notice", sa.Text, nullable=False),
    sa.Column("priority", sa.SmallInteger, nullable=False),
    sa.Column("state", sa.Text, nullable=False, server_default="pending"),
    sa.Column("attempts", sa.Integer, nullable=False, server_default="0"),
    sa.Column("next_attempt_at", sa.DateTime(timezone=True), nullable=False, server_default=sa.func.now()),
    sa.Column("lease_owner", sa.Text),
    sa.Column("lease_until", sa.DateTime(timezone=True)),
    sa.Column("created_at", sa.DateTime(timezone=True), nullable=False, server_default=sa.func.clock_timestamp()),
    sa.Column("delivered_at", sa.DateTime(timezone=True)),
    sa.CheckConstraint("state IN ('pending', 'held', 'delivered', 'spared', 'replaced')", name="known_state"),
    sa.Index(
        "sendings_due",
        "contact_point",
        "channel",
        "priority",
        "next_attempt_at",
        postgresql_where=sa.text("state = 'pending'"),
    ),
    sa.Index("sendings_held", "contact_point", postgresql_where=sa.text("state = 'held'")),
)
"""A delivery on one of its channels; those of a contact point and channel are a queue."""

attempts = sa.Table(
    "attempts",
    metadata,
    sa.Column("delivery_id", sa.Text, primary_key=True),
    sa.Column("channel", sa.Text, primary_key=True),
    sa.Column("number", sa.Integer, primary_key=True),
    sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
    sa.Column("finished_at", sa.DateTime(timezone=True)),
    sa.Column("outcome", sa.Text),
    sa.Column("status_code", sa.Integer),
    sa.ForeignKeyConstraint(
        ["delivery_id", "channel"], ["sendings.delivery_id", "sendings.channel"], name="attempt_of_a_sending"
    ),
)

permissions = sa.Table(
    "permissions",
    metadata,
    sa.Column("alert_id", sa.Text, primary_key=True),
    sa.Column("originator", sa.Text, primary_key=True),
    sa.Column("contact_point", sa.Text, primary_key=True),
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("requested_at", sa.DateTime(timezone=True)),
    sa.Column("decided_at", sa.DateTime(timezone=True)),
    sa.CheckConstraint("state IN ('requested', 'granted', 'refused', 'revoked')", name="known_permission"),
)
"""Whom an originator lets see its H2 information in an alert."""

audit = sa.Table(
    "audit",
    metadata,
    sa.Column("book", sa.Text, primary_key=True),
    sa.Column("number", sa.BigInteger, primary_key=True),
    sa.Column("at", sa.DateTime(timezone=True), nullable=False, server_default=sa.func.now()),
    sa.Column("act", sa.Text, nullable=False),
    sa.Column("actor", sa.Text, nullable=False),
    sa.Column("recipient", sa.Text, nullable=False, server_default=""),
    sa.Column("purpose", sa.Text, nullable=False, server_default=""),
    sa.Column("alert_id", sa.Text, nullable=False, server_default=""),
    sa.Column("revision", sa.Integer, nullable=False, server_default="0"),
    sa.Column("reader", sa.Text, nullable=False, server_default=""),
    sa.Column("detail", sa.Text, nullable=False, server_default=""),
    sa.Column("previous", sa.Text, nullable=False),
    sa.Column("hash", sa.Text, nullable=False),
    sa.Index("audit_of_an_alert", "alert_id", "at"),
)
"""Numbered and chained by a trigger when a row is added; another refuses to change or remove any."""

audit_heads = sa.Table(
    "audit_heads",
    metadata,
    sa.Column("book", sa.Text, primary_key=True),
    sa.Column("number", sa.BigInteger, nullable=False),
    sa.Column("hash", sa.Text, nullable=False),
)

refused_alerts = sa.Table(
    "refused_alerts",
    metadata,
    sa.Column("source", sa.Text, primary_key=True),
    sa.Column("reason", sa.Text, nullable=False),
    sa.Column("value", sa.LargeBinary, nullable=False),
    sa.Column("stored_at", sa.DateTime(timezone=True), nullable=False, server_default=sa.func.now()),
)

positions = sa.Table(
    "positions",
    metadata,
    sa.Column("topic", sa.Text, primary_key=True),
    sa.Column("partition", sa.Integer, primary_key=True),
    sa.Column("next", sa.BigInteger, nullable=False),
)
"""How far looks are copied from Kafka into the audit."""

clocks = sa.Table(
    "clocks",
    metadata,
    sa.Column("alert_id", sa.Text, primary_key=True),
    sa.Column("contact_point", sa.Text, primary_key=True),
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("severity", sa.Text, nullable=False),
    sa.Column("exercise", sa.Boolean, nullable=False),
    sa.Column("policy", JSONB, nullable=False),
    sa.Column("step", sa.Integer, nullable=False),
    sa.Column("due_at", sa.DateTime(timezone=True)),
    sa.Column("told_at", sa.DateTime(timezone=True), nullable=False),
    sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
    sa.Column("since_revision", sa.Integer, nullable=False),
    sa.Column("restarts", sa.Integer, nullable=False, server_default="0"),
    sa.Column("revision", sa.Integer, nullable=False),
    sa.Column("acknowledged_at", sa.DateTime(timezone=True)),
    sa.Column("acknowledged_by", sa.Text),
    sa.Column("outcome", sa.Text),
    sa.Column("outcome_at", sa.DateTime(timezone=True)),
    sa.Column("superseded_by", sa.Text),
    sa.Column("first_report_by", sa.DateTime(timezone=True)),
    sa.Column("sirene_reply_by", sa.DateTime(timezone=True)),
    sa.Column("elsewhere_at", sa.DateTime(timezone=True)),
    sa.CheckConstraint(
        "state IN ('running', 'acknowledged', 'exhausted', 'withdrawn', 'superseded')", name="known_clock"
    ),
    sa.CheckConstraint("(state = 'running') = (due_at IS NOT NULL)", name="due_while_running"),
    sa.Index("clocks_due", "due_at", postgresql_where=sa.text("state = 'running'")),
    sa.Index("clocks_superseded", "superseded_by", postgresql_where=sa.text("superseded_by IS NOT NULL")),
)
"""One alert at one contact point, from its first delivery on; `policy` is frozen when it starts."""

escalations = sa.Table(
    "escalations",
    metadata,
    sa.Column("alert_id", sa.Text, primary_key=True),
    sa.Column("contact_point", sa.Text, primary_key=True),
    sa.Column("since_revision", sa.Integer, primary_key=True),
    sa.Column("restarts", sa.Integer, primary_key=True, server_default="0"),
    sa.Column("step", sa.Integer, primary_key=True),
    sa.Column("at", sa.DateTime(timezone=True), nullable=False),
    sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
    sa.Column("whom", sa.Text, nullable=False),
    sa.Column("reason", sa.Text, nullable=False),
    sa.Column("told", ARRAY(sa.Text), nullable=False),
    sa.ForeignKeyConstraint(
        ["alert_id", "contact_point"], ["clocks.alert_id", "clocks.contact_point"], name="escalation_of_a_clock"
    ),
)
"""Each step of a clock's run (since a revision and a restart), acted on once: whom it told, by name or code."""

calls = sa.Table(
    "calls",
    metadata,
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("alert_id", sa.Text, nullable=False),
    sa.Column("contact_point", sa.Text, nullable=False),
    sa.Column("since_revision", sa.Integer, nullable=False),
    sa.Column("restarts", sa.Integer, nullable=False, server_default="0"),
    sa.Column("step", sa.Integer, nullable=False),
    sa.Column("about", sa.Text, nullable=False, server_default="unanswered"),
    sa.Column("priority", sa.SmallInteger, nullable=False, server_default="0"),
    sa.Column("officer", sa.Text, nullable=False),
    sa.Column("address", sa.Text, nullable=False),
    sa.Column("language", sa.Text, nullable=False),
    sa.Column("notice", sa.Text, nullable=False),
    sa.Column("state", sa.Text, nullable=False, server_default="pending"),
    sa.Column("attempts", sa.Integer, nullable=False, server_default="0"),
    sa.Column("outcome", sa.Text),
    sa.Column("next_attempt_at", sa.DateTime(timezone=True), nullable=False, server_default=sa.func.now()),
    sa.Column("lease_owner", sa.Text),
    sa.Column("lease_until", sa.DateTime(timezone=True)),
    sa.Column("created_at", sa.DateTime(timezone=True), nullable=False, server_default=sa.func.clock_timestamp()),
    sa.Column("delivered_at", sa.DateTime(timezone=True)),
    sa.Column("stood_down_at", sa.DateTime(timezone=True)),
    sa.CheckConstraint("state IN ('pending', 'delivered', 'spared')", name="known_call"),
    sa.CheckConstraint("about IN ('unanswered', 'answered', 'withdrawn', 'superseded')", name="known_about"),
    sa.ForeignKeyConstraint(
        ["alert_id", "contact_point", "since_revision", "restarts", "step"],
        [f"escalations.{one}" for one in ("alert_id", "contact_point", "since_revision", "restarts", "step")],
        name="call_of_an_escalation",
    ),
    sa.Index("calls_due", "priority", "next_attempt_at", postgresql_where=sa.text("state = 'pending'")),
    sa.Index(
        "calls_to_end",
        "alert_id",
        "contact_point",
        postgresql_where=sa.text(
            "about = 'unanswered' AND stood_down_at IS NULL AND (state = 'delivered' OR lease_until IS NOT NULL)"
        ),
    ),
)
"""What an officer, or operations, is sent: the rows are the queue, as sendings are.

`about`: that nobody has answered, or why an earlier call is over; `stood_down_at`: when a call's end was seen to.
"""

answers = sa.Table(
    "answers",
    metadata,
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("alert_id", sa.Text, nullable=False),
    sa.Column("contact_point", sa.Text, nullable=False),
    sa.Column("officer", sa.Text, nullable=False),
    sa.Column("outcome", sa.Text, nullable=False),
    sa.Column("exercise", sa.Boolean, nullable=False),
    sa.Column("revision", sa.Integer),
    sa.Column("at", sa.DateTime(timezone=True), nullable=False),
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("body", sa.Text),
    sa.Column("stored_at", sa.DateTime(timezone=True), nullable=False, server_default=sa.func.now()),
    sa.CheckConstraint("state IN ('to_publish', 'published')", name="known_answer"),
    sa.Index("answers_to_publish", "stored_at", postgresql_where=sa.text("state = 'to_publish'")),
    sa.Index("answers_to_an_alert", "alert_id", "contact_point"),
)
"""The verdicts of contact points, each by its event's id once; `body` is the event until Kafka has it."""
