"""Where the dispatchers' group stands in the editions."""

from __future__ import annotations

import contextlib
import time

from confluent_kafka import Consumer, KafkaException, TopicPartition

from consumers.dispatcher import GROUP
from schemas import topics


class Offsets:
    """Where the dispatchers' group stands in the editions, and where these end."""

    def __init__(self, bootstrap: str) -> None:
        self._consumer = Consumer({"bootstrap.servers": bootstrap, "group.id": GROUP, "log_level": 0})
        partitions = range(topics.EDITIONS.partitions)
        self._partitions = [TopicPartition(topics.EDITIONS.name, number) for number in partitions]

    def committed(self) -> dict[int, int]:
        """Return the committed offset of each partition, 0 where there is none yet."""
        return {one.partition: max(one.offset, 0) for one in self._consumer.committed(self._partitions, timeout=10)}

    def ends(self) -> dict[int, int]:
        """Return where each partition ends."""
        return {
            one.partition: self._consumer.get_watermark_offsets(one, timeout=10, cached=False)[1]
            for one in self._partitions
        }

    def all_done(self) -> bool:
        """Whether the group has committed everything."""
        return self.committed() == self.ends()

    def skip_all(self) -> None:
        """Commit the ends, so that the next dispatcher starts there; fails while another is in the group."""
        # A topic just made has no leaders yet, and a dispatcher that was killed is a member until its session ends.
        deadline = time.monotonic() + 15
        done = False
        while not done:
            assert time.monotonic() < deadline, "another dispatcher is still in the group"
            with contextlib.suppress(KafkaException):
                ends = [TopicPartition(topics.EDITIONS.name, *one) for one in self.ends().items()]
                self._consumer.commit(offsets=ends, asynchronous=False)
                done = self.all_done()

    def forget(self, topic: str) -> None:
        """Let the group begin this topic again; fails while a dispatcher is in the group."""
        deadline, done = time.monotonic() + 15, False
        while not done:
            assert time.monotonic() < deadline, "another dispatcher is still in the group"
            with contextlib.suppress(KafkaException):
                self._consumer.commit(offsets=[TopicPartition(topic, 0, 0)], asynchronous=False)
                done = True

    def close(self) -> None:
        self._consumer.close()
