"""When retention ends, what alerts say leaves the database; numbers and the audit stay."""

from __future__ import annotations

from datetime import timedelta

import sqlalchemy as sa
from delivery_rig import Database
from endpoints import a_contact_point
from factory import an_alert

from consumers.audience import AudienceReason
from consumers.audit import verify
from consumers.retention import KEPT, erase
from consumers.storing import store_refused
from consumers.tables import alert_revisions, audit, deliveries, refused_alerts

pytest_plugins = ["delivery_services"]

SI = a_contact_point("SI")


def aged(database: Database, alert_id: str, age: timedelta) -> None:
    with database.engine.begin() as connection:
        own = alert_revisions.c.alert_id == alert_id
        connection.execute(sa.update(alert_revisions).where(own).values(stored_at=sa.func.now() - age))


def test_what_is_older_is_erased_and_the_rest_is_not(database: Database) -> None:
    old, young = an_alert(summary="An old secret."), an_alert()
    database.store(old, young, told=[SI])
    aged(database, old.id, KEPT + timedelta(seconds=1))
    aged(database, young.id, KEPT - timedelta(seconds=60))
    with database.engine.begin() as connection:
        store_refused(connection, "border.editions/0/1", "not_an_edition", b"An old secret.")
        connection.execute(sa.update(refused_alerts).values(stored_at=sa.func.now() - KEPT - timedelta(seconds=1)))
        assert erase(connection) == 1
    with database.engine.begin() as connection:
        assert erase(connection) == 0

    gone, kept = database.records("SI")
    assert (gone.alert, gone.audience.reason) == (None, AudienceReason.ERASED)
    assert kept.alert is not None
    assert (database.count(deliveries), database.count(refused_alerts)) == (2, 0)
    (row,) = database.rows(sa.select(audit).where(audit.c.act == "erasure"))
    assert (row.alert_id, row.purpose, row.actor) == (old.id, "retention", "delivery")
    with database.engine.connect() as connection:
        tables = ("alert_revisions", "deliveries", "sendings", "audit", "refused_alerts")
        texts = [str(connection.execute(sa.text(f"SELECT * FROM {table}")).all()) for table in tables]  # noqa: S608
        assert not any("An old secret." in text for text in texts)
        assert list(verify(connection)) == []
