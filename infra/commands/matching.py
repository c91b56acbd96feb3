"""`brdo match`: pairs of a table compared as the network compares them, each with its reasons."""

import re
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

from infra.commands.terminal import err

if TYPE_CHECKING:
    from streams.matching.comparison import Comparison
    from streams.matching.persons import Facts
    from streams.matching.vehicles import Reading

cli = typer.Typer(no_args_is_help=True, help="Compare the pairs of a table: score, verdict and the reasons in words.")
ANSWER: Final = ("score", "verdict", "explanation")
_PLATES: Final = ("plate1", "country1", "plate2", "country2")
_COLUMNS: Final = {
    "plate": "plate",
    "country": "plate_country",
    "vin": "vin",
    "make": "make",
    "colour": "colour",
    "category": "category",
}
_BIRTH_DATE: Final = re.compile(r"(\d{4})(?:-?(\d{2})(?:-?(\d{2}))?)?")

Pairs = Annotated[
    Path, typer.Option("--pairs", exists=True, dir_okay=False, readable=True, help="CSV, UTF-8, with a header line")
]


@cli.command("persons")
def persons(
    pairs: Pairs,
    *,
    names_only: Annotated[
        bool, typer.Option("--names-only", help="Judge the names, without the rule that a name alone never links.")
    ] = False,
) -> None:
    """Compare persons: columns name1, name2; if you like birth_date1, birth_date2, document1, document2.

    Writes CSV to standard output: the columns of the pair, then score (0-1), verdict (match, possible, no_match)
    and explanation. A comma parts the family name from the given names; a document is the same where its text is.
    """
    from infra.pairs import judge_pairs
    from infra.progress import progress_shown
    from streams.matching.comparison import compare

    def judge(row: Mapping[str, str]) -> tuple[str, str, str]:
        comparison = compare(_facts(row, "1", names_only=names_only), _facts(row, "2", names_only=names_only))
        return _answer(comparison, names_only=names_only)

    with progress_shown(err) as show:
        judge_pairs(pairs, judge, sys.stdout, show, needed=("name1", "name2"), added=ANSWER)


@cli.command("vehicles")
def vehicles(pairs: Pairs) -> None:
    """Compare vehicles: columns plate1, country1, plate2, country2; an empty country is unknown.

    If you like make1, make2, colour1, colour2, vin1, vin2, category1, category2, confidence1, confidence2 (0-1).
    Writes CSV to standard output: the columns of the pair, then score (0-1), verdict (match, possible, no_match)
    and explanation.
    """
    from infra.pairs import judge_pairs
    from infra.progress import progress_shown
    from streams.matching.vehicles import compare

    def judge(row: Mapping[str, str]) -> tuple[str, str, str]:
        comparison = compare(_reading(row, "1"), _reading(row, "2"))
        return f"{comparison.score:.4f}", comparison.verdict.value, comparison.explanation

    with progress_shown(err) as show:
        judge_pairs(pairs, judge, sys.stdout, show, needed=_PLATES, added=ANSWER)


def _answer(comparison: "Comparison", *, names_only: bool) -> tuple[str, str, str]:
    score = comparison.name_likeness if names_only else comparison.score
    verdict = comparison.name_verdict if names_only else comparison.verdict
    return f"{score:.4f}", verdict.value, comparison.explanation


def _facts(row: Mapping[str, str], which: str, *, names_only: bool) -> "Facts":
    from streams.matching.persons import WrittenName, facts_from

    family, comma, given = row[f"name{which}"].partition(",")
    written = WrittenName(family, given) if comma else WrittenName(either=family)
    if names_only:
        return facts_from(frozenset(), written, None)
    number = "".join(filter(str.isalnum, row.get(f"document{which}", ""))).upper()
    documents = frozenset({f"/{number}/"}) if number else frozenset[str]()
    return facts_from(documents, written, _birth_date(row, f"birth_date{which}"))


def _birth_date(row: Mapping[str, str], column: str) -> str | None:
    """Return ``YYYY``, ``YYYY-MM`` or ``YYYY-MM-DD``; a misread day that no calendar has is compared as it stands."""
    from infra.pairs import CellError

    text = row.get(column, "").strip()
    if not text:
        return None
    found = _BIRTH_DATE.fullmatch(text)
    if found is None:
        raise CellError(column, "not a birth date: write YYYY, YYYY-MM or YYYY-MM-DD")
    return "-".join(filter(None, found.groups()))


def _reading(row: Mapping[str, str], which: str) -> "Reading":
    from pydantic import ValidationError

    from infra.pairs import CellError
    from schemas.subjects import Vehicle
    from streams.matching.vehicles import reading_of

    said = {field: text for column, field in _COLUMNS.items() if (text := row.get(f"{column}{which}", "").strip())}
    column_of = {field: f"{column}{which}" for column, field in _COLUMNS.items()}
    try:
        return reading_of(Vehicle.model_validate(said | _confidence(row, f"confidence{which}")))
    except ValidationError as error:
        first = error.errors()[0]
        field = str(first["loc"][0])
        raise CellError(column_of[field], first["msg"]) from None


def _confidence(row: Mapping[str, str], column: str) -> dict[str, float]:
    from infra.pairs import CellError

    text = row.get(column, "").strip()
    try:
        confidence = float(text or 1)
    except ValueError:
        confidence = -1
    if not 0 <= confidence <= 1:
        raise CellError(column, "not a number from 0 to 1")
    return {"plate_confidence": confidence} if text else {}
