"""How far an import has come: one small file, written anew after each block that Kafka has acknowledged."""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, ValidationError

from producers.errors import ProducerError


class NotImportedError(ProducerError):
    """An import cannot begin or go on; the text says why and what to do."""


class Progress(BaseModel):
    """What is done: rows and bytes of the file, what came of them, and how long the file of refused rows was then."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    status: Literal["running", "done"] = "running"
    file_sha256: str
    map_sha256: str
    offset: int = 0
    line: int = 0
    rows: int = 0
    accepted: int = 0
    refused: Mapping[str, int] = {}
    refused_bytes: int = 0
    refused_sha256: str = ""

    def write(self, path: Path) -> None:
        """Write it so that after a crash either this or the one before stands there, whole."""
        new = path.with_name(f"{path.name}.new")
        descriptor = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(self.model_dump_json(indent=1).encode() + b"\n")
            file.flush()
            os.fsync(file.fileno())
        new.replace(path)
        directory = os.open(path.parent, os.O_RDONLY)
        try:
            os.fsync(directory)
        finally:
            os.close(directory)


def read_progress(path: Path) -> Progress | None:
    """Return what the file says, None where there is none; raises `NotImportedError`."""
    try:
        return Progress.model_validate_json(path.read_bytes())
    except FileNotFoundError:
        return None
    except ValidationError:
        raise NotImportedError(f"{path} is not what an import writes; begin anew with --restart") from None
