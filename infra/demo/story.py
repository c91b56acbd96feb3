"""The day in plain words: one planted case, from what was reported to who was told of it in time."""

from collections.abc import Callable, Sequence
from itertools import dropwhile
from typing import Final

from rich.console import Console
from rich.markup import escape

from infra.demo.board import COLOURS
from infra.ledger import Account
from infra.receipts import Receipt
from infra.trace import Step, Traced
from producers.simulator import Case
from schemas.alerts import Alert

_MOST_ALERTS: Final = 6
_MOST_STEPS: Final = 14


def choose(cases: Sequence[Case], alerts: Sequence[Alert]) -> tuple[Case, list[Alert]] | None:
    """Return the case of which the most kinds were raised that it should raise, with its alerts; None if none was."""
    best: tuple[int, Case, list[Alert]] | None = None
    for case in cases:
        mine = [alert for alert in alerts if alert.kind in case.expects and set(alert.evidence) & set(case.events)]
        found = len({alert.kind for alert in mine})
        if mine and (best is None or found > best[0]):
            best = found, case, sorted(mine, key=lambda alert: alert.updated_at)
    return None if best is None else best[1:]


def tell(
    console: Console,
    cases: Sequence[Case],
    account: Account,
    receipts: Sequence[Receipt],
    trace: Callable[[str], Sequence[Traced]],
) -> str | None:
    """Tell the story, with the trace of the event that completed it; return that event's id, None without a story.

    Of the alerts it tells those whose newest revision is among these receipts: what came of the day.
    """
    today = {(receipt.alert["id"], receipt.alert["revision"]) for receipt in receipts}
    chosen = choose(cases, [alert for alert in account.open_alerts if _key(alert) in today])
    if chosen is None:
        return None
    case, alerts = chosen
    console.rule("The story of the day")
    console.print(escape(case.story), highlight=False)
    for alert in alerts[-_MOST_ALERTS:]:
        told = [receipt for receipt in receipts if (receipt.alert["id"], receipt.alert["revision"]) == _key(alert)]
        names = ", ".join(sorted(receipt.contact_point for receipt in told))
        slowest = max((receipt.seconds_since_ingestion for receipt in told), default=0.0)
        console.print(
            f"[{COLOURS[alert.severity]}] {alert.severity.upper()} [/] {escape(alert.summary)}\n"
            f"  {alert.id} revision {alert.revision} went to {names}: the last of them had it {slowest:.2f} s after "
            "the report came in.",
            highlight=False,
        )
    event = _last_event(alerts[-1], case)
    console.print(f"\nThe way of its last event, `brdo trace {event}`:", style="dim", highlight=False)
    steps = list(dropwhile(lambda step: step.step is not Step.PUBLISHED, trace(event)))
    for step in steps[:_MOST_STEPS]:
        console.print(f"  {step.at:%H:%M:%S.%f}"[:-3] + f"  {step.step:<10} {escape(step.what)}", highlight=False)
    if len(steps) > _MOST_STEPS:
        console.print(f"  … and {len(steps) - _MOST_STEPS} more", style="dim")
    return event


def _key(alert: Alert) -> tuple[str, int]:
    return alert.id, alert.revision


def _last_event(alert: Alert, case: Case) -> str:
    mine = [one for one in alert.occurrences if one.event in case.events] or list(alert.occurrences)
    return max(mine, key=lambda one: (one.occurred_at, one.event)).event
