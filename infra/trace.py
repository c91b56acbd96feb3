"""The way of one event: published, accepted or refused, in which alerts, delivered and answered, with times.

Read from the topics and the delivery tables. It shows ids, times, places and outcomes, and nothing of
what the event said.
"""

import json
from collections.abc import Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

import sqlalchemy as sa

from consumers.database import engine
from consumers.tables import attempts, deliveries, sendings
from infra.dead_letters import RETRY_OF
from infra.topic_reader import TopicReader
from schemas import topics
from schemas.alerts import Edition
from schemas.codec import decode
from schemas.errors import Refusal
from schemas.feedback import Verdict
from streams.batches.records import InputRecord
from streams.dead_letters import read_dead_letter, read_retried
from streams.intake import INGESTED_AT, SOURCE, is_danger


class Step(StrEnum):
    """What happened to an event."""

    PUBLISHED = "published"
    ACCEPTED = "accepted"
    REFUSED = "refused"
    RETRIED = "sent again"
    DANGER = "danger read"
    ALERT = "alert"
    ASSIGNED = "assigned"
    ATTEMPTED = "attempted"
    DELIVERED = "delivered"
    ANSWERED = "answered"


@dataclass(frozen=True, slots=True)
class Traced:
    """One step: when, what, and which alert, contact point or record it is about."""

    at: datetime
    step: Step
    what: str


def trace(bootstrap: str, database_url: str | None, event: str) -> list[Traced]:
    """Return the steps of the event with this id in order of time; none where the id is unknown."""
    seen = _Seen(event)
    steps: list[Traced] = []
    with closing(TopicReader(bootstrap, [*topics.INBOUND, topics.CASEBOOK, topics.PASSAGES])) as reader:
        records = sorted(reader.read_on(), key=lambda record: record.topic not in _INBOUND)
    for record in records:
        steps += seen.inward(record)
    with closing(TopicReader(bootstrap, [*topics.REFUSED, topics.EDITIONS])) as reader:
        for record in reader.read_on():
            steps += seen.outward(record)
    steps += [
        Traced(verdict.at, Step.ANSWERED, f"{verdict.alert}: {verdict.outcome} by {verdict.contact_point}")
        for verdict in seen.verdicts
        if verdict.alert in seen.alerts
    ]
    if database_url is not None and seen.alerts:
        steps += _deliveries(database_url, seen.alerts)
    return sorted(steps, key=lambda one: (one.at, list(Step).index(one.step)))


_INBOUND = {topic.name for topic in topics.INBOUND}


class _Seen:
    """What the records read so far say about the event."""

    def __init__(self, event: str) -> None:
        self._event = event
        self._sources: set[str] = set()
        self.alerts: set[str] = set()
        self.verdicts: list[Verdict] = []

    def inward(self, record: InputRecord) -> Iterator[Traced]:
        if record.topic in _INBOUND:
            if self._is_it(record):
                self._sources.add(record.source)
                again = record.headers.get(RETRY_OF)
                how = f" (again, for {again.decode()})" if again else ""
                yield Traced(_appended(record), Step.PUBLISHED, record.source + how)
            elif record.topic == topics.FEEDBACK.name:
                self._note_verdict(record)
        elif record.headers.get(SOURCE, b"").decode() in self._sources:
            ingested_at = datetime.fromisoformat(record.headers[INGESTED_AT].decode())
            if is_danger(record):
                yield Traced(ingested_at, Step.DANGER, "life at risk, from what could be read of the refused message")
            else:
                yield Traced(ingested_at, Step.ACCEPTED, f"as {record.source}")

    def outward(self, record: InputRecord) -> Iterator[Traced]:
        if record.topic == topics.EDITIONS.name:
            edition = Edition.model_validate_json(record.value or b"")
            alert, whom = edition.alert, f" for {edition.reader} alone" if edition.reader else ""
            if self._event in alert.evidence:
                self.alerts.add(alert.id)
                what = f"{alert.id} revision {alert.revision}: {alert.kind}, {alert.severity}, {alert.status}{whom}"
                yield Traced(_appended(record), Step.ALERT, what)
        elif again := read_retried(record):
            if again.source in self._sources:
                yield Traced(again.retried_at, Step.RETRIED, f"{again.source} by {again.by}")
        else:
            letter = read_dead_letter(record)
            if letter.source in self._sources:
                yield Traced(letter.refused_at, Step.REFUSED, f"{letter.reason} {letter.field}: {letter.text}")

    def _is_it(self, record: InputRecord) -> bool:
        if record.headers.get("ce_id") == self._event.encode():
            return True
        if self._event.encode() not in (record.value or b""):
            return False
        try:
            document = json.loads(record.value or b"")
        except (ValueError, RecursionError):
            return False
        return isinstance(document, dict) and document.get("id") == self._event

    def _note_verdict(self, record: InputRecord) -> None:
        try:
            message = decode(record.value)
        except Refusal:
            return
        if isinstance(message, Verdict):
            self.verdicts.append(message)


def _deliveries(database_url: str, alerts: Iterable[str]) -> Iterator[Traced]:
    database = engine(database_url)
    try:
        with database.connect() as connection:
            for row in connection.execute(sa.select(deliveries).where(deliveries.c.alert_id.in_(sorted(alerts)))):
                yield from _delivery(connection, row)
    finally:
        database.dispose()


def _delivery(connection: sa.Connection, row: Any) -> Iterator[Traced]:
    whom = f"{row.alert_id} revision {row.revision} to {row.contact_point}"
    held = f", held back by {row.silenced_by}" if row.silenced_by else ""
    held += f", replaced by {row.replaced_by}" if row.replaced_by else ""
    said = f"{whom} ({row.reason}, {row.view}), its delivery {row.sequence}{held}"
    yield Traced(row.created_at, Step.ASSIGNED, said)
    for attempt in connection.execute(sa.select(attempts).where(attempts.c.delivery_id == row.id)):
        if attempt.outcome not in {None, "delivered"}:
            what = f"{whom} by {attempt.channel}: attempt {attempt.number} {attempt.outcome}"
            yield Traced(attempt.started_at, Step.ATTEMPTED, what)
    for sending in connection.execute(sa.select(sendings).where(sendings.c.delivery_id == row.id)):
        if sending.delivered_at is not None:
            yield Traced(sending.delivered_at, Step.DELIVERED, f"{whom} by {sending.channel}")


def _appended(record: InputRecord) -> datetime:
    if record.appended_at is None:
        raise ValueError(f"{record.source} has no time")
    return record.appended_at
