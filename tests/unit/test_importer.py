"""An import goes on where Kafka last acknowledged, and refused rows stand in their file once each."""

import csv
import fcntl
import json
import shutil
import stat
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from gateway_rig import ids

from producers.errors import NotPublishedError
from producers.importing import importer
from producers.importing.importer import Imported, import_file
from producers.importing.progress import NotImportedError, Progress
from schemas.records import Record

EXAMPLES = Path(__file__).parents[2] / "producers" / "examples"
MAP = """\
type: sighting
zone: UTC
constant: {station: SI-OBR}
columns:
  nr: id
  plate: vehicle.plate
  at: {field: occurred_at, type: time, format: "%Y-%m-%d %H:%M"}
"""
AT = "2026-05-01 08:00"


@dataclass
class Blocks:
    """A Kafka that keeps what it acknowledged, and acknowledges so many blocks."""

    blocks: int = 1000
    waiting: list[Record] = field(default_factory=list)
    kept: list[Record] = field(default_factory=list)

    def send(self, record: Record) -> None:
        self.waiting.append(record)

    def flush(self) -> None:
        if self.blocks == 0:
            raise NotPublishedError(len(self.waiting), "no answer in time")
        self.blocks -= 1
        self.kept += self.waiting
        self.waiting = []


@dataclass(frozen=True)
class Table:
    file: Path
    map: Path

    @property
    def refused(self) -> Path:
        return self.file.with_suffix(".refused.csv")

    @property
    def progress(self) -> Path:
        return self.file.with_suffix(".progress.json")

    def run(self, kafka: Blocks, *, restart: bool = False) -> Imported:
        return import_file(kafka, self.file, self.map, restart=restart, on_progress=lambda *_: None)

    def refused_rows(self) -> list[dict[str, str]]:
        with self.refused.open(encoding="utf-8-sig", newline="") as file:
            return list(csv.DictReader(file))


