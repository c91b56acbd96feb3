"""What the quality bench shows and keeps: tables, and build/quality.json."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, Final, TypeVar

from causes import MissedReason, WrongReason
from comparison import KINDS, Score
from quality_measure import Measured
from report import keep_figures
from rich.box import SIMPLE
from rich.table import Table
from systems import ROOT

ReasonT = TypeVar("ReasonT", MissedReason, WrongReason)

FIGURES: Final = ROOT / "build" / "quality.json"

_SHARES: Final[dict[str, Callable[[Score], float | None]]] = {
    "precision": lambda score: score.precision,
    "recall": lambda score: score.recall,
    "pair_precision": lambda score: score.pair_precision,
    "pair_recall": lambda score: score.pair_recall,
}


def tables(whole: Measured, by_seed: Mapping[int, Measured]) -> Iterator[Table]:
    """Return everything that is to be read, the figures of all seeds first."""
    seeds = ", ".join(map(str, by_seed))
    yield figures_table(whole, by_seed, f"Quality on a simulation, seeds {seeds} (below: least to most of a seed)")
    yield reasons_table(whole.missed, "Not detected in the simulation: what was wrong in the reading")
    yield reasons_table(whole.wrong, "Raised wrongly in the simulation: why")
    yield planted_table(whole, "Planted cases of the simulation")


def figures_table(whole: Measured, by_seed: Mapping[int, Measured], title: str) -> Table:
    """Return a row of figures for each kind."""
    table = Table(title=title, box=SIMPLE, padding=(0, 1, 0, 0))
    table.add_column("kind", no_wrap=True)
    for name in ("expected", "raised", "precision", "recall", "pair precision", "pair recall"):
        table.add_column(name, justify="right")
    for kind in KINDS:
        score = whole.scores[kind]
        cells = [
            _with_range(share(score), [share(one.scores[kind]) for one in by_seed.values()])
            for share in _SHARES.values()
        ]
        table.add_row(kind, str(score.expected), str(score.raised), *cells)
    return table


def reasons_table(reasons: Mapping[tuple[str, ReasonT], int], title: str) -> Table:
    """Return how often each reason was there, kind by kind, the most frequent first."""
    table = Table(title=title, box=SIMPLE, padding=(0, 1, 0, 0))
    table.add_column("kind", no_wrap=True)
    table.add_column("reason")
    table.add_column("alerts", justify="right")
    for kind in KINDS:
        mine = [(number, reason) for (one, reason), number in reasons.items() if one == kind]
        for number, reason in sorted(mine, key=lambda entry: (-entry[0], entry[1])):
            table.add_row(kind, str(reason), str(number))
    return table


def planted_table(whole: Measured, title: str) -> Table:
    """Return the cases with each kind of alert that was expected of them, or was raised though they rule it out."""
    table = Table(title=title, box=SIMPLE, padding=(0, 1, 0, 0), caption="* a kind that is not measured above")
    table.add_column("case", no_wrap=True)
    table.add_column("kind", no_wrap=True)
    for name in ("planted", "found", "not found", "false alarms"):
        table.add_column(name, justify="right")
    planted = whole.planted
    cases = dict.fromkeys(question.case for question in (*planted.expected, *planted.ruled_out))
    for case in cases:
        expected = [(question, number) for question, number in planted.expected.items() if question.case == case]
        alarms = [(question, number) for question, number in planted.ruled_out.items() if question.case == case]
        for question, number in expected:
            found = planted.found[question]
            table.add_row(case, _starred(question.kind), str(number), str(found), str(number - found), "")
        raised = [(question, number) for question, number in alarms if planted.false_alarms[question]]
        for question, number in raised:
            table.add_row(case, _starred(question.kind), str(number), "", "", str(planted.false_alarms[question]))
        if not expected and not raised:
            table.add_row(case, "(none raised)", str(max(number for _, number in alarms)), "", "", "0")
    return table


def _starred(kind: str) -> str:
    return kind if kind in KINDS else f"{kind}*"


def keep_quality(whole: Measured, by_seed: Mapping[int, Measured], sizes: Mapping[str, int | None], path: Path) -> None:
    """Write the figures anew: nothing of an earlier run stays."""
    figures: dict[str, Any] = {
        "data": "simulation",
        "seeds": list(by_seed),
        "sizes": {name: size for name, size in sizes.items() if size is not None},
        "events": whole.events,
        "refused": whole.refused,
    }
    for kind in KINDS:
        score = whole.scores[kind]
        figures |= {f"quality.{kind}.expected": score.expected, f"quality.{kind}.raised": score.raised}
        for name, share in _SHARES.items():
            figures[f"quality.{kind}.{name}"] = _rounded(share(score))
            of_seeds = [value for one in by_seed.values() if (value := share(one.scores[kind])) is not None]
            figures[f"quality.{kind}.{name}.min"] = _rounded(min(of_seeds, default=None))
            figures[f"quality.{kind}.{name}.max"] = _rounded(max(of_seeds, default=None))
        figures[f"quality.{kind}.missed"] = _of_kind(kind, whole.missed)
        figures[f"quality.{kind}.wrong"] = _of_kind(kind, whole.wrong)
    planted = whole.planted
    for question, number in planted.expected.items():
        figures[f"planted.{question.case}.{question.kind}.found"] = [planted.found[question], number]
    for question, number in planted.ruled_out.items():
        figures[f"planted.{question.case}.{question.kind}.false_alarms"] = [planted.false_alarms[question], number]
    path.unlink(missing_ok=True)
    keep_figures(figures, path)


def _of_kind(kind: str, reasons: Mapping[tuple[str, ReasonT], int]) -> dict[str, int]:
    return {str(reason): number for (one, reason), number in reasons.items() if one == kind}


def _with_range(share: float | None, of_seeds: list[float | None]) -> str:
    if share is None:
        return "-"
    known = sorted({f"{100 * one:3.0f}" for one in of_seeds if one is not None})
    return f"{share:.1%}" + (f"\n{known[0].strip()}-{known[-1].strip()}%" if len(known) > 1 else "")


def _rounded(share: float | None) -> float | None:
    return None if share is None else round(share, 4)
