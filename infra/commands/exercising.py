"""`brdo exercise`: the whole chain tried out, and what came of it."""

import getpass
import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer
from rich.table import Table

from infra import wiring
from infra.commands.auditing import database
from infra.commands.terminal import EXIT_FAILED, err, harmless, http_address, out
from infra.workers import WorkerName

if TYPE_CHECKING:
    import sqlalchemy as sa

    from consumers.exercise_report import Line, Report
    from infra.exercises.running import Direction

cli = typer.Typer(
    no_args_is_help=True,
    help="Exercises: made-up reports through the real channels, marked EXERCISE; only who agreed is called.",
)
_POLL_SECONDS: Final = 0.5
_LONGEST_AUTHOR: Final = 64

Author = Annotated[str, typer.Option(help="the officer who answers for it; it stands in the audit")]
Tokens = Annotated[
    Path | None,
    typer.Option(exists=True, dir_okay=False, help="YAML of stations and their tokens, where the gateway wants them"),
]


@cli.command()
def start(
    scenario: Annotated[str, typer.Option(metavar="NAME|FILE", help="sealed-van, back-again, or a YAML file")],
    *,
    author: Author,
    tokens: Tokens = None,
) -> None:
    """Report a made-up scenario through the gateway; one exercise at a time."""
    from infra.exercises import running
    from infra.exercises.scenario import load_scenario

    codes = frozenset(wiring.contact_points(wiring.settings_from_environment()))
    loaded = load_scenario(scenario, codes)
    with _engine() as engine:
        exercise = running.start(engine, Path(scenario).stem, loaded, _direction(author, tokens))
    out.print(f"EXERCISE {exercise.id}: {loaded.title}. {len(loaded.events)} events reported.", highlight=False)
    out.print("`brdo exercise report` says what comes of it; `brdo exercise stop` ends it.", highlight=False)


@cli.command()
def stop(
    *,
    author: Author,
    tokens: Tokens = None,
    wait: Annotated[float, typer.Option(min=0, max=600, help="seconds until its alerts are withdrawn")] = 60,
) -> None:
    """Take all of it back: its alerts are withdrawn, its clocks stop, whoever was called is told that it is over."""
    from consumers.exercises import alerts_of
    from infra.exercises import running

    with _engine() as engine:
        exercise = running.stop(engine, _direction(author, tokens))
        deadline = time.monotonic() + wait
        while True:
            with engine.begin() as connection:
                alerts = alerts_of(connection, exercise)
            if not any(alerts.values()) or time.monotonic() > deadline:
                break
            time.sleep(_POLL_SECONDS)
    standing = sum(alerts.values())
    out.print(f"EXERCISE {exercise.id} is over; alerts withdrawn: {len(alerts) - standing}.", highlight=False)
    if standing:
        err.print(f"Alerts that still stand: {standing}; look again with `brdo exercise report`.")
        raise typer.Exit(EXIT_FAILED)


@cli.command()
def report(
    exercise: Annotated[str | None, typer.Argument(metavar="EXERCISE", help="ex-…; absent: the newest")] = None,
    *,
    as_json: Annotated[Path | None, typer.Option("--json", metavar="FILE", help="write it there, too")] = None,
) -> None:
    """Say of each contact point when it was told, fetched and answered, who was called, and what is missing."""
    from consumers.errors import ExerciseError
    from consumers.exercise_report import report as report_on
    from consumers.exercises import find

    with database() as connection:
        found = find(connection, exercise)
        if found is None:
            raise ExerciseError("there is no such exercise" if exercise else "there was no exercise yet")
        said = report_on(connection, found, getpass.getuser())
    if as_json is not None:
        as_json.write_text(json.dumps(_as_json(said), indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    out.print(_table(said))


def _direction(author: str, tokens: Path | None) -> "Direction":
    import yaml

    from infra.exercises.running import Direction
    from infra.exercises.way_in import GatewayClient

    if not author.strip() or len(author) > _LONGEST_AUTHOR or not author.isprintable():
        raise typer.BadParameter(f"--author: a name of at most {_LONGEST_AUTHOR} characters")
    known: Any = {} if tokens is None else yaml.safe_load(tokens.read_text(encoding="utf-8"))
    if not isinstance(known, dict):
        raise typer.BadParameter("--tokens: a table of stations and their tokens")
    gateway = GatewayClient(http_address(WorkerName.GATEWAY), {str(one): str(known[one]) for one in known})
    return Direction(author.strip(), getpass.getuser(), gateway.send, wiring.utc_now)


@contextmanager
def _engine() -> "Iterator[sa.Engine]":
    from consumers.database import engine

    own = engine(wiring.needed_database(wiring.settings_from_environment()))
    try:
        yield own
    finally:
        own.dispose()


def _as_json(said: "Report") -> dict[str, Any]:
    return json.loads(json.dumps(asdict(said), default=str))  # type: ignore[no-any-return]


def _table(said: "Report") -> Table:
    one = said.exercise
    over = f"until {one.stopped_at:%H:%M:%S}" if one.stopped_at else "still runs"
    who = f"{harmless(one.scenario)}, of {harmless(one.author)}"
    title = f"EXERCISE {one.id}, {who}: {one.started_at:%Y-%m-%d %H:%M:%S} UTC, {over}"
    table = Table(title=title)
    for name in ("contact point", "alert", "told after", "by", "fetched", "answered", "called", "missing"):
        table.add_column(name)
    for line in said.lines:
        table.add_row(*_cells(line))
    return table


def _cells(line: "Line") -> Iterator[str]:
    yield line.contact_point
    yield f"{line.kind}, {line.severity}\n{line.alert}" if line.alert else ""
    yield "" if line.delay_seconds is None else f"{line.delay_seconds:.1f} s"
    yield line.channel or ""
    yield _time(line.fetched_at)
    yield harmless(f"{_time(line.acknowledged_at)} {line.acknowledged_by}: {line.outcome}") if line.outcome else ""
    yield "\n".join(f"{_time(step.at)} {step.whom}: {', '.join(step.told) or step.reason}" for step in line.steps)
    yield ", ".join(line.missing)


def _time(at: datetime | None) -> str:
    return "" if at is None else f"{at:%H:%M:%S}"
