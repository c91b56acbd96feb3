"""Reading one topic from given offsets, on a thread of its own.

librdkafka reads and unpacks outside Python's lock. Each topic has its own thread and its own bounded queue,
so that a topic with hours to catch up on takes nothing from the others but its share of the processor.
"""

import asyncio
import threading
from collections.abc import Awaitable, Callable, Iterable
from queue import Empty, SimpleQueue
from typing import Any, Final

import structlog
from confluent_kafka import Consumer, TopicPartition

from streams.batches.records import LOGGED, Batch, RawRecord

Deliver = Callable[[Batch], Awaitable[None]]

_POLL_SECONDS: Final = 0.05
_QUEUE_KILOBYTES: Final = 16 * 1024
_BUSY: Final = 4
_GATHER_SECONDS: Final = 0.004
"""A lone record is handed over at once. Where several came together, the next wait for company: each batch costs
two requests to the broker, whatever its size."""

log = structlog.get_logger()


class Fetching:
    """Delivers batches of consecutive records to the loop, and waits while there is no room for them.

    `on_failure` is called, on the thread, with what ended it.
    """

    def __init__(  # noqa: PLR0913 - a thread's whole world
        self,
        topic: str,
        settings: dict[str, Any],
        *,
        most: int,
        loop: asyncio.AbstractEventLoop,
        deliver: Deliver,
        on_failure: Callable[[BaseException], Any],
    ) -> None:
        self._topic, self._most = topic, most
        self._settings = {
            **settings,
            "enable.auto.commit": False,
            "auto.offset.reset": "earliest",  # where a topic forgot what was asked for: its reader sees the gap
            "queued.max.messages.kbytes": _QUEUE_KILOBYTES,
            "queued.min.messages": most,
            "fetch.queue.backoff.ms": 2,  # the default rests a second whenever the queue was full
            "fetch.wait.max.ms": 100,
            **LOGGED,
        }
        self._loop, self._deliver, self._on_failure = loop, deliver, on_failure
        self._wishes: SimpleQueue[tuple[int, int] | None] = SimpleQueue()
        self._ended = threading.Event()
        self._ends: dict[int, int] = {}
        self._turns: dict[int, int] = {}
        self._pauses = 0
        self._thread = threading.Thread(target=self._run, name=f"fetch {topic}", daemon=True)
        self._thread.start()

    def begin(self, partition: int, offset: int) -> None:
        """Read this partition from here on, whether or not it was read before."""
        self._wishes.put((partition, offset))

    def pause(self) -> None:
        """Read nothing until `begin`."""
        self._wishes.put(None)

    def close(self) -> None:
        """End the thread."""
        self._ended.set()
        self._thread.join()

    def end(self, partition: int) -> int | None:
        """Return the offset that the partition's next record will get, as last seen."""
        return self._ends.get(partition)

    def _run(self) -> None:
        consumer = Consumer(self._settings)
        busy = False
        try:
            while not self._ended.is_set():
                self._obey(consumer)
                first = consumer.poll(_POLL_SECONDS)
                if first is None:
                    continue
                messages = [first, *consumer.consume(self._most - 1, _GATHER_SECONDS if busy else 0)]
                busy = len(messages) >= _BUSY
                batches = [(batch, self._turn(batch.partition)) for batch in _batches(self._topic, messages)]
                for batch, turn in batches:
                    self._hand_over(consumer, batch, turn)
                    _, end = consumer.get_watermark_offsets(TopicPartition(self._topic, batch.partition), cached=True)
                    self._ends[batch.partition] = end
        except Exception as error:  # noqa: BLE001 - a thread that ended in silence would read nothing for ever
            self._on_failure(error)
        finally:
            consumer.close()

    def _obey(self, consumer: Any) -> None:
        while True:
            try:
                wish = self._wishes.get_nowait()
            except Empty:
                return
            if wish is None:
                self._pauses += 1
                consumer.unassign()
                continue
            self._turns[wish[0]] = self._turns.get(wish[0], 0) + 1
            at = TopicPartition(self._topic, *wish)
            if wish[0] in {one.partition for one in consumer.assignment()}:
                consumer.incremental_unassign([TopicPartition(self._topic, wish[0])])
            consumer.incremental_assign([at])

    def _turn(self, partition: int) -> tuple[int, int]:
        """Return what changes when the partition is begun anew, or everything is paused."""
        return self._pauses, self._turns.get(partition, 0)

    def _hand_over(self, consumer: Any, batch: Batch, turn: tuple[int, int]) -> None:
        """Wait for room, obeying meanwhile; drop the batch only where its own partition is read from elsewhere by now.

        Nobody would read it again otherwise, and with nothing new to show the gap it would lie there for ever.
        """
        delivered = None
        while not self._ended.is_set():
            self._obey(consumer)
            if self._turn(batch.partition) != turn:
                break
            if delivered is None:
                delivered = asyncio.run_coroutine_threadsafe(_awaited(self._deliver(batch)), self._loop)
            try:
                return delivered.result(_POLL_SECONDS)
            except TimeoutError:
                continue
        if delivered is not None:
            delivered.cancel()
        return None


async def _awaited(delivery: Awaitable[None]) -> None:
    await delivery


def _batches(topic: str, messages: Iterable[Any]) -> list[Batch]:
    groups: dict[int, list[RawRecord]] = {}
    for message in messages:
        if (error := message.error()) is not None:
            log.warning("fetch_error", topic=topic, error=error.name())
            continue
        groups.setdefault(message.partition(), []).append(message)
    return [Batch(topic, partition, records) for partition, records in groups.items()]
