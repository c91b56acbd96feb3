"""The delivery side under faults: each contact point ends with each of its deliveries once, in sequence, without a gap.

Alert revisions go to thirteen contact points over real Kafka, PostgreSQL, SMTP and webhooks, while the receivers
misbehave, the database restarts, and two dispatchers and two deliverers die by SIGKILL at random. What was to arrive is
known beforehand (`delivery_alerts`), what arrived is what the receivers wrote down. `--short` takes half a minute.
"""

from __future__ import annotations

import argparse
import json
import shutil
import signal
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from random import Random
from typing import Any, Final

import sqlalchemy as sa
from conftest import default_cache_dir
from delivery_alerts import ROUTES, Due, Step, steps
from delivery_child import Given, Shortened
from delivery_crew import Crew, contact_points, running_receiver
from delivery_judgement import Received, Verdict, faults, judge
from delivery_rig import Database, DatabaseServer
from offsets import Offsets
from rich.console import Console
from rich.table import Table

from consumers import audit, tables
from consumers.audit import Act
from consumers.database import upgrade
from consumers.tables import deliveries, sendings
from infra.kafka_topics import ensure_topics
from infra.progress import progress_shown
from infra.services.kafka import start_kafka
from infra.services.progress import OnProgress
from producers.publisher import Publisher
from schemas.records import edition_record

RESULTS: Final = Path(__file__).parents[2] / "build" / "soak-delivery.json"
_TICK_SECONDS: Final = 0.1


@dataclass(frozen=True, slots=True)
class Plan:
    """How much is sent in how long, what happens meanwhile, and how long the rest may take."""

    revisions: int
    seconds: float
    kills: int
    database_restarts: int
    dark_seconds: float
    patience_seconds: float

    def with_only(self, revisions: int) -> Plan:
        """Return the same at the same pace with so many revisions."""
        return replace(self, revisions=revisions, seconds=self.seconds * revisions / self.revisions)


