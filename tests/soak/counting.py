"""Workers that count, the records they are given, and what they must come to in memory and in their changelogs."""

import json
import os
import random
import signal
import subprocess
import sys
import threading
import time
from collections import Counter, defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from confluent_kafka import Consumer, Producer, TopicPartition
from confluent_kafka.admin import AdminClient
from confluent_kafka.cimpl import NewTopic

from streams.batches.changelog import Replay

ROOT = Path(__file__).parents[2]
WORKER = Path(__file__).with_name("counting_worker.py")
JOBS = {"counts": ("one",), "sums": ("three",), "pairs": ("left", "right")}
"""The topics of each job; those of `pairs` share a state."""
PARTITIONS = {"counts": 4, "sums": 3, "pairs": 4}
KEYS = 300
Truth = dict[str, dict[str, tuple[int, int]]]
"""By job and key: how many records, and their sum."""


class Worker:
    """One process, with a directory and a dump of its own."""

    def __init__(self, bootstrap: str, group: str, store: str, directory: Path) -> None:
        directory.mkdir(parents=True, exist_ok=True)
        self._dump = directory / "memory.json"
        self._dump.unlink(missing_ok=True)
        command = [sys.executable, str(WORKER), "--bootstrap", bootstrap, "--group", group, "--store", store]
        command += ["--data-dir", str(directory / "data"), "--dump", str(self._dump)]
        command += ["--jobs", *(f"{name}={','.join(topics)}" for name, topics in JOBS.items())]
        with (directory / "log").open("ab") as log:
            self.process = subprocess.Popen(
                command, env={**os.environ, "PYTHONPATH": str(ROOT)}, stdout=log, stderr=subprocess.STDOUT
            )

    def memory(self) -> dict[str, dict[str, tuple[int, int]]] | None:
        """Return what it holds by partition, or None before it is ready."""
        try:
            said = json.loads(self._dump.read_text(encoding="utf-8"))
        except FileNotFoundError:
            return None
        if not said["ready"]:
            return None
        return {name: {key: tuple(pair) for key, pair in held.items()} for name, held in said["partitions"].items()}

    def end(self, number: signal.Signals) -> None:
        """Send the signal and wait for the end."""
        self.process.send_signal(number)
        self.process.wait(30)


class Crew:
    """Workers of one group that come and go."""

    def __init__(self, bootstrap: str, group: str, store: str, directory: Path) -> None:
        self._place = bootstrap, group, store
        self._directory = directory
        self._number = 0
        self.workers: dict[int, Worker] = {}

    def join(self, number: int | None = None) -> int:
        """Start a worker: a new one, or one that was there before, on its old directory."""
        if number is None:
            self._number += 1
            number = self._number
        self.workers[number] = Worker(*self._place, self._directory / f"worker-{number}")
        return number

    def leave(self, number: int, how: signal.Signals) -> None:
        """End a worker."""
        self.workers.pop(number).end(how)

    def restart_what_ended(self) -> int:
        """Start again what ended by itself, as a supervisor would; return how many."""
        ended = [number for number, worker in self.workers.items() if worker.process.poll() is not None]
        for number in ended:
            self.join(number)
        return len(ended)

    def memory(self) -> Truth | None:
        """Return what all hold together, or None where a partition is held by nobody, or by two."""
        merged: Truth = defaultdict(dict)
        seen: Counter[str] = Counter()
        for worker in self.workers.values():
            held = worker.memory()
            if held is None:
                return None
            for name, values in held.items():
                seen[name] += 1
                merged[name.rsplit("/", 1)[0]] |= values
        wanted = {f"{name}/{number}" for name, partitions in PARTITIONS.items() for number in range(partitions)}
        return dict(merged) if set(seen) == wanted and max(seen.values()) == 1 else None

    def stop(self) -> None:
        """End all."""
        for worker in self.workers.values():
            worker.process.send_signal(signal.SIGCONT)
            worker.process.kill()
            worker.process.wait()


