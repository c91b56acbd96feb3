"""Which private parts of Faust and aiokafka the batches lean on, and whether they are still as they were read."""

import hashlib
import importlib
import importlib.metadata
import inspect
from typing import Any

import pytest
from faust.types import TP

from streams.batches.transport import AIOKAFKA_VERSION, FAUST_VERSION, RELIED_ON, BatchConsumer


def found(name: str) -> Any:
    """Return what a dotted name means: modules as far as they go, attributes from there."""
    parts = name.split(".")
    for length in range(len(parts), 0, -1):
        try:
            thing: Any = importlib.import_module(".".join(parts[:length]))
        except ImportError:
            continue
        for part in parts[length:]:
            thing = getattr(thing, part)
        return thing
    raise ImportError(name)


@pytest.mark.parametrize(("package", "version"), [("faust-streaming", FAUST_VERSION), ("aiokafka", AIOKAFKA_VERSION)])
def test_the_version_is_the_one_that_was_read(package: str, version: str) -> None:
    assert importlib.metadata.version(package) == version, f"read `streams/batches/transport.py` against {package} anew"


@pytest.mark.parametrize("name", sorted(RELIED_ON))
def test_each_part_is_as_it_was_read(name: str) -> None:
    digest = hashlib.sha256(inspect.getsource(found(name)).encode()).hexdigest()[:12]
    assert digest == RELIED_ON[name], f"{name} changed: read it, then `streams/batches/transport.py`, note {digest}"


def test_nobody_is_told_that_aiokafka_fetches_nothing() -> None:
    """It is never to; Faust would log an error for each partition, every few seconds."""
    consumer = BatchConsumer.__new__(BatchConsumer)
    consumer.verify_event_path(0.0, TP("border.casebook", 0))
