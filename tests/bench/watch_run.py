"""One run of one system's watch: topics filled, a worker on its core until all is durable, outputs held against."""

from __future__ import annotations

import shutil
import subprocess
import time
from collections import Counter
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import psutil
from broker import Broker
from confluent_kafka import Consumer, KafkaException, Producer, TopicPartition
from failure import BenchError
from watch_input import Trial, WatchInput
from worker import running_worker

from schemas import topics
from schemas.records import Record
from streams.batches.records import from_raw
from streams.intake import is_background

_POLL_SECONDS: Final = 0.1
_START_SECONDS: Final = 60.0
_LEAST_PER_SECOND: Final = 500
_TAIL_LINES: Final = 15
_AT_ONCE: Final = 10_000
_MIB: Final = 1024 * 1024
_INPUTS: Final = (topics.PASSAGES, topics.INTERESTS)
_READ: Final = (*_INPUTS, topics.ROADSIDE)
_MADE: Final = (
    *_READ,
    topics.CASEBOOK,
    topics.DEAD_LETTERS,
    topics.WATCH_STATE,
    next(topic for topic in topics.CATALOGUE if topic.name == f"{topics.WATCH_APP}-__assignor-__leader"),
)


@dataclass(frozen=True)
class Worker:
    """How a system's watch is started, and as which group it reads."""

    command: list[str]
    environment: dict[str, str]
    group: str


@dataclass(frozen=True)
class Figures:
    """What one run came to; `records` were read, those that the watch told itself included."""

    events_per_s: float
    processor_us: float
    memory_mib: float
    records: int


def run_watch(worker: Worker, broker: Broker, trial: Trial, directory: Path) -> Figures:
    """Run a worker until everything that it is to read is committed. Raises `BenchError` with its log's tail."""
    for topic in _MADE:
        broker.create(topic.name, topic.partitions, topic.config)
    _fill(broker, trial.given)
    shutil.rmtree(directory, ignore_errors=True)
    (directory / "data").mkdir(parents=True)
    command = [*worker.command, "--bootstrap", broker.bootstrap, "--group", worker.group]
    command += ["--data-dir", str(directory / "data")]
    started = running_worker(command, worker.environment, directory)
    with started as process, closing(_consumer(broker, worker.group)) as consumer:
        began, ended = _followed(process, consumer, directory, trial)
        spent, memory = _spent(process)
        read = _ends(consumer, [topic.name for topic in _READ])
    shutil.rmtree(directory / "data")
    check(_read_all(broker, topics.CASEBOOK.name, topics.DEAD_LETTERS.name), trial.right)
    sightings = len(trial.given.passages)
    return Figures(sightings / (ended - began), spent / sightings * 1e6, memory / _MIB, read)


def check(outputs: list[Any], right: frozenset[str]) -> None:
    """Raise `BenchError` unless just the right sightings were passed on, each once, and no dead letter is there."""
    letters = sum(one.topic == topics.DEAD_LETTERS.name for one in outputs)
    told = (one for one in outputs if one.topic == topics.CASEBOOK.name and not is_background(one))
    counted = Counter((one.key or b"").decode() for one in told)
    missing, unknown = right - counted.keys(), counted.keys() - right
    repeated = sum(times > 1 for times in counted.values())
    if missing or unknown or repeated or letters:
        raise BenchError(
            f"wrong outputs: {len(missing)} missing, {len(unknown)} never due, {repeated} repeated, "
            f"{letters} dead letters"
        )


def _fill(broker: Broker, given: WatchInput) -> None:
    """Write the input, as intake's producer chooses partitions, and the interests to each partition."""
    producer = Producer(
        {
            "bootstrap.servers": broker.bootstrap,
            "partitioner": "murmur2",
            "enable.idempotence": True,
            "linger.ms": 20,
            "queue.buffering.max.messages": 2_000_000,
        }
    )

    def put(record: Record, **where: Any) -> None:
        headers: list[Any] = list(record.headers)
        producer.produce(record.topic, record.value, record.key, headers=headers, **where)

    for one in given.interests:
        for partition in range(topics.INTERESTS.partitions):
            put(one, partition=partition)
    for number, one in enumerate(given.passages):
        put(one)
        if number % _AT_ONCE == 0:
            producer.poll(0)
    if producer.flush(_START_SECONDS):
        raise BenchError("the input could not be written")


