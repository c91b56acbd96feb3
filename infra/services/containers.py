"""The services as containers, for those who ask for them; testcontainers is imported only then.

A container publishes its port on 127.0.0.1 alone and is gone, with its data, when it is stopped.
"""

from __future__ import annotations

import importlib
import secrets
import threading
from collections.abc import Callable
from contextlib import closing
from queue import Empty, Queue
from types import ModuleType
from typing import Any

from infra.services.errors import ContainerError
from infra.services.kafka import Kafka
from infra.services.ports import HOST
from infra.services.postgres import DATABASE, Postgres
from infra.services.postgres_cluster import USER

START_SECONDS = 60.0
KAFKA_IMAGE = "confluentinc/cp-kafka:7.6.0"
POSTGRES_IMAGE = "postgres:18"

_ENGINE_SECONDS = 2
_KAFKA_PORT = 9093
_POSTGRES_PORT = 5432
_KAFKA_SETTINGS = {
    "KAFKA_AUTO_CREATE_TOPICS_ENABLE": "false",
    "KAFKA_MESSAGE_MAX_BYTES": "6291456",
    "KAFKA_REPLICA_FETCH_MAX_BYTES": "6291456",
    "KAFKA_TRANSACTION_STATE_LOG_REPLICATION_FACTOR": "1",
    "KAFKA_TRANSACTION_STATE_LOG_MIN_ISR": "1",
    "KAFKA_GROUP_MIN_SESSION_TIMEOUT_MS": "1000",
}


def start_kafka_container(*, seconds: float = START_SECONDS) -> Kafka:
    """Start a broker in a container, its image's download included in the time limit.

    Raises ContainerError, which names the embedded way.
    """
    service = "Kafka"
    _check_engine(service)
    module = _load("testcontainers.community.kafka", service)

    def make() -> Any:
        container = module.KafkaContainer(KAFKA_IMAGE, port=_KAFKA_PORT).with_kraft()
        for name, value in _KAFKA_SETTINGS.items():
            container.with_env(name, value)
        return _on_loopback(container, _KAFKA_PORT)

    container = _start_within(seconds, make, service)
    return Kafka(f"{HOST}:{container.get_exposed_port(_KAFKA_PORT)}", None, None, container.stop)


def start_postgres_container(*, seconds: float = START_SECONDS) -> Postgres:
    """Start a database server in a container with a random password, likewise.

    Raises ContainerError, which names the embedded way.
    """
    service = "PostgreSQL"
    _check_engine(service)
    module = _load("testcontainers.community.postgres", service)
    password = secrets.token_urlsafe(24)

    def make() -> Any:
        container = module.PostgresContainer(POSTGRES_IMAGE, username=USER, password=password, dbname=DATABASE)
        return _on_loopback(container, _POSTGRES_PORT)

    container = _start_within(seconds, make, service)
    port = container.get_exposed_port(_POSTGRES_PORT)
    url = f"postgresql+psycopg://{USER}:{password}@{HOST}:{port}/{DATABASE}"
    return Postgres(url, None, None, container.stop)


def _on_loopback(container: Any, port: int) -> Any:
    """Publish the port on a free port of 127.0.0.1; by default it would be open to the network."""
    container.ports[str(port)] = (HOST,)
    return container


def _check_engine(service: str) -> None:
    """Ask the engine for a sign of life: a client without an engine is common."""
    docker = _load("docker", service)
    try:
        with closing(docker.from_env(timeout=_ENGINE_SECONDS)) as client:
            client.ping()
    except (docker.errors.DockerException, OSError) as error:
        raise _error(service, f"no container engine answers ({error})") from error


def _load(name: str, service: str) -> ModuleType:
    try:
        return importlib.import_module(name)
    except ImportError as error:
        raise _error(service, f"the Python package {error.name} is not installed") from error


def _start_within(seconds: float, make: Callable[[], Any], service: str) -> Any:
    """Return the started container; one that starts after the limit is stopped again at once."""
    outcome: Queue[Any] = Queue()
    given_up = threading.Event()

    def run() -> None:
        try:
            container = make()
            container.start()
        except Exception as error:  # noqa: BLE001 - whatever the engine throws is told below
            outcome.put(error)
            return
        outcome.put(container)
        if given_up.is_set():
            container.stop()

    # A download cannot be interrupted; as a daemon it does not hold up the end of our process.
    threading.Thread(target=run, name=f"start {service} container", daemon=True).start()
    try:
        result = outcome.get(timeout=seconds)
    except Empty:
        given_up.set()
        raise _error(service, f"it was not ready within {seconds:g} seconds") from None
    if isinstance(result, Exception):
        raise _error(service, f"the engine failed: {result}") from result
    return result


def _error(service: str, reason: str) -> ContainerError:
    return ContainerError(
        f"{service} cannot run in a container: {reason}.",
        where="the container engine of this machine",
        remedy=f"Leave out the container option: the embedded {service} needs no engine.",
    )
