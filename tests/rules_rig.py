"""Changes of the rules as operations sends them."""

import itertools
from typing import Any

from factory import NOW, as_line, at

from schemas.records import Record
from streams.batches.records import InputRecord
from streams.offline import OfflineLine
from streams.rules import Rules, load_rules

_numbers = itertools.count(1)


def rules_said(**changed: Any) -> dict[str, Any]:
    """Return all that the file says, with fields replaced: ``repeat_vehicle__window_days=10``."""
    said = load_rules().model_dump(mode="json")
    for path, value in changed.items():
        *sections, field = path.split("__")
        part = said
        for section in sections:
            part = part[section]
        part[field] = value
    return said


def rules_with(**changed: Any) -> Rules:
    return Rules.model_validate(rules_said(**changed))


def a_change(rules: dict[str, Any] | None = None, **fields: Any) -> dict[str, Any]:
    """Return a change to these rules, by default to those of the file."""
    return {
        "type": "rules_change",
        "schema_version": "1.0",
        "id": f"rules-{next(_numbers):04}",
        "at": at(),
        "officer": "A. Kos",
        "rules": rules or rules_said(),
        **fields,
    }


def taken_back(change: str, **fields: Any) -> dict[str, Any]:
    """Return the retraction of a change."""
    return {
        "type": "retraction",
        "schema_version": "1.0",
        "id": f"back-{next(_numbers):04}",
        "at": at(),
        "originator": "OPERATIONS",
        "officer": "A. Kos",
        "retracts": change,
        "reason": "entered_in_error",
        **fields,
    }


def from_operations(line: OfflineLine, event: dict[str, Any]) -> list[Record]:
    """Take in what operations says; return all that comes of it."""
    return list(line.take_in(InputRecord("border.rules", 0, 0, None, as_line(event), {}), NOW))
