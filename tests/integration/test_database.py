"""The schema on the database is the one that the code believes in."""

import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from delivery_rig import Database

from consumers.database import engine, metadata, upgrade

pytest_plugins = ["delivery_services"]


def test_the_migrations_make_exactly_the_tables_that_the_code_uses(database: Database) -> None:
    once = engine(database.url)
    with once.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), metadata) == []
        assert connection.execute(sa.text("SELECT version_num FROM alembic_version")).scalar_one() == "0001"
    once.dispose()


def test_upgrading_again_changes_nothing(database: Database) -> None:
    upgrade(database.url)
    upgrade(database.url)
    test_the_migrations_make_exactly_the_tables_that_the_code_uses(database)
