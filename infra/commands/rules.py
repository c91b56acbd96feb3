"""`brdo rules`: look at other rules, and let the running system judge by them."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.table import Table

from infra import wiring
from infra.commands.terminal import EXIT_FAILED, bootstrap_address, err, harmless, out
from streams.rules import load_rules

if TYPE_CHECKING:
    from streams.rules import Rules

cli = typer.Typer(no_args_is_help=True, help="The rules in force: check others, change to them, go back.")

File = Annotated[Path, typer.Argument(exists=True, dir_okay=False, readable=True, help="like streams/rules.yaml")]
Officer = Annotated[str, typer.Option(help="who answers for it; it stands in the record")]


@cli.command()
def check(file: File) -> None:
    """Check a file of rules, and show in what it differs from the file that the processes start with."""
    now, then = wiring.rules(wiring.settings_from_environment()), load_rules(file)
    _show(now, then)


@cli.command()
def change(
    file: File,
    officer: Officer,
    *,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show what would change, and send nothing.")] = False,
) -> None:
    """Have the running system judge by these rules, what was reported before as well.

    All alerts are looked at again; who was told of one that other rules change or withdraw is told so. What the
    section `intake` says is read from the file when a process starts, and cannot be changed this way.
    """
    from infra.rule_changes import Operations, in_force

    then, bootstrap = load_rules(file), bootstrap_address()
    by, now = in_force(bootstrap, wiring.rules(wiring.settings_from_environment()))
    out.print(f"In force: {harmless(now.version)}, by {by or 'the file'}.", highlight=False, markup=False)
    differs = _show(now, then)
    if then.intake != now.intake:
        err.print("intake cannot be changed while running: change the file and start the processes anew.")
        raise typer.Exit(EXIT_FAILED)
    if dry_run or not differs:
        return
    sent = Operations(bootstrap, officer, wiring.utc_now).change(then)
    out.print(f"Sent as {sent.id}; `brdo rules retract {sent.id}` goes back.", highlight=False, markup=False)


@cli.command()
def retract(
    change_id: Annotated[str, typer.Argument(metavar="CHANGE_ID", help="as `change` said it")], officer: Officer
) -> None:
    """Take a change back: the one before holds again, else the file."""
    from infra.rule_changes import Operations

    Operations(bootstrap_address(), officer, wiring.utc_now).take_back(change_id)
    out.print(f"{harmless(change_id)} is taken back.", highlight=False, markup=False)


def _show(now: "Rules", then: "Rules") -> bool:
    """Show what differs; return whether anything does."""
    from infra.rule_changes import differences, is_quiet_on_danger

    found = differences(now, then)
    table = Table("field", "now", "then")
    for one in found:
        table.add_row(one.field, harmless(one.before), harmless(one.after))
    if found:
        out.print(table)
    else:
        out.print("They say the same.")
    if is_quiet_on_danger(then):
        err.print("[bold red]Nobody would be told of a danger to life.[/]")
    return bool(found)
