"""Our own processes, one child each: started, watched, started again when they end, stopped in order."""

import json
import os
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass
from enum import StrEnum
from pathlib import Path
from signal import SIGTERM
from typing import Any, Final, Protocol

import structlog

from infra.errors import WorkerError
from infra.services.errors import ServiceError
from infra.services.process import Child, Launch, reap_orphan
from infra.services.progress import OnProgress

READY_SECONDS: Final = 60.0
STOP_SECONDS: Final = 10.0
_SHORTEST_PAUSE_SECONDS: Final = 0.2
_LONGEST_PAUSE_SECONDS: Final = 15.0
_STEADY_SECONDS: Final = 30.0
_POLL_SECONDS: Final = 0.1

log = structlog.get_logger()


class WorkerName(StrEnum):
    """The processes that `brdo run` starts one of."""

    INTAKE = "intake"
    WATCH = "watch"
    CASEBOOK = "casebook"
    DISPATCHER = "dispatcher"
    DELIVERY = "delivery"
    ESCALATOR = "escalator"
    API = "api"
    CONSOLE = "console"
    RECEIVER = "receiver"
    GATEWAY = "gateway"


CORRELATING: Final = (WorkerName.INTAKE, WorkerName.WATCH, WorkerName.CASEBOOK)
DELIVERING: Final = (
    WorkerName.DISPATCHER,
    WorkerName.DELIVERY,
    WorkerName.ESCALATOR,
    WorkerName.API,
    WorkerName.CONSOLE,
)


@dataclass(frozen=True, slots=True)
class Announcement:
    """What a running worker says of itself, in `run/<name>.json` of the data directory."""

    pid: int
    health: str
    address: str | None = None
    """Where it serves others, if it does."""

    @staticmethod
    def path(data_dir: Path, name: WorkerName) -> Path:
        """Return where the worker of that name announces itself."""
        return data_dir / "run" / f"{name}.json"

    def write(self, data_dir: Path, name: WorkerName) -> None:
        """Announce, whole or not at all."""
        path = self.path(data_dir, name)
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        new = path.with_suffix(".new")
        new.write_text(json.dumps(asdict(self)), encoding="utf-8")
        new.replace(path)

    @classmethod
    def read(cls, data_dir: Path, name: WorkerName) -> "Announcement | None":
        """Return the worker's announcement, or None where there is none."""
        try:
            said = json.loads(cls.path(data_dir, name).read_text(encoding="utf-8"))
        except FileNotFoundError:
            return None
        return cls(**said)

    def progress(self) -> dict[str, Any]:
        """Return how far the worker says that it is; nothing where it does not answer."""
        try:
            with urllib.request.urlopen(f"{self.health}/progress", timeout=2) as answer:  # noqa: S310 - as below
                return dict(json.load(answer))
        except (urllib.error.URLError, OSError, ValueError):
            return {}

    def is_ready(self) -> bool:
        """Ask the worker itself."""
        try:
            with urllib.request.urlopen(f"{self.health}/readyz", timeout=2) as answer:  # noqa: S310 - our own loopback
                return bool(answer.status == 200)  # noqa: PLR2004 - HTTP
        except (urllib.error.URLError, OSError):
            return False


class Announce(Protocol):
    """Answers probes from now on, and says where this process is and how far."""

    def __call__(
        self,
        is_ready: Callable[[], bool],
        address: str | None = None,
        progress: Callable[[], dict[str, Any]] = dict,
    ) -> None:
        """Announce; `address` is where it serves others."""


