"""Who owns what, and in which order a batch becomes durable."""

import asyncio
from collections.abc import Awaitable, Sequence
from typing import Any

import pytest
from fake_log import Raw, Wire, offsets

from streams.batches.changelog import claim
from streams.batches.partitions import Owned, Partition
from streams.batches.records import Outcome
from streams.batches.recovery import Recovered
from streams.batches.stores import MemoryStore
from streams.errors import IntrusionError


def must_not_fail(error: BaseException) -> None:
    raise error


def a_partition(wire: Wire, changelog: str | None = "log") -> Partition[list[int]]:
    return Partition(0, changelog, Recovered(MemoryStore(), {"input": 0}, epoch=1), [], wire)


def note(state: list[int], records: Sequence[Any]) -> Outcome:
    state += offsets(records)
    outputs: Any = offsets(records)
    return Outcome(outputs, {b"last": b"%d" % state[-1]})


def test_outputs_then_state_then_commit_and_batches_never_overtake() -> None:
    wire = Wire()

    async def run() -> None:
        partition = a_partition(wire)
        for records in ([Raw(0), Raw(1)], [Raw(2)], [Raw(3)]):
            await partition.free()
            partition.apply("input", records, note)
        assert await partition.settle(5)

    asyncio.run(run())
    own = [step for step in wire.steps if not step.startswith("out")]
    assert own == [step for end in (2, 3, 4) for step in ("log 2", f"commit input/0 {end}")]
    assert [step for step in wire.steps if step.startswith("out")] == ["out 0", "out 1", "out 2", "out 3"]
    assert wire.steps.index("out 1") < wire.steps.index("log 2")


def test_an_append_by_another_worker_is_noticed_before_anything_is_committed() -> None:
    wire = Wire()

    async def run() -> None:
        partition = a_partition(wire)
        wire.records += claim(2)
        await partition.free()
        await partition.apply("input", [Raw(0)], note)

    with pytest.raises(IntrusionError):
        asyncio.run(run())
    assert not [step for step in wire.steps if step.startswith("commit")]


def test_a_batch_that_waits_while_its_partition_goes_is_not_applied() -> None:
    """It waits for a free place; meanwhile the partition is taken away, comes back, and is another object."""
    wire = Wire()

    async def run() -> tuple[bool, Any]:
        made: list[Partition[list[int]]] = []

        async def ready(_: int, __: Any) -> Partition[list[int]]:
            made.append(a_partition(wire))
            return made[-1]

        owned: Owned[list[int]] = Owned(ready, on_failure=must_not_fail)
        owned.assign({0})
        places = [await owned.take(0) for _ in range(4)]
        waiting = asyncio.create_task(owned.take(0))
        await asyncio.sleep(0)
        await owned.suspend(1)
        owned.assign({0})
        for place in places:
            assert place is not None
            place.release()
        taken = await waiting
        owned.assign(set())
        return taken is made[1], await owned.take(0)

    assert asyncio.run(run()) == (True, None)


def test_a_partition_with_something_under_way_that_failed_is_forgotten() -> None:
    class Broken(Wire):
        async def publish(self, outputs: Sequence[Any]) -> Sequence[Awaitable[object]]:
            del outputs
            raise OSError("the broker is away")

    had: list[Any] = []

    async def run() -> None:
        async def ready(_: int, before: Any) -> Partition[list[int]]:
            had.append(before)
            return a_partition(Broken())

        owned: Owned[list[int]] = Owned(ready, on_failure=must_not_fail)
        owned.assign({0})
        partition = await owned.take(0)
        assert partition is not None
        task = partition.apply("input", [Raw(0)], note)
        await owned.suspend(1)
        assert isinstance(task.exception(), OSError)
        owned.assign({0})
        await owned.take(0)

    asyncio.run(run())
    assert had == [None, None], "its state is ahead of its changelog"


def test_recovery_that_is_no_longer_wanted_is_given_up() -> None:
    async def run() -> list[str]:
        said: list[str] = []
        began = asyncio.Event()

        async def ready(_: int, __: Any) -> Partition[list[int]]:
            if not said:
                said.append("began")
                began.set()
                try:
                    await asyncio.sleep(60)
                except asyncio.CancelledError:
                    said.append("given up")
                    raise
            return a_partition(Wire())

        owned: Owned[list[int]] = Owned(ready, on_failure=must_not_fail)
        owned.assign({0})
        waiting = asyncio.create_task(owned.take(0))
        await began.wait()
        before = owned.recovered
        await owned.suspend(1)
        owned.assign({0})
        assert await waiting is not None
        assert (before, owned.recovered) == (False, True)
        return said

    assert asyncio.run(run()) == ["began", "given up"]
