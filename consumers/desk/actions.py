"""What a key does on the desk."""

from dataclasses import replace
from typing import Final

from consumers.desk import words
from consumers.desk.alerts import DeskAlert
from consumers.desk.answers import Answer
from consumers.desk.keys import Press
from consumers.desk.model import (
    Choosing,
    Consult,
    Desk,
    Detail,
    Effect,
    Field,
    Help,
    Listing,
    Mode,
    Opening,
    Quit,
    Send,
    Typing,
)
from consumers.desk.order import chosen, listed, pinned
from schemas.feedback import Outcome

LONGEST_TYPED: Final = {Field.FILTER: 100, Field.NOTE: 500}
"""Characters of a text that can be typed."""

OUTCOME_KEYS: Final[dict[str, Outcome]] = {
    "1": "confirmed",
    "2": "not_confirmed",
    "3": "no_action",
    "4": "clarification_asked",
}
_PAGE: Final = 10
_STEPS: Final = {"up": -1, "k": -1, "down": 1, "j": 1, "page_up": -_PAGE, "page_down": _PAGE, " ": _PAGE}
_ENDS: Final = {"home": -1, "g": -1, "end": 1, "G": 1}
_BACK: Final = frozenset({"q", "escape"})
_FAR: Final = 1_000_000

Pressed = tuple[Desk, tuple[Effect, ...]]


def press(desk: Desk, key: Press) -> Pressed:
    """Return the desk after this key, and what is to be done.

    What is pasted goes into a text that is being typed and does nothing elsewhere.
    """
    if isinstance(desk.mode, Typing):
        desk, effects = _type(desk, desk.mode, key)
    elif key.pasted:
        effects = ()
    elif key.name == "q" and isinstance(desk.mode, Listing) and desk.pending and not desk.leaving:
        said = f"not with Kafka yet: {len(desk.pending)} of your answers; q again leaves all the same"
        desk, effects = replace(desk, leaving=True, message=said), ()
    else:
        desk, effects = _command(replace(desk, message="", leaving=False), key.name)
    return pinned(desk), effects


def _command(desk: Desk, key: str) -> Pressed:
    effects: tuple[Effect, ...] = ()
    match desk.mode:
        case Listing():
            desk, effects = _in_list(desk, key)
        case Opening() if key in _BACK:
            desk = replace(desk, mode=Listing())
        case Detail() as mode:
            desk, effects = _in_detail(desk, mode, key)
        case Choosing() as mode:
            desk = _choose(desk, mode, key)
        case Help(back) if key in {*_BACK, "?", "enter"}:
            desk = replace(desk, mode=back)
        case Help() as mode:
            desk = replace(desk, mode=replace(mode, scroll=_moved(mode.scroll, key)))
    return desk, effects


def _in_list(desk: Desk, key: str) -> Pressed:
    effects: tuple[Effect, ...] = ()
    alert = chosen(desk)
    match key:
        case "q":
            effects = (Quit(),)
        case "?":
            desk = replace(desk, mode=Help(Listing()))
        case "f" | "/":
            desk = replace(desk, mode=Typing(Field.FILTER, desk.filter, Listing()))
        case "escape":
            desk = replace(desk, filter="")
        case "enter" if alert is not None:
            desk, effects = _open(desk, alert)
        case "a" if alert is not None:
            desk, effects = _answer(desk, alert, "acknowledged")
        case "o" if alert is not None:
            desk = _choosing(desk, alert, Listing())
        case _ if alert is not None:
            alerts = listed(desk)
            to = min(_moved(alerts.index(alert), key), len(alerts) - 1)
            desk = replace(desk, selected=alerts[to].id)
    return desk, effects


def _in_detail(desk: Desk, mode: Detail, key: str) -> Pressed:
    match key:
        case "q" | "escape":
            return replace(desk, mode=Listing(), selected=mode.alert.id), ()
        case "?":
            return replace(desk, mode=Help(mode)), ()
        case "enter" if desk.alerts[mode.alert.id].key != mode.alert.key:
            return _open(desk, desk.alerts[mode.alert.id])
        case "a":
            return _answer(desk, mode.alert, "acknowledged")
        case "o":
            return _choosing(desk, mode.alert, mode), ()
    return replace(desk, mode=replace(mode, scroll=_moved(mode.scroll, key))), ()


def _open(desk: Desk, alert: DeskAlert) -> Pressed:
    return replace(desk, mode=Opening(alert), selected=alert.id), (Consult(alert),)


def _moved(position: int, key: str) -> int:
    if key in _ENDS:
        return max(0, _ENDS[key] * _FAR)
    return max(0, position + _STEPS.get(key, 0))


def _refusal(desk: Desk, alert: DeskAlert) -> str:
    """Return why this alert cannot be answered now; empty where it can."""
    if desk.officer is None:
        return "who answers? start with --officer NAME"
    if not desk.answers_known:
        return "what was answered already is not read yet"
    if alert.id in desk.pending:
        return "your answer to this alert is still on its way"
    if desk.alerts[alert.id].key != alert.key:
        return "it has changed since you opened it: read it again before you answer"
    return ""


def _answer(desk: Desk, alert: DeskAlert, outcome: Outcome, note: str | None = None) -> Pressed:
    desk = replace(desk, selected=alert.id)
    if refusal := _refusal(desk, alert):
        return replace(desk, message=refusal), ()
    standing = desk.standing(alert)
    if outcome == "acknowledged" and standing.verdict is not None and not standing.changed_since:
        by = f"{words.OUTCOMES[standing.verdict.outcome]} by {standing.verdict.officer}"
        return replace(desk, message=f"answered already: {by}"), ()
    answer = Answer(alert.id, alert.exercise, outcome, note)
    return replace(desk, pending={**desk.pending, alert.id: answer}), (Send(answer),)


def _choosing(desk: Desk, alert: DeskAlert, back: Listing | Detail) -> Desk:
    if refusal := _refusal(desk, alert):
        return replace(desk, message=refusal)
    return replace(desk, mode=Choosing(alert, back), selected=alert.id)


def _choose(desk: Desk, mode: Choosing, key: str) -> Desk:
    if key in OUTCOME_KEYS:
        note = Typing(Field.NOTE, "", mode.back, mode.alert, OUTCOME_KEYS[key])
        return replace(desk, mode=note)
    return replace(desk, mode=mode.back) if key in _BACK else desk


def _type(desk: Desk, mode: Typing, key: Press) -> Pressed:
    if not key.pasted:
        match key.name:
            case "enter":
                return _typed(desk, mode)
            case "escape":
                return _changed(desk, replace(mode, text=""), mode.back), ()
            case "backspace":
                return _changed(desk, replace(mode, text=mode.text[:-1])), ()
            case "clear":
                return _changed(desk, replace(mode, text="")), ()
    return _changed(desk, replace(mode, text=(mode.text + key.typed)[: LONGEST_TYPED[mode.field]])), ()


def _changed(desk: Desk, typing: Typing, mode: Mode | None = None) -> Desk:
    """Return the desk with the text as it stands now: a filter holds while it is typed."""
    text = typing.text if typing.field is Field.FILTER else desk.filter
    return replace(desk, mode=mode or typing, filter=text)


def _typed(desk: Desk, mode: Typing) -> Pressed:
    desk = replace(desk, mode=mode.back)
    if mode.alert is None or mode.outcome is None:
        return desk, ()
    return _answer(desk, mode.alert, mode.outcome, mode.text.strip() or None)
