"""From alerts on Kafka to committed deliveries, and to the first byte at the contact point's socket.

`alerts_per_s` and `deliveries_per_s`: alert revisions for thirteen contact points (3.5 of them each: the alerts of
`make soak-delivery`) lie in Kafka before one dispatcher starts; the time is from the beginning of its first transaction
to the last delivery of its last one, by PostgreSQL's clock.

`first_byte_*`: 50 alerts a second go to Kafka for 30 s, after 5 s that do not count, while one dispatcher and one
deliverer run as `brdo up` runs them. Of each delivery the time is from the timestamp that the broker gave the record
when it appended it (LogAppendTime) to the moment at which a receiver in a process of its own reads the first byte of
the notice: one host, one clock, every delivery counts, connecting included. All run on the same two cores.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any, Final

import sqlalchemy as sa
from confluent_kafka import TIMESTAMP_LOG_APPEND_TIME, Consumer, TopicPartition
from confluent_kafka.admin import (  # type: ignore[attr-defined]
    AdminClient,
    AlterConfigOpType,
    ConfigEntry,
    ConfigResource,
)
from conftest import default_cache_dir
from delivery_alerts import CODES, ROUTES, Due, Step, steps
from delivery_rig import Database, DatabaseServer, process
from endpoints import secret_of, url_of
from latency import percentile
from offsets import Offsets
from report import keep_figures
from rich.console import Console
from rich.table import Table
from started import wait_until
from systems import ROOT

from consumers.database import upgrade
from consumers.tables import alert_revisions, deliveries
from infra.kafka_topics import ensure_topics
from infra.services.kafka import start_kafka
from infra.workers import Announcement, WorkerName
from producers.publisher import Publisher
from schemas import topics
from schemas.records import edition_record

ALERTS_A_SECOND: Final = 50
WARM_UP_SECONDS: Final = 5.0
_PATIENCE_SECONDS: Final = 120.0


class Bench:
    """Kafka and PostgreSQL, and the product's own processes on them."""

    def __init__(self, directory: Path, bootstrap: str, server: DatabaseServer) -> None:
        self._directory, self._bootstrap, self._server = directory, bootstrap, server
        self.offsets = Offsets(bootstrap)

    def throughput(self, revisions: int) -> dict[str, float]:
        """Return how many alerts and deliveries a second one dispatcher stores."""
        self._publish(list(steps(revisions, seed=1)))
        database = self._new_database()
        with self._run("dispatcher", database, 9):
            _wait(self.offsets.all_done)
        (row,) = database.rows(
            sa.select(
                sa.select(sa.func.min(alert_revisions.c.stored_at)).scalar_subquery().label("began"),
                sa.func.max(deliveries.c.created_at).label("ended"),
                sa.func.count().label("number"),
            ).select_from(deliveries)
        )
        seconds = (row.ended - row.began).total_seconds()
        return {"alerts_per_s": round(revisions / seconds), "deliveries_per_s": round(row.number / seconds)}

    def first_bytes(self, seconds: float) -> tuple[list[float], int]:
        """Return how many milliseconds each delivery took to its contact point's socket, and how many did not come."""
        database = self._new_database()
        made = list(steps(int(ALERTS_A_SECOND * (WARM_UP_SECONDS + seconds)), seed=2))
        due = {one for step in made for one in step.due}
        counted = {one for step in made[int(ALERTS_A_SECOND * WARM_UP_SECONDS) :] for one in step.due}
        before = self.offsets.ends()
        log = self._directory / "first-bytes.jsonl"
        with ExitStack() as stack:
            port = stack.enter_context(_receiver(self._directory, log))
            for name in ("dispatcher", "delivery"):
                stack.enter_context(self._run(name, database, port))
            wait_until(lambda: all(self._is_ready(name) for name in ("dispatcher", "delivery")), 30)
            self._publish(made, ALERTS_A_SECOND)
            _wait(lambda: not due - _first_bytes(log).keys())
        appended, reached = self._appended(before), _first_bytes(log)
        taken = [1000 * (reached[one] - appended[one.alert, one.revision]) for one in counted & reached.keys()]
        return taken, len(due - reached.keys())

    def _publish(self, made: Sequence[Step], a_second: float = float("inf")) -> None:
        began = time.monotonic()
        with Publisher(self._bootstrap) as publisher:
            for number, step in enumerate(made):
                time.sleep(max(0.0, began + number / a_second - time.monotonic()))
                for edition in step.editions:
                    publisher.send(edition_record(edition))

    def _appended(self, before: dict[int, int]) -> dict[tuple[str, int], float]:
        """Return when the broker appended each revision; of several editions the first."""
        consumer = Consumer({"bootstrap.servers": self._bootstrap, "group.id": "bench", "enable.auto.commit": False})
        ends, found = self.offsets.ends(), dict[tuple[str, int], float]()
        consumer.assign([TopicPartition(topics.EDITIONS.name, *one) for one in before.items()])
        for _ in range(sum(ends.values()) - sum(before.values())):
            message = consumer.poll(10)
            assert message is not None
            kind, milliseconds = message.timestamp()
            assert kind == TIMESTAMP_LOG_APPEND_TIME
            alert = json.loads(message.value() or b"")["alert"]
            key = alert["id"], alert["revision"]
            found[key] = min(found.get(key, float("inf")), milliseconds / 1000)
        consumer.close()
        return found

    def _new_database(self) -> Database:
        url = self._server.new_database()
        upgrade(url)
        return Database(self._server, url)

    @contextmanager
    def _run(self, name: str, database: Database, port: int) -> Iterator[None]:
        """Run one of the product's processes until the block ends."""
        points = {code: _contact_point(code, port) for code in CODES}
        environment = {
            "BRDO_KAFKA_BOOTSTRAP": self._bootstrap,
            "BRDO_DATABASE_URL": database.url,
            "BRDO_DATA_DIR": str(self._directory),
            "BRDO_LOG_LEVEL": "warning",
            "BRDO_CONTACT_POINTS": self._write("points.yaml", {"contact_points": points}),
            "BRDO_ROUTES": self._write("routes.yaml", ROUTES),
            **{f"BENCH_SECRET_{code}": secret_of(code) for code in CODES},
        }
        with process("-m", "infra.cli", "run", name, **environment) as child:
            yield
            child.terminate()
            child.wait(20)

    def _is_ready(self, name: str) -> bool:
        said = Announcement.read(self._directory, WorkerName(name))
        return said is not None and said.is_ready()

    def _write(self, name: str, said: Any) -> str:
        path = self._directory / name
        path.write_text(json.dumps(said), encoding="utf-8")  # JSON is YAML
        return str(path)


