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
AIOKAFKA_VERSION: Final = "0.14.0"
_ALIVE_EVERY_SECONDS: Final = 1.0

RELIED_ON: Final = {
    "faust.transport.consumer.Consumer._drain_messages": "44a2500309e8",
    "faust.transport.consumer.Consumer._filter_tps_with_pending_acks": "f6f923977423",
    "faust.transport.consumer.Consumer._new_offset": "1d2c7ea89a7a",
    "faust.transport.consumer.Consumer._commit_tps": "a20e230b05ae",
    "faust.transport.consumer.Consumer._should_commit": "5ce941793947",
    "faust.transport.consumer.Consumer.verify_all_partitions_active": "4e0e46f5c297",
    "faust.transport.consumer.Consumer.on_partitions_revoked": "d04b7ae72c6f",
    "faust.transport.consumer.Consumer.on_partitions_assigned": "29ce96596f05",
    "aiokafka.consumer.subscription_state.SubscriptionState.fetch_context": "ff2a654dca23",
    "aiokafka.consumer.consumer.AIOKafkaConsumer.pause": "d5fc6f423650",
    "aiokafka.consumer.group_coordinator.GroupCoordinator._heartbeat_routine": "61d010289522",
    "faust.transport.drivers.aiokafka.Producer._settings_default": "9c39987fb719",
    "faust.transport.conductor.ConductorCompiler.build": "837cf521368c",
    "faust.tables.recovery.Recovery._resume_streams": "d986a6710c1a",
    "faust.topics.Topic._compile_decode": "6474178f8c21",
    "faust.app.base.App._on_partitions_revoked": "d5c895bbe57d",
    "faust.app.base.App._on_partitions_assigned": "de932b7927db",
    "aiokafka.producer.producer.AIOKafkaProducer.send_batch": "bf42b0f0c5c0",
    "aiokafka.producer.message_accumulator.BatchBuilder.append": "657d76f55157",
}
"""What is overridden or called here and in `wire`, and what calls it, with the SHA-256 (12 digits) of its source."""


class BatchConsumer(driver.Consumer):
    """Keeps Faust's membership, assignment and commits; what is read comes from `fetching`."""

    app: Any

    async def _drain_messages(self, fetcher: Any) -> None:
        """Stand in for Faust's fetcher: tell aiokafka now and then that this loop lives, else it leaves the group."""
        while not (self.should_stop or fetcher.should_stop):
            consumer = self._thread._consumer  # noqa: SLF001
            if consumer is not None:
                with consumer._subscription.fetch_context():  # noqa: SLF001
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

    def verify_event_path(self, now: float, tp: TP) -> None:
        """Leave out Faust's question whether aiokafka fetches: it never does, and each time that were an error."""

    async def on_partitions_assigned(self, assigned: set[TP], generation_id: int = 0) -> None:
        """Let aiokafka fetch nothing: it would only fill memory."""
        consumer = self._thread._ensure_consumer()  # noqa: SLF001
        consumer.pause(*(TopicPartition(*tp) for tp in assigned))
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

    def _compile_decode(self) -> None:
        async def decode(message: Any, *, propagate: bool = False) -> Any:
            del propagate
            return self._create_event(None, message.value, None, message=message)

        self.decode = decode  # type: ignore[method-assign]


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
