"""The private parts of Faust 0.15.3 and aiokafka 0.14 that batches need: all of them are here.

Faust pays asyncio for each record; here it delivers one event for each fetched partition batch. Faust
keeps the group's membership, its assignor, the agents and the commit loop; it neither fetches nor seeks,
and its acknowledgements are not used: what may be committed is what the partitions say is durable.
`tests/unit/test_faust_private.py` names what changed when Faust changes.
"""

import asyncio
from collections.abc import Callable, Mapping
from typing import Any, Final

import faust
from aiokafka import TopicPartition
from faust.transport.drivers import aiokafka as driver
from faust.types import TP
from faust.types.tuples import ConsumerMessage

from streams.batches.records import Batch

FAUST_VERSION: Final = "0.15.3"
_ALIVE_EVERY_SECONDS: Final = 1.0

RELIED_ON: Final = (
    "faust.transport.consumer.Consumer._drain_messages",
    "faust.transport.consumer.Consumer._filter_tps_with_pending_acks",
    "faust.transport.consumer.Consumer._new_offset",
    "faust.transport.consumer.Consumer._commit_tps",
    "faust.transport.consumer.Consumer._should_commit",
    "faust.transport.consumer.Consumer.on_partitions_revoked",
    "faust.transport.consumer.Consumer.on_partitions_assigned",
    "aiokafka.consumer.subscription_state.SubscriptionState.fetch_context",
    "aiokafka.consumer.consumer.AIOKafkaConsumer.pause",
    "aiokafka.consumer.group_coordinator.GroupCoordinator._heartbeat_routine",
    "faust.transport.drivers.aiokafka.Producer._settings_default",
    "faust.transport.conductor.ConductorCompiler.build",
    "faust.tables.recovery.Recovery._resume_streams",
    "faust.topics.Topic._compile_decode",
    "faust.app.base.App._on_partitions_revoked",
    "faust.app.base.App._on_partitions_assigned",
    "aiokafka.producer.producer.AIOKafkaProducer.send_batch",
    "aiokafka.producer.message_accumulator.BatchBuilder.append",
)
"""What is overridden or called here and in `app`, and what calls it."""


class BatchConsumer(driver.Consumer):
    """Keeps Faust's membership, assignment and commits; what is read comes from `fetching`."""

    app: Any

    async def _drain_messages(self, fetcher: Any) -> None:
        """Stand in for Faust's fetcher: tell aiokafka now and then that this loop lives, else it leaves the group."""
        while not (self.should_stop or fetcher.should_stop):
            consumer = self._thread._consumer
            if consumer is not None:
                with consumer._subscription.fetch_context():
                    pass
            await asyncio.sleep(_ALIVE_EVERY_SECONDS)

    async def deliver(self, batch: Batch) -> None:
        """Hand a batch to its agent; returns once there is room for it."""
        await self.callback(_message(batch, self.app.consumer_generation_id))

    def _filter_tps_with_pending_acks(self, topics: Any = None) -> list[TP]:  # type: ignore[override]
        del topics  # everything that is durable may be committed
        return list(self.app.committable)

    def _new_offset(self, tp: TP) -> int | None:
        offset: int | None = self.app.committable.pop(tp, None)
        return offset

    async def on_partitions_assigned(self, assigned: set[TP], generation_id: int = 0) -> None:
        """Let aiokafka fetch nothing: it would only fill memory."""
        self._thread._ensure_consumer().pause(*(TopicPartition(*tp) for tp in assigned))
        await super().on_partitions_assigned(assigned, generation_id)

    async def on_partitions_revoked(self, revoked: set[TP]) -> None:
        """Finish what is under way and commit it before the partitions go; Faust forgets first."""
        await self.app.suspend()
        await self.commit()
        self.app.committable.clear()
        await super().on_partitions_revoked(revoked)


class _Producer(driver.Producer):
    def _settings_extra(self) -> Mapping[str, Any]:
        return {"acks": "all", "enable_idempotence": True}  # a retry inside the client neither repeats nor reorders


class BatchTransport(driver.Transport):
    """Faust's Kafka transport, by batches."""

    Consumer = BatchConsumer
    Producer = _Producer


class BatchTopic(faust.Topic):
    """A topic whose events are batches: there is nothing to decode that could fail and lose a record."""

    def _compile_decode(self) -> Callable[..., Any]:
        async def decode(message: Any, *, propagate: bool = False) -> Any:
            del propagate
            return self._create_event(None, message.value, None, message=message)

        self.decode = decode
        return decode


def _message(batch: Batch, generation: int) -> Any:
    topic, partition, records = batch
    value: Any = batch  # one event is a whole batch
    offset, tp = records[-1].offset(), TP(topic, partition)
    return ConsumerMessage(
        topic, partition, offset, 0.0, 0, None, None, value, None, 0, 0, tp, generation_id=generation
    )


def kafka_producer(app: faust.App) -> Any:
    """Return the app's aiokafka producer; Faust itself sends single records only."""
    return app.producer._producer  # type: ignore[attr-defined]  # noqa: SLF001


def consumer_of(app: faust.App) -> Any:
    """Return the app's consumer or None; `app.consumer` would make one, on whatever thread asks."""
    return app._consumer  # noqa: SLF001


def deliver_to(app: faust.App) -> Callable[[Batch], Any]:
    """Return what hands a batch to the app's agents."""
    return app.consumer.deliver  # type: ignore[attr-defined,no-any-return]
