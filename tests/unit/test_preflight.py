"""The preflight names what is missing and what to do, before anything is installed."""

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from infra import preflight

FINE: dict[str, Any] = {
    "system": "Linux",
    "machine": "x86_64",
    "libc": "glibc",
    "python": (3, 12),
    "has_venv": True,
    "has_make": True,
    "free_bytes": 10**10,
}


@pytest.mark.parametrize(
    "machine",
    [
        {},
        {"python": (3, 11)},
        {"python": (3, 13)},
        {"system": "Darwin", "machine": "arm64", "libc": ""},
        {"system": "Darwin", "machine": "x86_64", "libc": ""},
    ],
)
def test_a_supported_machine_passes(machine: dict[str, Any]) -> None:
    assert preflight.problems(**FINE | machine) == []


@pytest.mark.parametrize(
    ("machine", "complaint", "remedy"),
    [
        ({"python": (3, 10)}, "Python 3.10 is not supported", "make run PYTHON=python3.12"),
        ({"python": (3, 14)}, "Python 3.14 is not supported", "use 3.11, 3.12 or 3.13"),
        ({"has_venv": False}, "venv module is missing", "apt-get install python3-venv"),
        ({"has_make": False}, "make is missing", "apt-get install make"),
        ({"machine": "aarch64"}, "faust-streaming 0.15.3 has no wheel", "use x86_64"),
        ({"libc": ""}, "no glibc", "use Debian"),
        ({"system": "Windows"}, "Windows is not supported", "WSL 2"),
        ({"free_bytes": 10**9}, "1.0 GB are free here, 1.5 GB are needed", "make room"),
    ],
)
def test_what_is_missing_is_named_with_what_to_do(machine: dict[str, Any], complaint: str, remedy: str) -> None:
    (problem,) = preflight.problems(**FINE | machine)
    assert complaint in problem
    assert remedy in problem


def test_it_runs_on_a_bare_interpreter() -> None:
    """Isolated: no installed package, no path of ours."""
    script = Path(preflight.__file__)
    done = subprocess.run([sys.executable, "-I", "-S", str(script)], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
