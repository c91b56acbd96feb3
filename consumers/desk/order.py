"""What of the desk is listed, in which order, and where the selection stands."""

from dataclasses import replace

from consumers.desk import words
from consumers.desk.alerts import DeskAlert
from consumers.desk.model import Desk, Typing, rank

_FIELDS = {"kind": "kind", "k": "kind", "severity": "severity", "s": "severity"}


def listed(desk: Desk) -> list[DeskAlert]:
    """Return the alerts that pass the filter.

    Life at risk comes first, unanswered before answered and real before exercise; then what nobody answered,
    by severity and what is withdrawn last; then what was answered; the newest first among equals.
    """
    return sorted(
        (one for one in desk.alerts.values() if passes(desk, one)), key=lambda alert: _place_in_order(desk, alert)
    )


def _place_in_order(desk: Desk, alert: DeskAlert) -> tuple[int, bool, int, float, str]:
    answered = desk.standing(alert).verdict is not None
    newest = -alert.updated_at.timestamp()
    if alert.endangers_life:
        return 0, answered, int(alert.exercise), newest, alert.id
    if not answered:
        return 1, not alert.is_open, rank(alert), newest, alert.id
    return 2, False, 0, newest, alert.id


def passes(desk: Desk, alert: DeskAlert) -> bool:
    """Whether an alert passes the filter: every word of it, `kind:…` and `severity:…` by those alone.

    A summary that is not shown yet is not searched either.
    """
    texts = {"kind": f"{alert.kind} {words.KINDS[alert.kind]}".lower(), "severity": alert.severity or ""}
    summary = alert.summary if alert.key in desk.recorded else ""
    verdict = desk.standing(alert).verdict
    answered = f"{words.OUTCOMES[verdict.outcome]} {verdict.officer}" if verdict else ""
    status = f"{alert.status} {'exercise' if alert.exercise else ''}"
    whole = " ".join((*texts.values(), summary, alert.place, alert.id, status, answered)).lower()
    for word in desk.filter.lower().split():
        name, colon, wanted = word.partition(":")
        text = texts[_FIELDS[name]] if colon and name in _FIELDS else whole
        if (wanted if text is not whole else word) not in text:
            return False
    return True


def chosen(desk: Desk) -> DeskAlert | None:
    """Return the selected alert: what was selected while it is listed, else the first."""
    alerts = listed(desk)
    return next((one for one in alerts if one.id == desk.selected), next(iter(alerts), None))


def pinned(desk: Desk) -> Desk:
    """Return the desk with the selection fixed to an alert, so that what comes above it does not take it over.

    While a filter is typed it waits: the alert that was selected may be listed again in the end.
    """
    if isinstance(desk.mode, Typing):
        return desk
    alert = chosen(desk)
    return replace(desk, selected=alert.id) if alert is not None and alert.id != desk.selected else desk
