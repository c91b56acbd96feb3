"""`brdo trace`: the way of one event, step by step."""

import json
from typing import Annotated

import typer
from rich.table import Table

from infra import wiring
from infra.commands.terminal import EXIT_FAILED, bootstrap_address, err, harmless, out


def trace(
    event: Annotated[str, typer.Argument(metavar="EVENT_ID")],
    *,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object a line.")] = False,
) -> None:
    """Follow one event: accepted or refused, its alerts, deliveries and answers, with times (UTC)."""
    from infra import trace as tracing

    url = wiring.database_address(wiring.settings_from_environment())
    with err.status("reading the topics …"):
        steps = tracing.trace(bootstrap_address(), url, event)
    if not steps:
        err.print(f"No event with the id {harmless(event)} is in the topics.", markup=False, highlight=False)
        raise typer.Exit(EXIT_FAILED)
    if as_json:
        for one in steps:
            line = json.dumps({"at": one.at.isoformat(), "step": one.step, "what": one.what}, ensure_ascii=False)
            out.print(line, markup=False, highlight=False)
        return
    table = Table("time (UTC)", "after", "step", "what")
    began = steps[0].at
    for one in steps:
        after = f"{(one.at - began).total_seconds():+.3f} s"
        table.add_row(f"{one.at:%Y-%m-%d %H:%M:%S.%f}"[:-3], after, one.step, harmless(one.what))
    out.print(table)
