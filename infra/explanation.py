"""Why an alert stands, event by event, and what would have made the difference: from history in files."""

from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from infra.errors import NoSuchAlertError
from producers.files import read_lines
from schemas.alerts import Alert, Reason
from streams.batches.records import InputRecord
from streams.intake import FILE
from streams.offline import OfflineLine
from streams.rules import Rules


@dataclass(frozen=True, slots=True)
class Step:
    """An event of an alert, by time: what stood before and after it, and what would stand without it alone."""

    event: str
    before: Alert | None
    after: Alert | None
    whole: Alert
    without: Alert | None

    @property
    def added(self) -> list[str]:
        """What it added: each reason that is new, adds more or rests on more, and how much that adds."""
        was, now = _by_rule(self.before), _by_rule(self.after)
        return [f"{rule} {_sum(now[rule]) - _sum(was[rule]):+.4g}" for rule in now if now[rule] != was[rule]]

    @property
    def difference(self) -> str:
        """What would be otherwise without it, in words."""
        if self.without is None:
            return "not raised"
        if self.without.severity is not self.whole.severity:
            return f"{self.without.severity} instead of {self.whole.severity}"
        if self.without.score != self.whole.score:
            return f"score {self.without.score:g} instead of {self.whole.score:g}"
        return "unchanged" if self.without.id == self.whole.id else f"goes on as {self.without.id}"


@dataclass(frozen=True, slots=True)
class Explanation:
    """An alert as it stands in the end, and its events by time."""

    alert: Alert
    steps: list[Step]


def explain(
    alert_id: str, paths: Iterable[Path], rules: Rules, now: datetime, on_line: Callable[[int], None]
) -> Explanation:
    """Run the files through the line; raises `NoSuchAlertError` where the alert does not stand in the end."""
    line = OfflineLine(rules)
    for number, text in enumerate(read_lines(paths)):
        for _ in line.take_in(InputRecord(FILE, 0, number, None, text, {}), now):
            pass
        on_line(number + 1)
    standing = {alert.id: alert for alert in (*line.shadow_alerts, *line.open_alerts)}
    if alert_id not in standing:
        raise NoSuchAlertError(f"{alert_id} does not stand after these events; `brdo replay` writes all revisions")
    alert, what_if = standing[alert_id], line.what_if()
    steps: list[Step] = []
    before: Alert | None = None
    for event, after in what_if.steps(alert):
        steps.append(Step(event, before, after, alert, what_if.without(alert, event)))
        before = after
    return Explanation(alert, steps)


def _by_rule(alert: Alert | None) -> defaultdict[str, list[Reason]]:
    found: defaultdict[str, list[Reason]] = defaultdict(list)
    for reason in alert.reasons if alert else ():
        found[reason.rule].append(reason)
    return found


def _sum(reasons: Iterable[Reason]) -> float:
    return sum(reason.contribution for reason in reasons)
