"""Chromium, and the console of the system as a newcomer starts it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from browser_console import CHROMIUM, SWITCHES, Console
from playwright.sync_api import Browser, sync_playwright


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """Return a browser, for no longer than its tests: Playwright runs an event loop in this thread meanwhile."""
    if CHROMIUM is None:
        pytest.skip("needs Debian's chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=SWITCHES)
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def running(chromium: Browser, system: Path, environment: dict[str, str]) -> Console:
    assert system.exists()
    return Console(chromium, environment)


@pytest.fixture
def console(running: Console, chromium: Browser) -> Iterator[Console]:
    yield running
    assert running.errors == []
    for opened in chromium.contexts:
        opened.close()
