"""Services started by a test, and waiting for what they do."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

from infra.services.kafka import Kafka, start_kafka
from infra.services.postgres import Postgres, start_postgres


class Services:
    """Starts services on data directories and stops all of them in the end."""

    def __init__(self, cache_dir: Path) -> None:
        self._cache_dir = cache_dir
        self._started: list[Kafka | Postgres] = []

    def kafka(self, data_dir: Path) -> Kafka:
        kafka = start_kafka(data_dir, self._cache_dir, lambda _done, _total, _label: None)
        self._started.append(kafka)
        return kafka

    def postgres(self, data_dir: Path) -> Postgres:
        postgres = start_postgres(data_dir)
        self._started.append(postgres)
        return postgres

    def stop_all(self) -> None:
        for service in reversed(self._started):
            service.stop()


def wait_until(condition: Callable[[], bool], seconds: float = 10) -> None:
    """Poll until the condition holds; fails at the deadline."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, f"not so within {seconds} seconds"
        time.sleep(0.02)
