"""Refused events for the people who mend them: found, shown, and sent again.

Who looks into one is written down before it is shown (Directive (EU) 2016/680 Art. 25): no record, no look.
"""

import json
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from infra.errors import DeadLetterError
from infra.topic_reader import TopicReader
from producers.publisher import Publisher
from schemas import topics
from schemas.danger import read_danger
from schemas.errors import Refusal, RefusalReason
from schemas.records import Record, checked_record
from streams.dead_letters import DeadLetter, Retried, read_dead_letter, read_retried, retried_record

RETRY_OF: Final = "retry_of"
"""Header of a record that was sent again: the source of its dead letter."""


@dataclass(frozen=True, slots=True)
class Filed:
    """A dead letter, and whether it was sent again since."""

    letter: DeadLetter
    retried: Retried | None

    @property
    def says_danger(self) -> bool:
        """Whether the refused event says that life is at risk."""
        return read_danger(self.letter.value, RefusalReason(self.letter.reason)) is not None


class DeadLetters:
    """The dead letters of a running system, for one person at a terminal."""

    def __init__(self, bootstrap: str, by: str, clock: Callable[[], datetime]) -> None:
        self._bootstrap = bootstrap
        self._by = by
        self._clock = clock

    def all(self) -> list[Filed]:
        """Return every dead letter, the oldest first."""
        letters: dict[str, DeadLetter] = {}
        retried: dict[str, Retried] = {}
        with closing(TopicReader(self._bootstrap, topics.REFUSED)) as reader:
            for record in reader.read_on():
                if again := read_retried(record):
                    retried[again.source] = again
                else:
                    letter = read_dead_letter(record)
                    letters[letter.source] = letter
        in_order = sorted(letters.values(), key=lambda letter: (letter.refused_at, letter.source))
        return [Filed(letter, retried.get(letter.source)) for letter in in_order]

    def find(self, source: str) -> Filed:
        """Return the dead letter of this record; raises `DeadLetterError`."""
        for filed in self.all():
            if filed.letter.source == source:
                return filed
        raise DeadLetterError(f"there is no dead letter of {source}; `brdo dead-letters list --all` shows them")

    def consult(self, source: str, purpose: str) -> Filed:
        """Return a dead letter to be shown, once it is written down who looks at it and why."""
        filed = self.find(source)
        said = {"at": self._clock().isoformat(), "by": self._by, "of": f"dead letter {source}", "purpose": purpose}
        with Publisher(self._bootstrap) as publisher:
            publisher.send(Record(topics.CONSULTATIONS.name, self._by.encode(), json.dumps(said).encode()))
        return filed

    def retry(self, filed: Filed, mended: bytes | None = None) -> None:
        """Send the event again, as it stands or mended; raises `DeadLetterError` where it would be refused again."""
        value = filed.letter.value if mended is None else mended
        try:
            from_operations = filed.letter.source.startswith(f"{topics.RULES.name}/")
            record = checked_record(value, from_operations=from_operations)
        except Refusal as refusal:
            raise DeadLetterError(f"{filed.letter.source}: {refusal.reason.value}: {refusal}") from None
        headers = (*record.headers, (RETRY_OF, filed.letter.source.encode()))
        with Publisher(self._bootstrap) as publisher:
            publisher.send(Record(record.topic, record.key, record.value, headers))
        with Publisher(self._bootstrap) as publisher:  # only once the event itself is there
            publisher.send(retried_record(Retried(filed.letter.source, self._by, self._clock())))
