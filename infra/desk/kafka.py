"""What a desk writes to Kafka (who looks, what is answered) and reads there (what was answered).

Who looks at an alert is written down before it is shown (Directive (EU) 2016/680 Art. 25).
"""

import json
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Self

from consumers.desk.answers import Answer, verdict
from consumers.desk.model import Consult, RecordList
from infra.topic_reader import TopicReader
from producers.errors import NotPublishedError
from producers.publisher import DELIVERY_SECONDS, Publisher
from schemas import topics
from schemas.codec import decode
from schemas.errors import Refusal
from schemas.feedback import Verdict
from schemas.messages import AnyMessage
from schemas.records import Record, message_record

RECORD_SECONDS: Final = 5.0
"""How long writing down a look may take; then it is not allowed."""


@dataclass(frozen=True, slots=True)
class Who:
    """Who sits at the desk: `by` is the account, `officer` is what that account says its user is called."""

    by: str
    officer: str | None
    contact_point: str
    purpose: str


class Acknowledged:
    """Records one at a time, each acknowledged by Kafka or said to have failed."""

    def __init__(self, bootstrap: str) -> None:
        self._bootstrap = bootstrap
        self._publisher: Publisher | None = None

    def send(self, record: Record, seconds: float = DELIVERY_SECONDS) -> None:
        """Publish a record; raises `NotPublishedError`.

        After a failure another publisher takes over, so that a late failure of one record is not the next one's.
        """
        if self._publisher is None:
            self._publisher = Publisher(self._bootstrap)
        try:
            self._publisher.send(record)
            self._publisher.flush(seconds)
        except NotPublishedError:
            self._publisher = None
            raise


class Consultations:
    """Writes down who looks at what."""

    def __init__(self, bootstrap: str, who: Who, clock: Callable[[], datetime]) -> None:
        self._kafka = Acknowledged(bootstrap)
        self._who = who
        self._clock = clock

    def record(self, look: Consult | RecordList) -> None:
        """Write down a look, before anything is shown; raises `NotPublishedError`."""
        said: dict[str, Any] = {
            "at": self._clock().isoformat(),
            "by": self._who.by,
            "officer": self._who.officer,
            "contact_point": self._who.contact_point,
            "purpose": self._who.purpose,
        }
        match look:
            case Consult(alert):
                said |= {"of": f"alert {alert.id}", "view": "detail", "alert": alert.id, "revision": alert.revision}
            case RecordList(keys):
                said |= {"of": f"list of {len(keys)} alerts", "view": "list", "alerts": [list(key) for key in keys]}
        value = json.dumps({name: one for name, one in said.items() if one is not None}, ensure_ascii=False)
        record = Record(topics.CONSULTATIONS.name, self._who.by.encode(), value.encode())
        self._kafka.send(record, RECORD_SECONDS)


class Verdicts:
    """Publishes what officers answer."""

    def __init__(self, bootstrap: str, contact_point: str, officer: str, clock: Callable[[], datetime]) -> None:
        self._kafka = Acknowledged(bootstrap)
        self._contact_point = contact_point
        self._officer = officer
        self._clock = clock

    def send(self, answer: Answer) -> Verdict:
        """Publish the answer and return it once Kafka acknowledged it; raises `NotPublishedError`."""
        said = verdict(
            answer,
            contact_point=self._contact_point,
            officer=self._officer,
            at=self._clock(),
            identity=f"vd-{uuid.uuid4().hex}",
        )
        self._kafka.send(message_record(said))
        return said


class Feedback:
    """What contact points sent, from the topic's beginning on."""

    def __init__(self, bootstrap: str) -> None:
        self._reader = TopicReader(bootstrap, [topics.FEEDBACK])

    def read_on(self) -> tuple[AnyMessage, ...]:
        """Return the messages that came since the last time, without what intake refuses; raises `TopicsError`."""
        return tuple(message for record in self._reader.read_on() if (message := _message(record.value)) is not None)

    def __enter__(self) -> Self:
        """Return the reader itself."""
        return self

    def __exit__(self, *_: object) -> None:
        """Leave the broker."""
        self._reader.close()


def _message(value: bytes | None) -> AnyMessage | None:
    try:
        return decode(value)
    except Refusal:
        return None
