"""The short form of `make soak-escalation`: whatever dies, each deadline that passed was acted on exactly once."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from delivery_rig import Database
from escalation_judgement import FALLBACK, OPERATIONS, Clock, Mail, address, judge, steps_of
from escalation_soak import SHORT, Soak

pytest_plugins = ["delivery_services"]


@pytest.mark.timeout(180)
def test_under_faults_each_deadline_is_acted_on_once_and_each_officer_is_called_and_stood_down_once(
    tmp_path: Path, database: Database
) -> None:
    outcome = Soak(tmp_path, database, SHORT, seed=20_261_128).run(lambda _done, _total, _label: None)
    assert outcome.verdict.wrong() == {}, outcome
    assert (outcome.kills, outcome.database_restarts) == (SHORT.kills, SHORT.database_restarts)
    assert outcome.answered > 5, "the soak proves too little"
    assert outcome.verdict.steps > 100, "the soak proves too little"


TOLD = datetime(2026, 5, 20, 12, 0, tzinfo=UTC)
KEY = "al-1", "SI"


def after(seconds: float) -> datetime:
    return TOLD + timedelta(seconds=seconds)


def everything() -> tuple[list[tuple[int, datetime]], list[Mail]]:
    """Return what is right where nobody answers a critical alert: a step each second, each mail at once."""
    steps = [(one.number, after(one.number + 1)) for one in steps_of("SI", "critical")]
    mails = [
        Mail(after(one.number + 1), f"{one.number} {who}", who, *KEY, is_over=False)
        for one in steps_of("SI", "critical")
        for who in one.recipients
    ]
    return steps, mails


def judged(steps: Any, mails: Any, clock: Clock) -> dict[str, float]:
    return judge({KEY: clock}, {KEY: steps}, mails).wrong()


FOR_EVER = Clock("critical", TOLD)


def test_the_judgement_takes_what_is_right_for_right() -> None:
    assert judged(*everything(), FOR_EVER) == {}
    assert len(everything()[1]) == 7


def test_the_judgement_sees_each_wrong() -> None:
    steps, mails = everything()
    assert judged(steps[:-1], mails[:-1], FOR_EVER) == {"skipped": 1}
    assert judged([*steps[:1], *steps[2:]], mails, FOR_EVER)["out_of_order"] == 1
    assert judged(steps, mails[1:], FOR_EVER) == {"calls_lost": 1}
    assert judged(steps, [*mails, mails[0]._replace(id="another")], FOR_EVER) == {"too_many": 1}
    assert judged(steps, [*mails, mails[0]], FOR_EVER) == {}, "the same again is a repetition on the wire"
    late = [(number, at + timedelta(seconds=31)) for number, at in steps]
    assert judged(late, mails, FOR_EVER) == {"late_seconds_largest": 31.0}
    early = [(number, at - timedelta(seconds=0.5)) for number, at in steps]
    assert "late_seconds_largest" in judged(early, mails, FOR_EVER), "before its time"


def test_the_judgement_of_a_clock_that_was_answered_after_the_first_call() -> None:
    steps, mails = everything()
    first, second = address("SI", 1), address("SI", 2)
    over = Mail(after(2), "over", first, *KEY, is_over=True)
    by_second = Clock("critical", TOLD, after(1.5), after(1.6), second)
    right = [*mails[:1], over]
    assert judged(steps[:1], right, by_second) == {}
    assert judged(steps[:1], mails[:1], by_second) == {"ends_lost": 1}
    assert judged(steps[:1], [*right, over._replace(id="again")], by_second) == {"ends_too_many": 1}
    assert judged(steps[:1], [*right, over._replace(id="x", recipient=second)], by_second) == {"ends_too_many": 1}
    assert judged(steps[:2], right, by_second) == {"after_the_end": 1}
    much_later = by_second._replace(ended_after=after(40), ended_before=after(40))
    assert judged([], [], much_later) == {"late_seconds_largest": 39.0}, "nobody had been called by then"
    tardy = [mails[0]._replace(at=after(12)), over]
    assert judged(steps[:1], tardy, by_second) == {"after_the_end": 1}
    assert judged(steps[:1], mails[:1], by_second._replace(answered_by=first)) == {}, "who answered knows it"


def test_the_fallback_ends_at_operations() -> None:
    assert [(one.number, one.recipients) for one in steps_of(FALLBACK, "low")] == [(0, ()), (4, (OPERATIONS,))]