def _followed(
    process: subprocess.Popen[bytes], consumer: Consumer, directory: Path, trial: Trial
) -> tuple[float, float]:
    """Wait until all is committed; return when the worker's first record was seen and when its last one was."""
    deadline = time.monotonic() + _START_SECONDS + len(trial.given.passages) / _LEAST_PER_SECOND
    written = [topic.name for topic in _MADE if topic not in _INPUTS]
    began = ended = 0.0
    before = _ends(consumer, written)
    while True:
        time.sleep(_POLL_SECONDS)
        changelogs = [name for name in consumer.list_topics(timeout=_START_SECONDS).topics if "changelog__" in name]
        now, there = time.monotonic(), _ends(consumer, [*written, *changelogs])
        if not began and _ends(consumer, [topics.ROADSIDE.name]):
            began = now
        if there != before:
            before, ended = there, now
        done, whole = _committed(consumer), _ends(consumer, [topic.name for topic in _READ])
        trial.show(done, whole, directory.name)
        if began and done == whole:
            return began, ended
        if process.poll() is not None or now > deadline:
            tail = (directory / "worker.log").read_text(encoding="utf-8", errors="replace").splitlines()[-_TAIL_LINES:]
            raise BenchError(f"{done} of {whole} records were read. The last lines of its log:\n" + "\n".join(tail))


def _spent(process: subprocess.Popen[bytes]) -> tuple[float, int]:
    """Return the processor time of a worker in seconds, and its resident memory in bytes."""
    worker = psutil.Process(process.pid)
    times = worker.cpu_times()
    return times.user + times.system, worker.memory_info().rss


def _consumer(broker: Broker, group: str) -> Consumer:
    return Consumer(
        {
            "bootstrap.servers": broker.bootstrap,
            "group.id": group,
            "enable.auto.commit": False,
            "auto.offset.reset": "earliest",
            "log_level": 0,
        }
    )


def _partitions(consumer: Consumer, names: list[str]) -> list[TopicPartition]:
    there = consumer.list_topics(timeout=_START_SECONDS).topics
    return [TopicPartition(name, number) for name in names for number in there[name].partitions]


def _ends(consumer: Consumer, names: list[str]) -> int:
    """Return how many records topics hold; of one that is being made its leader may not be there yet."""
    deadline = time.monotonic() + _START_SECONDS
    while True:
        try:
            partitions = _partitions(consumer, names)
            return sum(consumer.get_watermark_offsets(one, timeout=_START_SECONDS)[1] for one in partitions)
        except KafkaException:
            if time.monotonic() > deadline:
                raise
            time.sleep(_POLL_SECONDS)


def _committed(consumer: Consumer) -> int:
    """Return how many of the records that the group is to read are committed."""
    committed = consumer.committed(_partitions(consumer, [topic.name for topic in _READ]), timeout=_START_SECONDS)
    return sum(max(0, one.offset) for one in committed)


def _read_all(broker: Broker, *names: str) -> list[Any]:
    """Return every record of some topics."""
    records: list[Any] = []
    with closing(_consumer(broker, "bench-reader")) as consumer:
        whole = _ends(consumer, list(names))
        consumer.assign([TopicPartition(one.topic, one.partition, 0) for one in _partitions(consumer, list(names))])
        deadline = time.monotonic() + _START_SECONDS
        while len(records) < whole:
            if time.monotonic() > deadline:
                raise BenchError(f"{len(records)} of {whole} outputs could be read back")
            came: list[Any] = consumer.consume(_AT_ONCE, 0.5)
            records += map(from_raw, came)
    return records
