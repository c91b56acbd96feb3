"""History through two sets of rules: which alerts would be told by the one and not by the other, and which otherwise.

Changes of rules in the history are left out: it is judged by the two sets alone. Alerts in shadow are told to nobody,
so they do not count.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Final

from infra.judgement import Judge, Score
from infra.services.progress import OnProgress
from producers.files import read_lines
from schemas.alerts import Alert, AlertKind, Severity
from schemas.codec import decode
from schemas.errors import Refusal
from schemas.feedback import Retraction, Verdict
from schemas.operations import OPERATIONS
from streams.batches.records import InputRecord
from streams.intake import FILE
from streams.offline import OfflineLine
from streams.rules import Rules

"""Called with how many lines are done, how many there are, and by which rules."""

_EVERY: Final = 200
"""Lines between two words of progress."""


class Fate(StrEnum):
    """What becomes of an alert by other rules."""

    GAINED = "gained"
    LOST = "lost"
    CHANGED = "changed"
    SAME = "same"


@dataclass(frozen=True, slots=True)
class Compared:
    """An alert by its id under both sets of rules; None where it does not stand."""

    before: Alert | None
    after: Alert | None

    @property
    def fate(self) -> Fate:
        """What becomes of it."""
        if self.before is None:
            return Fate.GAINED
        if self.after is None:
            return Fate.LOST
        return Fate.SAME if _content(self.before) == _content(self.after) else Fate.CHANGED

    @property
    def shown(self) -> Alert:
        """As it stands by the new rules, else by the old."""
        return next(one for one in (self.after, self.before) if one is not None)


@dataclass(slots=True)
class Backtest:
    """Every alert under both, by id, and how right each set is, where that is known (by its source)."""

    alerts: list[Compared]
    scores: dict[str, tuple[Score, Score]] = field(default_factory=dict)

    @property
    def counts(self) -> dict[tuple[AlertKind, Severity], Counter[Fate]]:
        """How many of each fate, by kind and severity, in the order of the kinds, the most urgent first."""
        found: dict[tuple[AlertKind, Severity], Counter[Fate]] = {
            (kind, severity): Counter() for kind in AlertKind for severity in Severity
        }
        for one in self.alerts:
            found[one.shown.kind, one.shown.severity][one.fate] += 1
        return {key: counted for key, counted in found.items() if counted}


@dataclass(slots=True)
class _Ran:
    told: dict[str, Alert]
    said: list[Verdict | Retraction]


def backtest(  # noqa: PLR0913 - what a comparison consists of
    paths: Sequence[Path],
    before: Rules,
    after: Rules,
    *,
    now: datetime,
    on_progress: OnProgress,
    judges: Iterable[Judge] = (),
) -> Backtest:
    """Run the files through both; `judges` beside the verdicts in the history say what is right."""
    total = sum(1 for _ in read_lines(paths))
    old = _run(paths, before, now, lambda done: on_progress(done, total, "by the rules before"))
    new = _run(paths, after, now, lambda done: on_progress(done, total, "by the rules after"))
    keys = sorted(old.told.keys() | new.told.keys())
    result = Backtest([Compared(old.told.get(key), new.told.get(key)) for key in keys])
    for judge in (Judge.by_verdicts(old.said), *judges):
        if judge.knows:
            result.scores[judge.name] = judge.score(old.told.values()), judge.score(new.told.values())
    return result


def _run(paths: Iterable[Path], rules: Rules, now: datetime, on_line: Callable[[int], None]) -> _Ran:
    line, said, number = OfflineLine(rules), list[Verdict | Retraction](), 0
    for number, text in enumerate(read_lines(paths), start=1):
        message = _message(text)
        if isinstance(message, Verdict | Retraction):
            said.append(message)
        if getattr(message, "originator", None) != OPERATIONS:
            for _ in line.take_in(InputRecord(FILE, 0, number - 1, None, text, {}), now):
                pass
        if number % _EVERY == 0:
            on_line(number)
    on_line(number)
    return _Ran({alert.id: alert for alert in line.open_alerts}, said)


def _message(text: bytes) -> object:
    try:
        return decode(text, from_operations=True)
    except Refusal:
        return None


def _content(alert: Alert) -> Alert:
    return alert.model_copy(update={"revision": 1, "updated_at": alert.opened_at, "rules_version": ""})
