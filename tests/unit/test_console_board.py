"""What stands first on the board, and that nothing of one contact point's row is another's."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import permutations
from typing import Any

from consumers.acknowledgement import Clock, ClockState
from consumers.audience import View
from consumers.console import render
from consumers.console.board import Row, ordered, tally
from consumers.contact_points import Language
from consumers.desk.alerts import DeskAlert
from consumers.policy import Policy
from schemas.alerts import AlertKind, Severity

NOON = datetime(2026, 11, 28, 12, tzinfo=UTC)


def an_alert(name: str, **more: Any) -> DeskAlert:
    said: dict[str, Any] = {
        "id": f"al-{name}", "revision": 1, "view": View.FULL, "status": "open", "kind": AlertKind.REPEAT_VEHICLE,
        "exercise": False, "updated_at": NOON, "severity": Severity.HIGH, "summary": f"Summary of {name}.",
    }  # fmt: skip
    return DeskAlert.model_validate({**said, **more})


def a_clock(name: str, *, minutes: float = 5, **more: Any) -> Clock:
    clock = Clock(
        alert_id=f"al-{name}", contact_point="SI", state=ClockState.RUNNING, severity=Severity.HIGH, exercise=False,
        steps=Policy().steps(Severity.HIGH), step=0, due_at=NOON + timedelta(minutes=minutes), told_at=NOON,
        started_at=NOON, since_revision=1, revision=1,
    )  # fmt: skip
    return replace(clock, **more)


def row(name: str, clock: Clock | None = None, **more: Any) -> Row:
    return Row("SI", an_alert(name, **more), a_clock(name) if clock is None else clock)


def answered(name: str) -> Clock:
    said: dict[str, Any] = {
        "outcome": "acknowledged",
        "outcome_at": NOON,
        "acknowledged_by": "a.novak",
        "acknowledged_at": NOON,
    }
    return a_clock(name, state=ClockState.ACKNOWLEDGED, due_at=None, **said)


DANGER: dict[str, Any] = {"kind": AlertKind.LIFE_AT_RISK, "severity": Severity.CRITICAL}
IN_ORDER = [
    row("danger", **DANGER),
    row("drill", **DANGER, exercise=True),
    row("critical", severity=Severity.CRITICAL),
    row("soon", a_clock("soon", minutes=1)),
    row("later", a_clock("later", minutes=9)),
    row("medium", severity=Severity.MEDIUM),
    row("answered-danger", answered("answered-danger"), **DANGER),
    row("answered-before", answered("answered-before"), updated_at=NOON - timedelta(hours=1)),
    row("withdrawn", a_clock("withdrawn", state=ClockState.WITHDRAWN, due_at=None), status="withdrawn"),
]


def test_life_at_risk_then_what_waits_by_severity_and_time_left_then_what_is_answered() -> None:
    """Whatever came first: an answered danger is no longer before what nobody has looked at."""
    assert ordered(reversed(IN_ORDER)) == IN_ORDER
    for several in permutations(IN_ORDER[:5]):
        assert ordered(several) == IN_ORDER[:5]


def test_one_whom_nobody_answered_though_all_were_called_still_waits() -> None:
    exhausted = row("x", a_clock("x", state=ClockState.EXHAUSTED, due_at=None))
    assert exhausted.awaits
    assert exhausted.is_exhausted
    assert exhausted.due_at is None


def test_the_board_counts_what_waits() -> None:
    counted = tally(IN_ORDER)
    assert (counted.shown, counted.waiting, counted.dangers) == (9, 6, 2)


def test_a_row_is_rendered_anew_where_anything_of_it_is_other() -> None:
    """The same revision of the same alert may say less to another contact point."""
    mine = row("one")
    theirs = Row("HR", an_alert("one", summary="Less is said here."), a_clock("one"))
    assert "Summary of one." in render.row(mine, Language.ENGLISH)
    assert "Less is said here." in render.row(theirs, Language.ENGLISH)
    assert "Summary of one." not in render.row(theirs, Language.ENGLISH)
    assert "a.novak" in render.row(row("one", answered("one")), Language.ENGLISH)


def test_what_was_said_in_a_report_is_text_and_no_markup() -> None:
    shown = render.row(row("two", summary="<script>alert(1)</script>"), Language.ENGLISH)
    assert "<script>" not in shown
    assert "&lt;script&gt;" in shown
