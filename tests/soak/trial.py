"""One scenario on a line: the events that it publishes while something breaks, and the judgement by the oracle."""

from __future__ import annotations

import json
import random
import threading
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import astuple, dataclass, field
from functools import cached_property
from typing import Any, Final

from factory import as_line
from line import Held, holds, may_hold, must_hold, told_twice, traffic
from line_rig import Line
from started import wait_until
from worlds import worlds

from producers.publisher import Publisher
from schemas.records import Record, line_record

Event = dict[str, Any]
POLL_SECONDS: Final = 0.2
FLOW_SECONDS: Final = 400.0


@dataclass(frozen=True, slots=True)
class Verdict:
    """What is wrong in the end, counted."""

    lost: int
    repeated: int
    differs_from_oracle: int

    def or_worse(self, other: Verdict) -> Verdict:
        """Return the worse of both in each count: what was put right too late was wrong."""
        return Verdict(*map(max, astuple(self), astuple(other)))

    @property
    def is_well(self) -> bool:
        """Whether nothing is wrong."""
        return self == Verdict(0, 0, 0)


def of_trials(held: Held) -> Held:
    """Return the alerts without the surges: those are of a place, and at a place the trials of a line meet."""
    return {code: mine for code, alerts in held.items() if (mine := {one for one in alerts if one[1] != "surge"})}


class Flow(threading.Thread):
    """Publishes records at a pace, in the background; `sent` says how many are on their way.

    It stops at `limit`, until that is raised.
    """

    def __init__(self, bootstrap: str, records: Sequence[Record], per_second: float | None) -> None:
        super().__init__(name="flow", daemon=True)
        self._address, self._records, self._per_second = bootstrap, records, per_second
        self.sent, self.limit = 0, len(records)
        self.failure: Exception | None = None

    def run(self) -> None:
        """Publish all; leaving the publisher waits for Kafka's word on each."""
        began = time.monotonic()
        try:
            with Publisher(self._address) as publisher:
                for record in self._records:
                    if self._per_second and (early := self.sent / self._per_second - (time.monotonic() - began)) > 0:
                        time.sleep(early)
                    wait_until(lambda: self.sent < self.limit, FLOW_SECONDS)
                    publisher.send(record)
                    self.sent += 1
        except Exception as error:  # noqa: BLE001 - raised again by who waits for the end
            self.failure = error

    def wait_for(self, number: int) -> None:
        """Return once so many are on their way."""
        wait_until(lambda: self.sent >= number or not self.is_alive(), FLOW_SECONDS)

    def finish(self) -> None:
        """Wait for the end; raises what went wrong in it."""
        self.join(FLOW_SECONDS)
        assert not self.is_alive(), "the publisher did not come to an end"
        if self.failure is not None:
            raise self.failure


