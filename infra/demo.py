"""The demonstration: a bundled file of events through the whole system, and what became of them."""

import json
import shutil
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Final

from rich.console import Console
from rich.markup import escape

from consumers.routing import RoutingTable
from infra.errors import IncompleteError
from infra.ledger import Ledger
from infra.receipts import Receipt, ReceiptLog
from infra.replay import require_empty
from infra.summary import compare, expected_deliveries, print_summary
from producers.files import read_lines
from producers.publisher import Publisher
from schemas.records import line_record

EVENTS: Final = Path(__file__).with_name("demo.jsonl")
STALLED_SECONDS: Final = 60.0
_BETWEEN_EVENTS_SECONDS: Final = 0.1
_POLL_SECONDS: Final = 0.1
_COLOURS: Final = {"critical": "bold white on red", "high": "bold red", "medium": "yellow", "low": "cyan"}
_RECALLED: Final = "What was told of it before does not stand."
_TIMES: Final = ("occurred_at", "reported_at")


def clear(data_dir: Path) -> None:
    """Forget an earlier demonstration: its events would be known, and raise nothing new."""
    shutil.rmtree(data_dir, ignore_errors=True)


def shifted(lines: Sequence[bytes], now: datetime) -> list[bytes]:
    """Return the events moved in time, as one, so that the newest is a minute old."""
    events = [json.loads(line) for line in lines]
    newest = max(moment for event in events for moment in _moments(event))
    delta = now - timedelta(minutes=1) - newest
    for event in events:
        for name in _TIMES:
            moment = _moment(event.get(name))
            if moment is not None:
                event[name] = (moment + delta).isoformat(timespec="seconds")
    return [json.dumps(event, ensure_ascii=False).encode() for event in events]


class Demonstration:
    """Publishes the events and shows each delivery as the receiver has it."""

    def __init__(
        self, console: Console, bootstrap: str, receipts: Path, table: RoutingTable, contact_points: frozenset[str]
    ) -> None:
        self._console = console
        self._bootstrap = bootstrap
        self._log = ReceiptLog(receipts)
        self._table = table
        self._contact_points = contact_points
        self._receipts: list[Receipt] = []
        self._shown: set[tuple[str, int]] = set()

    def run(self, now: datetime) -> bool:
        """Publish everything, wait until all is accounted for, print the summary; True where nothing is lost.

        Raises `IncompleteError` after a minute without progress, `TopicsError` where Kafka is not empty.
        """
        with closing(Ledger(self._bootstrap)) as ledger:
            require_empty(ledger)
            self._publish(now)
            moved_at, last = time.monotonic(), (-1, -1)
            while True:
                self._show_new()
                account = ledger.read_on()
                expected = expected_deliveries(account.revisions.values(), self._table, self._contact_points)
                comparison = compare(expected, self._receipts)
                if ledger.is_settled() and not comparison.lost:
                    return print_summary(self._console, account, comparison, self._receipts)
                state = account.records, len(self._receipts)
                if state != last:
                    moved_at, last = time.monotonic(), state
                elif time.monotonic() - moved_at > STALLED_SECONDS:
                    print_summary(self._console, account, comparison, self._receipts)
                    raise IncompleteError(f"nothing has moved for {STALLED_SECONDS:g} s; see the logs beside the data")
                time.sleep(_POLL_SECONDS)

    def _publish(self, now: datetime) -> None:
        with Publisher(self._bootstrap) as publisher:
            for line in shifted(list(read_lines([EVENTS])), now):
                publisher.send(line_record(line))
                publisher.flush()
                self._show_new()
                time.sleep(_BETWEEN_EVENTS_SECONDS)

    def stay(self, is_over: Callable[[float], bool]) -> None:
        """Show what is delivered until `is_over`, which waits the seconds it is given, says so."""
        while not is_over(_POLL_SECONDS):
            self._show_new()

    def _show_new(self) -> None:
        for receipt in self._log.read_on():
            self._receipts.append(receipt)
            self._show(receipt)

    def _show(self, receipt: Receipt) -> None:
        alert = receipt.alert
        key = alert["id"], alert["revision"]
        if key not in self._shown:
            self._shown.add(key)
            severity = alert.get("severity", "low")  # a recall says neither severity nor summary
            state = "" if alert["status"] == "open" else f" [dim]withdrawn: {alert.get('withdrawn_reason', '')}[/]"
            self._console.print(
                f"\n[{_COLOURS[severity]}] {severity.upper()} [/] [bold]{alert['kind']}[/] "
                f"{alert['id']} revision {alert['revision']}{state}\n  {escape(alert.get('summary', _RECALLED))}",
                highlight=False,
            )
            for reason in alert.get("reasons", ()):
                self._console.print(f"  · {escape(reason['text'])}", highlight=False, style="dim")
        view = "" if receipt.view == "full" else f" [magenta]({receipt.view.replace('_', ' ')})[/]"
        others = len(receipt.why) - 1
        more = f" [dim](and {others} more {'reason' if others == 1 else 'reasons'})[/]" if others else ""
        self._console.print(
            f"  → [bold]{receipt.contact_point}[/]{view} after {receipt.seconds_since_ingestion:.3f} s: "
            f"{escape(receipt.why[0])}{more}",
            highlight=False,
        )


def _moments(event: dict[str, Any]) -> Iterator[datetime]:
    return filter(None, (_moment(event.get(name)) for name in _TIMES))


def _moment(text: object) -> datetime | None:
    if not isinstance(text, str):
        return None
    moment = datetime.fromisoformat(text)
    return moment if moment.tzinfo else None
