"""`brdo`: the command line. It parses, calls, and prints; what it calls decides."""

import os
import select
import signal
import sys
from enum import StrEnum
from functools import partial
from pathlib import Path
from shlex import quote
from typing import Annotated

import typer
from rich.table import Table

from consumers.roles import Role
from infra import wiring
from infra.commands import (
    auditing,
    backtesting,
    bulletins,
    console,
    dead_letters,
    exercising,
    explaining,
    files,
    matching,
    routes,
    rules,
    sharing,
    silences,
    simulating,
    tokens,
    tracing,
    watch,
)
from infra.commands.terminal import EXIT_FAILED, bootstrap_address, err, http_address, out, system_running
from infra.settings import Settings, explain_settings
from infra.workers import WorkerName

cli = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="The border alert network: incidents in, explained alerts out to the right contact points.",
)
config = typer.Typer(no_args_is_help=True, help="The settings in force.")
cli.add_typer(config, name="config")
cli.add_typer(auditing.cli, name="audit")
cli.add_typer(bulletins.cli, name="bulletin")
cli.add_typer(console.cli, name="console")
cli.add_typer(dead_letters.cli, name="dead-letters")
cli.add_typer(exercising.cli, name="exercise")
cli.add_typer(matching.cli, name="match")
cli.add_typer(routes.cli, name="routes")
cli.add_typer(rules.cli, name="rules")
cli.add_typer(sharing.cli, name="permissions")
cli.add_typer(tokens.cli, name="token")
cli.add_typer(silences.cli, name="silence")
for command in (
    files.publish,
    files.import_csv,
    files.replay,
    backtesting.backtest,
    bulletins.answer,
    bulletins.reply,
    explaining.explain,
    sharing.recalls,
    simulating.simulate,
    tracing.trace,
    watch.watch,
):
    cli.command(name="import" if command is files.import_csv else None)(command)


@cli.callback()
def options(
    *, debug: Annotated[bool, typer.Option("--debug", help="Show tracebacks.", envvar="BRDO_DEBUG")] = False
) -> None:
    """Take what holds for all commands."""
    _state["debug"] = debug


_state = {"debug": False}


@cli.command()
def up() -> None:
    """Start Kafka, PostgreSQL and all processes, and keep them running until Ctrl-C."""
    settings = wiring.settings_from_environment()
    names = wiring.worker_names(settings)
    with system_running(settings, names) as system:
        out.print(f"Running on {system.data_dir}: Kafka at {system.bootstrap}, {', '.join(names)}.")
        out.print(f"Events are taken at {http_address(WorkerName.GATEWAY)}/v1/events, too.", highlight=False)
        out.print(f"The console is at {http_address(WorkerName.CONSOLE)}", highlight=False)
        _say_how_to_sign_in(settings)
        out.print("Publish with `brdo publish FILE`, look with `brdo doctor`; Ctrl-C stops everything.")
        while not _interrupted(3600.0):
            pass


def _say_how_to_sign_in(settings: Settings) -> None:
    """Where nobody may sign in yet and all contact points are on this machine, invite one to try."""
    if settings.contact_points is None and not console.anybody():
        password = console.invited("SI", "officer", Role.DUTY_OFFICER)
        out.print(f"  sign in: contact point SI, account officer, one-time password {password}", highlight=False)
    out.print("  others: `brdo console invite --contact-point HR --account NAME`", highlight=False)


class Service(StrEnum):
    """What others connect to."""

    KAFKA = "kafka"
    GATEWAY = "gateway"
    API = "api"
    CONSOLE = "console"


@cli.command()
def address(service: Service) -> None:
    """Say where the running system's Kafka, gateway or interface of contact points is, for kcat, curl and scripts."""
    at = bootstrap_address() if service is Service.KAFKA else http_address(WorkerName(service))
    out.print(at, highlight=False)


