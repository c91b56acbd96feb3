"""What came of it: a table to read, and figures to keep in build/bench.json."""

from __future__ import annotations

import json
import os
import platform
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from statistics import median
from typing import Any, Final

from rich.table import Table
from systems import REFERENCE, ROOT, System

FIGURES: Final = ROOT / "build" / "bench.json"


@dataclass
class Result:
    """One system's runs: its figures in records per second, and why it failed where it did."""

    system: System
    version: str
    records: int
    figures: list[float] = field(default_factory=list)
    failure: str | None = None

    @property
    def median(self) -> float | None:
        """The figure, unless a run failed."""
        return median(self.figures) if self.figures and self.failure is None else None


def table(results: Sequence[Result], rounds: int) -> Table:
    """Return the results side by side."""
    shown = Table(title=f"The trivial stateful job, one core, median of {rounds}")
    shown.add_column("system", no_wrap=True)
    shown.add_column("version", no_wrap=True)
    for name in ("records", "records/s", "min - max", f"to {REFERENCE}"):
        shown.add_column(name, justify="right", no_wrap=True)
    shown.add_column("what survives a crash")
    reference = next((result.median for result in results if result.system.name == REFERENCE), None)
    for result in results:
        figure = result.median
        if figure is None:
            figures = ("[red]failed[/red]", "", "")
        else:
            ratio = f"{figure / reference:.2f}" if reference else ""
            figures = (f"{figure:,.0f}", f"{min(result.figures):,.0f} - {max(result.figures):,.0f}", ratio)
        shown.add_row(result.system.name, result.version, f"{result.records:,}", *figures, result.system.durability)
    return shown


def keep(results: Sequence[Result], path: Path = FIGURES) -> None:
    """Put the figures into the file, leaving alone what others have put there."""
    kept: dict[str, Any] = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
    versions = dict(kept.get("versions", {}))
    for result in results:
        key = f"trivial.{result.system.name}.records_per_s"
        figure = result.median
        if figure is None:  # an older figure would be taken for this run's
            for old in (key, f"{key}.min", f"{key}.max", f"trivial.{result.system.name}.records"):
                kept.pop(old, None)
            versions.pop(result.system.name, None)
            continue
        kept |= {key: round(figure), f"{key}.min": round(min(result.figures)), f"{key}.max": round(max(result.figures))}
        kept[f"trivial.{result.system.name}.records"] = result.records
        versions[result.system.name] = f"{result.system.package} {result.version}"
    _write(path, kept | {"versions": versions})


def keep_figures(figures: Mapping[str, Any], path: Path = FIGURES) -> None:
    """Put these figures into the file, leaving alone what others have put there."""
    kept: dict[str, Any] = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
    _write(path, kept | dict(figures))


def _write(path: Path, kept: dict[str, Any]) -> None:
    kept |= {
        "commit": _commit(),
        "cpu": f"{_cpu()}, {os.cpu_count()} cores",
        "python": platform.python_version(),
        "date": datetime.now(UTC).isoformat(timespec="seconds"),
    }
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_suffix(".partial")
    partial.write_text(json.dumps(kept, indent=2, sort_keys=True) + "\n", encoding="utf-8")
    partial.replace(path)


def _commit() -> str:
    """Return the commit, marked where the tree has changes."""
    command = ["git", "describe", "--always", "--dirty", "--abbrev=40", "--exclude=*"]
    said = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    return said.stdout.strip() or "unknown"


def _cpu() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="ascii", errors="replace").splitlines()
    except FileNotFoundError:
        return platform.processor() or platform.machine()
    names = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return next(names, platform.machine())
