"""Codes in words, as a duty officer reads them."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Final

from consumers.audience import View
from schemas.alerts import AlertKind, Severity

KINDS: Final[Mapping[AlertKind, str]] = {
    AlertKind.LIFE_AT_RISK: "Life at risk",
    AlertKind.REPEAT_VEHICLE: "Vehicle is back",
    AlertKind.KNOWN_VEHICLE_SIGHTED: "Known vehicle seen",
    AlertKind.REPEAT_PERSON: "Person is back",
    AlertKind.KNOWN_PERSON_SIGHTED: "Known person seen",
    AlertKind.WATCHLIST_HIT: "Watchlist hit",
    AlertKind.LINKED_INCIDENTS: "Linked incidents",
    AlertKind.CONVOY: "Convoy",
    AlertKind.IMPOSSIBLE_JOURNEY: "Impossible journey",
    AlertKind.IDENTITY_CONFLICT: "Identity conflict",
    AlertKind.SURGE: "Surge",
    AlertKind.BULLETIN: "Bulletin",
}

LETTERS: Final[Mapping[Severity | None, str]] = {
    Severity.CRITICAL: "C",
    Severity.HIGH: "H",
    Severity.MEDIUM: "M",
    Severity.LOW: "L",
    None: "-",
}
STYLES: Final[Mapping[Severity | None, str]] = {
    Severity.CRITICAL: "bold white on red",
    Severity.HIGH: "bold red",
    Severity.MEDIUM: "bold yellow",
    Severity.LOW: "cyan",
    None: "dim",
}

OUTCOMES: Final[Mapping[str, str]] = {
    "acknowledged": "acknowledged",
    "confirmed": "confirmed",
    "not_confirmed": "not confirmed",
    "false_match": "false match",
    "no_action": "no action",
    "clarification_asked": "clarification asked",
    "refused": "refused",
}

HANDLING: Final[Mapping[str, str]] = {
    "H0": "for the prevention and detection of crime only",
    "H1": "not to be used in court without permission",
    "H2": "no onward sharing without the originator's permission",
    "H3": "other conditions: ask the originator",
}
"""Europol handling codes, as the README's table has them."""

SOURCES: Final[Mapping[str, str]] = {
    "A": "no doubt about the source, or it was reliable in all instances",
    "B": "the source was reliable in most instances",
    "C": "the source was unreliable in most instances",
    "X": "the reliability of the source cannot be assessed",
}
INFORMATION: Final[Mapping[int, str]] = {
    1: "the information is accurate beyond doubt",
    2: "known to the source itself, not to who passes it on",
    3: "not known to the source itself, but borne out by other information",
    4: "not known to the source itself, and cannot be borne out",
}
"""Europol's grid of four by four."""

WITHDRAWN: Final[Mapping[str | None, str]] = {
    "superseded": "continued as another alert",
    "no_longer_supported": "the reports no longer support it",
    "rule_change": "the rules were changed",
    None: "",
}
DIRECTIONS: Final[Mapping[str | None, str]] = {
    "entry": "entry",
    "exit": "exit",
    "transit": "transit",
    "green_border": "green border",
    "inland": "inland",
    None: "",
}
CHECKS: Final[Mapping[str, str]] = {
    "discreet": "discreet check",
    "inquiry": "inquiry check",
    "specific": "specific check",
}

VIEWS: Final[Mapping[View, str]] = {
    View.PROTECTION_EXTRACT: "Extract to protect life: place, time, vehicle, direction and numbers, without persons "
    "and without the source.",
    View.RECALL: "You held an earlier revision. What was told in it does not stand; more may not be told.",
}

_UNITS: Final = ((86_400, "d"), (3_600, "h"), (60, "min"), (1, "s"))


def age(elapsed: timedelta) -> str:
    """Return how long ago something was, in the largest unit that fits: 12 s, 5 min, 3 h, 4 d."""
    seconds = max(0, int(elapsed.total_seconds()))
    size, unit = next((one for one in _UNITS if seconds >= one[0]), _UNITS[-1])
    return f"{seconds // size} {unit}"
