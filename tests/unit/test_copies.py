"""A worker's copy of its state on disk: what was deleted is in no file, and a copy that nobody kept up goes."""

import os
import threading
import time
from pathlib import Path

from started import wait_until

from streams.batches.stores import MERGE, STALE_SECONDS, Held, RocksStore, drop_stale

SECRET = b"ZG7731QX"


def held(log_next: int) -> Held:
    return Held("a log", log_next)


def holds(directory: Path) -> bool:
    return any(SECRET in path.read_bytes() for path in directory.glob("*"))


def kept_up(store: RocksStore, log_next: int) -> None:
    """Say how far the copy is, as a worker does again and again."""
    store.write({}, held(log_next))


def age(directory: Path, seconds: float) -> None:
    """Let the copy look as if it had last been written so long ago."""
    for path in directory.glob("*"):
        os.utime(path, (time.time() - seconds,) * 2)


def test_what_was_deleted_is_in_no_file_while_the_worker_runs(tmp_path: Path) -> None:
    store = RocksStore(tmp_path / "copy")
    store.write({b"seen/1": SECRET, b"seen/2": b"another"}, held(1))

    def is_there() -> bool:
        kept_up(store, 1)
        return holds(tmp_path / "copy")

    wait_until(is_there)
    store.write({b"seen/1": None}, held(2))
    wait_until(lambda: not is_there())
    assert dict(store.items()) == {b"seen/2": b"another"}
    store.close()


def test_a_store_that_is_closed_while_its_files_are_merged_loses_nothing(tmp_path: Path) -> None:
    store = RocksStore(tmp_path / "copy")
    many = {f"seen/{one:06}".encode(): os.urandom(5_000) for one in range(20_000)}
    store.write(many, held(1))
    store.write({b"seen/000000": None}, held(2))

    def is_merging() -> bool:
        kept_up(store, 2)
        return any(thread.name == MERGE for thread in threading.enumerate())

    wait_until(is_merging)
    began = time.monotonic()
    store.close()
    assert time.monotonic() - began < 5, "whoever comes next does not wait for it"
    again = RocksStore(tmp_path / "copy")
    assert (again.held() or held(0)).log_next == 2
    assert dict(again.items()) == {key: value for key, value in many.items() if key != b"seen/000000"}
    again.close()


def test_a_copy_that_nobody_wrote_for_a_day_is_made_anew(tmp_path: Path) -> None:
    """The changelog says no longer what was deleted meanwhile."""
    for seconds, kept in ((STALE_SECONDS - 60, True), (STALE_SECONDS + 60, False)):
        store = RocksStore(tmp_path / "copy")
        store.write({b"seen/1": SECRET}, held(1))
        store.close()
        age(tmp_path / "copy", seconds)
        again = RocksStore(tmp_path / "copy")
        assert (again.held() is not None) is kept
        again.close()


def test_copies_of_partitions_that_went_to_others_are_removed_and_those_in_use_stay(tmp_path: Path) -> None:
    for name in ("a-log-0", "a-log-1", "a-log-2"):
        store = RocksStore(tmp_path / name)
        store.write({b"seen/1": SECRET}, held(1))
        store.close()
    for name in ("a-log-0", "a-log-1"):
        age(tmp_path / name, STALE_SECONDS + 60)
    drop_stale(tmp_path, ["a-log-0"])
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a-log-0", "a-log-2"]
