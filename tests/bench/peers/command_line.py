"""The command line that every peer has."""

from __future__ import annotations

from argparse import ArgumentParser
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class CommandLine:
    """Which broker, which topics, under what name, and where state may lie."""

    bootstrap: str
    input: str
    output: str
    group: str
    data_dir: Path


def read_command_line() -> CommandLine:
    """Return what the runner asks for."""
    parser = ArgumentParser()
    for name in ("bootstrap", "input", "output", "group"):
        parser.add_argument(f"--{name}", required=True)
    parser.add_argument("--data-dir", required=True, type=Path)
    return CommandLine(**vars(parser.parse_args()))
