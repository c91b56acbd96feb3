"""The command line and the probes of a running system."""

import subprocess
import sys
import urllib.error
import urllib.request
from pathlib import Path

EXAMPLES = Path(__file__).parents[1] / "infra" / "examples.jsonl"
BRDO = [sys.executable, "-m", "infra.cli"]


def brdo(environment: dict[str, str], *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*BRDO, *arguments], env=environment, capture_output=True, text=True, timeout=120, check=False
    )


def get(address: str) -> tuple[int, str]:
    try:
        with urllib.request.urlopen(address, timeout=5) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, ""
