"""How well alerts are found: precision and recall on a simulation, of which the truth is known.

Seeds are simulated that nothing was ever tuned on. All their events go through the whole line in one process, each at
its time of arrival, and what stands open at the end is compared with what must stand (`expected`).

- An expected alert is *found* where an open alert tells the same, a raised alert is *right* where an expected one
  does: alerts of one kind that share what makes it, such as two incidents or an entry and a sighting (`comparison`).
- **Recall** is the share of the expected alerts that are found, **precision** the share of the raised ones that are
  right. One right pair is enough; whatever else an alert holds or lacks is measured by the
- **pairs**: any two pieces of evidence that some alert of the kind joins. Their recall is the share of the pairs
  expected that are joined, their precision the share of the pairs joined that are expected. Long chains weigh more in
  it. A danger to life joins nothing.
- *Not detected* (`causes`): of a missed alert the two events are looked at that would raise it by themselves and were
  read with the fewest faults; an alert with several faults counts under each. Vehicles need country and plate, persons
  a document or else birth date and name.
- Cameras and readers err alike with everybody (`producers/simulator/read_errors.py`): ordinary traffic, those met in
  incidents or listed who pass again, and planted cases, save where a case is about look-alikes or convoys.
- *Planted cases* (`planted`): found where an alert rests on two of its events (one, for a danger to life).

Drills count in no figure but in the planted cases. All figures are of a simulation: its read errors are estimates.
"""

from __future__ import annotations

import argparse
import sys
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from quality_measure import Measured, measure
from quality_report import FIGURES, keep_quality, tables
from rich.console import Console

from infra.progress import progress_shown
from producers.simulator import Scenario

SEEDS: Final = (901, 902, 903)
"""Never used for tuning, and not to be."""
ENDS_AT: Final = datetime(2026, 11, 20, 13, 0, tzinfo=UTC)


def main() -> int:
    """Measure every seed; print the tables and keep the figures."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seeds", type=int, nargs="+", default=SEEDS)
    parser.add_argument("--days", type=int, default=120, help="how many days of incidents")
    parser.add_argument("--sighting-days", type=int, default=7, help="sightings lie in the last so many; 0: in all")
    parser.add_argument("--sightings", type=int, default=60_000, help="how many a seed, roughly")
    parser.add_argument("--incidents", type=int, default=1_500, help="how many a seed beside the planted cases")
    parser.add_argument("--cases", type=int, help="sets of planted cases a seed; by default after the incidents")
    parser.add_argument("--out", type=Path, default=FIGURES)
    asked = parser.parse_args()
    begun = time.monotonic()
    asked.sighting_days = asked.sighting_days or None
    sizes = {name: getattr(asked, name) for name in ("days", "sighting_days", "sightings", "incidents", "cases")}
    by_seed: dict[int, Measured] = {}
    whole = Measured()
    with progress_shown(Console(stderr=True)) as show:
        for seed in asked.seeds:
            scenario = Scenario(seed=seed, ends_at=ENDS_AT, **sizes)
            by_seed[seed] = measure(scenario, show)
            whole.add(by_seed[seed])
    console = Console()
    for table in tables(whole, by_seed):
        console.print(table)
    keep_quality(whole, by_seed, sizes, asked.out)
    console.print(
        f"{whole.events:,} events, {whole.refused} refused, {time.monotonic() - begun:.0f} s; figures in {asked.out}.",
        highlight=False,
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
