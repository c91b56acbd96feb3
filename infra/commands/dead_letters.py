"""`brdo dead-letters`: what was refused, and sending it again once it is mended."""

import getpass
import json
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.table import Table

from infra import wiring
from infra.commands.terminal import EXIT_FAILED, bootstrap_address, err, harmless, out

if TYPE_CHECKING:
    from infra.dead_letters import DeadLetters, Filed

cli = typer.Typer(no_args_is_help=True, help="Refused events: kept whole, to be mended and sent again.")

Source = Annotated[str, typer.Argument(help="the record, as `list` names it: border.incidents/2/17")]
Reason = Annotated[str | None, typer.Option(help="only those refused for this reason")]


@cli.command("list")
def list_letters(
    reason: Reason = None,
    *,
    everything: Annotated[bool, typer.Option("--all", help="Those that were sent again as well.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object a line.")] = False,
) -> None:
    """List refused events by reason, field and text; what they said is not shown here."""
    filed = [
        one
        for one in _dead_letters().all()
        if (everything or one.retried is None) and reason in {None, one.letter.reason}
    ]
    if as_json:
        for one in filed:
            out.print(json.dumps(_said(one), ensure_ascii=False), markup=False, highlight=False)
        return
    table = Table("record", "refused at", "reason", "field", "what is wrong", "sent again")
    for one in filed:
        danger = "\n[bold red]says that life is at risk[/]" if one.says_danger else ""
        letter = one.letter
        table.add_row(
            letter.source,
            f"{letter.refused_at:%Y-%m-%d %H:%M:%S}",
            letter.reason + danger,
            harmless(letter.field),
            harmless(letter.text),
            f"{one.retried.retried_at:%Y-%m-%d %H:%M:%S}" if one.retried else "",
        )
    out.print(table)
    out.print(f"{len(filed)} dead letters. `brdo dead-letters show RECORD --purpose …` shows one.", highlight=False)


@cli.command()
def show(
    source: Source,
    purpose: Annotated[str, typer.Option(help="why you look at it; it is written down with your name")],
) -> None:
    """Show a refused event whole. Who looks at it, when and why is recorded first."""
    filed = _dead_letters().consult(source, purpose)
    for name, value in _said(filed).items():
        err.print(f"{name}: {harmless(str(value))}", markup=False, highlight=False)
    out.print(harmless(filed.letter.value.decode("utf-8", "backslashreplace")), markup=False, highlight=False)


@cli.command()
def retry(
    source: Annotated[str | None, typer.Argument(help="the record; or --reason for all of one reason")] = None,
    event: Annotated[Path | None, typer.Option(exists=True, dir_okay=False, help="the mended event")] = None,
    reason: Reason = None,
) -> None:
    """Send refused events again: mended with --event, or as they stand where the platform was at fault."""
    letters = _dead_letters()
    if (source is None) == (reason is None) or (reason is not None and event is not None):
        raise typer.BadParameter("name one record (with --event to mend it), or all of one --reason")
    if source is not None:
        letters.retry(letters.find(source), event.read_bytes().strip() if event else None)
        out.print(f"{source} sent again.", highlight=False)
        return
    failed = _retry_all(letters, [one for one in letters.all() if one.letter.reason == reason and one.retried is None])
    if failed:
        raise typer.Exit(EXIT_FAILED)


def _retry_all(letters: "DeadLetters", filed: Iterable["Filed"]) -> int:
    from infra.errors import DeadLetterError

    sent = failed = 0
    for one in filed:
        try:
            letters.retry(one)
            sent += 1
        except DeadLetterError as error:
            failed += 1
            err.print(f"would be refused again: {error}", markup=False, highlight=False)
    out.print(f"{sent} sent again, {failed} would be refused again.", highlight=False)
    return failed


def _dead_letters() -> "DeadLetters":
    from infra.dead_letters import DeadLetters

    return DeadLetters(bootstrap_address(), getpass.getuser(), wiring.utc_now)


def _said(filed: "Filed") -> dict[str, str | bool | None]:
    letter = filed.letter
    return {
        "record": letter.source,
        "refused_at": letter.refused_at.isoformat(),
        "reason": letter.reason,
        "field": letter.field,
        "text": letter.text,
        "life_at_risk": filed.says_danger,
        "retried_at": filed.retried.retried_at.isoformat() if filed.retried else None,
    }
