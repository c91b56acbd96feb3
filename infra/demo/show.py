"""The demonstration's run: history first, then the day at its pace, then the account and the story."""

import shutil
import time
from collections.abc import Callable
from contextlib import AbstractContextManager, closing
from pathlib import Path
from typing import Final

from rich.console import Console

from consumers.routing import RoutingTable
from infra.demo.board import Board
from infra.demo.day import Day, Timed
from infra.demo.story import tell
from infra.errors import IncompleteError
from infra.ledger import Account, Ledger
from infra.receipts import Receipt, ReceiptLog
from infra.replay import require_empty
from infra.services.progress import OnProgress
from infra.summary import Comparison, compare, expected_deliveries, print_summary
from infra.trace import Traced
from producers.publisher import Publisher
from schemas.records import line_record

STALLED_SECONDS: Final = 60.0
_POLL_SECONDS: Final = 0.1


def clear(data_dir: Path) -> None:
    """Forget an earlier demonstration: its events would be known, and raise nothing new."""
    shutil.rmtree(data_dir, ignore_errors=True)


class Demonstration:
    """Publishes a day and shows each delivery as the receiver has it."""

    def __init__(
        self, console: Console, bootstrap: str, receipts: Path, table: RoutingTable, contact_points: frozenset[str]
    ) -> None:
        self._console = console
        self._bootstrap = bootstrap
        self._log = ReceiptLog(receipts)
        self._table = table
        self._contact_points = contact_points
        self._receipts: list[Receipt] = []
        self._from = 0
        self._board = Board(console)

    def run(
        self,
        day: Day,
        seconds: float,
        history_shown: AbstractContextManager[OnProgress],
        trace: Callable[[str], list[Traced]],
    ) -> tuple[bool, str | None]:
        """Play it all; return whether nothing is lost, and the event that the story ended with.

        Raises `IncompleteError` after a minute without progress, `TopicsError` where Kafka is not empty.
        """
        with closing(Ledger(self._bootstrap)) as ledger:
            require_empty(ledger)
            with history_shown as on_history:  # over before the table comes: two would fight for the screen
                self._preload(day.history, ledger, on_history)
            self._console.print(
                f"{len(day.history)} events of the past months are in, {len(ledger.account.open_alerts)} alerts stand. "
                "Now the last 24 hours:",
                highlight=False,
            )
            with self._board.shown():
                self._play(day.day, seconds)
                account, comparison = self._settle(ledger)
            complete = print_summary(self._console, account, comparison, self._receipts[self._from :])
            event = tell(self._console, day.cases, account, self._receipts[self._from :], trace)
            return complete, event

    def stay(self, is_over: Callable[[float], bool]) -> None:
        """Show what is delivered until `is_over`, which waits the seconds it is given, says so."""
        while not is_over(_POLL_SECONDS):
            self._look()

    def _preload(self, history: tuple[Timed, ...], ledger: Ledger, on_history: OnProgress) -> None:
        with Publisher(self._bootstrap) as publisher:
            for one in history:
                publisher.send(line_record(one.line))
        self._settle(ledger, lambda done, total: on_history(done, total, "months of history"), show=False)
        self._from = len(self._receipts)

    def _play(self, day: tuple[Timed, ...], seconds: float) -> None:
        begins_at, ends_at = day[0].at, day[-1].at
        pace = seconds / max((ends_at - begins_at).total_seconds(), 1.0)
        start = time.monotonic()
        with Publisher(self._bootstrap) as publisher:
            for one in day:
                due = start + (one.at - begins_at).total_seconds() * pace
                while (left := due - time.monotonic()) > 0:
                    self._look()
                    time.sleep(min(left, _POLL_SECONDS))
                publisher.send(line_record(one.line))
                self._board.clock(f"{one.at:%d %b %H:%M}", (one.at - begins_at) / (ends_at - begins_at))

    def _settle(
        self, ledger: Ledger, on_progress: Callable[[int, int], None] = lambda _done, _total: None, *, show: bool = True
    ) -> tuple[Account, Comparison]:
        """Wait until everything is applied and delivered."""
        moved_at, last = time.monotonic(), (-1, -1)
        while True:
            self._look(show=show)
            account = ledger.read_on()
            settled = ledger.is_settled()
            on_progress(len(account.accepted) - len(account.unsettled), len(account.accepted))
            expected = expected_deliveries(account.editions.values(), self._table, self._contact_points)
            comparison = compare(expected, self._receipts)
            if settled and not comparison.lost:
                return account, comparison
            state = account.records, len(self._receipts)
            if state != last:
                moved_at, last = time.monotonic(), state
            elif time.monotonic() - moved_at > STALLED_SECONDS:
                print_summary(self._console, account, comparison, self._receipts)
                raise IncompleteError(f"nothing has moved for {STALLED_SECONDS:g} s; see the logs beside the data")
            time.sleep(_POLL_SECONDS)

    def _look(self, *, show: bool = True) -> None:
        new = self._log.read_on()
        self._receipts += new
        if show:
            self._board.tell(new)
