"""A batch that was read is delivered, or read again: whatever else is wished for meanwhile."""

import asyncio
import time
from collections.abc import Sequence
from typing import Any

import pytest

from streams.batches import fetching
from streams.batches.records import Batch


class Message:
    """A record of a partition."""

    def __init__(self, partition: int, offset: int) -> None:
        self._place = partition, offset

    def partition(self) -> int:
        return self._place[0]

    def offset(self) -> int:
        return self._place[1]

    def error(self) -> None:
        return None


class Client:
    """A consumer that has one record in each of the partitions 0 and 1, once both are assigned."""

    def __init__(self, _: dict[str, Any]) -> None:
        self.waiting = [Message(0, 0), Message(1, 0)]
        self.assigned: list[Any] = []

    def poll(self, seconds: float) -> Message | None:
        if self.waiting and len(self.assigned) >= 2:
            return self.waiting.pop(0)
        time.sleep(seconds)
        return None

    def consume(self, _: int, __: float) -> Sequence[Message]:
        taken, self.waiting = self.waiting, []
        return taken

    def assignment(self) -> list[Any]:
        return self.assigned

    def incremental_assign(self, places: Sequence[Any]) -> None:
        self.assigned += places

    def incremental_unassign(self, places: Sequence[Any]) -> None:
        gone = {place.partition for place in places}
        self.assigned = [place for place in self.assigned if place.partition not in gone]

    def unassign(self) -> None:
        self.assigned = []

    def get_watermark_offsets(self, *_: Any, **__: Any) -> tuple[int, int]:
        return 0, 1

    def close(self) -> None:
        pass


def must_not_fail(error: BaseException) -> None:
    raise error


@pytest.mark.parametrize(("wish", "delivered"), [((2, 0), [0, 1]), ((0, 0), [1]), ((1, 0), [0]), (None, [])], ids=str)
def test_only_what_is_read_from_elsewhere_by_now_is_dropped(
    monkeypatch: pytest.MonkeyPatch, wish: tuple[int, int] | None, delivered: list[int]
) -> None:
    """A wish comes while the batch of partition 0 waits for room, and that of 1 behind it."""
    monkeypatch.setattr(fetching, "Consumer", Client)

    async def run() -> list[int]:
        room, arrived, got = asyncio.Event(), asyncio.Event(), list[int]()

        async def deliver(batch: Batch) -> None:
            arrived.set()
            await room.wait()
            got.append(batch.partition)

        reading = fetching.Fetching(
            "topic",
            {},
            most=10,
            loop=asyncio.get_running_loop(),
            deliver=deliver,
            on_failure=must_not_fail,
        )
        reading.begin(0, 0)
        reading.begin(1, 0)
        await arrived.wait()
        reading.pause() if wish is None else reading.begin(*wish)
        await asyncio.sleep(0.3)  # longer than the thread waits before it looks at wishes
        room.set()
        await asyncio.sleep(0.3)
        await asyncio.to_thread(reading.close)
        return got

    assert asyncio.run(run()) == delivered