@dataclass
class Trial:
    """A scenario's share of a line, which no other's events touch.

    Its prefix begins every id and the plates of busy vehicles; worlds have plates and people of their own.
    """

    line: Line
    prefix: str
    seed: int
    short: bool
    events: list[Event] = field(default_factory=list)
    must_be_refused: set[str] = field(default_factory=set)
    """Sources that must end in the dead letters."""
    sent: int = 0

    def __post_init__(self) -> None:
        self.chance = random.Random(self.seed)
        self._number = len(self.line.prefixes)
        self.line.prefixes.append(self.prefix)
        self._before = frozenset(self.line.known.accepted)
        self._told_before = frozenset(told_twice(self.line.log_path)) if self.line.log_path.exists() else frozenset()
        self._mine: frozenset[str] | None = None

    def pick(self, short: int, full: int) -> int:
        """Return the number for this form of the soak."""
        return short if self.short else full

    # Traffic

    def traffic(self, number: int) -> list[Event]:
        """Return events of this trial alone, in no order; the oracle is told of them.

        Half are incidents and sightings of busy vehicles, half small worlds with persons and a watchlist as well.
        """
        events = [self._mine_of(event) for event in traffic(number // 2, self.seed)]
        events += worlds(self.prefix, self._number, number // 2, self.seed)
        self.chance.shuffle(events)
        self.expect(events)
        return events

    def expect(self, events: Iterable[Event]) -> None:
        """Let the oracle know of these events."""
        self.events += events
        self.__dict__.pop("must_hold", None)

    def publish(self, events: Iterable[Event], per_second: float | None = None) -> None:
        """Publish them and wait for Kafka's word on each."""
        with self.flow(list(events), per_second):
            pass

    @contextmanager
    def flow(self, events: Sequence[Event], per_second: float | None) -> Iterator[Flow]:
        """Publish events while the block does its damage; what it leaves unpublished follows."""
        _ = self.must_hold  # counted before anything is under way: it takes the processor for itself
        flow = Flow(self.line.bootstrap, [line_record(as_line(event)) for event in events], per_second)
        flow.start()
        try:
            yield flow
        finally:
            flow.finish()
            self.sent += flow.sent

    def _mine_of(self, event: Event) -> Event:
        text = json.dumps({**event, "id": f"{self.prefix}-{event['id']}"})
        return dict(json.loads(text.replace('"plate": "', f'"plate": "{self.prefix} ')))

    # Judgement

    @cached_property
    def must_hold(self) -> Held:
        """What the oracle says of this trial's events: no other trial's touch them."""
        return of_trials(must_hold(self.events))

    def settle(self, seconds: float | None = None) -> None:
        """Wait until all is as it must be, or for so long; the judgement says which."""
        deadline = time.monotonic() + (seconds or self.pick(90, 240))
        while not self._is_settled() and time.monotonic() < deadline:
            time.sleep(POLL_SECONDS)
        self._mine = frozenset(self.line.account().accepted - self._before)

    def judge(self) -> Verdict:
        """Count what is wrong, by what was last read of the topics and what the receiver has by now."""
        account, nothing = self.line.known, set[Any]()
        wrong = self._wrong()
        mine = account.accepted - self._before if self._mine is None else self._mine
        lost = len(account.unsettled & mine) + max(0, self.sent - len(mine))
        lost += len(self.must_be_refused - account.refused) + sum(len(missing) for missing, _ in wrong.values())
        twice = set(told_twice(self.line.log_path)) - self._told_before if self.line.log_path.exists() else nothing
        repeated = len(twice) + sum(len(undue) for _, undue in wrong.values())
        return Verdict(lost, repeated, len(wrong))

    def explain(self) -> str:
        """Name some of what is wrong."""
        account, wrong = self.line.known, self._wrong()
        mine = account.accepted - self._before
        parts: dict[str, set[Any]] = {
            "unsettled": account.unsettled & mine,
            "not refused": self.must_be_refused - account.refused,
            "not told": {(code, *alert) for code, (missing, _) in wrong.items() for alert in missing},
            "wrongly told": {(code, *alert) for code, (_, undue) in wrong.items() for alert in undue},
        }
        return "; ".join(f"{len(some)} {what}, such as {sorted(some)[:3]}" for what, some in parts.items() if some)

    def _wrong(self) -> dict[str, tuple[set[Any], set[Any]]]:
        """Return of each contact point where something is wrong what it lacks, and what it holds and should not."""
        receipts, must = self.line.receipts(self.prefix), self.must_hold
        held, may = of_trials(holds(receipts)), may_hold(receipts, must)
        found = {}
        for code in must.keys() | held.keys():
            due, has = must.get(code, set()), held.get(code, set())
            found[code] = due - has, has - due - may.get(code, set())
        return {code: both for code, both in found.items() if any(both)}

    def _is_settled(self) -> bool:
        if self._wrong():
            return False
        account = self.line.account()
        mine = account.accepted - self._before
        arrived = len(mine) >= self.sent and not mine & account.unsettled
        return arrived and not account.under_way and self.must_be_refused <= account.refused
