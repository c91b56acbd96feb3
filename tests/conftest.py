"""What tests against real services share: one cache of Kafka's jars, and services that end with the test."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from started import Services


def default_cache_dir() -> Path:
    """Return where the platform keeps caches, for us: BRDO_CACHE_DIR overrides it."""
    if chosen := os.environ.get("BRDO_CACHE_DIR"):
        return Path(chosen)
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Caches" / "brdo"
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "brdo"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with the files that take minutes, so that no worker is left with one of them at the end."""
    items.sort(key=lambda item: (item.path.name != "test_readme.py", item.path.parent.name != "integration"))


@pytest.fixture(scope="session")
def kafka_cache() -> Path:
    """Return the cache directory that all tests share, so that Kafka is downloaded once a machine."""
    return default_cache_dir()


@pytest.fixture
def services(kafka_cache: Path) -> Iterator[Services]:
    started = Services(kafka_cache)
    yield started
    started.stop_all()
