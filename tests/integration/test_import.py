"""An import on a real broker: killed in the middle it goes on, and every row ends in the topic or among the refused."""

from __future__ import annotations

import csv
import io
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from gateway_rig import ids, messages
from rich.console import Console
from started import Services

from infra.commands.importing import import_csv
from infra.kafka_topics import ensure_topics
from producers.errors import NotPublishedError
from producers.importing.importer import import_file
from producers.importing.progress import NotImportedError
from producers.publisher import Publisher
from schemas.topics import INCIDENTS, SIGHTINGS

ROOT = Path(__file__).parents[2]
EXAMPLES = ROOT / "producers" / "examples"
ROWS = 12_000
WRONG_EVERY = 400
KILLED_AFTER = 3_000

IMPORT = """
import sys
from pathlib import Path
from producers.importing.importer import import_file
from producers.publisher import Publisher
bootstrap, file, map_path = sys.argv[1:]
with Publisher(bootstrap) as publisher:
    import_file(publisher, Path(file), Path(map_path), on_progress=lambda rows, *_: print(rows, flush=True))
"""
MAP = """\
type: sighting
delimiter: ";"
zone: Europe/Zagreb
constant: {station: HR-BRE}
columns:
  vozilo: vehicle.plate
  boja: {field: vehicle.colour, values: {bijela: white, plava: blue}}
  vrijeme: {field: occurred_at, type: time, format: "%d.%m.%Y. %H:%M:%S"}
"""


@pytest.fixture
def bootstrap(services: Services, tmp_path: Path) -> str:
    kafka = services.kafka(tmp_path / "kafka")
    ensure_topics(kafka.bootstrap)
    return kafka.bootstrap


@pytest.fixture
def table(tmp_path: Path) -> tuple[Path, Path]:
    """Return a table of passages, some with a colour that the map does not know."""
    file, map_path = tmp_path / "prolasci.csv", tmp_path / "map.yaml"
    map_path.write_text(MAP, encoding="utf-8")
    with file.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream, delimiter=";")
        writer.writerow(["vozilo", "boja", "vrijeme"])
        for row in range(ROWS):
            colour = "siva" if row % WRONG_EVERY == 0 else ("bijela", "plava")[row % 2]
            writer.writerow(
                [f"ZG {row:05}-X", colour, f"01.05.2026. {row // 3600:02}:{row // 60 % 60:02}:{row % 60:02}"]
            )
    return file, map_path


def test_an_import_that_is_killed_goes_on_and_loses_and_doubles_nothing(
    bootstrap: str, table: tuple[Path, Path]
) -> None:
    file, map_path = table
    command = [sys.executable, "-c", IMPORT, bootstrap, str(file), str(map_path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT) as running:
        assert running.stdout is not None
        done = next(int(line) for line in running.stdout if int(line) >= KILLED_AFTER)
        running.kill()
    assert KILLED_AFTER <= done < ROWS
    seen = []
    with Publisher(bootstrap) as publisher:
        imported = import_file(publisher, file, map_path, on_progress=lambda rows, *_: seen.append(rows))
        assert import_file(publisher, file, map_path, on_progress=lambda *_: None).already
    assert seen[0] >= done
    wrong = ROWS // WRONG_EVERY
    assert (imported.rows, imported.accepted, imported.refused) == (ROWS, ROWS - wrong, {"not_in_table": wrong})
    values = [message.value() or b"" for message in messages(bootstrap, SIGHTINGS)]
    assert len(set(ids(values))) == len(set(values)) == ROWS - wrong  # what came twice is the same under the same id
    with imported.refused_path.open(encoding="utf-8-sig", newline="") as stream:
        refused = list(csv.DictReader(stream, delimiter=";"))
    assert [row["vozilo"] for row in refused] == [f"ZG {row:05}-X" for row in range(0, ROWS, WRONG_EVERY)]
    assert {row["refused_field"] for row in refused} == {"vehicle.colour"}

    file.write_text(file.read_text(encoding="utf-8").replace("siva", "plava"), encoding="utf-8")
    with Publisher(bootstrap) as publisher, pytest.raises(NotImportedError, match=r"has changed since .* --restart"):
        import_file(publisher, file, map_path, on_progress=lambda *_: None)


def test_without_a_broker_an_import_says_so_and_can_go_on(
    services: Services, tmp_path: Path, table: tuple[Path, Path]
) -> None:
    file, map_path = table

    class Hurried(Publisher):
        def flush(self, timeout_seconds: float = 0.5) -> None:
            super().flush(timeout_seconds)

    with pytest.raises(NotPublishedError), Hurried("127.0.0.1:9") as publisher:
        import_file(publisher, file, map_path, on_progress=lambda *_: None)
    kafka = services.kafka(tmp_path / "kafka")
    ensure_topics(kafka.bootstrap)
    with Publisher(kafka.bootstrap) as answering:
        imported = import_file(answering, file, map_path, on_progress=lambda *_: None)
    assert imported.accepted == len(messages(kafka.bootstrap, SIGHTINGS)) == ROWS - ROWS // WRONG_EVERY


def test_the_command_shows_what_was_refused_and_where_it_stands(bootstrap: str, tmp_path: Path) -> None:
    for name in ("incidents.csv", "incidents-map.yaml"):
        shutil.copy(EXAMPLES / name, tmp_path)
    out, err = io.StringIO(), io.StringIO()

    def run() -> int:
        return import_csv(
            bootstrap,
            tmp_path / "incidents.csv",
            tmp_path / "incidents-map.yaml",
            restart=False,
            out=Console(file=out, width=200),
            err=Console(file=err),
        )

    assert run() == 2
    for text in ("accepted and acknowledged", "ambiguous_local_time", "not_in_table", "incidents.refused.csv"):
        assert text in out.getvalue()
    assert "already imported" not in out.getvalue()
    assert run() == 2
    assert "already imported" in out.getvalue()
    assert err.getvalue() == ""
    values = [message.value() or b"" for message in messages(bootstrap, INCIDENTS)]
    assert ids(values) == ["PU-NM-26-0101", "PU-NM-26-0102", "PU-NM-26-0104"]
