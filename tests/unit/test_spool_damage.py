"""Power cuts, bad pages and flipped bits: what can be read is kept, in order, and what cannot is told."""

from __future__ import annotations

import itertools
import random
import shutil
import sqlite3
import subprocess
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from station_rig import Clock

from producers.spool.repair import Damage
from producers.spool.store import Spool
from schemas.records import Record

PAGE = 4096
SECTOR = 512
FILES = ("spool.db", "spool.db-wal")


def a_record(number: int) -> Record:
    """Return one of very different sizes, so that some need several pages."""
    return Record("border.incidents", b"SI-OBR", f"{number} ".encode() * (10 if number % 7 else 4_000))


def stored(directory: Path, number: int) -> None:
    with closing(Spool(directory, Clock())) as spool:
        for one in range(number):
            spool.store(f"E-{one:04}", a_record(one))


def content(spool: Spool) -> list[tuple[str, bytes]]:
    return [(row.id.decode(), row.value) for row in spool.after(0, rows=100_000, size=10**9)]


def expected(*numbers: int) -> list[tuple[str, bytes]]:
    return [(f"E-{one:04}", a_record(one).value) for one in numbers]


@dataclass(frozen=True)
class Moment:
    """The files after a commit, and what the spool then held."""

    database: bytes
    log: bytes
    held: list[tuple[str, bytes]]


def history(directory: Path, copies: Path, steps: int) -> list[Moment]:
    """Store and remove, and copy the files after each yes; by another process, as SQLite's locks would suffer."""
    moments = []
    with closing(Spool(directory, Clock())) as spool:
        for step in range(steps):
            if step % 5 == 4:
                spool.remove([row.place for row in spool.after(0, rows=2, size=10**9)])
            else:
                spool.store(f"E-{step:04}", a_record(step))
            copies.mkdir(exist_ok=True)
            subprocess.run(["cp", *(directory / name for name in FILES), copies], check=True)
            database, log = ((copies / name).read_bytes() for name in FILES)
            moments.append(Moment(database, log, content(spool)))
    return moments


