"""`brdo doctor`: what is there, what is missing, and what to do about it."""

import os
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import sqlalchemy as sa

from consumers import contact_points, database, routing
from consumers.tables import deliveries
from infra.errors import InfraError
from infra.kafka_topics import check_topics, topic_states
from infra.workers import Announcement, WorkerName
from schemas.errors import SchemaError
from streams.rules import DEFAULT_RULES, load_rules

LEAST_FREE_BYTES: Final = 1_000_000_000
_TIMEOUT_SECONDS: Final = 5.0


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing looked at: whether it is well, what was seen, and what to do where it is not."""

    subject: str
    well: bool
    seen: str
    remedy: str = ""


@dataclass(frozen=True, slots=True)
class Patient:
    """What is looked at. None means: nothing runs, or the bundled file is used."""

    data_dir: Path
    cache_dir: Path
    bootstrap: str | None
    database_url: str | None
    rules: Path | None
    routes: Path | None
    contact_points: Path | None


def examine(patient: Patient) -> Iterator[Finding]:
    """Look at everything, one finding each; raises nothing that is wrong with the system."""
    yield _directory(patient.data_dir)
    yield _attempt("Kafka's jars", lambda: _jars(patient.cache_dir), "`brdo up` downloads them once (44 MB)")
    yield _attempt("rules", lambda: f"version {load_rules(patient.rules or DEFAULT_RULES).version}", "mend the file")
    yield _attempt("contact points, routes", lambda: _routes(patient), "mend the file that is named")
    if patient.bootstrap is None:
        yield Finding("system", False, f"nothing runs on {patient.data_dir}", "start it with `brdo up`")
        return
    bootstrap, url = patient.bootstrap, patient.database_url
    yield _attempt("Kafka", lambda: _topics(bootstrap), "is it up, and BRDO_KAFKA_BOOTSTRAP right?")
    if url is not None:
        yield _attempt("PostgreSQL", lambda: _schema(url), "is it up, and BRDO_DATABASE_URL right?")
    for name in WorkerName:
        announcement = Announcement.read(patient.data_dir, name)
        if announcement is not None:
            ready = announcement.is_ready()
            log = patient.data_dir / "logs" / f"{name}.log"
            seen = announcement.health + _behind(announcement.progress())
            yield Finding(name.value, ready, seen, "" if ready else f"see {log}")


def _behind(progress: dict[str, Any]) -> str:
    """Return what a worker says of what it still has to read, if it says anything."""
    if (recovering := progress.get("recovering")) is not None:
        return f", recovering: {recovering['done']:,} of {recovering['total']:,} records"
    if (behind := progress.get("behind")) is None:
        return ""
    seconds = progress["seconds_to_current"]
    return f", {behind:,} records behind" + (f", current in about {seconds:.0f} s" if seconds else "")


def _attempt(subject: str, look: Callable[[], str], remedy: str) -> Finding:
    try:
        return Finding(subject, True, look())
    except (InfraError, SchemaError, FileNotFoundError) as error:
        return Finding(subject, False, str(error), remedy)
    except sa.exc.SQLAlchemyError as error:
        return Finding(subject, False, type(error).__name__, remedy)


def _directory(data_dir: Path) -> Finding:
    existing = next(path for path in (data_dir, *data_dir.parents) if path.exists())
    free = shutil.disk_usage(existing).free
    seen = f"{data_dir}, {free / 1e9:.1f} GB free"
    if not os.access(existing, os.W_OK):
        return Finding("data directory", False, f"{existing} cannot be written", "set BRDO_DATA_DIR to one that can")
    return Finding("data directory", free >= LEAST_FREE_BYTES, seen, "make room: at least 1 GB")


def _jars(cache_dir: Path) -> str:
    from infra.services.jars import is_cached

    if not is_cached(cache_dir):
        raise FileNotFoundError(f"not downloaded yet into {cache_dir}")
    return str(cache_dir)


def _routes(patient: Patient) -> str:
    codes = contact_points.contact_point_codes(patient.contact_points or contact_points.BUNDLED)
    table = routing.load_routes(patient.routes or routing.BUNDLED, codes)
    return f"{len(codes)} contact points, {sum(1 for _ in table.located())} routes"


def _topics(bootstrap: str) -> str:
    states = topic_states(bootstrap, timeout_seconds=_TIMEOUT_SECONDS)
    check_topics(states)
    return f"{bootstrap}, {len(states)} topics as the catalogue says"


def _schema(url: str) -> str:
    with database.engine(url).connect() as connection:
        version = connection.execute(sa.text("SELECT version_num FROM alembic_version")).scalar_one()
        due = deliveries.c.arrived_at.is_(None), deliveries.c.replaced_by.is_(None)
        waiting = connection.execute(sa.select(sa.func.count()).where(*due)).scalar_one()
    return f"schema {version}, {waiting} deliveries waiting"
