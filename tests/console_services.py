"""Pytest plugin of the console's tests: the console on a database of its own, and an officer of SI on duty."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from datetime import UTC, datetime

import pytest
from console_rig import Officer, on_duty, serving_console
from delivery_rig import Database


@pytest.fixture
def clock() -> list[datetime]:
    return [datetime.now(UTC)]


@pytest.fixture
def address(database: Database, clock: list[datetime]) -> Iterator[str]:
    with serving_console(database, clock) as at:
        yield at


@pytest.fixture
def stack() -> Iterator[ExitStack]:
    with ExitStack() as opened:
        yield opened


@pytest.fixture
def officer(database: Database, address: str, stack: ExitStack) -> Officer:
    return stack.enter_context(on_duty(database, address, "SI"))
