"""A table of pairs of vehicles, judged row by row: what `brdo match vehicles` does with each."""

from collections.abc import Mapping
from typing import Any, Final

from pydantic import ValidationError

from schemas.subjects import Vehicle
from streams.matching.vehicles import compare, reading_of

REQUIRED: Final = ("plate1", "country1", "plate2", "country2")
"""The columns that a table must have; a country may be empty, which is unknown."""

_FIELDS: Final = {
    "plate": "plate",
    "country": "plate_country",
    "confidence": "plate_confidence",
    "vin": "vin",
    "make": "make",
    "colour": "colour",
    "category": "category",
}


def judged(row: Mapping[str, str]) -> dict[str, str]:
    """Return the row with its `score` (0 to 1), `verdict` and `explanation`.

    Raises `ValueError`, which names the column, for a row that cannot be read.
    """
    comparison = compare(reading_of(_vehicle(row, "1")), reading_of(_vehicle(row, "2")))
    return {
        **row,
        "score": f"{comparison.score:.4f}",
        "verdict": comparison.verdict.value,
        "explanation": comparison.explanation,
    }


def _vehicle(row: Mapping[str, str], side: str) -> Vehicle:
    said: dict[str, Any] = {
        field: text for column, field in _FIELDS.items() if (text := (row.get(f"{column}{side}") or "").strip())
    }
    columns = {field: f"{column}{side}" for column, field in _FIELDS.items()}
    try:
        if confidence := said.get("plate_confidence"):
            said["plate_confidence"] = float(confidence)
    except ValueError:
        raise ValueError(f"confidence{side}: {confidence!r} is not a number from 0 to 1") from None
    try:
        return Vehicle.model_validate(said)
    except ValidationError as error:
        first = error.errors()[0]
        raise ValueError(f"{columns[str(first['loc'][0])]}: {first['msg']}") from None
