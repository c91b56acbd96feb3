"""An exercise without waiting: its events go through the engine, its alerts to a real PostgreSQL, by our clock."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from escalation_rig import Watch

from consumers.exercises import Exercise
from infra.exercises.running import Direction, start, stop
from infra.exercises.scenario import Scenario, load_scenario
from schemas.alerts import Alert
from schemas.codec import decode
from schemas.messages import Stamped
from streams.engine.casebook import CaseBook
from streams.rules import load_rules

CODES = frozenset({"SI", "HR", "AT", "HU", "EUROPOL"})


@dataclass
class Drill:
    """The case book, which hears what is sent, and the watch, which tells everybody in `to` what comes of it."""

    watch: Watch
    to: Iterable[str] = ("SI", "HR")
    fails_after: int | None = None
    sent: list[bytes] = field(default_factory=list)
    alerts: list[Alert] = field(default_factory=list)
    casebook: CaseBook = field(default_factory=lambda: CaseBook(load_rules()))

    def send(self, line: bytes) -> None:
        if self.fails_after is not None and len(self.sent) >= self.fails_after:
            raise OSError("the gateway is away")
        self.sent.append(line)
        self.report(line)

    def report(self, line: bytes) -> list[Alert]:
        """Let the case book hear it and tell of what it raises, as for any event."""
        message: Any = decode(line)
        raised = list(self.casebook.apply(Stamped(message, self.watch.now, "border.incidents/0/0")).alerts)
        self.alerts += raised
        self.watch.tell(*raised, to=self.to) if raised else None
        return raised

    def start(self, name: str = "sealed-van") -> Exercise:
        return start(self.watch.database.engine, name, self.scenario(name), self.direction)

    def stop(self) -> Exercise:
        return stop(self.watch.database.engine, self.direction)

    def scenario(self, name: str) -> Scenario:
        return load_scenario(name, CODES)

    @property
    def direction(self) -> Direction:
        return Direction("A. Novak", "root", self.send, lambda: self.watch.now)
