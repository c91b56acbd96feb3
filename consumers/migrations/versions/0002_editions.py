"""A revision of an alert in each edition: the common one, and those that one contact point alone reads."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"

_KEY = ["alert_id", "revision", "reader"]


def upgrade() -> None:
    """Add who reads a revision to its key; all that there are were for everybody."""
    op.drop_constraint("deliveries_alert_id_revision_fkey", "deliveries", type_="foreignkey")
    op.drop_constraint("alert_revisions_pkey", "alert_revisions", type_="primary")
    for table in ("alert_revisions", "deliveries"):
        op.add_column(table, sa.Column("reader", sa.Text, nullable=False, server_default=""))
    op.create_primary_key("alert_revisions_pkey", "alert_revisions", _KEY)
    op.create_foreign_key("delivery_of_a_revision", "deliveries", "alert_revisions", _KEY, _KEY)


def downgrade() -> None:
    """Take the reader out of the key again; what one contact point alone read is dropped."""
    op.drop_constraint("delivery_of_a_revision", "deliveries", type_="foreignkey")
    op.drop_constraint("alert_revisions_pkey", "alert_revisions", type_="primary")
    op.execute("DELETE FROM attempts WHERE delivery_id IN (SELECT id FROM deliveries WHERE reader <> '')")
    for table in ("deliveries", "alert_revisions"):
        op.execute(f"DELETE FROM {table} WHERE reader <> ''")
        op.drop_column(table, "reader")
    op.create_primary_key("alert_revisions_pkey", "alert_revisions", _KEY[:2])
    op.create_foreign_key(
        "deliveries_alert_id_revision_fkey", "deliveries", "alert_revisions", _KEY[:2], _KEY[:2]
    )
