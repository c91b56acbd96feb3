"""A Faust app with the settings that durable batches need. Reasons stand beside each."""

import time
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from typing import Any, Final

import faust
from faust.exceptions import ConsumerNotStarted
from faust.transport.drivers import aiokafka as driver

from schemas.records import Record

LARGEST_REQUEST_BYTES: Final = 7 * 1024 * 1024
MOST_PER_BATCH: Final = 500
MOST_BYTES_PER_BATCH: Final = 512 * 1024
"""A batch ends with the record that reaches this, so that its changelog batch fits into one request."""


class _Producer(driver.Producer):
    def _settings_extra(self) -> Mapping[str, Any]:
        return {"acks": "all", "enable_idempotence": True}  # a retry inside the client neither repeats nor reorders


class _Transport(driver.Transport):
    Producer = _Producer


class BatchApp(faust.App):
    """A Faust app that produces idempotently and leaves topics, web and standbys to others."""

    def __init__(self, name: str, *, bootstrap: str, data_dir: str) -> None:
        super().__init__(
            name,
            broker=[f"kafka://{server}" for server in bootstrap.split(",")],
            datadir=data_dir,
            store="memory://",
            autodiscover=False,
            web_enabled=False,
            topic_allow_declare=False,  # every topic stands in the catalogue and exists before the start
            topic_disable_leader=True,
            table_standby_replicas=0,  # standbys hang in 0.15 (faust-streaming #91, #92)
            stream_wait_empty=False,  # a rebalance hangs on it
            consumer_auto_offset_reset="earliest",
            broker_commit_interval=0.5,
            broker_session_timeout=6.0,
            broker_heartbeat_interval=1.0,
            producer_max_request_size=LARGEST_REQUEST_BYTES,
            producer_max_batch_size=LARGEST_REQUEST_BYTES,  # a changelog batch is one, or it is not atomic
            consumer_max_fetch_size=LARGEST_REQUEST_BYTES,
            worker_redirect_stdouts=False,
        )

    def _new_producer_transport(self) -> Any:
        return _Transport(self.conf.broker_producer, self)

    def raw_topic(self, name: str) -> Any:
        """Return a topic of raw bytes: a decoder that fails inside Faust would lose the record."""
        return self.topic(name, key_type=bytes, value_type=bytes, key_serializer="raw", value_serializer="raw")

    @property
    def ready(self) -> bool:
        """Whether state is recovered and records are being read."""
        consumer: Any = self._consumer  # `self.consumer` would make one, on the wrong thread's loop
        if consumer is None:
            return False
        try:
            return bool(self.started and not self.rebalancing and consumer.flow_active and consumer.assignment())
        except ConsumerNotStarted:  # asked from another thread in the middle of a start
            return False

    async def send_batch(self, topic: str, partition: int, entries: Iterable[tuple[bytes, bytes | None]]) -> None:
        """Append the entries as one atomic record batch and return when every in-sync replica has it.

        Raises `OverflowError` where they are too large for that.
        """
        producer = self.producer._producer  # type: ignore[attr-defined]  # noqa: SLF001 - Faust sends single records only
        batch, now = producer.create_batch(), time.time_ns() // 1_000_000
        for key, value in entries:
            if batch.append(timestamp=now, key=key, value=value) is None:
                raise OverflowError(f"a batch for {topic} exceeds {LARGEST_REQUEST_BYTES} bytes")
        await (await producer.send_batch(batch, topic, partition=partition))


async def batches(stream: Any) -> AsyncIterator[Sequence[Any]]:
    """Return the events that are there now, again and again, in order; the caller acknowledges each by `event.ack()`.

    No timer waits for more: a lone record goes at once, and records that come meanwhile make the
    next batch. Faust's own `take` acknowledges even what a cancelled agent never finished.
    """
    own = stream.noack()
    waiting: list[Any] = []
    size = 0
    async for event in own.events():
        waiting.append(event)
        size += len(event.message.value or b"")
        if own.channel.empty() or len(waiting) >= MOST_PER_BATCH or size >= MOST_BYTES_PER_BATCH:
            yield waiting
            waiting, size = [], 0


async def publish(app: BatchApp, records: Sequence[Record]) -> None:
    """Send the records and return when every in-sync replica has them; raises aiokafka's `KafkaError`."""
    sent = [
        await app.producer.send(
            record.topic, record.key, record.value, partition=None, timestamp=None, headers=list(record.headers)
        )
        for record in records
    ]
    for one in sent:
        await one
