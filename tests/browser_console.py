"""The running system's console, and officers with browsers of their own."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import psutil
from command_line import brdo
from playwright.sync_api import Browser, BrowserContext, Page

from infra.workers import Announcement, WorkerName

CHROMIUM: Final = shutil.which("chromium")
SWITCHES: Final = [
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
    "--autoplay-policy=no-user-gesture-required",
]  # fmt: skip
PASSWORD: Final = "four words are enough"


class Console:
    """The running system's console, and whoever signs in there."""

    def __init__(self, browser: Browser, environment: dict[str, str]) -> None:
        self._browser = browser
        self._environment = environment
        self.address = self._say("address", "console")
        self.errors: list[str] = []

    def publish(self, *events: str) -> None:
        lines = Path(self._environment["BRDO_DATA_DIR"]) / "to-publish.jsonl"
        lines.write_text("\n".join(events), encoding="utf-8")
        self._say("publish", str(lines))

    @contextmanager
    def cut_off(self) -> Iterator[None]:
        """Stop the console's process meanwhile, as if its line were cut: nothing comes, and nothing is closed."""
        announced = Announcement.read(Path(self._environment["BRDO_DATA_DIR"]), WorkerName.CONSOLE)
        assert announced is not None
        process = psutil.Process(announced.pid)
        process.suspend()
        try:
            yield
        finally:
            process.resume()

    def _say(self, *command: str) -> str:
        said = brdo(self._environment, *command)
        assert said.returncode == 0, said.stderr
        return said.stdout.strip()

    def officer(self, code: str, account: str = "a.novak", **context: Any) -> Page:
        """Return the board of somebody who was invited, has signed in and chosen a password."""
        password = self._say("console", "invite", "--contact-point", code, "--account", account)
        page = self.visitor(**context)
        sign_in(page, code, account, password)
        page.fill("[name=password]", PASSWORD)
        page.fill("[name=again]", PASSWORD)
        page.click("button.main")
        page.wait_for_selector("#line[data-state=live]")
        return page

    def visitor(self, **context: Any) -> Page:
        """Return the page of a browser of its own, at the sign-in."""
        opened: BrowserContext = self._browser.new_context(**{"viewport": {"width": 1280, "height": 720}, **context})
        opened.set_default_timeout(20_000)
        page = opened.new_page()
        page.on("pageerror", lambda error: self.errors.append(str(error)))
        page.goto(self.address)
        return page


def sign_in(page: Page, code: str, account: str = "a.novak", password: str = PASSWORD) -> None:
    page.fill("[name=contact_point]", code)
    page.fill("[name=account]", account)
    page.fill("[name=password]", password)
    page.click("button.main")
