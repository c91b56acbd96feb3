"""When a further revision of an alert is sent, decided without a clock: danger first, then one in an interval."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from notices import AT, a_notice

from consumers.grouping import due_at
from consumers.policy import Waits
from schemas.alerts import Severity

WAITS = Waits(high=5, medium=15, low=60)


def due(
    after_seconds: float, last_due_seconds: float | None = 0, before: dict[str, Any] | None = None, **now: Any
) -> float:
    """Return after how many seconds a second revision is sent that comes so many after the first was."""
    first = a_notice(**{"severity": Severity.MEDIUM, **(before or {})}).data
    second = a_notice(**{"severity": Severity.MEDIUM, "revision": 2, **now}).data
    last = None if last_due_seconds is None else AT + timedelta(seconds=last_due_seconds)
    return (due_at(second, first, last, WAITS, AT + timedelta(seconds=after_seconds)) - AT).total_seconds()


def test_the_first_is_sent_at_once() -> None:
    assert due_at(a_notice().data, None, None, WAITS, AT) == AT


@pytest.mark.parametrize(("severity", "seconds"), [(Severity.HIGH, 5), (Severity.MEDIUM, 15), (Severity.LOW, 60)])
def test_the_next_one_waits_for_the_end_of_its_severitys_interval(severity: Severity, seconds: float) -> None:
    assert due(1, before={"severity": severity}, severity=severity) == seconds


def test_one_that_comes_after_the_interval_is_sent_at_once() -> None:
    assert due(15.5) == 15.5


def test_one_that_comes_while_another_waits_takes_its_place_and_waits_no_longer() -> None:
    assert due(14, last_due_seconds=15) == 15


def test_what_is_less_severe_does_not_wait_longer_in_that_place() -> None:
    assert due(14, last_due_seconds=15, severity=Severity.LOW) == 15


@pytest.mark.parametrize(
    "news",
    [
        {"severity": Severity.HIGH},
        {"severity": Severity.CRITICAL},
        {"life_at_risk": True},
        {"status": "withdrawn"},
        {"revision": 1},
    ],
    ids=["graver", "critical", "danger to life", "withdrawn", "another edition"],
)
def test_what_must_be_known_at_once_waits_for_nothing(news: dict[str, Any]) -> None:
    assert due(1, **news) == 1
    assert due(1, last_due_seconds=15, **news) == 1, "not for what waits either"


def test_what_is_critical_never_waits() -> None:
    assert due(1, before={"severity": Severity.CRITICAL}, severity=Severity.CRITICAL) == 1


def test_what_is_open_again_is_told_at_once() -> None:
    assert due(1, before={"status": "withdrawn"}) == 1


def test_what_was_told_before_revisions_waited_makes_none_wait() -> None:
    assert due(1, last_due_seconds=None) == 1
