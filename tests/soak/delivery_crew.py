"""The processes of the soak of the delivery side: two dispatchers, two deliverers, and the receiver of it all."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from random import Random
from types import TracebackType
from typing import Any, Final, Self

from delivery_alerts import CODES
from delivery_rig import ROOT
from endpoints import secret_of, url_of
from started import wait_until

MAIL_ONLY: Final = ("HU", "FRONTEX", "AL")
WEBHOOK_THEN_MAIL: Final = ("RS", "SI", "MK", "BA")
_NAMES: Final = ("dispatcher", "dispatcher", "delivery", "delivery")
_STOP_SECONDS: Final = 20.0


def contact_points(webhook_port: int) -> dict[str, Any]:
    """Return the file of contact points: some have webhooks, some mail, some both."""
    return {"contact_points": {code: {"name": code, "channels": _channels(code, webhook_port)} for code in CODES}}


def _channels(code: str, webhook_port: int) -> dict[str, Any]:
    mail = {"email": {"to": f"{code.lower()}@soak.example"}}
    if code in MAIL_ONLY:
        return mail
    webhook = {"webhook": {"url": url_of(code, webhook_port), "secret_env": _variable(code)}}
    return webhook | mail if code in WEBHOOK_THEN_MAIL else webhook


def _variable(code: str) -> str:
    return f"SOAK_SECRET_{code}"


class Crew:
    """Two of each, started again whenever one was killed; stopped in order when the block ends."""

    def __init__(self, directory: Path, chance: Random) -> None:
        self._directory, self._chance = directory, chance
        self._children: list[subprocess.Popen[bytes]] = []
        self._started = 0
        self.kills = 0

    def __enter__(self) -> Self:
        """Start all."""
        self._children = [self._start(name) for name in _NAMES]
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop all."""
        for child in self._children:
            child.terminate()
        for child in self._children:
            try:
                child.wait(_STOP_SECONDS)
            except subprocess.TimeoutExpired:
                child.kill()
                child.wait()

    def kill_one(self) -> None:
        """Kill one of them with SIGKILL, and start another in its place."""
        place = self._chance.randrange(len(_NAMES))
        self._children[place].kill()
        self._children[place].wait()
        self._children[place] = self._start(_NAMES[place])
        self.kills += 1

    def check(self) -> None:
        """Fail where one ended by itself: none does, whatever the services and the receivers do."""
        for name, child in zip(_NAMES, self._children, strict=True):
            assert child.poll() is None, f"a {name} ended with {child.returncode}; see the logs in {self._directory}"

    def _start(self, name: str) -> subprocess.Popen[bytes]:
        self._started += 1
        return run("delivery_child", name, str(self._directory), log=self._directory / f"{name}-{self._started}.log")


@contextmanager
def running_receiver(directory: Path, seed: int, dark_seconds: float) -> Iterator[dict[str, int]]:
    """Run the receiver and yield its ports."""
    said = directory / "ports.json"
    child = run("delivery_receiver", str(directory), str(seed), str(dark_seconds), log=directory / "receiver.log")
    try:
        wait_until(lambda: said.exists() or child.poll() is not None, 60)
        yield json.loads(said.read_text(encoding="ascii"))
    finally:
        child.kill()
        child.wait()


def run(script: str, *arguments: str, log: Path) -> subprocess.Popen[bytes]:
    """Run a script beside this one."""
    paths = ROOT, ROOT / "tests", ROOT / "tests" / "soak"
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(map(str, paths))}
    environment |= {_variable(code): secret_of(code) for code in CODES}
    command = sys.executable, str(Path(__file__).with_name(f"{script}.py")), *arguments
    with log.open("wb") as file:
        return subprocess.Popen(command, env=environment, stdout=file, stderr=file)
