"""Probes: what they answer, and that they never write a traceback among the log's lines."""

import urllib.error
import urllib.request
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from faust.exceptions import ConsumerNotStarted

from infra.health import HealthServer
from streams.batches.app import BatchApp


def get(address: str) -> tuple[int, str]:
    try:
        with urllib.request.urlopen(address, timeout=5) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.read().decode()


def test_alive_is_not_yet_ready() -> None:
    states = iter([False, True])
    server = HealthServer(lambda: next(states))
    try:
        assert get(f"{server.address}/healthz") == (200, "alive\n")
        assert get(f"{server.address}/readyz") == (503, "not ready\n")
        assert get(f"{server.address}/readyz") == (200, "ready\n")
        assert get(f"{server.address}/progress") == (200, "{}\n")
        assert get(f"{server.address}/else") == (404, "not found\n")
        assert "python_info" in get(f"{server.address}/metrics")[1]
    finally:
        server.close()


@pytest.mark.parametrize(
    ("started", "rebalancing", "flowing", "assigned", "ready"),
    [
        (True, False, True, {"a"}, True),
        (False, False, True, {"a"}, False),
        (True, True, True, {"a"}, False),
        (True, False, False, {"a"}, False),
        (True, False, True, set(), False),
        (True, False, True, None, False),
    ],
)
def test_a_worker_is_ready_once_it_reads_its_partitions(
    *, started: bool, rebalancing: bool, flowing: bool, assigned: set[str] | None, ready: bool
) -> None:
    """Faust raises where it is asked in the middle of its start: that is not ready either."""

    def assignment() -> Any:
        if assigned is None:
            raise ConsumerNotStarted("Consumer thread not yet started")
        return assigned

    consumer = SimpleNamespace(flow_active=flowing, assignment=assignment)
    worker = SimpleNamespace(started=started, rebalancing=rebalancing, _consumer=consumer, _jobs=())
    assert BatchApp.ready.fget(worker) is ready  # type: ignore[attr-defined]


def test_asking_a_worker_that_has_not_begun_makes_no_consumer() -> None:
    """One made on the asking thread would belong to no loop, and the worker could never start."""
    app = BatchApp("asked", bootstrap="127.0.0.1:1", data_dir=Path("/nowhere"), on_failure=str)
    assert (app.ready, app._consumer) == (False, None)  # noqa: SLF001
