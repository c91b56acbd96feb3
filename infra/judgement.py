"""Which alerts are right: by what contact points answered, or by the ground truth of a simulation."""

import json
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, Self

from infra.errors import TruthError
from schemas.alerts import Alert
from schemas.feedback import Retraction, Verdict

RIGHT: Final = {"confirmed": True, "not_confirmed": False, "false_match": False}
"""What an answer says of an alert; others say nothing of it."""

OF_ONE_SUBJECT: Final = frozenset(
    {"repeat_vehicle", "repeat_person", "known_vehicle_sighted", "known_person_sighted", "convoy"}
)
"""Kinds that are right where each vehicle and person in them is one in truth."""

NEEDS_ONE: Final = frozenset({"life_at_risk"})
"""Kinds that one event of a planted case is enough for; all others join two or more."""


@dataclass(frozen=True, slots=True)
class Score:
    """Alerts that could be judged and how many of them are right; what should be there and how much of it is."""

    judged: int
    right: int
    expected: int
    found: int

    @property
    def precision(self) -> float | None:
        """The share of the judged that are right; None where none was judged."""
        return self.right / self.judged if self.judged else None

    @property
    def recall(self) -> float | None:
        """The share of what should be there that is; None where nothing is known to be missing or not."""
        return self.found / self.expected if self.expected else None


@dataclass(frozen=True, slots=True)
class Case:
    """A kind of alert that must be raised from some of these events."""

    kind: str
    events: frozenset[str]


@dataclass(slots=True)
class Judge:
    """What is known to be right: `is_right` of an alert (None: unknown), and what must be there."""

    name: str
    is_right: Callable[[Alert], bool | None]
    confirmed: frozenset[str] = frozenset()
    cases: list[Case] = field(default_factory=list)
    knows: bool = True

    def score(self, alerts: Iterable[Alert]) -> Score:
        """Judge the alerts that one set of rules raises."""
        raised = list(alerts)
        judged = [right for alert in raised if (right := self.is_right(alert)) is not None]
        evidence: dict[str, list[frozenset[str]]] = defaultdict(list)
        for alert in raised:
            evidence[alert.kind].append(frozenset(alert.evidence))
        found = sum(_is_found(case, evidence[case.kind]) for case in self.cases)
        there = len(self.confirmed & {alert.id for alert in raised})
        return Score(len(judged), sum(judged), len(self.cases) + len(self.confirmed), found + there)

    @classmethod
    def by_verdicts(cls, said: Iterable[Verdict | Retraction]) -> Self:
        """Judge by the newest answer to each alert that says anything of it and was not taken back."""
        messages = list(said)
        taken_back = {(one.retracts, one.originator) for one in messages if isinstance(one, Retraction)}
        verdicts = [
            one for one in messages if isinstance(one, Verdict) and (one.id, one.contact_point) not in taken_back
        ]
        newest: dict[str, bool] = {}
        for one in sorted(verdicts, key=lambda one: (one.at, one.id)):
            if one.outcome in RIGHT:
                newest[one.alert] = RIGHT[one.outcome]
        confirmed = frozenset(key for key, right in newest.items() if right)
        return cls("verdicts", lambda alert: newest.get(alert.id), confirmed, knows=bool(newest))

    @classmethod
    def by_truth(cls, path: Path) -> Self:
        """Judge by the truth that `brdo simulate` wrote; raises `TruthError` for a file that is none."""
        subjects: dict[str, Mapping[str, str]] = {}
        cases: list[Case] = []
        for number, line in enumerate(path.read_bytes().splitlines(), start=1):
            try:
                said: dict[str, Any] = json.loads(line)
                if said["truth"] == "event":
                    subjects[said["event"]] = said["subjects"]
                else:
                    cases += [Case(kind, frozenset(said["events"])) for kind in said["expects"]]
            except (ValueError, KeyError, TypeError):
                raise TruthError(f"{path}:{number}: not a line of the truth that `brdo simulate` writes") from None
        return cls("truth", lambda alert: _is_one(alert, subjects), cases=cases)


def _is_found(case: Case, evidence: Iterable[frozenset[str]]) -> bool:
    needed = 1 if case.kind in NEEDS_ONE else 2
    return any(len(events & case.events) >= needed for events in evidence)


def _is_one(alert: Alert, subjects: Mapping[str, Mapping[str, str]]) -> bool | None:
    """Whether each subject of an alert is one in truth; of who is nobody's entity nothing is known."""
    if alert.kind not in OF_ONE_SUBJECT:
        return None
    entities = [
        {subjects.get(one.event, {}).get(one.subject) for one in subject.appearances} for subject in alert.subjects
    ]
    return None if any(None in several for several in entities) else all(len(several) == 1 for several in entities)
