"""The whole line in one process, without Kafka: intake, one watch and the case book, each record to its end."""

from collections import deque
from collections.abc import Iterator
from datetime import datetime
from typing import Final

from schemas import topics
from schemas.alerts import Alert
from schemas.records import Record
from streams.batches.records import InputRecord
from streams.correlation import correlate
from streams.engine.casebook import CaseBook
from streams.engine.watch import Watch
from streams.engine.what_if import WhatIf
from streams.intake import take_in
from streams.rules import IntakeRules, Rules
from streams.watching import watch_interests, watch_passages, watch_roadside

_WATCHED_PARTITION: Final = 0
"""Every partition of the watch is told the same; here there is one."""


class OfflineLine:
    """What the workers hold, and the one way in."""

    def __init__(self, rules: Rules) -> None:
        self._casebook = CaseBook(rules)
        self._watch = Watch(rules)

    @property
    def open_alerts(self) -> tuple[Alert, ...]:
        """Every alert that stands and is told, by id."""
        return self._casebook.open_alerts

    @property
    def shadow_alerts(self) -> tuple[Alert, ...]:
        """Every alert that stands and of which nobody is told, by id."""
        return self._casebook.shadow_alerts

    def what_if(self) -> WhatIf:
        """Return what answers how things would stand without an event."""
        return self._casebook.what_if()

    def open_to(self, contact_point: str) -> tuple[Alert, ...]:
        """Every alert that stands for a contact point, by id."""
        return self._casebook.open_to(contact_point)

    def take_in(self, record: InputRecord, now: datetime, limits: IntakeRules | None = None) -> Iterator[Record]:
        """Take in a record as intake does, and return all that comes of it, whatever topic it goes to."""
        waiting = deque(take_in(record, now, limits))
        while waiting:
            one = waiting.popleft()
            yield one
            match one.topic:
                case topics.PASSAGES.name:
                    waiting += watch_passages(self._watch, [read_back(one)], now).records
                case topics.INTERESTS.name if one.partition == _WATCHED_PARTITION:
                    waiting += watch_interests(self._watch, [read_back(one)], now).records
                case topics.ROADSIDE.name:
                    waiting += watch_roadside(self._watch, [read_back(one)], now).records
                case topics.CASEBOOK.name:
                    waiting += correlate(self._casebook, [read_back(one)], now).records


def read_back(record: Record) -> InputRecord:
    """Return the record as its reader would get it from Kafka."""
    return InputRecord(record.topic, record.partition or 0, 0, record.key, record.value, dict(record.headers))
