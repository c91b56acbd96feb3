"""State and position move together, a gap is never applied, and only the writer whose turn it is counts."""

import asyncio
from collections.abc import Sequence
from pathlib import Path

import pytest
from fake_log import FakeLog, Raw, offsets
from hypothesis import given
from hypothesis import strategies as st

from streams.batches.changelog import Entry, Replay, claim, marked
from streams.batches.keyed import Keyed
from streams.batches.partitions import due
from streams.batches.records import pieces
from streams.batches.recovery import Recovered, read_on, take_over
from streams.batches.stores import Held, MemoryStore, RocksStore, Store
from streams.errors import GapError


def recover(log: FakeLog, store: Store) -> Recovered:
    async def read() -> Recovered:
        return read_on(log, store, "log", 0, lambda _done, _total: True)

    return asyncio.run(take_over("log", 0, log.append, read))


def test_records_before_the_position_are_left_out() -> None:
    assert offsets(due([Raw(3), Raw(4), Raw(5), Raw(6)], 5)) == [5, 6]
    assert offsets(due([Raw(3)], 5)) == []


@pytest.mark.parametrize("came", [[6], [5, 7], [3, 4, 6]])
def test_a_gap_is_never_applied(came: list[int]) -> None:
    with pytest.raises(GapError, match="offset 5 is missing"):
        due([Raw(offset) for offset in came], 5)


def test_pieces_end_where_either_limit_is_reached() -> None:
    records = [Raw(0, b"xx"), Raw(1, b"x" * 10), Raw(2), Raw(3), Raw(4)]
    assert [offsets(piece) for piece in pieces(records, 2, 10)] == [[0, 1], [2, 3], [4]]
    assert [offsets(piece) for piece in pieces(records, 9, 12)] == [[0, 1], [2, 3, 4]]


def test_a_batch_counts_only_once_its_mark_is_read() -> None:
    replay = Replay()
    assert [*replay.take(b"a", b"1"), *replay.take(b"b", None)] == []
    (mark,) = marked({}, 1, {"input": 7})
    ((entries, positions),) = replay.take(*mark)
    assert (entries, positions) == ({b"a": b"1", b"b": None}, {"input": 7})


def test_a_stale_writer_changes_nothing_and_what_it_touched_is_written_again() -> None:
    """A worker stopped in mid-write wakes after its successor claimed the log: compaction would keep its values."""
    log = FakeLog()
    log.records += [*claim(1), *marked({b"a": b"1", b"b": b"1"}, 1, {"input": 5})]
    log.records += [*claim(2), *marked({b"a": b"2"}, 2, {"input": 8})]
    log.records += marked({b"a": b"stale", b"c": b"stale"}, 1, {"input": 9})
    store = MemoryStore()
    recovered = recover(log, store)
    assert dict(store.items()) == {b"a": b"2", b"b": b"1"}
    assert (recovered.positions, recovered.epoch) == ({"input": 8}, 3)
    newest = dict(log.records)  # what compaction would leave
    assert (newest[b"a"], newest[b"b"], newest[b"c"]) == (b"2", b"1", None)
    before = len(log.records)
    recover(log, MemoryStore())
    assert log.records[before:] == claim(4), "once is enough"


def test_suspects_are_remembered_where_the_repair_did_not_come_about(tmp_path: Path) -> None:
    """The store is past the stale batch, and the worker died before it wrote the valid value again."""
    log = FakeLog()
    log.records += [*marked({b"a": b"1"}, 2, {"input": 1}), *marked({b"a": b"stale"}, 1, {"input": 9})]
    log.records += marked({b"b": b"1"}, 2, {"input": 2})
    store = RocksStore(tmp_path / "store")
    read_on(log, store, "log", 0, lambda _done, _total: True)
    store.close()
    recover(log, RocksStore(tmp_path / "store"))
    assert dict(log.records)[b"a"] == b"1"


def test_a_claim_that_another_append_came_before_is_made_anew() -> None:
    class Raced(FakeLog):
        raced = False

        async def append(self, topic: str, partition: int, entries: Sequence[Entry]) -> int:
            if not self.raced:
                self.raced = True
                self.records += marked({b"a": b"late"}, 1, {"input": 3})
            return await super().append(topic, partition, entries)

    store = MemoryStore()
    recovered = recover(Raced([*marked({b"a": b"early"}, 1, {"input": 2})]), store)
    assert (dict(store.items()), recovered.positions) == ({b"a": b"late"}, {"input": 3})


