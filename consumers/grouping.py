"""When a further revision of an alert is sent: the first at once, then one in an interval, the newest.

As Alertmanager's group_interval, with danger first: what is graver than before, is withdrawn, or endangers life never
waits, and nothing waits longer than the interval, however often it is revised meanwhile.
"""

from datetime import datetime

from consumers.notice import Told
from consumers.policy import Waits
from schemas.alerts import Severity


def due_at(told: Told, before: Told | None, before_due_at: datetime | None, waits: Waits, now: datetime) -> datetime:
    """Return when a revision is to be sent; `before` is the last one, which was or is to be sent at `before_due_at`."""
    if before is None or before_due_at is None or _is_news(told, before):
        return now
    if before_due_at > now:
        return before_due_at  # in the place of the one that waits there
    return max(now, before_due_at + waits.of(told.severity))


def _is_news(told: Told, before: Told) -> bool:
    """Whether it must be known at once. Another edition of the same revision is, too: somebody was permitted it."""
    return (
        told.revision <= before.revision
        or told.severity.rank < before.severity.rank
        or told.severity is Severity.CRITICAL
        or told.life_at_risk
        or "withdrawn" in {told.status, before.status}
    )
