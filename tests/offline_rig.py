"""The whole line in one process, given events as devices write them."""

import hashlib
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from factory import NOW, as_line

from schemas import topics
from schemas.alerts import Alert
from schemas.devices import Notice
from schemas.records import Record
from streams.batches.records import InputRecord
from streams.offline import OfflineLine
from streams.rules import Rules, load_rules

RULES: Rules = load_rules()
Said = dict[str, Any]


def sent(event: Said) -> InputRecord:
    """Return the event as a device's record; intake does not care on which topic it came."""
    return InputRecord("border.incidents", 0, 0, None, as_line(event), {})


def played(events: Iterable[Said], now: datetime = NOW) -> OfflineLine:
    """Return a line that took in these events, in this order."""
    line = OfflineLine(RULES)
    for event in events:
        told(line, event, now)
    return line


def told(line: OfflineLine, event: Said, now: datetime = NOW) -> list[Record]:
    """Take in an event; return all that comes of it."""
    return list(line.take_in(sent(event), now))


def standing(kind: str, *events: Said) -> list[Alert]:
    """Return the open alerts of this kind."""
    return [alert for alert in played(events).open_alerts if alert.kind == kind]


def raised(kind: str, *events: Said) -> list[tuple[str, ...]]:
    """Return the evidence of each open alert of this kind."""
    return sorted(alert.evidence for alert in standing(kind, *events))


def revisions(kind: str, *events: Said) -> list[Alert]:
    """Return every revision of the alerts of this kind, in the order in which they are told."""
    line = OfflineLine(RULES)
    alerts = (alert for event in events for alert in alerts_in(told(line, event)))
    return [alert for alert in alerts if alert.kind == kind]


def alerts_in(records: Iterable[Record]) -> list[Alert]:
    return [Alert.model_validate_json(one.value) for one in records if one.topic == topics.ALERTS.name]


def notices_in(records: Iterable[Record]) -> list[Notice]:
    return [Notice.model_validate_json(one.value) for one in records if one.topic == topics.NOTICES.name]


def alert_id(earliest: str) -> str:
    """Return the id that the contract gives, from ``kind|exercise or real|event id|position|``."""
    return "al-" + hashlib.sha256(earliest.encode()).hexdigest()[:20]
