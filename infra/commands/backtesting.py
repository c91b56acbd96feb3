"""`brdo backtest`: history through other rules, before anybody is told by them."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.table import Table

from infra import wiring
from infra.commands.files import Files
from infra.commands.terminal import err, harmless, out

if TYPE_CHECKING:
    from infra.backtest import Backtest
    from infra.judgement import Score


def backtest(  # noqa: PLR0913 - what a comparison consists of
    files: Files,
    rules: Annotated[Path, typer.Option(exists=True, dir_okay=False, help="the rules to try")],
    baseline: Annotated[
        Path | None, typer.Option(exists=True, dir_okay=False, help="the rules to hold against; by default BRDO_RULES")
    ] = None,
    truth: Annotated[
        Path | None, typer.Option(exists=True, dir_okay=False, help="what `brdo simulate` wrote beside the events")
    ] = None,
    picture: Annotated[Path | None, typer.Option(help="where a picture goes, as SVG")] = None,
    *,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object instead of the table.")] = False,
) -> None:
    """Run history through two sets of rules: alerts gained, lost and changed, and how right each set is.

    Nothing is sent, nobody is told, and no running system is needed. Right is what contact points answered in the
    history, and with --truth what a simulation knows. Ends with 0 whatever differs, with 1 where it cannot be run.
    """
    from infra.backtest import backtest as run
    from infra.judgement import Judge
    from infra.progress import progress_shown
    from streams.rules import load_rules

    settings = wiring.settings_from_environment()
    before = load_rules(baseline) if baseline else wiring.rules(settings)
    after = load_rules(rules)
    judges = [Judge.by_truth(truth)] if truth else []
    with progress_shown(err) as show:
        result = run(files, before, after, now=wiring.utc_now(), on_progress=show, judges=judges)
    title = f"{before.version} → {after.version}"
    if picture:
        _draw(result, title, picture)
    if as_json:
        out.print(json.dumps(_said(result), ensure_ascii=False), markup=False, highlight=False)
        return
    _print(result, title)


def _print(result: "Backtest", title: str) -> None:
    from infra.backtest import Fate

    table = Table("kind", "severity", *Fate, title=harmless(title))
    for (kind, severity), counted in result.counts.items():
        table.add_row(kind, severity, *(str(counted[fate] or "") for fate in Fate))
    out.print(table)
    if not result.scores:
        return
    judged = Table("right by", "rules", "judged", "precision", "expected", "recall")
    for name, scores in result.scores.items():
        for which, score in zip(("before", "after"), scores, strict=True):
            shares = (_percent(score.precision), _percent(score.recall))
            judged.add_row(name, which, str(score.judged), shares[0], str(score.expected), shares[1])
    out.print(judged)


def _said(result: "Backtest") -> dict[str, Any]:
    def score(one: "Score") -> dict[str, Any]:
        return {"judged": one.judged, "precision": one.precision, "expected": one.expected, "recall": one.recall}

    return {
        "counts": [
            {"kind": kind, "severity": severity, **{str(fate): number for fate, number in counted.items()}}
            for (kind, severity), counted in result.counts.items()
        ],
        "alerts": [{"id": one.shown.id, "fate": one.fate} for one in result.alerts],
        "scores": {name: [score(one) for one in both] for name, both in result.scores.items()},
    }


def _draw(result: "Backtest", title: str, path: Path) -> None:
    from infra.backtest_picture import svg
    from infra.errors import OutputError

    try:
        path.write_text(svg(result, title), encoding="utf-8")
    except OSError as error:
        raise OutputError(f"{path} cannot be written: {error.strerror}") from None


def _percent(share: float | None) -> str:
    return "" if share is None else f"{share:.1%}"
