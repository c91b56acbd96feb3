"""`brdo explain`: why an alert stands, and what would have made the difference."""

import json
from typing import TYPE_CHECKING, Annotated

import typer
from rich.table import Table

from infra import wiring
from infra.commands.files import Files
from infra.commands.terminal import err, harmless, out

if TYPE_CHECKING:
    from infra.explanation import Explanation, Step
    from schemas.alerts import Alert


def explain(
    alert_id: Annotated[str, typer.Argument(metavar="ALERT_ID", help="al-…")],
    files: Files,
    *,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object an event.")] = False,
) -> None:
    """Say from history why an alert stands: event by event what each added, and what would be without it.

    The files are run through the engine in this process, by the rules in force or that they change to; nothing is
    sent. Each event is then left out in turn, with everything else as it was.
    """
    from infra.explanation import explain as run
    from infra.progress import progress_shown
    from producers.files import read_lines

    rules, now = wiring.rules(wiring.settings_from_environment()), wiring.utc_now()
    total = sum(1 for _ in read_lines(files))
    with progress_shown(err) as show:
        found = run(alert_id, files, rules, now, lambda done: show(done, total, "events"))
    if as_json:
        for step in found.steps:
            out.print(json.dumps(_said(step), ensure_ascii=False), markup=False, highlight=False)
        return
    _print(found)


def _print(found: "Explanation") -> None:
    alert = found.alert
    out.print(harmless(f"{alert.id}: {alert.summary}"), markup=False, highlight=False)
    out.print(f"{alert.kind}, {alert.severity}, score {alert.score:g}, rules {harmless(alert.rules_version)}:")
    for reason in alert.reasons:
        out.print(harmless(f"  {reason.contribution:+g} {reason.text}"), markup=False, highlight=False)
    when = {one.event: f"{one.occurred_at:%Y-%m-%d %H:%M} {one.station}" for one in alert.occurrences}
    table = Table("when (UTC), where", "event", "added", "alert then", "without it alone")
    for step in found.steps:
        added = "\n".join(step.added)
        table.add_row(when.get(step.event, ""), step.event, added, _state(step.after), step.difference)
    out.print(table)


def _state(alert: "Alert | None") -> str:
    return f"{alert.severity}, {alert.score:g}" if alert else "none"


def _said(step: "Step") -> dict[str, object]:
    return {
        "event": step.event,
        "added": step.added,
        "before": _state(step.before),
        "after": _state(step.after),
        "without": step.difference,
    }
