"""One seed: simulated, run through the whole line in one process, and compared with the truth."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Final

from causes import MissedReason, WrongReason, why_missed, why_wrong
from comparison import KINDS, Score, evidence_of, score, unmatched
from expected import expected_alerts, known_of
from planted import Planted, judge

from producers.simulator import Scenario, Sent, simulate
from schemas import topics
from schemas.alerts import Alert
from streams.batches.records import InputRecord
from streams.dead_letters import read_dead_letter
from streams.offline import OfflineLine, read_back
from streams.rules import load_rules

_SHOWN_EVERY: Final = 500

OnEvents = Callable[[int, int, str], None]
"""Called with how many events are through, how many there are, and of which seed."""


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
    sent = tuple(simulation)
    alerts, refused = run_through(sent, lambda done: on_events(done, len(sent), f"seed {scenario.seed}"))
    known = known_of(sent)
    measured = Measured(events=len(sent), refused=len(refused))
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


def run_through(sent: Sequence[Sent], on_done: Callable[[int], None]) -> tuple[tuple[Alert, ...], frozenset[str]]:
    """Return the alerts that stand open when all is through, and the ids of what was refused."""
    line = OfflineLine(load_rules())
    refused = set()
    for number, one in enumerate(sent):
        record = InputRecord("simulation", 0, number, None, one.line, {})
        for came in line.take_in(record, one.reaches_intake_at):
            if came.topic == topics.DEAD_LETTERS.name:
                refused.add(read_dead_letter(read_back(came)).value)
        if number % _SHOWN_EVERY == 0:
            on_done(number)
    on_done(len(sent))
    ids = frozenset(one.event["id"] for one in sent if one.line in refused)
    return line.open_alerts, ids