class Workers:
    """Several workers on one data directory, kept alive until `stop`."""

    def __init__(self, names: Iterable[WorkerName], data_dir: Path, environment: Mapping[str, str]) -> None:
        self._data_dir = data_dir
        self._environment = {**os.environ, **environment, "PYTHONUNBUFFERED": "1"}
        self._names = tuple(names)
        self._children: dict[WorkerName, Child] = {}
        self._stopping = threading.Event()
        self._watcher = threading.Thread(target=self._watch, name="workers", daemon=True)

    def start(self) -> None:
        """Start all of them and keep them running; raises `services.errors.StartError`."""
        (self._data_dir / "logs").mkdir(mode=0o700, parents=True, exist_ok=True)
        (self._data_dir / "run").mkdir(mode=0o700, parents=True, exist_ok=True)
        for name in self._names:
            reap_orphan(self._launch(name).record_path, SIGTERM, STOP_SECONDS)
            Announcement.path(self._data_dir, name).unlink(missing_ok=True)
            self._children[name] = Child(self._launch(name))
        self._watcher.start()

    def wait_until_ready(
        self, seconds: float = READY_SECONDS, on_progress: OnProgress = lambda _done, _total, _label: None
    ) -> None:
        """Return once each worker says that it is ready; raises `WorkerError` naming the one that is not.

        A worker that recovers its state has so many seconds again whenever it is further.
        """
        deadline = time.monotonic() + seconds
        for name in self._names:
            further = 0
            while not self._ready(name):
                recovering = self._recovering(name)
                if recovering["done"] > further:
                    further, deadline = recovering["done"], time.monotonic() + seconds
                    on_progress(further, recovering["total"], f"{name}: recovering its state")
                if time.monotonic() > deadline:
                    raise WorkerError(
                        f"{name} is not ready after {seconds:g} s; see {self._launch(name).log_path}. "
                        f"Its last lines:\n{self._children[name].log_tail()}"
                    )
                time.sleep(_POLL_SECONDS)

    def stop(self) -> None:
        """Stop them in the order of the flow, so that what is under way is delivered."""
        self._stopping.set()
        if self._watcher.is_alive():
            self._watcher.join()
        for child in self._children.values():
            child.stop(STOP_SECONDS)

    def pid(self, name: WorkerName) -> int:
        """Return the process id of the worker's present run."""
        return self._children[name].pid

    def _recovering(self, name: WorkerName) -> dict[str, int]:
        announcement = Announcement.read(self._data_dir, name)
        said = announcement.progress() if announcement is not None and announcement.pid == self.pid(name) else {}
        return said.get("recovering") or {"done": 0, "total": 0}

    def _ready(self, name: WorkerName) -> bool:
        announcement = Announcement.read(self._data_dir, name)
        return announcement is not None and announcement.pid == self.pid(name) and announcement.is_ready()

    def _watch(self) -> None:
        """Start again what ended: soon where it had run steadily, later each time where it had not."""
        started = dict.fromkeys(self._names, time.monotonic())
        pauses = dict.fromkeys(self._names, _SHORTEST_PAUSE_SECONDS)
        due: dict[WorkerName, float] = {}
        while not self._stopping.wait(_POLL_SECONDS):
            now = time.monotonic()
            for name, child in self._children.items():
                code = child.exit_code()
                if code is None:
                    continue
                if name not in due:
                    due[name] = now + pauses[name]
                    log.warning("worker_ended", worker=name.value, code=code, again_in_seconds=pauses[name])
                elif now >= due[name]:
                    del due[name]
                    steady = now - started[name] > _STEADY_SECONDS
                    pauses[name] = _SHORTEST_PAUSE_SECONDS if steady else min(_LONGEST_PAUSE_SECONDS, 2 * pauses[name])
                    started[name] = now
                    try:
                        self._children[name] = Child(self._launch(name))
                    except ServiceError as error:  # a full disk, say: it may be over by the next time
                        log.error("worker_not_started", worker=name.value, error=error.what)  # noqa: TRY400

    def _launch(self, name: WorkerName) -> Launch:
        return Launch(
            command=(sys.executable, "-m", "infra.cli", "run", name.value),
            directory=self._data_dir,
            log_path=self._data_dir / "logs" / f"{name}.log",
            record_path=self._data_dir / "run" / f"{name}.process.json",
            environment=self._environment,
        )
