"""What a spool keeps, what it refuses, and how it gives its space back."""

from __future__ import annotations

import stat
from collections.abc import Iterator
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest
from station_rig import NOW, Clock

from producers.errors import SpoolError, SpoolFullError
from producers.spool.store import Spool, SpoolLimits
from producers.spool.table import SetAsideReason
from schemas.errors import Refusal, RefusalReason
from schemas.records import Record

MIB = 1024**2


def a_record(text: str = "content", topic: str = "border.incidents") -> Record:
    return Record(topic, b"SI-OBR", text.encode(), (("ce_id", b"1"),))


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def spool(tmp_path: Path, clock: Clock) -> Iterator[Spool]:
    with closing(Spool(tmp_path / "spool", clock)) as opened:
        yield opened


def ids(spool: Spool) -> list[str]:
    return [row.id.decode() for row in spool.after(0, rows=100_000, size=10**9)]


def test_records_come_out_as_they_went_in_and_in_their_order(tmp_path: Path, clock: Clock) -> None:
    records = {f"E-{number}": a_record(f"ž{number}" * number) for number in range(200)}
    with closing(Spool(tmp_path / "spool", clock)) as spool:
        for identity, record in records.items():
            assert spool.store(identity, record)
    with closing(Spool(tmp_path / "spool", clock)) as spool:
        rows = spool.after(0, rows=1_000, size=10**9)

    assert {row.id.decode(): row.record for row in rows} == records
    assert [row.id.decode() for row in rows] == list(records)


def test_the_order_rests_on_the_sequence_whatever_the_clock_says(spool: Spool, clock: Clock) -> None:
    for number, years in enumerate((0, -10, 10)):
        clock.now = NOW + timedelta(days=365 * years)
        spool.store(f"E-{number}", a_record())

    assert ids(spool) == ["E-0", "E-1", "E-2"]
    assert spool.oldest_at == NOW


def test_the_same_event_again_is_ignored_and_another_of_its_id_refused(spool: Spool) -> None:
    assert spool.store("E-1", a_record())
    assert not spool.store("E-1", a_record())
    with pytest.raises(Refusal, match="an earlier event with this id says something else") as caught:
        spool.store("E-1", a_record("other content"))

    assert caught.value.reason is RefusalReason.ID_CONFLICT
    assert str(caught.value) == "id: an earlier event with this id says something else, and it holds"
    assert spool.waiting == 1


def test_reading_stops_at_so_many_rows_or_bytes_but_gives_at_least_one(spool: Spool) -> None:
    for number in range(10):
        spool.store(f"E-{number}", a_record("x" * 1_000))

    assert len(spool.after(0, rows=4, size=10**9)) == 4
    assert len(spool.after(0, rows=100, size=2_500)) == 3
    assert len(spool.after(0, rows=100, size=1)) == 1
    assert [row.sequence for row in spool.after(8, rows=100, size=10**9)] == [9, 10]


def test_a_row_is_removed_only_if_it_is_still_the_one_that_was_sent(spool: Spool) -> None:
    spool.store("E-1", a_record())
    (row,) = spool.after(0, rows=1, size=1)
    spool.remove([(row.sequence, b"of another row")])
    assert spool.waiting == 1
    spool.remove([row.place])
    assert spool.waiting == 0


def test_a_full_spool_says_what_is_full_and_has_room_again_afterwards(tmp_path: Path, clock: Clock) -> None:
    with closing(Spool(tmp_path / "spool", clock, SpoolLimits(events=2))) as spool:
        for number in range(2):
            spool.store(f"E-{number}", a_record())
            clock.now += timedelta(hours=1)
        with pytest.raises(SpoolFullError) as caught:
            spool.store("E-2", a_record())
        assert not spool.store("E-1", a_record()), "what waits already needs no room"
        spool.remove([spool.after(0, rows=1, size=1)[0].place])
        assert spool.store("E-2", a_record())
        assert ids(spool) == ["E-1", "E-2"]

    assert str(caught.value) == (
        "the event is NOT stored: the spool has reached its limit of 2 events; "
        "2 events wait since 2026-05-20T12:00:00+00:00"
    )


