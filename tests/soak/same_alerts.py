"""The same simulated events raise the same alerts on one worker, on several that come and go, and without Kafka.

`make same-alerts` runs the full form, into build/same_alerts.json; `tests/integration` runs a short one.
"""

from __future__ import annotations

import json
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from conftest import default_cache_dir
from line_rig import GROUPS, Line, a_line
from trial import Flow

from infra.ledger import Ledger
from infra.replay import wait_until_settled
from producers.simulator import Scenario, simulate
from schemas import topics
from schemas.alerts import Alert
from schemas.records import line_record
from streams.batches.records import InputRecord
from streams.offline import OfflineLine
from streams.rules import load_rules

SCENARIO: Final = Scenario(
    seed=7, ends_at=datetime(2026, 11, 20, 13, 0, tzinfo=UTC), sightings=120_000, incidents=2_000
)
FLOW_SECONDS: Final = 90.0
RESULTS: Final = Path(__file__).parents[2] / "build" / "same_alerts.json"

Known = tuple[str, str, tuple[str, ...]]
"""What an open alert is known by: id, kind and evidence."""


@dataclass(frozen=True, slots=True)
class Way:
    """One way through the line, and what came of it."""

    name: str
    alerts: frozenset[Known]
    seconds: float
    refused: int = 0
    """How many records ended in the dead letters."""
    both: tuple[int, int] | None = None
    """How many events were published when two workers of each kind were there, and when one began to leave."""

    @classmethod
    def of(cls, name: str, alerts: Sequence[Alert], began: float, refused: int = 0) -> Way:
        """Return what came of it, now that it is over."""
        known = frozenset((alert.id, alert.kind.value, alert.evidence) for alert in alerts)
        return cls(name, known, round(time.monotonic() - began, 1), refused)


@dataclass(frozen=True, slots=True)
class Result:
    """What all ways came to; the first of them is what the others are compared with."""

    events: int
    ways: tuple[Way, ...]

    @property
    def equal(self) -> bool:
        """Whether all came to the same."""
        return all(way.alerts == self.ways[0].alerts and not way.refused for way in self.ways)

    @property
    def kinds(self) -> dict[str, int]:
        """How many alerts of each kind stand open."""
        return dict(sorted(Counter(kind for _, kind, _ in self.ways[0].alerts).items()))

    @property
    def report(self) -> dict[str, Any]:
        """What is kept of it."""
        seconds = {way.name: way.seconds for way in self.ways}
        alike = {"equal": self.equal, "refused": sum(way.refused for way in self.ways)}
        return {
            "events": self.events,
            "alerts": self.kinds,
            **alike,
            "both_there": self.ways[-1].both,
            "seconds": seconds,
        }

    @property
    def differences(self) -> str:
        """Name some of what differs, a line each."""
        first = self.ways[0]
        lines = []
        for way in self.ways[1:]:
            for one, other in ((way, first), (first, way)):
                lines += [f"{one.name}, not {other.name}: {alert}" for alert in sorted(one.alerts - other.alerts)[:5]]
        return "".join(f"{line}\n" for line in lines)


def events_of(scenario: Scenario) -> list[bytes]:
    """Return all events as lines, in the order of their arrival, what is sent twice twice."""
    return [sent.line for sent in simulate(scenario)]


def offline(events: Sequence[bytes]) -> Way:
    """Run them through one process, without Kafka."""
    began, now, line = time.monotonic(), datetime.now(UTC), OfflineLine(load_rules())
    refused = 0
    for number, event in enumerate(events):
        records = line.take_in(InputRecord("file", 0, number, None, event, {}), now)
        refused += sum(record.topic in topics.REFUSED_NAMES for record in records)
    return Way.of("offline", line.open_alerts, began, refused)


def one_worker_each(events: Sequence[bytes], directory: Path, cache_dir: Path) -> Way:
    """Run them through one worker of each kind."""
    began = time.monotonic()
    with a_line(directory, cache_dir, told=False) as line:
        publishing(line, events, None).finish()
        return settled("one worker each", line, events, began)


def two_workers_each(events: Sequence[bytes], directory: Path, cache_dir: Path, flow_seconds: float) -> Way:
    """Let a second worker of each kind join at a third of the events, and the first leave at two thirds.

    They are published over so many seconds, longer where joining and leaving take longer: some are sent
    before both are there, some while both are, some after one has left.
    """
    began = time.monotonic()
    with a_line(directory, cache_dir, told=False) as line:
        third = len(events) // 3
        flow = publishing(line, events, len(events) / flow_seconds, limit=third + third // 2)
        flow.wait_for(third)
        for name in GROUPS:
            line.join(name)
        line.wait_for_members(2)
        both_from, flow.limit = flow.sent, 2 * third + third // 2
        flow.wait_for(2 * third)
        both_until = flow.sent
        line.leave(*(line.crew[name][0] for name in GROUPS))
        line.wait_for_members(1)
        flow.limit = len(events)
        flow.finish()
        way = settled("two workers each", line, events, began)
    return replace(way, both=(both_from, both_until))


def publishing(line: Line, events: Sequence[bytes], per_second: float | None, limit: int | None = None) -> Flow:
    """Publish the events in their order, in the background, up to a limit if one is given."""
    flow = Flow(line.bootstrap, [line_record(event) for event in events], per_second)
    flow.limit = len(events) if limit is None else limit
    flow.start()
    return flow


def settled(name: str, line: Line, events: Sequence[bytes], began: float) -> Way:
    """Wait until every event has come to its end, and return what then stands open."""
    with closing(Ledger(line.bootstrap)) as ledger:
        account = wait_until_settled(ledger, lambda _done, _total: None)
    assert len(account.accepted) == len(events)
    return Way.of(name, account.open_alerts, began, len(account.refused))


def run(scenario: Scenario, directory: Path, cache_dir: Path, flow_seconds: float) -> Result:
    """Take the events every way, each on a line of its own."""
    events = events_of(scenario)
    ways = (
        offline(events),
        one_worker_each(events, directory / "one", cache_dir),
        two_workers_each(events, directory / "two", cache_dir, flow_seconds),
    )
    return Result(len(events), ways)


def main() -> None:
    """Run the full form and say what came of it; exit status 1 where the ways differ."""
    with tempfile.TemporaryDirectory(prefix="brdo-same-alerts-") as directory:
        result = run(SCENARIO, Path(directory), default_cache_dir(), FLOW_SECONDS)
    RESULTS.parent.mkdir(parents=True, exist_ok=True)
    RESULTS.write_text(json.dumps(result.report, indent=1) + "\n", encoding="utf-8")
    sys.stdout.write(json.dumps(result.report, indent=1) + "\n" + result.differences)
    sys.exit(not result.equal)


if __name__ == "__main__":
    main()