class Load(threading.Thread):
    """Publishes to both topics until it is told to stop, and knows what it published."""

    def __init__(self, bootstrap: str, seed: int, each_second: int) -> None:
        super().__init__(daemon=True)
        self._producer = Producer({"bootstrap.servers": bootstrap, "enable.idempotence": True, "linger.ms": 5})
        self._chance, self._each_second = random.Random(seed), each_second
        self._stopped = threading.Event()
        self.truth: Truth = {name: {} for name in JOBS}
        self.number = 0

    def run(self) -> None:
        began = time.monotonic()
        while not self._stopped.is_set():
            while self.number < (time.monotonic() - began) * self._each_second:
                self._publish()
            self._producer.poll(0.01)

    def _publish(self) -> None:
        name, topic = self._chance.choice([(name, topic) for name, topics in JOBS.items() for topic in topics])
        key, amount = f"key-{self._chance.randrange(KEYS)}", self._chance.randrange(100)
        self._producer.produce(topic, key=key, value=str(amount))
        count, total = self.truth[name].get(key, (0, 0))
        self.truth[name][key] = count + 1, total + amount
        self.number += 1

    def finish(self) -> int:
        """Stop, wait for every acknowledgement, and return how many records there are."""
        self._stopped.set()
        self.join()
        assert self._producer.flush(60) == 0
        return self.number


def make_topics(bootstrap: str, group: str) -> None:
    """Make everything the workers need, as a catalogue does."""
    changelog = {"cleanup.policy": "compact", "min.compaction.lag.ms": "86400000"}
    topics = [NewTopic(topic, PARTITIONS[name], 1) for name, several in JOBS.items() for topic in several]
    topics += [
        NewTopic(f"{group}-{name}-changelog", number, 1, config=changelog) for name, number in PARTITIONS.items()
    ]
    topics += [NewTopic(f"{group}-__assignor-__leader", 1, 1), NewTopic(f"{group}-out", 4, 1)]
    admin = AdminClient({"bootstrap.servers": bootstrap})
    for made in admin.create_topics(topics).values():
        made.result(30)


@contextmanager
def reader(bootstrap: str) -> Iterator[Consumer]:
    """Return a consumer of no group."""
    consumer = Consumer({"bootstrap.servers": bootstrap, "group.id": "soak-reader", "enable.auto.commit": False})
    try:
        yield consumer
    finally:
        consumer.close()


def read_all(consumer: Consumer, topic: str, partition: int) -> Iterator[tuple[bytes, bytes | None]]:
    """Return every record that the partition has now."""
    offset, end = consumer.get_watermark_offsets(TopicPartition(topic, partition), timeout=10)
    consumer.assign([TopicPartition(topic, partition, offset)])
    while offset < end:
        for message in consumer.consume(5_000, 1):
            assert message.error() is None
            offset = (message.offset() or 0) + 1
            yield message.key() or b"", message.value()


def changelogs(bootstrap: str, group: str) -> Truth:
    """Return what the changelogs say."""
    truth: Truth = {name: {} for name in JOBS}
    with reader(bootstrap) as consumer:
        for job, partitions in PARTITIONS.items():
            for partition in range(partitions):
                replay = Replay()
                for key, value in read_all(consumer, f"{group}-{job}-changelog", partition):
                    for change in replay.take(key, value):
                        for name, said in change.entries.items():
                            count, total = (said or b"0 0").split()
                            truth[job][name.decode()] = int(count), int(total)
    return truth


def tenths(bootstrap: str, group: str) -> Counter[tuple[str, int]]:
    """Return how often each tenth count was published, by key and count; all jobs use the same keys."""
    with reader(bootstrap) as consumer:
        records = [record for number in range(4) for record in read_all(consumer, f"{group}-out", number)]
    return Counter((key.decode(), int((value or b"0").split()[0])) for key, value in records)


def tenths_due(truth: Truth) -> set[tuple[str, int]]:
    """Return what must have been published at least once."""
    return {
        (key, number)
        for counts in truth.values()
        for key, (count, _) in counts.items()
        for number in range(10, count + 1, 10)
    }
