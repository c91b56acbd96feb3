"""Secrets in files that their owner alone reads."""

import os
from pathlib import Path


def write_secret(path: Path, text: str) -> Path:
    """Write a secret, in place of what was there; return where it stands."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(text)
    return path
