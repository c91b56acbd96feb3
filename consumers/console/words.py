"""Codes in words, to be translated: what stands here is in the catalogues."""

from collections.abc import Mapping
from typing import Final

from consumers.acknowledgement import AnswerRefusal, ClockState
from consumers.audience import View

_ = str
"""Marks what is translated where it is shown."""

OUTCOMES: Final[Mapping[str, str]] = {
    "acknowledged": _("acknowledged"),
    "confirmed": _("confirmed"),
    "not_confirmed": _("not confirmed"),
    "false_match": _("false match"),
    "no_action": _("no action"),
    "clarification_asked": _("clarification asked"),
    "refused": _("refused"),
}
OUTCOME_KEYS: Final[Mapping[str, str]] = {
    "1": "confirmed",
    "2": "not_confirmed",
    "3": "no_action",
    "4": "clarification_asked",
    "5": "false_match",
}
STATES: Final[Mapping[ClockState, str]] = {
    ClockState.RUNNING: _("waits for an answer"),
    ClockState.ACKNOWLEDGED: _("answered"),
    ClockState.EXHAUSTED: _("everybody was called, nobody has answered"),
    ClockState.WITHDRAWN: _("withdrawn"),
    ClockState.SUPERSEDED: _("continued as another alert"),
}
DIRECTIONS: Final[Mapping[str, str]] = {
    "entry": _("entry"),
    "exit": _("exit"),
    "transit": _("transit"),
    "green_border": _("green border"),
    "inland": _("inland"),
}
CHECKS: Final[Mapping[str, str]] = {
    "discreet": _("discreet check"),
    "inquiry": _("inquiry check"),
    "specific": _("specific check"),
}
HANDLING: Final[Mapping[str, str]] = {
    "H0": _("for the prevention and detection of crime only"),
    "H1": _("not to be used in court without permission"),
    "H2": _("no onward sharing without the originator's permission"),
    "H3": _("other conditions: ask the originator"),
}
VIEWS: Final[Mapping[View, str]] = {
    View.PROTECTION_EXTRACT: _(
        "Extract to protect life: place, time, vehicle, direction and numbers, without persons and without the source."
    ),
    View.RECALL: _("You held an earlier revision. What was told in it does not stand; more may not be told."),
}
WITHDRAWN: Final[Mapping[str, str]] = {
    "superseded": _("continued as another alert"),
    "no_longer_supported": _("the reports no longer support it"),
    "rule_change": _("the rules were changed"),
}
REFUSALS: Final[Mapping[AnswerRefusal, str]] = {
    AnswerRefusal.WITHDRAWN: _("The alert was withdrawn meanwhile: there is nothing to answer any more."),
    AnswerRefusal.SUPERSEDED: _("The alert goes on as another one, which is to be answered instead."),
    AnswerRefusal.ALREADY_ANSWERED: _("Your contact point has answered so already."),
    AnswerRefusal.SEVERITY_ROSE: _("A newer revision is more severe: read it, and answer that."),
    AnswerRefusal.UNKNOWN_REVISION: _("Your contact point was told of no such revision."),
    AnswerRefusal.ANOTHER_WORLD: _("An exercise is answered in the exercise."),
}
WHOM: Final[Mapping[str, str]] = {
    "on_duty": _("the officer on duty"),
    "next": _("the next officer"),
    "supervisors": _("the supervisors"),
    "all": _("everybody"),
    "elsewhere": _("the fallback and operations"),
}
LAWS: Final[Mapping[str, str]] = {
    "first_report": _("First report (Regulation (EU) 2021/581 Art. 9)"),
    "sirene_reply": _("SIRENE reply (Regulation (EU) 2018/1862 Art. 8(3))"),
}
