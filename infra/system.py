"""The whole system on one machine: services, topics, database and workers, up and down again."""

import json
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Final

from infra.errors import NotRunningError
from infra.kafka_topics import ensure_topics
from infra.keeper import Kept
from infra.services.lock import lock_data_dir
from infra.services.progress import OnProgress
from infra.workers import WorkerName, Workers

if TYPE_CHECKING:
    from infra.services.kafka import Kafka
    from infra.services.postgres import Postgres

_INSTANCE: Final = "instance.json"


@dataclass(frozen=True, slots=True)
class Place:
    """Where a system runs: its data, the cache of Kafka's jars, and services that are there already."""

    data_dir: Path
    cache_dir: Path
    kafka_bootstrap: str | None = None
    database_url: str | None = None
    containers: bool = False


@dataclass(frozen=True, slots=True)
class System:
    """A running system."""

    bootstrap: str
    data_dir: Path
    workers: Workers


@contextmanager
def running(
    place: Place,
    names: Iterable[WorkerName],
    on_progress: OnProgress,
    prepare: Callable[[str, str | None], dict[str, str]],
) -> Iterator[System]:
    """Bring the system up and, on leaving, down in reverse.

    `prepare(bootstrap, database_url)` migrates the database, writes what the workers read, and returns
    their environment. Raises `services.errors.ServiceError` and `infra.errors.InfraError`.
    """
    names = tuple(names)
    with ExitStack() as stack:
        stack.enter_context(lock_data_dir(place.data_dir))
        kafka, postgres = _start_services(place, on_progress, stack, with_database=WorkerName.DISPATCHER in names)
        ensure_topics(kafka)
        environment = prepare(kafka, postgres)
        instance = place.data_dir / _INSTANCE
        instance.write_text(json.dumps({"kafka_bootstrap": kafka}), encoding="utf-8")
        stack.callback(instance.unlink, missing_ok=True)
        workers = Workers(names, place.data_dir, environment)
        stack.callback(workers.stop)
        workers.start()
        workers.wait_until_ready(on_progress=on_progress)
        yield System(kafka, place.data_dir, workers)


def running_bootstrap(data_dir: Path) -> str:
    """Return the Kafka address of the system that runs on this data directory; raises `NotRunningError`."""
    try:
        said = json.loads((data_dir / _INSTANCE).read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise NotRunningError(
            f"nothing runs on {data_dir}; start it with `brdo up`, or set BRDO_KAFKA_BOOTSTRAP to an existing Kafka"
        ) from None
    return str(said["kafka_bootstrap"])


def _start_services(
    place: Place, on_progress: OnProgress, stack: ExitStack, *, with_database: bool
) -> tuple[str, str | None]:
    """Start what is not there yet, both at a time; what started is stopped even if the other fails."""
    with ThreadPoolExecutor(max_workers=2) as pool:
        kafka = None if place.kafka_bootstrap else pool.submit(Kept, "kafka", partial(_kafka, place, on_progress))
        postgres = None
        if with_database and not place.database_url:
            postgres = pool.submit(Kept, "postgres", partial(_postgres, place))
        errors = [one.exception() for one in (kafka, postgres) if one is not None]
    for started in (kafka, postgres):
        if started is not None and started.exception() is None:
            stack.callback(started.result().stop)
    for error in filter(None, errors):
        raise error
    bootstrap = place.kafka_bootstrap or (kafka.result().service.bootstrap if kafka else "")
    url = postgres.result().service.url if postgres else place.database_url
    return bootstrap, url


def _kafka(place: Place, on_progress: OnProgress) -> "Kafka":
    if place.containers:
        from infra.services.containers import start_kafka_container

        return start_kafka_container()
    from infra.services.kafka import start_kafka

    return start_kafka(place.data_dir, place.cache_dir, on_progress)


def _postgres(place: Place) -> "Postgres":
    if place.containers:
        from infra.services.containers import start_postgres_container

        return start_postgres_container()
    from infra.services.postgres import start_postgres

    return start_postgres(place.data_dir)
