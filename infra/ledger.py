"""What became of every record, read from the topics alone: nothing here believes a counter.

Each record of a station's topic must end in exactly one way: applied by the case book, seen by the
watch, or in the dead letters. Intake's headers name the record that each came from, and the changelogs
of watch and case book say how far each has applied its input.
"""

from dataclasses import dataclass, field
from typing import Final

from infra.topic_reader import TopicReader
from schemas import topics
from schemas.alerts import Alert, Edition
from streams.batches.changelog import MARK, positions_in
from streams.batches.records import InputRecord
from streams.dead_letters import DeadLetter, read_dead_letter, read_retried
from streams.intake import SOURCE

READ: Final = (
    topics.INCIDENTS,
    topics.SIGHTINGS,
    topics.WATCHLIST,
    topics.FEEDBACK,
    topics.RULES,
    topics.PASSAGES,
    topics.WATCH_STATE,
    topics.INTERESTS,
    topics.ROADSIDE,
    topics.CASEBOOK,
    topics.CASEBOOK_STATE,
    topics.ALERTS,
    topics.EDITIONS,
    *topics.REFUSED,
)

_BETWEEN: Final = {topics.PASSAGES.name, topics.INTERESTS.name, topics.ROADSIDE.name, topics.CASEBOOK.name}

Place = tuple[int, int]
"""Partition and offset."""
Input = tuple[str, int]
"""A topic that our own processes write, and the partition."""


@dataclass(slots=True)
class Account:
    """What the topics say so far. A source is a record of a station's topic, as ``topic/partition/offset``."""

    records: int = 0
    accepted: set[str] = field(default_factory=set)
    passages: dict[str, Place] = field(default_factory=dict)
    ends: dict[Input, int] = field(default_factory=dict)
    applied: dict[Input, int] = field(default_factory=dict)
    casebook: dict[str, int] = field(default_factory=dict)
    event_ids: dict[str, str] = field(default_factory=dict)
    dead_letters: dict[tuple[str, str], DeadLetter] = field(default_factory=dict)
    revisions: dict[tuple[str, int], Alert] = field(default_factory=dict)
    editions: dict[tuple[str, int, str], Edition] = field(default_factory=dict)

    @property
    def refused(self) -> set[str]:
        """Sources that ended in the dead letters."""
        return {source for source, _ in self.dead_letters}

    @property
    def correlated(self) -> set[str]:
        """Sources that the case book applied or the watch saw."""
        applied_to = self.applied.get((topics.CASEBOOK.name, 0), 0)
        applied = {source for source, offset in self.casebook.items() if offset < applied_to}
        seen = {
            source
            for source, (partition, offset) in self.passages.items()
            if offset < self.applied.get((topics.PASSAGES.name, partition), 0)
        }
        return (applied | seen) - self.refused

    @property
    def repeated(self) -> int:
        """How many correlated incidents were there already under the same id."""
        ids = [self.event_ids[source] for source in self.casebook if source not in self.refused | self.passages.keys()]
        return len(ids) - len(set(ids))

    @property
    def unsettled(self) -> set[str]:
        """Sources of which nothing is known yet."""
        return self.accepted - self.correlated - self.refused

    @property
    def under_way(self) -> int:
        """How many records between our own processes are not applied yet."""
        return sum(max(0, end - self.applied.get(of, 0)) for of, end in self.ends.items())

    @property
    def open_alerts(self) -> list[Alert]:
        """The newest revision of each alert, where it is open."""
        newest: dict[str, Alert] = {}
        for (key, revision), alert in self.revisions.items():
            if key not in newest or revision > newest[key].revision:
                newest[key] = alert
        return [newest[key] for key in sorted(newest) if newest[key].status == "open"]


class Ledger:
    """Reads the topics from their beginning, again and again up to their present end."""

    def __init__(self, bootstrap: str) -> None:
        self.account = Account()
        self._before = -1
        self._reader = TopicReader(bootstrap, READ)

    def close(self) -> None:
        """Leave the broker."""
        self._reader.close()

    def read_on(self) -> Account:
        """Read what the topics hold by now and return the account; raises `TopicsError` if Kafka is away."""
        for record in self._reader.read_on():
            self._enter(record)
        return self.account

    def is_settled(self) -> bool:
        """Whether everything is applied, and the last reading found nothing new.

        What a record leads to is published before it counts as applied, so one more reading finds it.
        """
        before, self._before = self._before, self.account.records
        return before == self._before and not self.account.unsettled and not self.account.under_way

    def _enter(self, record: InputRecord) -> None:
        account = self.account
        account.records += 1
        if record.topic in _BETWEEN:
            account.ends[record.topic, record.partition] = record.offset + 1
        source = record.headers.get(SOURCE, b"").decode(errors="replace")
        match record.topic:
            case (
                topics.INCIDENTS.name
                | topics.SIGHTINGS.name
                | topics.WATCHLIST.name
                | topics.FEEDBACK.name
                | topics.RULES.name
            ):
                account.accepted.add(record.source)
            case topics.PASSAGES.name:
                account.passages.setdefault(source, (record.partition, record.offset))
            case topics.CASEBOOK.name if source:
                account.casebook.setdefault(source, record.offset)
                account.event_ids[source] = (record.key or b"").decode()
            case topics.CASEBOOK_STATE.name | topics.WATCH_STATE.name if record.key == MARK:
                for topic, position in positions_in(record.value).items():
                    account.applied[topic, record.partition] = position
            case topics.ALERTS.name:
                alert = Alert.model_validate_json(record.value or b"")
                account.revisions[alert.id, alert.revision] = alert
            case topics.EDITIONS.name:
                edition = Edition.model_validate_json(record.value or b"")
                account.editions[edition.alert.id, edition.alert.revision, edition.reader] = edition
            case name if name in topics.REFUSED_NAMES and read_retried(record) is None:
                letter = read_dead_letter(record)
                account.dead_letters[letter.source, letter.reason] = letter