@cli.command()
def demo(
    seed: Annotated[int, typer.Option(help="another seed, another day: other cases, places and people")] = 1,
    seconds: Annotated[float, typer.Option(min=1, max=86_400, help="how long the day takes")] = 40,
) -> None:
    """Play a simulated day, after months of history, through a system of its own: who is told of what, and why."""
    from consumers import contact_points, routing
    from infra.demo.day import a_day
    from infra.demo.show import Demonstration, clear
    from infra.progress import progress_shown
    from infra.trace import trace

    whole = wiring.settings_from_environment()
    # Never to real contact points: the local receiver stands for all of them.
    settings = whole.model_copy(update={"data_dir": whole.data_dir / "demo", "contact_points": None})
    clear(settings.data_dir)
    codes = contact_points.contact_point_codes(contact_points.BUNDLED)
    table = routing.load_routes(settings.routes or routing.BUNDLED, codes)
    err.print("Starting Kafka, PostgreSQL and all processes …", style="dim")
    with system_running(settings, wiring.worker_names(settings)) as system:
        shown = Demonstration(out, system.bootstrap, settings.data_dir / wiring.RECEIVER_LOG, table, codes)
        database_url = wiring.database_address(settings)
        day = a_day(seed, wiring.utc_now())
        traced = partial(trace, system.bootstrap, database_url)
        complete, event = shown.run(day, seconds, progress_shown(err), traced)
        _say_what_next(settings.data_dir, event)
        if sys.stdin.isatty() and out.is_terminal:
            out.print("Still running; Ctrl-C ends it.")
            shown.stay(_interrupted)
    if not complete:
        raise typer.Exit(EXIT_FAILED)


@cli.command()
def topics(*, create: Annotated[bool, typer.Option("--create", help="Create the missing ones.")] = False) -> None:
    """Compare the broker's topics with the catalogue."""
    from infra.kafka_topics import ensure_topics, topic_states

    bootstrap = bootstrap_address()
    if create:
        ensure_topics(bootstrap)
    table = Table("topic", "partitions", "on the broker", "purpose")
    states = topic_states(bootstrap)
    for state in states:
        there = "[red]missing[/]" if state.partitions is None else str(state.partitions)
        table.add_row(state.topic.name, str(state.topic.partitions), there, state.topic.purpose)
    out.print(table)
    if not all(state.fits for state in states):
        raise typer.Exit(EXIT_FAILED)


@cli.command()
def doctor() -> None:
    """Look at everything the system needs, and say what to do about what is missing."""
    from infra.doctor import examine

    table = Table("", "what", "seen", "what to do")
    well = True
    for finding in examine(wiring.patient(wiring.settings_from_environment())):
        well = well and finding.well
        table.add_row("[green]✓[/]" if finding.well else "[red]✗[/]", finding.subject, finding.seen, finding.remedy)
    out.print(table)
    if not well:
        raise typer.Exit(EXIT_FAILED)


@config.command("show")
def config_show() -> None:
    """Show every setting, its value (secrets masked) and where it comes from."""
    table = Table("setting", "value", "from", "meaning")
    for row in explain_settings(wiring.settings_from_environment(), os.environ):
        table.add_row(row.variable, row.value, row.origin, row.description)
    out.print(table)


@cli.command()
def run(name: WorkerName) -> None:
    """Run one process, as `brdo up` does for all: needs BRDO_KAFKA_BOOTSTRAP and, to deliver, BRDO_DATABASE_URL."""
    wiring.run_worker(name, wiring.settings_from_environment())


def main() -> None:
    """Run the command line: an error of ours is a sentence, and a traceback only with --debug."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):  # a shell lets its background jobs ignore SIGINT
        signal.signal(number, signal.default_int_handler)  # as Ctrl-C: what was started is stopped
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(encoding="utf-8", errors="replace")  # type: ignore[union-attr]
    try:
        cli()
    except wiring.EXPECTED_ERRORS as error:
        if _state["debug"]:
            raise
        err.print("[bold red]error:[/] ", end="")
        err.print(str(error), markup=False, highlight=False)
        sys.exit(EXIT_FAILED)
    except KeyboardInterrupt:
        sys.exit(130)


def _say_what_next(data_dir: Path, event: str | None) -> None:
    """Name three commands to try while the demonstration still runs."""
    brdo = f"BRDO_DATA_DIR={quote(str(data_dir))} {quote(sys.argv[0])}"
    out.print("\nTo try next, in another terminal while this one runs:")
    for command in (f"trace {event or 'EVENT'}", "watch --contact-point SI", "doctor"):
        out.print(f"  {brdo} {command}", highlight=False)


def _interrupted(seconds: float) -> bool:
    """Wait that long; True where Ctrl-C or SIGTERM came meanwhile."""
    try:
        select.select([], [], [], seconds)
    except KeyboardInterrupt:
        return True
    return False


if __name__ == "__main__":
    main()