@pytest.fixture
def table(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Table:
    """Return twenty rows of which every fifth is wrong, to be imported in blocks of four."""
    monkeypatch.setattr(importer, "BLOCK_ROWS", 4)
    lines = [f"{number},LJ 1,{'never' if number % 5 == 0 else AT}" for number in range(20)]
    (tmp_path / "table.csv").write_text("\n".join(["nr,plate,at", *lines]), encoding="utf-8")
    (tmp_path / "map.yaml").write_text(MAP, encoding="utf-8")
    return Table(tmp_path / "table.csv", tmp_path / "map.yaml")


GOOD = [str(number) for number in range(20) if number % 5]
BAD = [str(number) for number in range(20) if not number % 5]


def test_the_bundled_example_is_imported(tmp_path: Path) -> None:
    for name in ("incidents.csv", "incidents-map.yaml"):
        shutil.copy(EXAMPLES / name, tmp_path)
    table, kafka = Table(tmp_path / "incidents.csv", tmp_path / "incidents-map.yaml"), Blocks()
    imported = table.run(kafka)
    assert (imported.rows, imported.accepted) == (5, 3)
    assert imported.refused == {"ambiguous_local_time": 1, "not_in_table": 1}
    first, _, rescue = (json.loads(record.value) for record in kafka.kept)
    assert first["vehicles"] == [
        {"plate": "LJ AB-014", "plate_country": "SI", "plate_confidence": 0.97, "involvement": "used"}
    ]
    assert (rescue["narrative"], rescue["life_at_risk"]) == ("Hladilnik\nzaprt od zunaj", True)


def test_every_row_is_an_event_or_a_refused_row_with_its_reason(table: Table) -> None:
    kafka, seen = Blocks(), []
    imported = import_file(kafka, table.file, table.map, on_progress=lambda *done: seen.append(done))
    assert ids(record.value for record in kafka.kept) == GOOD
    assert (imported.rows, imported.accepted, imported.refused) == (20, 16, {"unreadable_time": 4})
    assert [row["nr"] for row in table.refused_rows()] == BAD
    assert table.refused_rows()[1] == {
        "nr": "5",
        "plate": "LJ 1",
        "at": "never",
        "refused_line": "7",
        "refused_reason": "unreadable_time",
        "refused_field": "occurred_at",
        "refused_text": "column at is not a time of the form %Y-%m-%d %H:%M",
    }
    size = table.file.stat().st_size
    assert [rows for rows, _, _ in seen] == [0, 4, 8, 12, 16, 20]
    assert seen[-1] == (20, size, size)
    for path in (table.refused, table.progress):
        assert stat.S_IMODE(path.stat().st_mode) == 0o600


@pytest.mark.parametrize("blocks", range(5))
def test_an_import_that_breaks_off_goes_on_where_kafka_last_acknowledged(table: Table, blocks: int) -> None:
    broken, kafka = Blocks(blocks), Blocks()
    with pytest.raises(NotPublishedError):
        table.run(broken)
    imported = table.run(kafka)
    assert ids(record.value for record in broken.kept + kafka.kept) == GOOD
    assert (imported.rows, imported.accepted, imported.refused) == (20, 16, {"unreadable_time": 4})
    assert [row["nr"] for row in table.refused_rows()] == BAD


def test_refused_rows_that_were_written_before_the_progress_are_not_written_twice(
    table: Table, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The process dies between the two."""
    write, written = Progress.write, 0

    def die(progress: Progress, path: Path) -> None:
        nonlocal written
        written += 1
        if written == 4:
            raise KeyboardInterrupt
        write(progress, path)

    first, second = Blocks(), Blocks()
    monkeypatch.setattr(Progress, "write", die)
    with pytest.raises(KeyboardInterrupt):
        table.run(first)
    monkeypatch.setattr(Progress, "write", write)
    table.run(second)
    assert [row["nr"] for row in table.refused_rows()] == BAD
    sent = ids(record.value for record in first.kept + second.kept)
    assert sorted(set(sent), key=int) == GOOD
    assert len(sent) > len(GOOD)  # the block in between was sent again, under the same ids


def test_an_import_that_is_done_is_not_done_again(table: Table) -> None:
    table.run(Blocks())
    again = Blocks()
    imported = table.run(again)
    assert (imported.already, imported.accepted, again.kept) == (True, 16, [])
    anew = Blocks()
    assert not table.run(anew, restart=True).already
    assert ids(record.value for record in anew.kept) == GOOD
    assert [row["nr"] for row in table.refused_rows()] == BAD


@pytest.mark.parametrize("which", ["file", "map"])
@pytest.mark.parametrize("blocks", [2, 1000])
def test_a_changed_file_or_map_is_not_gone_on_with(table: Table, which: str, blocks: int) -> None:
    try:
        table.run(Blocks(blocks))
    except NotPublishedError:
        assert blocks == 2
    changed = table.file if which == "file" else table.map
    changed.write_text(changed.read_text(encoding="utf-8") + "\n", encoding="utf-8")
    kafka = Blocks()
    with pytest.raises(NotImportedError, match=rf"{changed.name} has changed .* --restart"):
        table.run(kafka)
    assert kafka.kept == []
    table.run(kafka, restart=True)
    assert ids(record.value for record in kafka.kept) == GOOD


def test_refused_rows_can_be_mended_and_imported_with_the_same_map(table: Table) -> None:
    table.run(Blocks())
    mended = Table(table.refused, table.map)
    text = mended.file.read_text(encoding="utf-8-sig").replace("never", AT, 3)
    mended.file.write_text(text, encoding="utf-8-sig")
    kafka = Blocks()
    imported = mended.run(kafka)
    assert (imported.accepted, imported.refused) == (3, {"unreadable_time": 1})
    assert ids(record.value for record in kafka.kept) == BAD[:3]
    assert [list(row) for row in mended.refused_rows()] == [list(row) for row in table.refused_rows()][:1]


@pytest.mark.parametrize(
    ("file", "text"),
    [
        (b"", "no header"),
        (b"nr,at\n1,2\n", "no column plate, which the map names"),
        (b"nr;plate;at\n", "no column nr, plate, at, which the map names; is the delimiter right"),
        (b"nr,plate,at,nr\n", "column nr more than once"),
    ],
)
def test_a_header_that_does_not_fit_is_an_error_before_anything_is_sent(table: Table, file: bytes, text: str) -> None:
    table.file.write_bytes(file)
    kafka = Blocks()
    with pytest.raises(NotImportedError, match=text):
        table.run(kafka)
    assert (kafka.kept, table.progress.exists()) == ([], False)


def test_rows_that_are_no_rows_are_refused_whole(table: Table) -> None:
    broken = [
        b'"1,LJ 1',
        b"2,LJ\x00,2026-05-01 08:00",
        b"3,\xff,2026-05-01 08:00",
        b"4,LJ 1",
        b"5,LJ 1,2026-05-01 08:00",
    ]
    table.file.write_bytes(b"nr,plate,at\n" + b"\n".join(broken))
    kafka = Blocks()
    table.run(kafka)
    assert ids(record.value for record in kafka.kept) == ["5"]
    written = table.refused.read_bytes()
    assert written.count(b"\r\n") == 5
    for row, reason in zip(
        broken, [b"unbalanced_quotes", b"null_byte", b"not_encoded", b"wrong_columns"], strict=False
    ):
        assert row.replace(b'"', b"") in written.replace(b'"', b"")
        assert reason in written


def test_a_second_import_of_the_same_file_does_not_run_beside_the_first(table: Table) -> None:
    with table.file.open("rb") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        with pytest.raises(NotImportedError, match="by another process"):
            table.run(Blocks())


def test_what_others_wrote_is_not_written_over(table: Table) -> None:
    table.refused.write_text("somebody's own", encoding="utf-8")
    with pytest.raises(NotImportedError, match="is there already"):
        table.run(Blocks())
    assert table.refused.read_text(encoding="utf-8") == "somebody's own"


def test_refused_rows_that_were_changed_meanwhile_are_not_cut_off(table: Table) -> None:
    with pytest.raises(NotPublishedError):
        table.run(Blocks(3))
    changed = table.refused.read_text(encoding="utf-8").replace("never", "later", 1)
    table.refused.write_text(changed, encoding="utf-8")
    with pytest.raises(NotImportedError, match="was changed while its import was under way"):
        table.run(Blocks())
    assert table.refused.read_text(encoding="utf-8") == changed


def test_a_file_that_changes_under_the_import_is_not_called_done(table: Table) -> None:
    def grow(rows: int, _done: int, _total: int) -> None:
        if rows == 8:
            with table.file.open("a", encoding="utf-8") as file:
                file.write("\n20,LJ 1,2026-05-01 08:00\n")

    with pytest.raises(NotImportedError, match="was changed while it was imported"):
        import_file(Blocks(), table.file, table.map, on_progress=grow)
    assert json.loads(table.progress.read_text(encoding="utf-8"))["status"] == "running"


def test_progress_that_is_not_ours_and_files_that_cannot_be_read_are_named(table: Table) -> None:
    table.progress.write_text("{}", encoding="utf-8")
    with pytest.raises(NotImportedError, match="begin anew with --restart"):
        table.run(Blocks())
    table.file.unlink()
    with pytest.raises(NotImportedError, match=r"table\.csv: No such file"):
        table.run(Blocks())


def test_nothing_is_left_open(table: Table) -> None:
    before = len(list(Path("/dev/fd").iterdir()))
    table.run(Blocks())
    assert len(list(Path("/dev/fd").iterdir())) == before
