"""Fixtures: `brdo up`, as a newcomer starts it, for the tests of one module."""

import os
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest
from command_line import BRDO


@pytest.fixture(scope="module")
def environment(tmp_path_factory: pytest.TempPathFactory, kafka_cache: Path) -> dict[str, str]:
    data_dir = tmp_path_factory.mktemp("a system")
    kept = {name: value for name, value in os.environ.items() if not name.startswith("BRDO_")}
    return {**kept, "BRDO_DATA_DIR": str(data_dir), "BRDO_CACHE_DIR": str(kafka_cache), "LANG": "C", "COLUMNS": "200"}


@pytest.fixture(scope="module")
def system(environment: dict[str, str]) -> Iterator[Path]:
    """Keep `brdo up` running and return its data directory; it must leave nothing running behind."""
    data_dir = Path(environment["BRDO_DATA_DIR"])
    up = subprocess.Popen([*BRDO, "up"], env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    assert up.stdout is not None
    said = []
    for line in up.stdout:  # on a machine's first run, the download is told of before
        said.append(line)
        if line.startswith("Running on"):
            break
    assert up.poll() is None, "".join(said)
    started = psutil.Process(up.pid).children(recursive=True)
    yield data_dir
    up.send_signal(signal.SIGTERM)
    up.communicate(timeout=60)
    _, alive = psutil.wait_procs(started, timeout=10)
    assert alive == []
    assert len(started) >= 7
