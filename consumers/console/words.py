"""Codes in words, to be translated: what stands in these tables is in the catalogues."""

from collections.abc import Mapping
from typing import Final

from consumers.acknowledgement import REFUSALS, ClockState
from consumers.desk.actions import OUTCOME_KEYS as TERMINAL_KEYS
from consumers.desk.words import CHECKS, DIRECTIONS, HANDLING, OUTCOMES, VIEWS, WITHDRAWN
from schemas.feedback import Outcome

__all__ = [
    "CHECKS",
    "DIRECTIONS",
    "HANDLING",
    "LAWS",
    "OUTCOMES",
    "REFUSALS",
    "STATES",
    "VIEWS",
    "WHOM",
    "WITHDRAWN",
]

OUTCOME_KEYS: Final[Mapping[str, Outcome]] = {**TERMINAL_KEYS, "5": "false_match"}
"""No table of words."""

STATES: Final[Mapping[ClockState, str]] = {
    ClockState.RUNNING: "waits for an answer",
    ClockState.ACKNOWLEDGED: "answered",
    ClockState.EXHAUSTED: "everybody was called, nobody has answered",
    ClockState.WITHDRAWN: "withdrawn",
    ClockState.SUPERSEDED: "continued as another alert",
}
WHOM: Final[Mapping[str, str]] = {
    "on_duty": "the officer on duty",
    "next": "the next officer",
    "supervisors": "the supervisors",
    "all": "everybody",
    "elsewhere": "the fallback and operations",
}
LAWS: Final[Mapping[str, str]] = {
    "first_report": "First report (Regulation (EU) 2021/581 Art. 9)",
    "sirene_reply": "SIRENE reply (Regulation (EU) 2018/1862 Art. 8(3))",
}
