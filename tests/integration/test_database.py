"""The schema on the database is the one that the code believes in."""

import sqlalchemy as sa
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from delivery_rig import Database
from endpoints import a_contact_point
from factory import an_alert

from consumers.database import MIGRATIONS, alert_revisions, deliveries, engine, metadata, upgrade

pytest_plugins = ["delivery_services"]


def test_the_migrations_make_exactly_the_tables_that_the_code_uses(database: Database) -> None:
    once = engine(database.url)
    with once.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), metadata) == []
        assert connection.execute(sa.text("SELECT version_num FROM alembic_version")).scalar_one() == "0002"
    once.dispose()


def test_upgrading_again_changes_nothing(database: Database) -> None:
    upgrade(database.url)
    upgrade(database.url)
    test_the_migrations_make_exactly_the_tables_that_the_code_uses(database)


def test_revisions_of_before_there_were_editions_are_of_the_common_one(database: Database) -> None:
    """There and back: what everybody read stays, with its deliveries."""
    database.store(an_alert(), an_alert(), told=[a_contact_point("SI")])
    before = [database.rows(sa.select(table)) for table in (alert_revisions, deliveries)]
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    once = engine(database.url)
    with once.begin() as connection:
        config.attributes["connection"] = connection
        command.downgrade(config, "0001")
        assert "reader" not in {column["name"] for column in sa.inspect(connection).get_columns("deliveries")}
    once.dispose()
    upgrade(database.url)
    after = [database.rows(sa.select(table)) for table in (alert_revisions, deliveries)]
    assert [sorted(map(str, rows)) for rows in after] == [sorted(map(str, rows)) for rows in before]
    assert {row.reader for rows in after for row in rows} == {""}
