"""A whole line whose intake, watch and case book come and go by themselves, and all else as `brdo up` runs it."""

from __future__ import annotations

import json
import os
import signal
from collections import defaultdict
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

import oracle
from confluent_kafka import KafkaException
from confluent_kafka.admin import AdminClient
from line import settings_for
from started import wait_until

from infra import wiring
from infra.errors import TopicsError
from infra.kafka_topics import topic_states
from infra.ledger import Account, Ledger
from infra.receipts import Receipt, ReceiptLog
from infra.system import System, running
from infra.workers import Announcement, WorkerName, Workers
from schemas import topics

GROUPS: Final = {
    WorkerName.INTAKE: topics.INTAKE_APP,
    WorkerName.WATCH: topics.WATCH_APP,
    WorkerName.CASEBOOK: topics.CASEBOOK_APP,
}
READY_SECONDS: Final = 90.0
KEPT: Final = ("id", "revision", "status", "kind", "evidence")
"""What of an alert is judged; the rest would only fill memory."""


@dataclass(frozen=True)
class Crewman:
    """One correlating worker, kept alive by a supervisor of its own, on a data directory of its own."""

    name: WorkerName
    home: Path
    workers: Workers

    @property
    def pid(self) -> int:
        """Its present process."""
        return self.workers.pid(self.name)

    @property
    def state_dir(self) -> Path:
        """Where it keeps its copy of the state."""
        return self.home / "faust" / self.name

    def is_ready(self) -> bool:
        """Whether it has partitions, recovered them and reads."""
        said = Announcement.read(self.home, self.name)
        return said is not None and said.pid == self.pid and said.is_ready()

    def leave(self, how: signal.Signals = signal.SIGTERM) -> None:
        """End for good."""
        if how is not signal.SIGTERM:
            os.kill(self.pid, how)
        self.workers.stop()


class Line:
    """The running line: its processes, and what its topics and its receiver say."""

    def __init__(self, system: System, environment: dict[str, str]) -> None:
        self.bootstrap, self.data_dir = system.bootstrap, system.data_dir
        self.crew: dict[WorkerName, list[Crewman]] = {name: [] for name in GROUPS}
        self.log_path = self.data_dir / wiring.RECEIVER_LOG
        self._others, self._environment = system.workers, environment
        self._admin = AdminClient({"bootstrap.servers": self.bootstrap, "log_level": 0})
        self._ledger = Ledger(self.bootstrap)
        self._receipts: dict[str, list[Receipt]] = defaultdict(list)
        self._log = ReceiptLog(self.log_path)
        self.prefixes: list[str] = []
        """What begins the ids of each trial on this line, the newest last."""

    # Processes

    def pid(self, name: WorkerName) -> int:
        """Return the process of that name; of several, the oldest's."""
        return self.crew[name][0].pid if name in self.crew else self._others.pid(name)

    def kafka_pid(self) -> int:
        """Return Kafka's process, 0 while there is none."""
        try:
            said = json.loads((self.data_dir / "kafka" / "process.json").read_text(encoding="utf-8"))
        except FileNotFoundError:
            return 0
        return int(said["pid"] or 0)

    def kill_kafka(self) -> None:
        """Kill it, and return once its keeper has it running again."""
        before = self.kafka_pid()
        os.kill(before, signal.SIGKILL)
        wait_until(lambda: self.kafka_pid() not in {0, before} and self._answers(), READY_SECONDS)

    def join(self, name: WorkerName, **more: str) -> Crewman:
        """Start one more worker on a free directory: a new one, or one that an earlier worker left."""
        used = {one.home for one in self.crew[name]}
        home = next(path for path in (self.data_dir, self.data_dir / "second") if path not in used)
        home.mkdir(mode=0o700, exist_ok=True)
        environment = {**self._environment, **more, "BRDO_DATA_DIR": str(home)}
        one = Crewman(name, home, Workers((name,), home, environment))
        one.workers.start()
        self.crew[name].append(one)
        return one

    def start(self, *names: WorkerName, **more: str) -> None:
        """Start the only worker of each of these names and wait for them."""
        for one in [self.join(name, **more) for name in names]:
            one.workers.wait_until_ready(READY_SECONDS)

    def leave(self, *those: Crewman, how: signal.Signals = signal.SIGTERM) -> None:
        """Let these go, all at once."""
        for one in those:
            self.crew[one.name].remove(one)
        with ThreadPoolExecutor() as pool:
            list(pool.map(lambda one: one.leave(how), those))

    def stop(self, *names: WorkerName, how: signal.Signals = signal.SIGTERM) -> None:
        """Let all of these names go."""
        self.leave(*(one for name in names for one in self.crew[name]), how=how)

    def close(self) -> None:
        """Stop what was started here."""
        self.stop(*GROUPS)
        self._ledger.close()

    def members(self, name: WorkerName) -> int | None:
        """Return how many workers the group has, or None while it is changing."""
        try:
            group = self._admin.describe_consumer_groups([GROUPS[name]], request_timeout=10)[GROUPS[name]].result()
        except KafkaException:
            return None
        return len(group.members) if group.state.name == "STABLE" else None

    def wait_for_members(self, number: int) -> None:
        """Return once each group has so many, and nothing moves between them."""
        wait_until(lambda: all(self.members(name) == number for name in GROUPS), READY_SECONDS)

    # What became of it

    def address(self, name: WorkerName) -> str | None:
        """Return where that process serves others, where it runs."""
        said = Announcement.read(self.data_dir, name)
        return said.address if said else None

    def account(self) -> Account:
        """Return what the topics say by now, or said last if Kafka does not answer."""
        try:
            return self._ledger.read_on()
        except TopicsError:
            return self._ledger.account

    @property
    def known(self) -> Account:
        """What was last read of the topics."""
        return self._ledger.account

    def read_topics_again(self) -> None:
        """Read all topics from their beginnings: one of them was made anew."""
        self._ledger.close()
        self._ledger = Ledger(self.bootstrap)

    def receipts(self, prefix: str) -> list[Receipt]:
        """Return what the receiver was told of a trial; what no trial knows is blamed on the newest."""
        for receipt in self._log.read_on():
            kept = {field: receipt.alert[field] for field in KEPT}
            slim = replace(receipt, alert=kept | {"addressed": oracle.addressed(receipt.alert)})
            whose = str(slim.alert["evidence"][0]).partition("-")[0]
            self._receipts[whose if whose in self.prefixes else self.prefixes[-1]].append(slim)
        return self._receipts[prefix]

    def _answers(self) -> bool:
        try:
            return all(state.fits for state in topic_states(self.bootstrap, timeout_seconds=2))
        except TopicsError:
            return False


@contextmanager
def a_line(data_dir: Path, cache_dir: Path, *, told: bool = True) -> Iterator[Line]:
    """Run a line on a data directory; where nobody is `told`, it ends at the alerts' topic."""
    settings = settings_for(data_dir, cache_dir)
    environment: dict[str, str] = {}

    def prepare(bootstrap: str, database_url: str | None) -> dict[str, str]:
        environment.update(wiring.prepare(settings, bootstrap, database_url))
        return environment

    names = [name for name in wiring.worker_names(settings) if told and name not in GROUPS]
    with (
        running(wiring.place(settings), names, lambda _done, _total, _label: None, prepare) as system,
        closing(Line(system, environment)) as line,
    ):
        line.start(*GROUPS)
        yield line
