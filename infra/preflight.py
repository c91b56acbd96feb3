"""What this machine lacks, before anything is installed. Runs on any Python 3, with nothing but its library."""

import importlib.util
import os
import platform
import shutil
import sys
from typing import List, Tuple

LEAST_PYTHON = (3, 11)
FIRST_UNTRIED_PYTHON = (3, 14)
LEAST_FREE_BYTES = 1500000000


def problems(
    *, system: str, machine: str, libc: str, python: Tuple[int, int], has_venv: bool, has_make: bool, free_bytes: int
) -> List[str]:
    """Return what stands in the way, each with what to do."""
    found = []
    if not LEAST_PYTHON <= python < FIRST_UNTRIED_PYTHON:
        found.append(
            "Python {}.{} is not supported: use 3.11, 3.12 or 3.13, for example `make run PYTHON=python3.12`".format(
                *python
            )
        )
    elif not has_venv:
        found.append("Python's venv module is missing: on Debian or Ubuntu, `apt-get install python3-venv`")
    if not has_make:
        found.append("make is missing: on Debian or Ubuntu, `apt-get install make`; on macOS, `xcode-select --install`")
    if system not in ("Linux", "Darwin"):
        found.append(f"{system} is not supported: use Linux or macOS; on Windows, WSL 2")
    elif system == "Linux" and machine not in ("x86_64", "AMD64"):
        found.append(f"Linux on {machine} is not supported: faust-streaming 0.15.3 has no wheel for it; use x86_64")
    elif system == "Linux" and libc != "glibc":
        found.append("this Linux has no glibc, for which the packages are built: use Debian, Ubuntu, Fedora or alike")
    if free_bytes < LEAST_FREE_BYTES:
        found.append(f"{free_bytes / 1e9:.1f} GB are free here, {LEAST_FREE_BYTES / 1e9:.1f} GB are needed: make room")
    return found


def main() -> int:
    """Print the problems and return the exit code."""
    found = problems(
        system=platform.system(),
        machine=platform.machine(),
        libc=platform.libc_ver()[0],
        python=sys.version_info[:2],
        has_venv=importlib.util.find_spec("venv") is not None and importlib.util.find_spec("ensurepip") is not None,
        has_make=shutil.which("make") is not None,
        free_bytes=shutil.disk_usage(os.path.dirname(os.path.abspath(__file__))).free,
    )
    for problem in found:
        print("preflight: " + problem, file=sys.stderr)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