FULL: Final = Plan(10_000, 330, 20, 3, dark_seconds=60, patience_seconds=600)
SHORT: Final = Plan(250, 10, 4, 1, dark_seconds=8, patience_seconds=60)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What the soak came to. `unaudited` are deliveries without a word in the audit, or faults in its chain."""

    verdict: Verdict
    unaudited: int
    kills: int
    database_restarts: int
    faults: dict[str, int]
    seconds: float

    @property
    def is_well(self) -> bool:
        """Whether nothing was wrong."""
        return self.verdict.is_well and not self.unaudited

    def as_json(self) -> dict[str, Any]:
        """Return all of it as `build/soak-delivery.json` has it."""
        return asdict(self.verdict) | {name: value for name, value in asdict(self).items() if name != "verdict"}


class Soak:
    """Everything under way at once, on services that run."""

    def __init__(self, directory: Path, bootstrap: str, database: Database, plan: Plan, seed: int) -> None:
        self._directory, self._bootstrap, self._database, self._plan = directory, bootstrap, database, plan
        self._chance = Random(seed)
        self._seed = seed
        self._steps = list(steps(plan.revisions, seed))
        self.due: dict[Due, str] = {}
        for step in self._steps:
            self.due.update(step.due)
        self._restarts = 0

    def run(self, on_progress: OnProgress) -> Outcome:
        """Send, kill and restart; return once all has arrived, or the patience is over."""
        began = time.monotonic()
        with running_receiver(self._directory, self._seed, self._plan.dark_seconds) as ports:
            files = self._write("routes.yaml", ROUTES), self._write("points.yaml", contact_points(ports["webhook"]))
            Given(self._bootstrap, self._database.url, ports["mail"], *map(str, files)).write(self._directory)
            received = Received(self._directory / "received.jsonl")
            with Crew(self._directory, self._chance) as crew:
                self._send(crew, received, on_progress)
                self._wait(crew, received, on_progress)
            received.read_on()
        verdict = judge(self.due, received.receipts, self._numbers())
        seconds = round(time.monotonic() - began, 1)
        return Outcome(verdict, self._unaudited(), crew.kills, self._restarts, faults(received.receipts), seconds)

    def _send(self, crew: Crew, received: Received, on_progress: OnProgress) -> None:
        """Publish at an even pace, and do the damage meanwhile."""
        plan, sent, began = self._plan, 0, time.monotonic()
        damage = [(moment, crew.kill_one) for moment in self._moments(plan.kills)]
        damage += [(moment, self._restart_database) for moment in self._moments(plan.database_restarts)]
        damage.sort(key=lambda one: one[0], reverse=True)
        with Publisher(self._bootstrap) as publisher:
            while sent < len(self._steps) or damage:
                passed = time.monotonic() - began
                by_now = min(len(self._steps), int(passed / plan.seconds * len(self._steps)) + 1)
                for step in self._steps[sent:by_now]:
                    self._publish(publisher, step)
                sent = by_now
                publisher.flush()
                while damage and damage[-1][0] <= passed:
                    damage.pop()[1]()
                self._look(crew, received, on_progress)
                time.sleep(_TICK_SECONDS)

    def _publish(self, publisher: Publisher, step: Step) -> None:
        for edition in step.editions:
            for _ in range(self._chance.choices((1, 2), (95, 5))[0]):  # as after a crash of the streams
                publisher.send(edition_record(edition))

    def _wait(self, crew: Crew, received: Received, on_progress: OnProgress) -> None:
        """Wait until nothing is on its way any more: neither in Kafka nor in the database."""
        offsets = Offsets(self._bootstrap)
        deadline = time.monotonic() + self._plan.patience_seconds
        pending = sendings.c.state == "pending"
        while time.monotonic() < deadline:
            self._look(crew, received, on_progress)
            if offsets.all_done() and not self._database.count(sendings, pending):
                break
            time.sleep(10 * _TICK_SECONDS)
        offsets.close()

    def _look(self, crew: Crew, received: Received, on_progress: OnProgress) -> None:
        crew.check()
        received.read_on()
        on_progress(len(received.taken & self.due.keys()), len(self.due), f"deliveries, {crew.kills} kills")

    def _moments(self, number: int) -> list[float]:
        return [self._chance.uniform(0.1, 1) * self._plan.seconds for _ in range(number)]

    def _restart_database(self) -> None:
        """Kill it in mid-transaction, and start it again."""
        self._database.server.kill()
        self._database.server.start()
        self._restarts += 1

    def _write(self, name: str, said: Any) -> Path:
        path = self._directory / name
        path.write_text(json.dumps(said), encoding="utf-8")  # JSON is YAML
        return path

    def _numbers(self) -> dict[str, int]:
        """Return the number of each delivery, as the interface lists them to whoever is told by mail alone."""
        return {row.id: row.sequence for row in self._database.rows(sa.select(deliveries.c.id, deliveries.c.sequence))}

    def _unaudited(self) -> int:
        told = tables.audit.c
        words = sa.select(told.number).where(
            told.act == Act.DISCLOSURE,
            told.recipient == deliveries.c.contact_point,
            told.alert_id == deliveries.c.alert_id,
            told.revision == deliveries.c.revision,
            told.reader == deliveries.c.reader,
            told.detail.startswith("notice by "),
        )
        with self._database.engine.connect() as connection:
            broken = sum(1 for _ in audit.verify(connection))
        return broken + self._database.count(deliveries, ~words.exists())


def as_table(outcome: Outcome) -> Table:
    """Return what came of it, for a terminal."""
    table = Table("what", "how many", title="Deliveries under faults")
    for name, value in outcome.as_json().items():
        for label, figure in value.items() if isinstance(value, dict) else [(name, value)]:
            bad = figure and label in {"lost", "repeated", "foreign", "gaps", "unaudited"}
            table.add_row(label, f"{figure:,}", style="bold red" if bad else None)
    return table


@contextmanager
def services(directory: Path, on_progress: OnProgress) -> Iterator[tuple[str, Database]]:
    """Start Kafka and PostgreSQL."""
    with ExitStack() as stack:
        kafka = start_kafka(directory / "services", default_cache_dir(), on_progress)
        stack.callback(kafka.stop)
        ensure_topics(kafka.bootstrap)
        server = DatabaseServer(directory / "services")
        stack.callback(server.stop)
        upgrade(server.url)
        yield kafka.bootstrap, Database(server, server.url)


def main() -> None:
    """Run it and write down what came of it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--short", action="store_true", help="half a minute instead of ten")
    parser.add_argument("--revisions", type=int, default=FULL.revisions, help="of the long form: as much of it")
    parser.add_argument("--seed", type=int, default=20_261_128)
    asked = parser.parse_args()
    plan, console = SHORT if asked.short else FULL.with_only(asked.revisions), Console()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # so that all that was started is stopped
    directory = Path(tempfile.mkdtemp(prefix="brdo-soak-"))
    with progress_shown(console) as on_progress, services(directory, on_progress) as (bootstrap, database):
        outcome = Soak(directory, bootstrap, database, plan, asked.seed).run(on_progress)
    said = {"revisions": plan.revisions, "seed": asked.seed, **outcome.as_json(), "shortened": asdict(Shortened())}
    RESULTS.parent.mkdir(exist_ok=True)
    RESULTS.write_text(json.dumps(said, indent=1) + "\n", encoding="utf-8")
    console.print(as_table(outcome))
    if not outcome.is_well:
        console.print(f"data and logs are in {directory}")
        sys.exit(1)
    shutil.rmtree(directory)


if __name__ == "__main__":
    main()