def torn(before: bytes, after: bytes, chance: random.Random) -> bytes:
    """Return what may be on the disk when the power went while `after` was written over `before`."""
    written = chance.choice([0.5, 0.9, 1])
    parts = []
    for start in range(0, max(len(before), len(after)), SECTOR):
        old, new = before[start : start + SECTOR], after[start : start + SECTOR]
        garbage = chance.randbytes(len(new))
        is_written = old == new or chance.random() < written
        parts.append(new if is_written else chance.choice([old, garbage, garbage[: len(new) // 3]]))
        if len(parts[-1]) < SECTOR and start + SECTOR < len(before):
            parts[-1] = parts[-1].ljust(SECTOR, b"\0")
        if len(parts[-1]) < SECTOR:
            break
    return b"".join(parts)


def reopened(directory: Path, database: bytes, log: bytes) -> tuple[list[tuple[str, bytes]], tuple[Damage, ...]]:
    shutil.rmtree(directory, ignore_errors=True)
    directory.mkdir()
    (directory / FILES[0]).write_bytes(database)
    (directory / FILES[1]).write_bytes(log)
    with closing(Spool(directory, Clock())) as spool:
        return content(spool), spool.damage


def test_after_a_power_cut_everything_is_there_that_had_its_yes_and_nothing_half(tmp_path: Path) -> None:
    """At any sector of any write: of the log, and of the database once the log is safe on the disk."""
    chance = random.Random(20_261_124)
    moments = history(tmp_path / "spool", tmp_path / "copies", 120)
    cuts = checkpoints = later = 0
    for before, after in itertools.pairwise(moments):
        for _ in range(2):
            log = torn(before.log, after.log, chance)
            found, damage = reopened(tmp_path / "cut", before.database, log)
            assert found in (before.held, after.held)
            assert damage == ()
            cuts += 1
            later += found == after.held
        if after.database != before.database:
            database = torn(before.database, after.database, chance)
            found, damage = reopened(tmp_path / "cut", database, after.log)
            assert found == after.held
            assert damage == ()
            checkpoints += 1

    assert cuts == 238
    assert checkpoints >= 3, "the log was written back into the database several times"
    assert 0 < later < cuts


def test_a_log_cut_off_or_garbled_behind_a_yes_loses_nothing_before_it(tmp_path: Path) -> None:
    chance = random.Random(7)
    moments = history(tmp_path / "spool", tmp_path / "copies", 25)
    last = moments[-1]
    assert last.database == moments[0].database, "all of it stands in the log"
    for number, moment in enumerate(moments[:-1]):
        size, following = len(moment.log), len(moments[number + 1].log)
        for cut in (size, size + 1, chance.randrange(size, following), following - 1):
            for log in (last.log[:cut], last.log[:cut] + chance.randbytes(len(last.log) - cut)):
                found, damage = reopened(tmp_path / "cut", last.database, log)
                assert found == moment.held or (found == moments[number + 1].held and cut > size)
                assert damage == ()


@pytest.mark.parametrize("page", ["first", "inner", "leaf", "overflow"])
def test_from_a_damaged_file_every_row_is_kept_that_can_be_read(tmp_path: Path, page: str) -> None:
    directory = tmp_path / "spool"
    stored(directory, 400)
    database = bytearray((directory / FILES[0]).read_bytes())
    pages = range(1, len(database) // PAGE)
    number = {
        "first": 0,
        "inner": next(one for one in pages if database[one * PAGE] == 0x05),
        "leaf": [one for one in pages if database[one * PAGE] == 0x0D][5],
        "overflow": next(one for one in pages if b"399 399" in database[one * PAGE : (one + 1) * PAGE]),
    }[page]
    database[number * PAGE : (number + 1) * PAGE] = random.Random(1).randbytes(PAGE)
    (directory / FILES[0]).write_bytes(database)

    with closing(Spool(directory, Clock())) as spool:
        found, damage = content(spool), spool.damage
        spool.store("E-9999", a_record(9_999))
        assert [identity for identity, _ in content(spool)][-1] == "E-9999"

    lost = {identity for identity, _ in expected(*range(400))} - {identity for identity, _ in found}
    assert found == [one for one in expected(*range(400)) if one[0] not in lost]
    if page in {"first", "inner"}:
        assert lost == set()
    else:
        assert 1 <= len(lost) < 60
    kept = directory / "spool.db.damaged-1"
    if page != "overflow":  # the page is sound to SQLite: only the checksum tells, for that row alone
        assert damage == (Damage(len(lost), kept),)
        assert kept.read_bytes() == database
    with closing(Spool(directory, Clock())) as spool:
        assert spool.damage == damage, "it is still told after the next start, and not mended again"


def test_a_flipped_bit_sets_that_row_aside_and_is_told(tmp_path: Path) -> None:
    directory = tmp_path / "spool"
    stored(directory, 20)
    database = bytearray((directory / FILES[0]).read_bytes())
    place = database.index(b"13 13 13")
    database[place] ^= 0x04
    (directory / FILES[0]).write_bytes(database)

    with closing(Spool(directory, Clock())) as spool:
        assert content(spool) == expected(*(one for one in range(20) if one != 13))
        assert spool.damage == (Damage(1, None),)
        assert spool.set_aside_between(14, 14) == 1
        assert spool.waiting == 19
        assert spool.store("E-0013", a_record(13)), "the device has its copy, and can store it anew"


@contextmanager
def in_use(directory: Path) -> Iterator[None]:
    """Let another use the spool all the while, as a client's thread does."""
    stop, opened = threading.Event(), threading.Event()

    def use() -> None:
        with closing(Spool(directory, Clock())) as spool:
            while not stop.wait(0.05):
                assert spool.waiting >= 0
                opened.set()

    other = threading.Thread(target=use, daemon=True)
    other.start()
    try:
        assert opened.wait(5)
        yield
    finally:
        stop.set()
        other.join(5)


def test_damage_met_while_in_use_is_mended_and_the_work_goes_on(tmp_path: Path) -> None:
    """With a second process's share in the spool, which lets go of it for as long as that takes."""
    directory = tmp_path / "spool"
    stored(directory, 300)
    with closing(Spool(directory, Clock())) as one, in_use(directory):
        size = (directory / FILES[0]).stat().st_size
        middle = size // PAGE // 2
        dd = ["dd", "if=/dev/urandom", f"of={directory / FILES[0]}", "bs=4096", f"seek={middle}", "count=20"]
        subprocess.run([*dd, "conv=notrunc"], check=True, capture_output=True)
        found = content(one)
        assert one.store("E-9999", a_record(1))
        assert one.generation == 2
        assert one.damage[0].kept == directory / "spool.db.damaged-1"

    assert 0 < len(found) < 300
    assert found == [row for row in expected(*range(300)) if row in found]


def test_a_mending_cut_off_by_a_power_cut_is_taken_up_again(tmp_path: Path) -> None:
    """The fresh file is complete, and the damaged one's log still lies there: it must not be played into it."""
    directory = tmp_path / "spool"
    stored(directory, 50)
    whole = (directory / FILES[0]).read_bytes()
    stored(tmp_path / "other", 3)
    (directory / "spool.db.fresh").write_bytes((tmp_path / "other" / FILES[0]).read_bytes())
    (directory / FILES[1]).write_bytes(history(tmp_path / "third", tmp_path / "copies", 9)[-1].log)
    (directory / "suspected").touch()
    (directory / "replacing").touch()
    with closing(Spool(directory, Clock())) as spool:
        assert content(spool) == expected(*range(3))
    assert not {"suspected", "replacing", "spool.db.fresh"} & {path.name for path in directory.iterdir()}
    assert whole != (directory / FILES[0]).read_bytes()


def test_an_emptied_file_beside_a_log_is_damage_and_not_a_new_spool(tmp_path: Path) -> None:
    moments = history(tmp_path / "spool", tmp_path / "copies", 20)
    found, damage = reopened(tmp_path / "cut", b"", moments[-1].log)

    assert found == moments[-1].held
    assert damage == (Damage(0, tmp_path / "cut" / "spool.db.damaged-1"),)


def test_a_file_that_is_no_database_at_all_does_not_stop_the_device(tmp_path: Path) -> None:
    found, damage = reopened(tmp_path / "cut", b"not a database" * 5_000, b"")

    assert (found, damage) == ([], (Damage(None, tmp_path / "cut" / "spool.db.damaged-1"),))


def test_what_was_set_aside_and_where_notices_stand_outlast_a_mending(tmp_path: Path) -> None:
    directory = tmp_path / "spool"
    stored(directory, 30)
    with closing(Spool(directory, Clock())) as spool:
        (row,) = spool.after(0, rows=1, size=1)
        spool.remember(2, 77)
    with closing(sqlite3.connect(directory / FILES[0])) as database, database:
        database.execute("UPDATE waiting SET value = x'00' WHERE sequence = ?", (row.sequence,))
    with closing(Spool(directory, Clock())) as spool:
        assert len(content(spool)) == 29
        (directory / "suspected").touch()
        assert content(spool) == expected(*range(1, 30))
        assert spool.position(2) == 77
        assert spool.set_aside_between(1, 1) == 1
        assert spool.damage[0] == Damage(1, None)
