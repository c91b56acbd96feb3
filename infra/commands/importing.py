"""`brdo import`: a table into the network, with what was refused and why."""

from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table

if TYPE_CHECKING:
    from producers.importing.importer import Imported


def import_csv(  # noqa: PLR0913 - what the command takes, and where it prints
    bootstrap: str, file: Path, map_path: Path, *, restart: bool, out: Console, err: Console
) -> int:
    """Import the file or go on with it, show what came of it, and return how many rows were refused.

    Raises errors derived from `producers.errors.ProducerError`.
    """
    from producers.importing.importer import import_file
    from producers.publisher import Publisher

    columns = (TextColumn("{task.description}"), BarColumn(), DownloadColumn(), TimeRemainingColumn())
    with (
        Publisher(bootstrap) as publisher,
        Progress(*columns, console=err, disable=not err.is_terminal, transient=True) as progress,
    ):
        task = progress.add_task(file.name, total=None)

        def show(rows: int, done: int, total: int) -> None:
            progress.update(task, completed=done, total=total, description=f"{file.name}: {rows} rows")

        imported = import_file(publisher, file, map_path, restart=restart, on_progress=show)
    _print_summary(imported, file, out)
    return sum(imported.refused.values())


def _print_summary(imported: "Imported", file: Path, out: Console) -> None:
    refused = sum(imported.refused.values())
    if imported.already:
        out.print(f"{file.name} is already imported; --restart imports it anew.", markup=False, highlight=False)
    table = Table("rows", "number")
    table.add_row("accepted and acknowledged", str(imported.accepted))
    table.add_row("refused", str(refused))
    for reason, number in sorted(imported.refused.items()):
        table.add_row(f"  {reason}", str(number))
    out.print(table)
    if refused:
        out.print(
            f"The refused rows stand in {imported.refused_path}, each with its reason. "
            "Mend them there, and import that file with the same map.",
            markup=False,
            highlight=False,
        )
