"""The schema on the database is the one that the code believes in."""

import json
from typing import Any

import pytest
import sqlalchemy as sa
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from delivery_rig import Database, DatabaseServer
from endpoints import a_contact_point
from factory import an_alert

import consumers.bulletin_tables
import consumers.console.tables
import consumers.exercise_tables
import consumers.silence_tables  # noqa: F401 - each adds its tables
from consumers.database import MIGRATIONS, engine, upgrade
from consumers.notice import parse
from consumers.tables import attempts, deliveries, metadata, sendings

pytest_plugins = ["delivery_services"]


def test_the_migrations_make_exactly_the_tables_that_the_code_uses(database: Database) -> None:
    once = engine(database.url)
    with once.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), metadata) == []
        assert connection.execute(sa.text("SELECT version_num FROM alembic_version")).scalar_one() == "0008"
    once.dispose()


def test_upgrading_again_changes_nothing(database: Database) -> None:
    upgrade(database.url)
    upgrade(database.url)
    test_the_migrations_make_exactly_the_tables_that_the_code_uses(database)


OLD_ALERT = an_alert()
OLD: dict[str, Any] = {
    "type": "alert.revision",
    "timestamp": OLD_ALERT.updated_at.isoformat(),
    "data": {"view": "full", "why": ["because"], "alert": OLD_ALERT.model_dump(mode="json", exclude_none=True)},
}


def test_deliveries_of_before_they_were_numbered_are_numbered_and_go_on(database_server: DatabaseServer) -> None:
    """One had arrived, one had not; the next revision follows both, and names them as the ones before."""
    database = Database(database_server, database_server.new_database())
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    once = engine(database.url)
    with once.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "0002")
        body = json.dumps(OLD["data"]["alert"])
        revision = "INSERT INTO alert_revisions (alert_id, revision, kind, severity, status, exercise, body, digest,"
        values = " source) VALUES (:id, 1, 'life_at_risk', 'critical', 'open', false, :body, '', '')"
        connection.execute(sa.text(revision + values), {"id": OLD_ALERT.id, "body": body})
        old = "INSERT INTO deliveries (id, alert_id, revision, contact_point, channel, reason, view, payload, state)"
        values = " VALUES (:id, :alert, 1, :code, 'webhook', 'place', 'full', :payload, :state)"
        for number, (code, state) in enumerate((("SI", "delivered"), ("HR", "pending"))):
            named = {"id": f"dl-{number:020x}", "alert": OLD_ALERT.id, "code": code, "state": state}
            connection.execute(sa.text(old + values), {**named, "payload": json.dumps(OLD)})
        tried = "INSERT INTO attempts (delivery_id, number, started_at) VALUES (:id, 1, now())"
        connection.execute(sa.text(tried), {"id": f"dl-{0:020x}"})
    once.dispose()
    upgrade(database.url)

    rows = {row.contact_point: row for row in database.rows(sa.select(deliveries))}
    assert {code: row.sequence for code, row in rows.items()} == {"SI": 1, "HR": 1}
    assert parse(rows["SI"].notice).data.kind == OLD_ALERT.kind
    states = {row.contact_point: (row.channel, row.state) for row in database.rows(sa.select(sendings))}
    assert states == {"SI": ("webhook", "delivered"), "HR": ("webhook", "pending")}
    assert database.count(attempts) == 1

    second = OLD_ALERT.model_copy(update={"revision": 2})
    database.store(second, told=[a_contact_point("SI"), a_contact_point("HR")])
    (next_one,) = database.rows(sa.select(deliveries).where(deliveries.c.id == database.delivery_of(second, "SI")))
    previous = parse(next_one.notice).data.previous
    assert (next_one.sequence, previous and previous.delivery) == (2, f"dl-{0:020x}")


def test_there_is_no_way_back_that_would_lose_the_audit(database: Database) -> None:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    once = engine(database.url)
    with once.begin() as connection:
        config.attributes["connection"] = connection
        with pytest.raises(NotImplementedError, match="audit"):
            command.downgrade(config, "0002")
    once.dispose()
