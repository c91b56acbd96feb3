"""The closing account of a run: from the topics and the receiver's own log, never from a counter."""

import math
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

from rich.console import Console
from rich.table import Table

from consumers.audience import decide, visible
from consumers.deliveries import Key, content_digest, delivery_id
from consumers.routing import RoutingTable, route
from infra.ledger import Account
from infra.receipts import Receipt
from schemas.alerts import Edition


@dataclass(frozen=True, slots=True)
class Comparison:
    """Deliveries that had to be, and what the receiver says of them."""

    expected: frozenset[str]
    received: frozenset[str]
    on_the_wire: int

    @property
    def lost(self) -> frozenset[str]:
        """Deliveries that the receiver never got."""
        return self.expected - self.received

    @property
    def unexpected(self) -> frozenset[str]:
        """Deliveries that the receiver should not have got."""
        return self.received - self.expected


def expected_deliveries(
    editions: Iterable[Edition], table: RoutingTable, contact_points: Collection[str]
) -> frozenset[str]:
    """Return the ids of the deliveries that these revisions must have led to."""
    told: dict[str, set[str]] = defaultdict(set)
    ids = set()
    for edition in sorted(editions, key=lambda edition: (edition.alert.id, edition.alert.revision)):
        alert = edition.alert
        before = sorted(told[alert.id])
        for assignment in route(alert, table, contact_points, before):
            code = assignment.contact_point
            shown = visible(alert, decide(edition, code, told_before=code in before).view)
            if shown is not None:
                told[alert.id].add(code)
                ids.add(delivery_id(Key.of(edition), code, content_digest(shown)))
    return frozenset(ids)


def compare(expected: frozenset[str], receipts: Sequence[Receipt]) -> Comparison:
    """Return expected deliveries beside received ones."""
    return Comparison(expected, frozenset(receipt.webhook_id for receipt in receipts), len(receipts))


def percentile(values: Sequence[float], share: float) -> float:
    """Return the smallest value that at least `share` (0 to 1) of all do not exceed; raises ValueError if none."""
    if not values:
        raise ValueError("no values")
    return sorted(values)[max(0, math.ceil(share * len(values)) - 1)]


def print_summary(console: Console, account: Account, comparison: Comparison, receipts: Sequence[Receipt]) -> bool:
    """Print the account; True where nothing is missing."""
    console.rule("Summary, from the topics and the receiver's log")
    console.print(
        f"Events: {len(account.accepted)} accepted = {len(account.correlated)} correlated "
        f"({account.repeated} of them a repetition, {len(account.passages)} sightings) "
        f"+ {len(account.refused)} dead-lettered",
        highlight=False,
    )
    for letter in account.dead_letters.values():
        console.print(f"  [yellow]refused[/] {letter.reason}: {letter.field} {letter.text}", highlight=False)
    console.print(_alerts_table(account, receipts))
    seconds = [receipt.seconds_since_ingestion for receipt in receipts]
    if seconds:
        console.print(
            f"Latency from ingestion to receipt: p50 {percentile(seconds, 0.5) * 1000:.0f} ms, "
            f"p99 {percentile(seconds, 0.99) * 1000:.0f} ms, {len(seconds)} deliveries",
            highlight=False,
        )
    repeats = comparison.on_the_wire - len(comparison.received)
    console.print(
        f"Deliveries: {len(comparison.expected)} due, {len(comparison.received)} received, "
        f"{len(comparison.lost)} lost, {len(comparison.unexpected)} to somebody else, {repeats} repeated on the wire",
        highlight=False,
    )
    complete = not (account.unsettled or account.under_way or comparison.lost or comparison.unexpected)
    if complete:
        console.print("[bold green]Nothing lost.[/]")
    else:
        console.print(f"[bold red]Not complete:[/] {len(account.unsettled)} events unaccounted for.")
    return complete


def _alerts_table(account: Account, receipts: Iterable[Receipt]) -> Table:
    table = Table("contact point", title="Deliveries by contact point and kind", title_justify="left")
    counts = Counter((receipt.contact_point, receipt.alert["kind"]) for receipt in receipts)
    open_kinds = Counter(alert.kind.value for alert in account.open_alerts)
    revisions = Counter(alert.kind.value for alert in account.revisions.values())
    for kind in sorted(revisions):
        table.add_column(kind, justify="right")
    for code in sorted({code for code, _ in counts}):
        table.add_row(code, *(str(counts[code, kind] or "") for kind in sorted(revisions)))
    table.add_section()
    table.add_row("alerts open", *(str(open_kinds[kind]) for kind in sorted(revisions)))
    table.add_row("alert revisions", *(str(revisions[kind]) for kind in sorted(revisions)))
    return table
