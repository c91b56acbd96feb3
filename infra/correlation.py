"""The correlating processes, each until it is told to stop; what they need comes as plain values from `wiring`."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from infra.workers import Announce, WorkerName
from streams.rules import Rules

if TYPE_CHECKING:
    from streams.batches.app import BatchApp


@dataclass(frozen=True, slots=True)
class Correlating:
    """Where a process works: Kafka, its directory, whether its state is on disk; with `history` events of any time."""

    bootstrap: str
    data_dir: Path
    on_disk: bool
    clock: Callable[[], datetime]
    history: bool


def run(name: WorkerName, at: Correlating, rules: Callable[[], Rules], announce: Announce) -> None:
    """Run intake, watch or case book, by the rules that are read at each start of its app."""
    from streams.app import Place, casebook_app, intake_app, watch_app
    from streams.batches.progress import Progress
    from streams.batches.worker import run_worker

    at.data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
    progress = Progress()
    place = Place(at.bootstrap, at.data_dir, at.on_disk, progress)

    def make_app() -> "BatchApp":
        own = rules()
        if name is WorkerName.INTAKE:
            limits = None if at.history else own.intake
            app = intake_app(place, clock=at.clock, limits=limits, retention=own.retention)
        else:
            make = watch_app if name is WorkerName.WATCH else casebook_app
            app = make(place, clock=at.clock, rules=own)
        announce(lambda: app.ready, progress=progress.said)
        return app

    run_worker(make_app)
