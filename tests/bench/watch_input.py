"""What goes into the watch, and what it must pass on: simulated traffic, as intake and the case book would give it."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

import msgspec
from systems import BUILD

from producers.simulator import Scenario, simulate
from schemas import topics
from schemas.records import Record
from streams.batches.records import InputRecord
from streams.correlation import correlate
from streams.engine.casebook import CaseBook
from streams.engine.watch import Watch
from streams.intake import is_background, take_in
from streams.offline import read_back
from streams.rules import load_rules
from streams.watching import watch_interests, watch_passages, watch_roadside

STEPS: Final = {
    topics.INTERESTS.name: watch_interests,
    topics.PASSAGES.name: watch_passages,
    topics.ROADSIDE.name: watch_roadside,
}
ENDS_AT: Final = datetime(2026, 11, 20, 13, tzinfo=UTC)
_TOLD_EVERY: Final = 1_000

Show = Callable[[int, int, str], None]
"""Called with how much is done, how much there is, and of what."""


class WatchInput(msgspec.Struct):
    """Passages in their order, and the interests that were told before them (of the first partition)."""

    passages: list[Record]
    interests: list[Record]


@dataclass(frozen=True, slots=True)
class Trial:
    """What every system gets, which sightings it must pass on, and whom to tell how far it is."""

    given: WatchInput
    right: frozenset[str]
    show: Show


def watch_input(sightings: int, incidents: int, show: Show) -> WatchInput:
    """Return so many sightings of six days, and what the case book asks for after the incidents of a month.

    All of it is younger than what the watch forgets, so that what is passed on depends on no order. It is made once.
    """
    kept = BUILD / f"watch-input-{sightings}-{incidents}.msgpack"
    if kept.exists():
        return msgspec.msgpack.decode(kept.read_bytes(), type=WatchInput)
    scenario = Scenario(
        seed=41, ends_at=ENDS_AT, days=30, sightings=sightings, incidents=incidents, sighting_days=6, cases=1
    )
    made, casebook = WatchInput([], []), CaseBook(load_rules())
    for number, sent in enumerate(simulate(scenario)):
        came = InputRecord(topics.SIGHTINGS.name, 0, number, None, sent.line, {})
        for record in take_in(came, sent.reaches_intake_at):
            if record.topic == topics.PASSAGES.name:
                made.passages.append(record)
            elif record.topic == topics.CASEBOOK.name:
                told = correlate(casebook, [read_back(record)], sent.reaches_intake_at).records
                made.interests += (one for one in told if one.topic == topics.INTERESTS.name and not one.partition)
        if number % _TOLD_EVERY == 0:
            show(min(number, sightings), sightings, "simulating traffic")
    kept.parent.mkdir(parents=True, exist_ok=True)
    kept.write_bytes(msgspec.msgpack.encode(made))
    return made


def passed_on(given: WatchInput, show: Show) -> frozenset[str]:
    """Return which sightings go to the case book, by the watch in one process, each record to its end."""
    watch, found = Watch(load_rules()), set[str]()
    for number, record in enumerate([*given.interests, *given.passages]):
        told = [one for one in _all_of(watch, record) if one.topic == topics.CASEBOOK.name]
        found.update(one.key.decode() for one in told if not is_background(read_back(one)))
        if number % _TOLD_EVERY == 0:
            show(number, len(given.passages), "what has to come of it")
    return frozenset(found)


def _all_of(watch: Watch, record: Record) -> Iterator[Record]:
    """Return what comes of a record, and of what the watch tells itself because of it."""
    waiting = deque([record])
    while waiting:
        one = waiting.popleft()
        told = STEPS[one.topic](watch, [read_back(one)], ENDS_AT).records
        yield from told
        waiting += (own for own in told if own.topic == topics.ROADSIDE.name)
