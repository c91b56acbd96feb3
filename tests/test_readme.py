"""The README keeps its word: its commands run, its example is real, its tables are complete."""

import json
import os
import re
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import psutil
import pytest
from factory import revisions
from started import wait_until

from infra.cli import cli
from infra.settings import Settings
from schemas.alerts import AlertKind

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")
WAYS_IN = (ROOT / "producers" / "README.md").read_text(encoding="utf-8")
WAYS_OUT = (ROOT / "consumers" / "README.md").read_text(encoding="utf-8")
BRDO = ROOT / ".venv" / "bin" / "brdo"
LONGEST_LINES = 300


def blocks(language: str) -> list[str]:
    """Return the blocks of the README, then those of the pages about ways in and out."""
    return re.findall(rf"^```{language}\n(.*?)^```", README + WAYS_IN + WAYS_OUT, re.MULTILINE | re.DOTALL)


@pytest.fixture
def environment(tmp_path: Path, kafka_cache: Path) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("BRDO_", "MAKE"))}
    return {**kept, "BRDO_DATA_DIR": str(tmp_path), "BRDO_CACHE_DIR": str(kafka_cache), "NO_COLOR": "1"}


def run(environment: dict[str, str], *command: str) -> str:
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


GROUPS = {"audit", "config", "dead-letters", "exercise", "match", "permissions", "routes", "rules"}


def test_it_is_short_enough_to_be_read() -> None:
    assert len(README.splitlines()) <= LONGEST_LINES


def test_the_worked_example_is_what_the_engine_says() -> None:
    events_block, alert_block = blocks("json")
    (alert,) = revisions(*map(json.loads, events_block.splitlines()))
    shown = json.loads(alert_block)
    assert {name: value for name, value in json.loads(alert.model_dump_json()).items() if name in shown} == shown


def test_every_kind_command_and_setting_that_it_names_exists() -> None:
    for kind in AlertKind:
        assert f"`{kind}`" in README
    commands = {command.name or command.callback.__name__ for command in cli.registered_commands if command.callback}
    assert set(re.findall(r"`brdo ([a-z-]+)", README + WAYS_IN + WAYS_OUT)) == commands | GROUPS
    named = set(re.findall(r"BRDO_[A-Z_]+", README + WAYS_IN + WAYS_OUT))
    assert named <= {f"BRDO_{name.upper()}" for name in Settings.model_fields}


@pytest.mark.timeout(300)
def test_make_run_ends_well_without_a_terminal(environment: dict[str, str]) -> None:
    """The first block; `make test` is this run. Colours are left out where NO_COLOR says so."""
    assert blocks("sh")[:2] == ["make run\n", "make test\n"]
    done = subprocess.run(
        ["make", "run"], cwd=ROOT, env=environment, capture_output=True, text=True, timeout=240, check=False,
        stdin=subprocess.DEVNULL,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    (due, received) = re.findall(
        r"Deliveries: ([0-9]+) due, ([0-9]+) received, 0 lost, 0 to somebody else", done.stdout
    )[0]
    assert due == received > "0"
    assert "Nothing lost.\n" in done.stdout
    assert "The story of the day" in done.stdout
    assert "trace" in done.stdout.splitlines()[-3]
    assert "\x1b[" not in done.stdout


@pytest.mark.timeout(300)
def test_the_other_commands_run_on_a_running_system(environment: dict[str, str]) -> None:
    with subprocess.Popen([BRDO, "up"], cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True) as up:
        try:
            assert up.stdout is not None
            assert up.stdout.readline().startswith("Running on")
            for block in blocks("sh")[2:]:
                if "kcat" in block and shutil.which("kcat") is None:
                    continue  # `.ci/run` installs it
                run(environment, "bash", "-euc", block)
            kafka = run(environment, str(BRDO), "address", "kafka").strip()
            (example,) = blocks("python")
            run(environment, sys.executable, "-c", example.replace("127.0.0.1:9092", kafka))
            trace = run(environment, str(BRDO), "trace", "SI-OBR-2026-0412", "--json")
            assert trace.count('"step": "accepted"') >= 2, trace
        finally:
            up.send_signal(signal.SIGINT)
    wait_until(lambda: not psutil.pid_exists(up.pid))
    assert (ROOT / "build" / "alerts.jsonl").stat().st_size > 0
