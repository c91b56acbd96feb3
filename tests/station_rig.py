"""What tests of a station share: its events, its processes, and what stands in the topics in the end."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

from confluent_kafka import Consumer, KafkaException, Message, TopicPartition
from started import wait_until

from infra.kafka_topics import ensure_topics
from infra.services.kafka import start_kafka
from producers.client import Pace, StationClient
from producers.spool.store import SpoolLimits
from schemas import topics

ROOT: Final = Path(__file__).parents[1]
CHILD: Final = Path(__file__).with_name("station_child.py")
STATION: Final = "SI-OBR"
NOW: Final = datetime(2026, 5, 20, 12, 0, tzinfo=UTC)
NOWHERE: Final = "127.0.0.1:1"
"""Where no broker answers."""

NO_RESERVE: Final = SpoolLimits(free_bytes=0)


def an_event(identity: str, **fields: Any) -> bytes:
    """Return the line of a small incident."""
    event = {
        "type": "incident",
        "schema_version": "1.0",
        "id": identity,
        "station": STATION,
        "occurred_at": "2026-05-20T10:00:00+00:00",
        "kind": "irregular_crossing",
        **fields,
    }
    return json.dumps(event).encode()


def a_client(bootstrap: str, spool: Path, **settings: Any) -> StationClient:
    return StationClient(bootstrap, **{"station": STATION, "spool": spool, "version": "1.4", **settings})


QUICK: Final = Pace(status_seconds=0.3, close_seconds=5)


class Clock:
    """A clock that is set by the test."""

    def __init__(self, now: datetime = NOW) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now


def a_fast_clock(seconds: float) -> Any:
    """Return a clock that goes as the machine's does, and is ahead of it."""
    return lambda: datetime.now(UTC) + timedelta(seconds=seconds)


class Broker:
    """A broker as one test sees it: only what came to its topics since the test began."""

    def __init__(self, bootstrap: str) -> None:
        self.bootstrap = bootstrap
        self._begins = {topic.name: self._ends(topic) for topic in topics.INBOUND}

    def records(self, topic: topics.Topic = topics.INCIDENTS) -> list[Message[bytes, bytes]]:
        """Return what stands in the topic, partition by partition."""
        found: list[Message[bytes, bytes]] = []
        with self._consumer() as consumer:
            for number, end in enumerate(self._ends(topic)):
                following = self._begins[topic.name][number]
                consumer.assign([TopicPartition(topic.name, number, following)])
                while following < end:
                    new = [one for one in consumer.consume(500, timeout=0.5) if one.error() is None]
                    found += new
                    following = (new[-1].offset() or 0) + 1 if new else following
        return found

    @property
    def ids(self) -> list[str]:
        """The ids of the incidents."""
        return [said(message)["id"] for message in self.records()]

    @property
    def statuses(self) -> list[dict[str, Any]]:
        """What devices said of themselves."""
        return [said(message) for message in self.records(topics.STATION_STATUS)]

    def _ends(self, topic: topics.Topic) -> list[int]:
        ends: list[int] = []

        def answer() -> bool:
            with suppress(KafkaException), self._consumer() as consumer:  # a topic just made has no leader yet
                places = [TopicPartition(topic.name, number) for number in range(topic.partitions)]
                ends[:] = [consumer.get_watermark_offsets(place, timeout=10)[1] for place in places]
            return bool(ends)

        wait_until(answer, 20)
        return ends

    def _consumer(self) -> closing[Consumer]:
        return closing(Consumer({"bootstrap.servers": self.bootstrap, "group.id": "reader"}))


@contextmanager
def a_broker(data_dir: Path, cache_dir: Path) -> Iterator[str]:
    """Run a broker with all topics and give its address."""
    kafka = start_kafka(data_dir, cache_dir, lambda _done, _total, _label: None)
    ensure_topics(kafka.bootstrap)
    yield kafka.bootstrap
    kafka.stop()


def said(message: Message[bytes, bytes]) -> dict[str, Any]:
    document = json.loads(message.value() or b"{}")
    assert isinstance(document, dict)
    return document


class Child:
    """A process that publishes (see station_child.py), the log of what it got a yes for, and its end."""

    def __init__(self, mode: str, *arguments: object, prefix: Sequence[str] = ()) -> None:
        self.process = subprocess.Popen(
            [*prefix, sys.executable, str(CHILD), mode, *map(str, arguments)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
        )

    def kill(self) -> None:
        self.process.send_signal(signal.SIGKILL)
        self.process.wait(10)

    def end(self, seconds: float = 30) -> str:
        """Let it finish and return the last line that it said."""
        out, _ = self.process.communicate(timeout=seconds)
        assert self.process.returncode == 0, f"the child ended with {self.process.returncode}"
        return out.decode().strip().rpartition("\n")[2]


@contextmanager
def a_child(mode: str, *arguments: object, prefix: Sequence[str] = ()) -> Iterator[Child]:
    child = Child(mode, *arguments, prefix=prefix)
    try:
        yield child
    finally:
        if child.process.poll() is None:
            child.kill()
        for pipe in (child.process.stdin, child.process.stdout):
            if pipe is not None and not pipe.closed:
                pipe.close()


def allow(log: Path, number: int) -> None:
    """Let the process that writes this log publish so many."""
    new = log.with_suffix(".new")
    new.write_text(str(number))
    new.replace(f"{log}.allowed")


def yes_ids(path: Path) -> list[str]:
    """Return the ids for which a process recorded a yes; a line cut off by its death was not recorded."""
    return (
        [line.strip() for line in path.read_text().splitlines(keepends=True) if line.endswith("\n")]
        if path.exists()
        else []
    )


def wait_for_yes(path: Path, number: int, seconds: float = 30) -> None:
    wait_until(lambda: len(yes_ids(path)) >= number, seconds)
