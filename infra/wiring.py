"""The one place that reads settings: it builds each process and passes plain values inward."""

import asyncio
import os
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import faust

from infra.errors import SettingsError
from infra.health import HealthServer
from infra.logs import configure_logs
from infra.settings import Settings, read_settings
from infra.system import Place
from infra.workers import Announcement, WorkerName
from streams.app import casebook_app, intake_app
from streams.batches.app import BatchApp
from streams.rules import DEFAULT_RULES, load_rules


def settings_from_environment() -> Settings:
    """Return the settings; raises `SettingsError`."""
    return read_settings(os.environ)


def place(settings: Settings) -> Place:
    """Return where and on what the system runs."""
    return Place(
        settings.data_dir,
        settings.cache_dir,
        settings.kafka_bootstrap,
        settings.database_url.get_secret_value() if settings.database_url else None,
        containers=settings.services == "containers",
    )


def run_worker(name: WorkerName, settings: Settings) -> None:
    """Run one process until it is told to stop."""
    configure_logs(name.value, settings.log_level)
    match name:
        case WorkerName.INTAKE | WorkerName.CASEBOOK:
            _run_faust(name, settings)
        case _:
            raise NotImplementedError


def utc_now() -> datetime:
    """Return the time; the one clock that is passed inward."""
    return datetime.now(UTC)


def _run_faust(name: WorkerName, settings: Settings) -> None:
    bootstrap = _needed(settings.kafka_bootstrap, "kafka_bootstrap")
    data_dir = str(settings.data_dir / "faust" / name)
    Path(data_dir).mkdir(mode=0o700, parents=True, exist_ok=True)
    loop = asyncio.new_event_loop()
    asyncio.set_event_loop(loop)
    app: BatchApp
    if name is WorkerName.INTAKE:
        app = intake_app(bootstrap=bootstrap, data_dir=data_dir, clock=utc_now)
    else:
        rules = load_rules(settings.rules or DEFAULT_RULES)
        app = casebook_app(bootstrap=bootstrap, data_dir=data_dir, clock=utc_now, rules=rules)
    announce(name, settings, lambda: app.ready)
    faust.Worker(
        app, quiet=True, override_logging=False, redirect_stdouts=False, loop=loop, workdir=data_dir
    ).execute_from_commandline()


def announce(name: WorkerName, settings: Settings, is_ready: Callable[[], bool]) -> None:
    """Answer probes and say where."""
    health = HealthServer(is_ready, port=settings.health_port)
    Announcement(os.getpid(), health.address).write(settings.data_dir, name)


def _needed(value: str | None, field: str) -> str:
    if value is None:
        raise SettingsError(f"BRDO_{field.upper()}", "is needed to run a single process; `brdo up` runs all")
    return value
