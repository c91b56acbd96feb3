"""State and position move together, and a gap is never applied."""

from types import SimpleNamespace
from typing import Any

import pytest

from streams.batches.positions import due
from streams.batches.records import InputRecord
from streams.batches.state import POSITION, StateStore
from streams.errors import GapError


def record(offset: int) -> InputRecord:
    return InputRecord("input", 0, offset, None, b"", {})


def offsets(records: Any) -> list[int]:
    return [one.offset for one in records]


def test_records_before_the_position_are_left_out() -> None:
    assert offsets(due([record(3), record(4), record(5), record(6)], next_offset=5)) == [5, 6]
    assert offsets(due([record(3)], next_offset=5)) == []


@pytest.mark.parametrize("came", [[6], [5, 7], [3, 4, 6]])
def test_a_gap_is_never_applied(came: list[int]) -> None:
    with pytest.raises(GapError, match="is missing"):
        due([record(offset) for offset in came], next_offset=5)


class Words:
    """A state that remembers what it was given."""

    def __init__(self) -> None:
        self.entries: dict[bytes, bytes | None] = {}

    def load(self, key: bytes, value: bytes | None) -> None:
        self.entries[key] = value


def a_store() -> StateStore[Words]:
    table = SimpleNamespace(name="words", changelog_topic=SimpleNamespace(get_topic_name=lambda: "words-changelog"))
    store: StateStore[Words] = StateStore("memory://", SimpleNamespace(), table)  # type: ignore[arg-type]
    store.new_state = Words
    return store


def changelog(*entries: tuple[bytes, bytes], partition: int = 0) -> list[Any]:
    return [
        SimpleNamespace(message=SimpleNamespace(key=key, value=value, partition=partition)) for key, value in entries
    ]


def test_a_changelog_batch_counts_only_once_its_position_is_read() -> None:
    store = a_store()
    store.apply_changelog_batch(changelog((b"a", b"1"), (b"b", b"2")), None, None)
    assert (store.of(0).entries, store.next_offsets) == ({}, {})
    store.apply_changelog_batch(changelog((POSITION, b"7"), (b"a", b"half")), None, None)
    assert (store.of(0).entries, store.next_offsets) == ({b"a": b"1", b"b": b"2"}, {0: 7})


def test_a_batch_whose_position_is_behind_is_dropped() -> None:
    """As a stalled worker's last write is, when it lands after its successor's."""
    store = a_store()
    store.apply_changelog_batch(changelog((b"a", b"new"), (POSITION, b"9")), None, None)
    store.apply_changelog_batch(changelog((b"a", b"old"), (POSITION, b"8")), None, None)
    assert (store.of(0).entries, store.next_offsets) == ({b"a": b"new"}, {0: 9})


def test_partitions_do_not_mix() -> None:
    store = a_store()
    store.apply_changelog_batch(changelog((b"a", b"1")), None, None)
    store.apply_changelog_batch(changelog((b"b", b"2"), (POSITION, b"3"), partition=1), None, None)
    assert (store.of(0).entries, store.of(1).entries) == ({}, {b"b": b"2"})