@pytest.mark.parametrize("break_it", ["another topic", "shorter"])
def test_a_copy_of_a_changelog_that_is_no_more_is_thrown_away(tmp_path: Path, break_it: str) -> None:
    log = FakeLog([*marked({b"a": b"1"}, 1, {"input": 5}), *marked({b"b": b"1"}, 1, {"input": 6})])
    store = RocksStore(tmp_path / "store")
    recover(log, store)
    renewed = FakeLog([*marked({b"c": b"1"}, 1, {"input": 1})], identified="two")
    if break_it == "shorter":
        renewed.identified = "one"
    else:
        renewed.records += claim(1) * 9
    recovered = recover(renewed, store)
    assert (dict(store.items()), recovered.positions) == ({b"c": b"1"}, {"input": 1})


def test_a_current_copy_is_not_read_again(tmp_path: Path) -> None:
    log = FakeLog([*marked({b"a": b"1"}, 1, {"input": 5})])
    store = RocksStore(tmp_path / "store")
    recover(log, store)
    store.close()
    log.records[0] = (b"a", b"never read")
    again = RocksStore(tmp_path / "store")
    assert (recover(log, again).positions, dict(again.items())) == ({"input": 5}, {b"a": b"1"})
    held = again.held()
    assert held is not None
    assert held.log_next == len(log.records), "its own claim is not to be read either"


def test_a_second_worker_on_one_directory_is_told(tmp_path: Path) -> None:
    first = RocksStore(tmp_path / "store")
    with pytest.raises(OSError, match="in use by another worker"):
        RocksStore(tmp_path / "store")
    first.close()


steps = st.lists(
    st.tuples(st.sampled_from(["append", "stale", "take over"]), st.sampled_from(b"abc"), st.integers(0, 9)),
    max_size=30,
)


@given(steps=steps, compacted=st.booleans())
def test_whatever_stale_writers_do_every_reader_sees_the_owners_state(
    steps: list[tuple[str, int, int]], *, compacted: bool
) -> None:
    """Owners append and are succeeded; every writer before them goes on appending; any number of readers agree."""
    log = FakeLog()
    truth: dict[bytes, bytes] = {}
    position, epoch = 0, recover(log, MemoryStore()).epoch
    for what, letter, number in steps:
        change = {bytes([letter]): b"%d" % number}
        if what == "append":
            position += 1
            truth |= change
            log.records += marked(change, epoch, {"input": position})
        elif what == "stale":
            log.records += marked(change, epoch - 1, {"input": position + number})
        else:
            epoch = recover(log, MemoryStore()).epoch
    store = MemoryStore()
    recovered = recover(log, store)
    assert dict(store.items()) == truth
    assert recovered.positions == ({"input": position} if position else {})
    if compacted:  # what every stale writer touched was written again, so that the newest value of each key is right
        newest = {key: value for key, value in dict(log.records).items() if key[:1] != b"\xff" and value is not None}
        assert newest == truth


@pytest.mark.parametrize("kind", ["memory", "rocksdb"])
def test_what_is_under_way_is_seen_before_it_is_durable(tmp_path: Path, kind: str) -> None:
    store: Store = MemoryStore() if kind == "memory" else RocksStore(tmp_path / "store")
    store.write({b"a": b"1", b"b": b"1"}, Held("one"))
    values = Keyed(store, int)
    store.loaded()
    assert values.many([b"a", b"b", b"c"]) == {b"a": 1, b"b": 1}
    values.change({b"a": 2, b"b": None})
    values.change({b"a": 4, b"c": 3})
    assert values.many([b"a"]) == {b"a": 4}
    values.change({b"a": 2})
    assert values.many([b"a", b"b", b"c"]) == dict(values.items()) == {b"a": 2, b"c": 3}
    for entries in ({b"a": b"2", b"b": None}, {b"a": b"4", b"c": b"3"}, {b"a": b"2"}):
        store.write(entries, Held("one"))
        values.kept()
        assert values.many([b"a", b"b", b"c"]) == dict(values.items()) == {b"a": 2, b"c": 3}
    if kind == "rocksdb":
        store.write({b"c": b"9"}, Held("one"))
        assert values.many([b"c"]) == {b"c": 9}, "nothing is held back in memory once it is in the store"


def test_what_a_crash_takes_of_the_copy_is_read_from_the_changelog(tmp_path: Path) -> None:
    log = FakeLog([*marked({b"a": b"1"}, 1, {"input": 5})])
    store = RocksStore(tmp_path / "store")
    recovered = recover(log, store)
    store.close()
    store = RocksStore(tmp_path / "store")
    log.records += marked({b"a": b"2"}, recovered.epoch, {"input": 6})
    store.write({b"a": b"2"}, Held("one", len(log.records), recovered.epoch, {"input": 6}))
    assert store.get_many([b"a", b"b"]) == [b"2", None], "what waits is seen"
    store._db.close()  # noqa: SLF001 - as a crash does, before what waits is written
    again = RocksStore(tmp_path / "store")
    assert again.get_many([b"a"]) == [b"1"], "it had not been written"
    assert recover(log, again).positions == {"input": 6}
    assert dict(again.items()) == {b"a": b"2"}
