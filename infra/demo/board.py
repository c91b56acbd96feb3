"""What is delivered, as it is delivered: a live table on a terminal, lines elsewhere."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.markup import escape
from rich.progress import BarColumn, Progress, TextColumn
from rich.table import Table

from infra.receipts import Receipt

COLOURS: Final = {"critical": "bold white on red", "high": "bold red", "medium": "yellow", "low": "cyan"}
_ROWS: Final = 12
_RECALLED: Final = "What was told of it before does not stand."


class Board:
    """The newest alerts with whom they were told to, and how far the day is."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._alerts: dict[tuple[str, int], list[Receipt]] = {}
        self._live: Live | None = None
        self._progress = Progress(TextColumn("{task.description}"), BarColumn(bar_width=40), console=console)
        self._task = self._progress.add_task("")

    @contextmanager
    def shown(self) -> Iterator[None]:
        """Show the table while the day lasts, where there is a terminal."""
        if not self._console.is_terminal:
            yield
            return
        with Live(self._rendered(), console=self._console, refresh_per_second=8, transient=True) as self._live:
            yield
        self._live = None
        self._console.print(self._table())

    def tell(self, receipts: list[Receipt]) -> None:
        """Take in what the contact points received."""
        for receipt in receipts:
            key = receipt.alert["id"], receipt.alert["revision"]
            first = key not in self._alerts
            self._alerts.setdefault(key, []).append(receipt)
            if self._live is None:
                self._print(receipt, first=first)
        if self._live is not None:
            self._live.update(self._rendered())

    def clock(self, time: str, share: float) -> None:
        """Say how far the day is."""
        self._progress.update(self._task, description=f"the day, {time} UTC", completed=100 * share)

    def _rendered(self) -> RenderableType:
        return Group(self._table(), self._progress)

    def _table(self) -> Table:
        table = Table("severity", "alert", "what is known", "told", "after", title="Alerts as contact points get them")
        for receipts in list(self._alerts.values())[-_ROWS:]:
            alert = receipts[0].alert
            severity = alert.get("severity", "low")
            slowest = max(receipt.seconds_since_ingestion for receipt in receipts)
            table.add_row(
                f"[{COLOURS[severity]}]{severity}[/]",
                f"{alert['kind'].replace('_', ' ')}\n[dim]{alert['id']} r{alert['revision']}[/]",
                escape(_what(alert)),
                ", ".join(sorted({receipt.contact_point for receipt in receipts})),
                f"{slowest:.2f} s",
            )
        return table

    def _print(self, receipt: Receipt, *, first: bool) -> None:
        alert = receipt.alert
        if first:
            severity = alert.get("severity", "low")
            self._console.print(
                f"\n[{COLOURS[severity]}] {severity.upper()} [/] [bold]{alert['kind']}[/] "
                f"{alert['id']} revision {alert['revision']}\n  {escape(_what(alert))}",
                highlight=False,
            )
            for reason in alert.get("reasons", ()):
                self._console.print(f"  · {escape(reason['text'])}", highlight=False, style="dim")
        view = "" if receipt.view == "full" else f" [magenta]({receipt.view.replace('_', ' ')})[/]"
        self._console.print(
            f"  → [bold]{receipt.contact_point}[/]{view} after {receipt.seconds_since_ingestion:.3f} s: "
            f"{escape(receipt.why[0])}",
            highlight=False,
        )


def _what(alert: dict[str, object]) -> str:
    state = "" if alert["status"] == "open" else f"withdrawn ({alert.get('withdrawn_reason', 'recalled')}): "
    return state + str(alert.get("summary", _RECALLED))