def _wait(condition: Callable[[], bool]) -> None:
    """Look only now and then, so that looking takes little from what is measured; the figures say what is missing."""
    deadline = time.monotonic() + _PATIENCE_SECONDS
    while not condition() and time.monotonic() < deadline:
        time.sleep(0.5)


def _contact_point(code: str, port: int) -> dict[str, Any]:
    webhook = {"url": url_of(code, port), "secret_env": f"BENCH_SECRET_{code}"}
    return {"name": code, "channels": {"webhook": webhook}}


@contextmanager
def _receiver(directory: Path, log: Path) -> Iterator[int]:
    """Run the receiver of first bytes and yield its port."""
    said = directory / "port"
    command = [sys.executable, str(Path(__file__).with_name("first_bytes.py")), str(said), str(log)]
    with subprocess.Popen(command, env={**os.environ, "PYTHONPATH": str(ROOT)}) as child:
        try:
            wait_until(said.exists)
            yield int(said.read_text(encoding="ascii"))
        finally:
            child.kill()


def _first_bytes(log: Path) -> dict[Due, float]:
    """Return when the first byte of each delivery came."""
    found: dict[Due, float] = {}
    for line in log.read_text(encoding="utf-8").splitlines():
        at, code, alert, revision = json.loads(line)
        found.setdefault(Due(code, alert, revision), at)
    return found


@contextmanager
def a_bench(directory: Path) -> Iterator[Bench]:
    """Start Kafka, whose editions bear its own timestamps, and PostgreSQL."""
    with ExitStack() as stack:
        kafka = start_kafka(directory, default_cache_dir(), lambda _done, _total, _label: None)
        stack.callback(kafka.stop)
        ensure_topics(kafka.bootstrap)
        by_the_broker = ConfigEntry(
            "message.timestamp.type", "LogAppendTime", incremental_operation=AlterConfigOpType.SET
        )
        resource = ConfigResource(ConfigResource.Type.TOPIC, topics.EDITIONS.name, incremental_configs=[by_the_broker])
        admin = AdminClient({"bootstrap.servers": kafka.bootstrap})
        admin.incremental_alter_configs([resource])[resource].result()
        server = DatabaseServer(directory)
        stack.callback(server.stop)
        bench = Bench(directory, kafka.bootstrap, server)
        stack.callback(bench.offsets.close)
        yield bench


def main() -> None:
    """Measure both."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--revisions", type=int, default=5_000)
    parser.add_argument("--seconds", type=float, default=30)
    arguments = parser.parse_args()
    with (
        tempfile.TemporaryDirectory(prefix="brdo-bench-", ignore_cleanup_errors=True) as name,
        a_bench(Path(name)) as bench,
    ):
        figures = bench.throughput(arguments.revisions)
        taken, missing = bench.first_bytes(arguments.seconds)
    figures["first_byte_p50_ms"] = round(percentile(taken, 0.5), 1)
    figures["first_byte_p99_ms"] = round(percentile(taken, 0.99), 1)
    table = Table("dispatch", "figure")
    for label, figure in {**figures, "deliveries measured": len(taken), "missing": missing}.items():
        table.add_row(label, f"{figure:,}")
    Console().print(table)
    if missing:
        sys.exit(1)  # what is missing would make the rest look good
    keep_figures({f"dispatch.{label}": figure for label, figure in figures.items()})


if __name__ == "__main__":
    main()
