"""The topics on the broker: made from the catalogue, and checked against it."""

import time
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from confluent_kafka import KafkaError, KafkaException
from confluent_kafka.admin import (  # type: ignore[attr-defined]
    AdminClient,
    AlterConfigOpType,
    ConfigEntry,
    ConfigResource,
)
from confluent_kafka.cimpl import NewTopic

from infra.errors import TopicsError
from schemas.topics import CATALOGUE, Topic

TIMEOUT_SECONDS: Final = 30.0
_POLL_SECONDS: Final = 0.1


@dataclass(frozen=True, slots=True)
class TopicState:
    """A topic of the catalogue and how many partitions the broker has of it (None: it is missing)."""

    topic: Topic
    partitions: int | None

    @property
    def fits(self) -> bool:
        """Whether the broker has it as the catalogue says."""
        return self.partitions == self.topic.partitions


def topic_states(bootstrap: str, *, timeout_seconds: float = TIMEOUT_SECONDS) -> list[TopicState]:
    """Return each topic of the catalogue as the broker has it; raises `TopicsError` if none answers."""
    return _states(_admin(bootstrap), timeout_seconds)


def ensure_topics(bootstrap: str, *, replication: int = -1) -> None:
    """Create the topics that are missing (replication -1: the broker's default), and set how long all keep records.

    Raises `TopicsError`.
    """
    admin = _admin(bootstrap)
    states = _states(admin, TIMEOUT_SECONDS)
    missing = [state.topic for state in states if state.partitions is None]
    _configure(admin, (state.topic for state in states if state.partitions is not None))
    new = [
        NewTopic(topic.name, num_partitions=topic.partitions, replication_factor=replication, config=topic.config)
        for topic in missing
    ]
    for name, done in (admin.create_topics(new, operation_timeout=TIMEOUT_SECONDS) if new else {}).items():
        try:
            done.result()
        except KafkaException as error:
            if error.args[0].code() != KafkaError.TOPIC_ALREADY_EXISTS:
                raise TopicsError(f"topic {name} cannot be created: {error.args[0].str()}") from None
    deadline = time.monotonic() + TIMEOUT_SECONDS  # a created topic shows in the metadata a moment later
    while time.monotonic() < deadline and any(one.partitions is None for one in _states(admin, TIMEOUT_SECONDS)):
        time.sleep(_POLL_SECONDS)
    check_topics(_states(admin, TIMEOUT_SECONDS))


def _configure(admin: AdminClient, existing: Iterable[Topic]) -> None:
    """Set what the catalogue says: a topic of an earlier version may keep its records longer than it may."""
    resources = [
        ConfigResource(
            ConfigResource.Type.TOPIC,
            topic.name,
            incremental_configs=[
                ConfigEntry(name, value, incremental_operation=AlterConfigOpType.SET)
                for name, value in topic.config.items()
            ],
        )
        for topic in existing
    ]
    for resource, done in (admin.incremental_alter_configs(resources) if resources else {}).items():
        try:
            done.result()
        except KafkaException as error:
            raise TopicsError(f"topic {resource.name} cannot be configured: {error.args[0].str()}") from None


def check_topics(states: Iterable[TopicState]) -> None:
    """Raise `TopicsError` for the first topic that does not fit: keys would land where nobody looks for them."""
    for state in states:
        if not state.fits:
            there = "is missing" if state.partitions is None else f"has {state.partitions} partitions"
            raise TopicsError(
                f"topic {state.topic.name} {there}, the catalogue says {state.topic.partitions}; "
                "`brdo topics --create` makes missing ones, others must be made anew"
            )


def _states(admin: AdminClient, timeout_seconds: float) -> list[TopicState]:
    try:
        there = admin.list_topics(timeout=timeout_seconds).topics
    except KafkaException as error:
        raise TopicsError(f"Kafka does not answer: {error.args[0].str()}; is BRDO_KAFKA_BOOTSTRAP right?") from None
    return [
        TopicState(topic, len(there[topic.name].partitions) if topic.name in there else None) for topic in CATALOGUE
    ]


def _admin(bootstrap: str) -> AdminClient:
    return AdminClient({"bootstrap.servers": bootstrap, "log_level": 0})
