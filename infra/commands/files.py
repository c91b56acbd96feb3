"""`brdo publish`, `brdo import` and `brdo replay`: events that come in files."""

import os
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from infra import wiring
from infra.commands.terminal import EXIT_FAILED, bootstrap_address, err, out, system_running
from infra.workers import CORRELATING

if TYPE_CHECKING:
    from infra.replay import Replayed

Files = Annotated[
    list[Path], typer.Argument(exists=True, dir_okay=False, readable=True, help="JSON Lines, one event a line")
]


def _file_or_input(said: str) -> Path:
    """Return the path; Typer's own `allow_dash` does not know a dash once it is a `Path`."""
    path = Path(said)
    if said != "-" and not (path.is_file() and os.access(path, os.R_OK)):
        raise typer.BadParameter(f"file {said!r} does not exist, or cannot be read.")
    return path


FilesOrInput = Annotated[
    list[Path], typer.Argument(parser=_file_or_input, metavar="FILES...", help="JSON Lines; - reads the input")
]


def publish(files: FilesOrInput) -> None:
    """Check events and publish them to the running system; refused ones are named.

    A refused event is not sent, save one that says that life is at risk: its alert does not wait for the form.
    """
    from producers.publisher import Publisher
    from schemas.danger import read_danger
    from schemas.errors import Refusal
    from schemas.records import checked_record, line_record

    refused = sent = in_danger = 0
    with Publisher(bootstrap_address()) as publisher:
        for where, line in _lines(files):
            try:
                publisher.send(checked_record(line))
                sent += 1
            except Refusal as refusal:
                refused += 1
                err.print(f"{where}: {refusal.reason.value}: {refusal}", markup=False, highlight=False)
                if read_danger(line, refusal.reason) is not None:
                    publisher.send(line_record(line))
                    in_danger += 1
    out.print(f"{sent} events published and acknowledged, {refused} refused.", highlight=False)
    if in_danger:
        out.print(f"{in_danger} of the refused say that life is at risk: sent as they stand.", highlight=False)
    if refused:
        raise typer.Exit(EXIT_FAILED)


def import_csv(
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, readable=True, help="CSV with a header line")],
    map_path: Annotated[Path, typer.Option("--map", exists=True, dir_okay=False, help="which column is which field")],
    *,
    restart: Annotated[bool, typer.Option("--restart", help="Begin anew instead of where it stopped.")] = False,
) -> None:
    """Import a table of events; refused rows go to FILE.refused.csv with their reasons."""
    from infra.commands.importing import import_csv as run

    if run(bootstrap_address(), file, map_path, restart=restart, out=out, err=err):
        raise typer.Exit(EXIT_FAILED)


def replay(
    files: Files,
    alerts: Annotated[Path, typer.Option(help="Where every alert revision goes, one JSON line each.")],
    dead_letters: Annotated[Path | None, typer.Option(help="Where refused events go, with reasons.")] = None,
    *,
    offline: Annotated[bool, typer.Option("--offline", help="Use the engine in this process, without Kafka.")] = False,
) -> None:
    """Send files through the pipeline and write what comes of them; events of any time are taken."""
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


def _replay_through_kafka(files: list[Path]) -> "Replayed":
    import tempfile

    from infra import replay as replaying

    whole = wiring.settings_from_environment()
    with tempfile.TemporaryDirectory(prefix="brdo-replay-") as directory:
        settings = whole.model_copy(update={"data_dir": Path(directory), "database_url": None, "history": True})
        with (
            system_running(settings, CORRELATING) as system,
            Progress(console=err, disable=not err.is_terminal) as progress,
        ):
            task = progress.add_task("correlating")
            return replaying.replay(
                system.bootstrap, files, lambda done, total: progress.update(task, completed=done, total=total)
            )


def _lines(files: Iterable[Path]) -> Iterator[tuple[str, bytes]]:
    """Return (where, line) of every line that is not blank, read as the files go, with a bar in a terminal."""
    from schemas.codec import json_lines

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=err, disable=not err.is_terminal, transient=True) as progress:
        for path in files:
            given = path == Path("-")
            task = progress.add_task(f"bytes of {path}", total=None if given else path.stat().st_size)
            with sys.stdin.buffer if given else path.open("rb") as file:
                for number, raw in enumerate(file, start=1):
                    progress.advance(task, len(raw))
                    for _, line in json_lines(raw):
                        yield f"{path}:{number}", line