def test_the_limit_of_bytes_counts_what_was_set_aside_too(tmp_path: Path, clock: Clock) -> None:
    with closing(Spool(tmp_path / "spool", clock, SpoolLimits(bytes=3_000))) as spool:
        for number in range(2):
            spool.store(f"E-{number}", a_record("x" * 1_000))
        spool.set_aside(spool.after(0, rows=1, size=1)[0].place, SetAsideReason.REFUSED_BY_BROKER)
        with pytest.raises(SpoolFullError, match="limit of 3000 bytes; 1 events wait since"):
            spool.store("E-2", a_record("x" * 1_000))


def test_the_disk_is_never_filled_so_far_that_the_spool_could_not_be_emptied(tmp_path: Path, clock: Clock) -> None:
    limits = SpoolLimits(free_bytes=2**60)
    with (
        closing(Spool(tmp_path / "spool", clock, limits)) as spool,
        pytest.raises(SpoolError, match=r"^the event is NOT stored: the disk is full, \d+ bytes of it must stay free$"),
    ):
        spool.store("E-1", a_record())


def test_what_was_set_aside_is_counted_and_does_not_wait(spool: Spool) -> None:
    for number in range(3):
        spool.store(f"E-{number}", a_record())
    spool.set_aside(spool.after(1, rows=1, size=1)[0].place, SetAsideReason.REFUSED_BY_BROKER)

    assert ids(spool) == ["E-0", "E-2"]
    assert (spool.set_aside_between(1, 3), spool.set_aside_between(3, 9)) == (1, 0)
    assert spool.damage == (), "a refusal of the broker's is no damage"


def test_nobody_but_the_owner_can_read_it(tmp_path: Path, spool: Spool) -> None:
    spool.store("E-1", a_record())
    modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in (tmp_path / "spool").iterdir()}

    assert stat.S_IMODE((tmp_path / "spool").stat().st_mode) == 0o700
    assert {"spool.db", "spool.db-wal", "spool.db-shm", "use.lock"} <= set(modes)
    assert set(modes.values()) == {0o600}


def test_a_spool_that_was_large_shrinks_and_keeps_nothing_of_what_was_sent(tmp_path: Path, clock: Clock) -> None:
    with closing(Spool(tmp_path / "spool", clock)) as spool:
        for number in range(40):
            spool.store(f"E-{number}", a_record(f"secret-{number} " * 20_000))
        spool.tidy()
        large = sum(path.stat().st_size for path in (tmp_path / "spool").iterdir())
        spool.remove([row.place for row in spool.after(0, rows=1_000, size=10**9)])
        for _ in range(5):
            spool.tidy()
        files = [path for path in (tmp_path / "spool").iterdir() if path.name != "spool.db-shm"]
        small = sum(path.stat().st_size for path in files)
    left = b"".join(path.read_bytes() for path in (tmp_path / "spool").iterdir())

    assert large > 7 * MIB
    assert small < MIB // 10
    assert b"secret" not in left


def test_the_database_is_set_so_that_a_yes_is_on_the_disk(spool: Spool) -> None:
    """That it then is cannot be seen without a power cut: the settings are held fast instead."""
    asked = ("synchronous", "journal_mode", "secure_delete", "auto_vacuum", "fullfsync", "checkpoint_fullfsync")
    spool.waiting  # noqa: B018 - opens the database
    database = spool._database  # noqa: SLF001
    assert database is not None
    found = [database.execute(f"PRAGMA {one}").fetchone()[0] for one in asked]

    assert found == [2, "wal", 1, 2, 1, 1]


def test_positions_are_remembered(tmp_path: Path, clock: Clock) -> None:
    with closing(Spool(tmp_path / "spool", clock)) as spool:
        assert spool.position(3) is None
        spool.remember(3, 41)
        spool.remember(3, 42)
    with closing(Spool(tmp_path / "spool", clock)) as spool:
        assert (spool.position(3), spool.position(0)) == (42, None)


def test_a_closed_spool_says_so(spool: Spool) -> None:
    spool.close()
    spool.close()
    with pytest.raises(SpoolError, match="the event is NOT stored: the spool is closed"):
        spool.store("E-1", a_record())


def test_a_directory_that_cannot_be_made_is_a_spool_error(tmp_path: Path, clock: Clock) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(SpoolError, match="Not a directory"):
        Spool(tmp_path / "file" / "spool", clock)
