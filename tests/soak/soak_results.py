"""What each fault came to: kept in build/soak.json, which other soaks write too, and shown as a table."""

from __future__ import annotations

import fcntl
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final

from rich.table import Table

RESULTS: Final = Path(__file__).parents[2] / "build" / "soak.json"


@dataclass(frozen=True, slots=True)
class Result:
    """One fault: what was published under it, and what was wrong in the end."""

    fault: str
    events: int
    lost: int
    repeated: int
    differs_from_oracle: int
    seconds: float
    restarts: int = 0
    """How many workers ended by themselves and were started again."""

    @property
    def is_well(self) -> bool:
        """Whether nothing was wrong."""
        return not (self.lost or self.repeated or self.differs_from_oracle)


def keep(results: Sequence[Result], path: Path = RESULTS) -> None:
    """Put the results into the file, each in place of an earlier one of its fault, leaving alone all others."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        known = json.loads(path.read_text(encoding="utf-8")) if path.exists() else []
        ours = {result.fault for result in results}
        merged = [one for one in known if one["fault"] not in ours] + [asdict(result) for result in results]
        part = path.with_suffix(".part")
        part.write_text(json.dumps(merged, indent=1) + "\n", encoding="utf-8")
        part.replace(path)


def as_table(results: Sequence[Result], title: str) -> Table:
    """Return the results, the bad ones in red."""
    table = Table("fault", title=title)
    for name in ("events", "lost", "repeated", "differs from oracle", "seconds"):
        table.add_column(name, justify="right")
    for one in results:
        figures = (one.events, one.lost, one.repeated, one.differs_from_oracle)
        style = "green" if one.is_well else "bold red"
        table.add_row(one.fault, *(f"{figure:,}" for figure in figures), f"{one.seconds:.1f}", style=style)
    return table
