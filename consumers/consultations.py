"""Looks that were written to Kafka (at a duty desk, at dead letters), copied into the audit, each once."""

import json
from collections import defaultdict
from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from confluent_kafka import Message
from sqlalchemy.dialects.postgresql import insert

from consumers import audit
from consumers.audit import SYSTEM, Act, Entry
from consumers.tables import positions


def copy(connection: sa.Connection, messages: Sequence[Message]) -> None:
    """Copy looks of one topic into the audit in the caller's transaction; those copied before are passed over."""
    by_partition: dict[tuple[str, int], dict[int, Message]] = defaultdict(dict)
    for message in messages:
        topic, partition, offset = _place(message)
        by_partition[topic, partition][offset] = message
    for (topic, partition), mine in sorted(by_partition.items()):
        named = {"topic": topic, "partition": partition}
        position = connection.execute(sa.select(positions.c.next).filter_by(**named).with_for_update())
        done = position.scalar_one_or_none() or 0
        audit.record(connection, [_entry(message) for offset, message in sorted(mine.items()) if offset >= done])
        after = insert(positions).values(**named, next=max(done, max(mine) + 1))
        connection.execute(after.on_conflict_do_update(index_elements=list(named), set_={"next": after.excluded.next}))


def _place(message: Message) -> tuple[str, int, int]:
    topic, partition, offset = message.topic(), message.partition(), message.offset()
    if topic is None or partition is None or offset is None:
        raise ValueError("a message that was not read from Kafka")
    return topic, partition, offset


def _entry(message: Message) -> Entry:
    """Return what is known of a look; of one that cannot be read, that it was, and where it stands."""
    source = "/".join(str(part) for part in _place(message))
    try:
        said: Any = json.loads(message.value() or b"")
        alert, revision = str(said.get("alert", "")), int(said.get("revision", 0))
        what = said.get("view") or "dead letter"
        actor, purpose = str(said["by"]), str(said["purpose"])
        contact_point = str(said.get("contact_point", ""))
    except (ValueError, KeyError, TypeError, AttributeError):
        return Entry(Act.CONSULTATION, "unknown", detail=f"unreadable, {source}")
    return Entry(
        Act.CONSULTATION,
        actor,
        contact_point or SYSTEM,
        recipient=contact_point,
        purpose=purpose,
        alert_id=alert,
        revision=revision,
        detail=f"{what}, {source}",
    )
