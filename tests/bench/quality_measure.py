"""One seed: simulated, run through the whole line in one process, and compared with the truth.

A simulation is gone through twice, because it is the same each time, and may be too long to be kept: first to see what
is raised, then to keep those events that the comparison needs.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Final, NamedTuple

from causes import MissedReason, WrongReason, why_missed, why_wrong
from comparison import KINDS, Score, evidence_of, score, unmatched
from expected import expected_alerts, known_of
from planted import Planted, judge

from producers.simulator import Case, Scenario, Sent, Simulation, simulate
from schemas import topics
from schemas.alerts import Alert
from streams.batches.records import InputRecord
from streams.dead_letters import read_dead_letter
from streams.offline import OfflineLine, read_back
from streams.rules import load_rules

_SHOWN_EVERY: Final = 500

OnEvents = Callable[[int, int, str], None]
"""Called with how many events are through, how many there are, roughly, and of which pass of which seed."""


class Outcome(NamedTuple):
    """What came of a simulation's events."""

    alerts: tuple[Alert, ...]
    refused: frozenset[str]
    reported: frozenset[str]
    """Who is in a report or an entry: their sightings are needed to judge the alerts."""
    events: int


@dataclass(slots=True)
class Measured:
    """One seed's figures, or several seeds' together."""

    scores: dict[str, Score] = field(default_factory=lambda: dict.fromkeys(KINDS, Score()))
    missed: Counter[tuple[str, MissedReason]] = field(default_factory=Counter)
    wrong: Counter[tuple[str, WrongReason]] = field(default_factory=Counter)
    planted: Planted = field(default_factory=Planted)
    events: int = 0
    refused: int = 0

    def add(self, other: Measured) -> None:
        """Take in another seed's figures."""
        self.scores = {kind: self.scores[kind] + other.scores[kind] for kind in KINDS}
        self.missed += other.missed
        self.wrong += other.wrong
        self.planted.add(other.planted)
        self.events += other.events
        self.refused += other.refused


def measure(scenario: Scenario, on_events: OnEvents = lambda _done, _whole, _seed: None) -> Measured:
    """Simulate a scenario, run it through the line, and compare what stands open with the truth."""
    simulation = simulate(scenario)
    sent = _shown(simulation, f"seed {scenario.seed}", on_events)
    alerts, refused, reported, events = run_through(sent)
    again = _shown(simulation, f"seed {scenario.seed}, who everybody was", on_events)
    known = known_of(needed(again, alerts, simulation.cases, reported))
    measured = Measured(events=events, refused=len(refused))
    measured.planted = judge(simulation.cases, [(alert.kind.value, frozenset(alert.evidence)) for alert in alerts])
    expected = expected_alerts(known, simulation.cases)
    for kind in KINDS:
        wanted = [one for one in expected if one.kind == kind]
        raised = [alert for alert in alerts if alert.kind == kind and not alert.exercise]
        theirs = [evidence_of(one.evidence, known.told) for one in wanted]
        ours = [evidence_of(alert.evidence, known.told) for alert in raised]
        measured.scores[kind] = score(kind, theirs, ours)
        for place in unmatched(kind, theirs, ours):
            measured.missed.update((kind, reason) for reason in why_missed(wanted[place], known, refused))
        measured.wrong.update((kind, why_wrong(raised[place], known)) for place in unmatched(kind, ours, theirs))
    return measured


def run_through(sent: Iterable[Sent]) -> Outcome:
    """Take in everything at its time; return what stands open and what was refused."""
    line = OfflineLine(load_rules())
    refused, reported = set(), set()
    number = 0
    for number, one in enumerate(sent, start=1):
        record = InputRecord("simulation", 0, number, None, one.line, {})
        for came in line.take_in(record, one.reaches_intake_at):
            if came.topic in topics.REFUSED_NAMES:
                refused.add(json.loads(read_dead_letter(read_back(came)).value)["id"])
        if one.truth is not None and one.event["type"] != "sighting":
            reported.update(one.truth["subjects"].values())
    return Outcome(line.open_alerts, frozenset(refused), frozenset(reported), number)


def needed(
    sent: Iterable[Sent], alerts: Iterable[Alert], cases: Iterable[Case], reported: frozenset[str]
) -> Iterator[Sent]:
    """Return all reports, and of the sightings those that an alert rests on or should, or that a case is made of."""
    named = {name for alert in alerts for name in alert.evidence} | {name for case in cases for name in case.events}
    for one in sent:
        subjects = one.truth["subjects"].values() if one.truth is not None else ()
        if one.event["type"] != "sighting" or one.event["id"] in named or not reported.isdisjoint(subjects):
            yield one


def _shown(simulation: Simulation, label: str, on_events: OnEvents) -> Iterator[Sent]:
    """Return the events, telling how many there were so far."""
    whole = simulation.scenario.sightings + simulation.scenario.incidents
    for number, one in enumerate(simulation):
        yield one
        if number % _SHOWN_EVERY == 0:
            on_events(min(number, whole), whole, label)
    on_events(whole, whole, label)
