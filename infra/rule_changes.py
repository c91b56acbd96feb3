"""Changes of the rules: what two sets differ in, which are in force, and sending others."""

import uuid
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from infra.topic_reader import TopicReader
from producers.publisher import Publisher
from schemas import topics
from schemas.alerts import AlertKind
from schemas.codec import decode
from schemas.errors import Refusal
from schemas.feedback import Retraction
from schemas.operations import OPERATIONS, RulesChange
from schemas.records import message_record
from streams.engine.rulebook import RuleBook, rules_in
from streams.modes import Mode
from streams.rules import Rules

SCHEMA_VERSION: Final = "1.0"


@dataclass(frozen=True, slots=True)
class Difference:
    """A field (dotted) that two sets of rules say otherwise."""

    field: str
    before: str
    after: str


def differences(before: Rules, after: Rules) -> list[Difference]:
    """Return what two sets of rules say otherwise, in the order of the file."""
    was, now = dict(_fields(before.model_dump())), dict(_fields(after.model_dump()))
    return [Difference(name, was[name], now[name]) for name in was if was[name] != now[name]]


def is_quiet_on_danger(rules: Rules) -> bool:
    """Whether nobody would be told of a danger to life."""
    return rules.mode(AlertKind.LIFE_AT_RISK) is not Mode.LIVE


def in_force(bootstrap: str, file: Rules) -> tuple[str, Rules]:
    """Return by which change the running system judges ("" is the file), and its rules; raises `TopicsError`."""
    book, changes, taken_back = RuleBook(file), dict[str, RulesChange](), set[str]()
    with closing(TopicReader(bootstrap, [topics.RULES])) as reader:
        for record in reader.read_on():
            try:
                message = decode(record.value, from_operations=True)
                if isinstance(message, RulesChange) and rules_in(message):
                    changes.setdefault(message.id, message)
            except Refusal:
                continue
            if isinstance(message, Retraction):
                taken_back.add(message.retracts)
    for change in changes.values():
        if change.id not in taken_back:
            book.add(change)
    return book.in_force.change, book.rules


class Operations:
    """What operations says; each returns once Kafka acknowledged it, and raises `NotPublishedError`."""

    def __init__(self, bootstrap: str, officer: str, clock: Callable[[], datetime]) -> None:
        self._bootstrap = bootstrap
        self._officer = officer
        self._clock = clock

    def change(self, rules: Rules) -> RulesChange:
        """Let these rules hold from now on."""
        change = RulesChange(
            type="rules_change",
            schema_version=SCHEMA_VERSION,
            id=f"rules-{uuid.uuid4().hex}",
            at=self._clock(),
            officer=self._officer,
            rules=rules.model_dump(mode="json"),
        )
        self._send(change)
        return change

    def take_back(self, change: str) -> None:
        """Go back from a change to the one before."""
        self._send(
            Retraction(
                type="retraction",
                schema_version=SCHEMA_VERSION,
                id=f"back-{uuid.uuid4().hex}",
                at=self._clock(),
                originator=OPERATIONS,
                officer=self._officer,
                retracts=change,
                reason="entered_in_error",
            )
        )

    def _send(self, message: RulesChange | Retraction) -> None:
        with Publisher(self._bootstrap) as publisher:
            publisher.send(message_record(message))


def _fields(part: Mapping[str, Any], above: str = "") -> Iterator[tuple[str, str]]:
    for name, value in part.items():
        if isinstance(value, Mapping):
            yield from _fields(value, f"{above}{name}.")
        else:
            yield f"{above}{name}", ", ".join(sorted(value)) if isinstance(value, frozenset) else str(value)
