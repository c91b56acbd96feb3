"""The private parts of Faust 0.15.3 and aiokafka 0.14 that batches need: all of them are here.

Faust pays asyncio for each record; here it delivers one event for each fetched partition batch. Its
acknowledgements are not used: what may be committed is what the partitions say is durable.
`tests/unit/test_faust_private.py` names what changed when Faust changes.
"""

import asyncio
from collections.abc import Callable, Mapping
from typing import Any, Final

import faust
from faust.transport.consumer import ensure_TP
from faust.transport.drivers import aiokafka as driver
from faust.types import TP
from faust.types.tuples import ConsumerMessage

from streams.batches.records import Batch

FAUST_VERSION: Final = "0.15.3"

RELIED_ON: Final = (
    "faust.transport.consumer.Consumer._drain_messages",
    "faust.transport.consumer.Consumer._wait_next_records",
    "faust.transport.consumer.Consumer._filter_tps_with_pending_acks",
    "faust.transport.consumer.Consumer._new_offset",
    "faust.transport.consumer.Consumer._commit_tps",
    "faust.transport.consumer.Consumer._should_commit",
    "faust.transport.consumer.Consumer.on_partitions_revoked",
    "faust.transport.consumer.Consumer.perform_seek",
    "faust.transport.drivers.aiokafka.AIOKafkaConsumerThread._fetch_records",
    "faust.transport.drivers.aiokafka.AIOKafkaConsumerThread._seek_wait",
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
    """Delivers one message for each partition batch, and commits what is durable."""

    app: Any

    async def _drain_messages(self, fetcher: Any) -> None:
        """Hand on what is fetched. What a rebalance drops on the way is fetched again: positions decide."""
        try:
            while not (self.should_stop or fetcher.should_stop):
                fetched, _ = await self._wait_next_records(1.0)
                await asyncio.sleep(0)
                for tp, records in (fetched or {}).items():
                    if self.should_stop or not self.flow_active:
                        break
                    message = _message(ensure_TP(tp), records, self.app.consumer_generation_id)
                    await self.wait_first(self.callback(message), self.suspend_flow.wait())
        except (*self.consumer_stopped_errors, asyncio.CancelledError):
            if not self.transport.app.should_stop:
                raise

    def _filter_tps_with_pending_acks(self, topics: Any = None) -> list[TP]:  # type: ignore[override]
        del topics  # everything that is durable may be committed
        return list(self.app.committable)

    def _new_offset(self, tp: TP) -> int | None:
        offset: int | None = self.app.committable.pop(tp, None)
        return offset

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


def _message(tp: TP, records: Any, generation: int) -> ConsumerMessage:
    last = records[-1]
    batch = Batch(tp.topic, tp.partition, records)
    return ConsumerMessage(
        tp.topic,
        tp.partition,
        last.offset,
        last.timestamp / 1000.0,
        last.timestamp_type,
        None,
        None,
        batch,
        None,
        0,
        0,
        tp,
        generation_id=generation,
    )


def kafka_producer(app: faust.App) -> Any:
    """Return the app's aiokafka producer; Faust itself sends single records only."""
    return app.producer._producer  # type: ignore[attr-defined]  # noqa: SLF001


def consumer_of(app: faust.App) -> Any:
    """Return the app's consumer or None; `app.consumer` would make one, on whatever thread asks."""
    return app._consumer  # noqa: SLF001


async def seek(app: faust.App, tp: TP, offset: int) -> None:
    """Read this input partition from here on."""
    await app.consumer.seek_wait({tp: offset})  # type: ignore[attr-defined]
