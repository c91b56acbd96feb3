"""What an event costs the engine, and how that and memory grow: `PYTHONPATH=.:tests:tests/bench … growth.py`.

- By kind of event: µs of processor for each in the pure engine, as the workers call it, JSON in and JSON out: the watch
  for sightings (the roadside's part included), the case book for all else, after the incidents of a month.
- Retained sightings, 10 k to 1 M: memory of the watch, and what one more costs then. What 10 M would take is worked out
  from the slope between the last two, and says so.
- Subjects of interest, 1 k to 100 k: the same of the interests.

Each size is a process of its own, so that its memory is its own.
"""

from __future__ import annotations

import json
import subprocess
import sys
from argparse import ArgumentParser
from typing import Any, Final

from report import keep_figures
from rich.box import SIMPLE
from rich.console import Console
from rich.table import Table
from systems import BENCH, ROOT

from infra.progress import progress_shown

SIGHTINGS: Final = (10_000, 100_000, 1_000_000)
SUBJECTS: Final = (1_000, 10_000, 100_000)
BEYOND: Final = 10_000_000
_MIB: Final = 1024 * 1024


def main() -> int:
    """Measure, print the tables and keep the figures."""
    parser = ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--sightings", type=int, nargs="+", default=SIGHTINGS)
    parser.add_argument("--subjects", type=int, nargs="+", default=SUBJECTS)
    chosen = parser.parse_args()
    steps = [
        ("kinds", 0),
        *(("sightings", size) for size in chosen.sightings),
        *(("subjects", size) for size in chosen.subjects),
    ]
    said: dict[tuple[str, int], dict[str, float]] = {}
    with progress_shown(Console(stderr=True)) as show:
        for number, (what, size) in enumerate(steps):
            show(number, len(steps), "growth")
            said[what, size] = measured(what, size)
        show(len(steps), len(steps), "growth")
    console = Console()
    console.print(_kinds(said["kinds", 0]))
    figures: dict[str, Any] = {f"growth.event.{kind}_us": round(us, 1) for kind, us in said["kinds", 0].items()}
    for what, sizes, beyond in (("sightings", chosen.sightings, BEYOND), ("subjects", chosen.subjects, None)):
        rows = {size: said[what, size] for size in sizes}
        for size, one in rows.items():
            figures |= {f"growth.{what}.{size}.{name}": round(figure, 1) for name, figure in one.items()}
        if beyond is not None and len(sizes) > 1:
            figures[f"growth.{what}.{beyond}.memory_mib_extrapolated"] = round(extrapolated(rows, beyond))
        console.print(_grown(what, rows, beyond))
    keep_figures(figures)
    return 0


def measured(what: str, size: int) -> dict[str, float]:
    """Return what a process of its own says of one size."""
    command = [sys.executable, str(BENCH / "growth_child.py"), what, str(size)]
    environment = {"PYTHONPATH": f"{ROOT}:{ROOT / 'tests'}:{BENCH}", "PYTHONHASHSEED": "0"}
    done = subprocess.run(command, capture_output=True, text=True, check=True, env=environment)
    return dict(json.loads(done.stdout))


def extrapolated(rows: dict[int, dict[str, float]], beyond: int) -> float:
    """Return the memory (MiB) that so many would take by the slope between the two largest sizes."""
    smaller, larger = sorted(rows)[-2:]
    slope = (rows[larger]["memory_mib"] - rows[smaller]["memory_mib"]) / (larger - smaller)
    return rows[larger]["memory_mib"] + slope * (beyond - larger)


def _kinds(said: dict[str, float]) -> Table:
    table = Table("event", "µs each", box=SIMPLE, title="by kind, in the pure engine")
    for kind, us in said.items():
        table.add_row(kind.replace("_", " "), f"{us:,.0f}")
    return table


def _grown(what: str, rows: dict[int, dict[str, float]], beyond: int | None) -> Table:
    table = Table(box=SIMPLE, title=f"as {what} grow")
    names = list(next(iter(rows.values())))
    for name in (what, *names):
        table.add_column(name.replace("_", " "), justify="right")
    for size, one in rows.items():
        table.add_row(f"{size:,}", *(f"{one[name]:,.1f}" for name in names))
    if beyond is not None and len(rows) > 1:
        table.add_row(f"{beyond:,}", f"by the slope: {extrapolated(rows, beyond):,.0f}")
    return table


if __name__ == "__main__":
    sys.exit(main())
