"""`brdo`: the command line. It parses, calls, and prints; what it calls decides."""

import os
import select
import signal
import sys
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from shlex import quote
from typing import TYPE_CHECKING, Annotated, Final

import typer
from rich.console import Console
from rich.table import Table

from infra import wiring
from infra.settings import Settings, explain_settings
from infra.workers import WorkerName

if TYPE_CHECKING:
    from infra.replay import Replayed
    from infra.system import System

EXIT_FAILED: Final = 1

cli = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="The border alert network: incidents in, explained alerts out to the right contact points.",
)
config = typer.Typer(no_args_is_help=True, help="The settings in force.")
cli.add_typer(config, name="config")

out = Console(soft_wrap=True)
err = Console(stderr=True, soft_wrap=True)

Files = Annotated[
    list[Path], typer.Argument(exists=True, dir_okay=False, readable=True, help="JSON Lines, one event a line")
]


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
    with _running(settings, names) as system:
        out.print(f"Running on {system.data_dir}: Kafka at {system.bootstrap}, {', '.join(names)}.")
        out.print("Publish with `brdo publish FILE`, look with `brdo doctor`; Ctrl-C stops everything.")
        while not _interrupted(3600.0):
            pass


@cli.command()
def demo() -> None:
    """Run the bundled events through a system of its own and show who is told of what, and why."""
    from consumers import contact_points, routing
    from infra.demo import Demonstration, clear

    whole = wiring.settings_from_environment()
    # Never to real contact points: the local receiver stands for all of them.
    settings = whole.model_copy(update={"data_dir": whole.data_dir / "demo", "contact_points": None})
    clear(settings.data_dir)
    codes = contact_points.contact_point_codes(contact_points.BUNDLED)
    table = routing.load_routes(settings.routes or routing.BUNDLED, codes)
    err.print("Starting Kafka, PostgreSQL and five processes …", style="dim")
    with _running(settings, wiring.worker_names(settings)) as system:
        shown = Demonstration(out, system.bootstrap, settings.data_dir / wiring.RECEIVER_LOG, table, codes)
        complete = shown.run(wiring.utc_now())
        if sys.stdin.isatty() and out.is_terminal:
            out.print("\nStill running; Ctrl-C ends it. To look inside, in another terminal:")
            out.print(f"  BRDO_DATA_DIR={quote(str(settings.data_dir))} {quote(sys.argv[0])} doctor", highlight=False)
            shown.stay(_interrupted)
    if not complete:
        raise typer.Exit(EXIT_FAILED)


@cli.command()
def publish(files: Files) -> None:
    """Check events and publish them to the running system; refused ones are named and not sent."""
    from producers.client import StationClient
    from schemas.codec import json_lines
    from schemas.errors import Refusal

    refused = sent = 0
    with StationClient(_bootstrap()) as client:
        for path in files:
            for number, line in json_lines(path.read_bytes()):
                try:
                    client.publish(line)
                    sent += 1
                except Refusal as refusal:
                    refused += 1
                    err.print(f"{path}:{number}: {refusal.reason.value}: {refusal}", markup=False, highlight=False)
    out.print(f"{sent} events published and acknowledged, {refused} refused.", highlight=False)
    if refused:
        raise typer.Exit(EXIT_FAILED)


@cli.command()
def replay(
    files: Files,
    alerts: Annotated[Path, typer.Option(help="Where every alert revision goes, one JSON line each.")],
    dead_letters: Annotated[Path | None, typer.Option(help="Where refused events go, with reasons.")] = None,
    *,
    offline: Annotated[bool, typer.Option("--offline", help="Use the engine in this process, without Kafka.")] = False,
) -> None:
    """Send files through the pipeline and write what comes of them."""
    from infra import replay as replaying

    settings = wiring.settings_from_environment()
    if offline:
        result = replaying.replay_offline(files, wiring.rules(settings), wiring.utc_now)
    else:
        result = _replay_through_kafka(files)
    replaying.write_alerts(result.revisions, alerts)
    if dead_letters is not None:
        replaying.write_dead_letters(result.dead_letters, dead_letters)
    out.print(
        f"{result.records} events: {len(result.revisions)} alert revisions, {len(result.dead_letters)} dead letters.",
        highlight=False,
    )


@cli.command()
def topics(*, create: Annotated[bool, typer.Option("--create", help="Create the missing ones.")] = False) -> None:
    """Compare the broker's topics with the catalogue."""
    from infra.kafka_topics import ensure_topics, topic_states

    bootstrap = _bootstrap()
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
    for number in (signal.SIGTERM, signal.SIGHUP):
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


def _replay_through_kafka(files: list[Path]) -> "Replayed":
    import tempfile

    from rich.progress import Progress

    from infra import replay as replaying

    whole = wiring.settings_from_environment()
    with tempfile.TemporaryDirectory(prefix="brdo-replay-") as directory:
        settings = whole.model_copy(update={"data_dir": Path(directory), "database_url": None, "history": True})
        with (
            _running(settings, wiring.CORRELATING) as system,
            Progress(console=err, disable=not err.is_terminal) as progress,
        ):
            task = progress.add_task("correlating")
            return replaying.replay(
                system.bootstrap, files, lambda done, total: progress.update(task, completed=done, total=total)
            )


@contextmanager
def _running(settings: Settings, names: Iterable[WorkerName]) -> "Iterator[System]":
    from infra.logs import configure_console_logs
    from infra.progress import download_progress
    from infra.system import running

    configure_console_logs()
    with ExitStack() as stack:
        with download_progress(err) as on_progress:  # over once everything runs: its bar would stand among the alerts
            system = stack.enter_context(
                running(wiring.place(settings), names, on_progress, wiring.preparation(settings))
            )
        yield system


def _bootstrap() -> str:
    from infra.system import running_bootstrap

    settings = wiring.settings_from_environment()
    return settings.kafka_bootstrap or running_bootstrap(settings.data_dir)


def _interrupted(seconds: float) -> bool:
    """Wait that long; True where Ctrl-C or SIGTERM came meanwhile."""
    try:
        select.select([], [], [], seconds)
    except KeyboardInterrupt:
        return True
    return False


if __name__ == "__main__":
    main()
