"""Pytest plugin of the delivery tests: one PostgreSQL and one Kafka for all, a database for each test."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from delivery_rig import Database, DatabaseServer
from escalation_rig import Watch
from offsets import Offsets

from consumers.database import upgrade
from infra.kafka_topics import ensure_topics
from infra.services.kafka import start_kafka


@pytest.fixture(scope="session")
def database_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DatabaseServer]:
    server = DatabaseServer(tmp_path_factory.mktemp("delivery-postgres"))
    yield server
    server.stop()


@pytest.fixture
def database(database_server: DatabaseServer) -> Database:
    url = database_server.new_database()
    upgrade(url)
    return Database(database_server, url)


@pytest.fixture(scope="session")
def bootstrap(tmp_path_factory: pytest.TempPathFactory, kafka_cache: Path) -> Iterator[str]:
    kafka = start_kafka(tmp_path_factory.mktemp("delivery-kafka"), kafka_cache, lambda _done, _total, _label: None)
    ensure_topics(kafka.bootstrap)
    yield kafka.bootstrap
    kafka.stop()


@pytest.fixture
def offsets(bootstrap: str) -> Iterator[Offsets]:
    found = Offsets(bootstrap)
    yield found
    found.close()


@pytest.fixture
def watch(database: Database) -> Watch:
    return Watch(database)
