"""The clock of an alert that is silenced: it runs on, nobody is called, and no time is lost when the silence ends."""

from __future__ import annotations

from datetime import timedelta

import sqlalchemy as sa
from escalation_rig import NOON, Watch, a_verdict, revised
from silence_rig import a_repeat, lifted, sent, silenced

from consumers.calls import claim_calls
from schemas.alerts import Severity

pytest_plugins = ["delivery_services"]


def test_the_clock_runs_on_and_nobody_is_called_until_the_silence_ends_and_then_at_once(watch: Watch) -> None:
    silence = silenced(watch, approved=True)
    alert = a_repeat(Severity.HIGH)
    watch.tell(alert)
    assert watch.later(20) == []
    assert watch.state(alert) == "running"
    lifted(watch, silence)
    assert watch.act() == ["officer_told"]
    assert watch.called() == ["a.novak"]
    assert watch.later(4.9) == []
    assert watch.later(0.1) == ["officer_told"], "the next step has its full time"


def test_a_step_that_waited_for_a_silence_was_due_when_that_ended(watch: Watch) -> None:
    """Else the escalator would be said to be late."""
    silenced(watch, approved=True, hours=0.2)
    watch.tell(a_repeat(Severity.HIGH))
    watch.later(20)
    query = sa.text("SELECT due_at FROM escalations")
    due = watch.done(lambda one: one.execute(query).scalar_one())
    assert due == NOON + timedelta(minutes=12)


def test_the_fallback_and_operations_are_told_on_time_although_no_officer_was_called(watch: Watch) -> None:
    silenced(watch, approved=True)
    alert = a_repeat(Severity.HIGH)
    watch.tell(alert)
    assert watch.later(24.9) == []
    assert watch.later(0.1) == ["exhausted"]
    assert watch.steps() == [(4, "elsewhere", "exhausted", ["EUROPOL", "operations"])]
    assert watch.called() == ["operations"]
    assert len(watch.done(lambda one: claim_calls(one, "one", 9, now=watch.now))) == 1, "and operations are called"


def test_a_call_that_was_not_made_yet_waits_for_the_silence_to_end(watch: Watch) -> None:
    alert = a_repeat()
    watch.tell(alert)
    watch.later(30)
    silence = silenced(watch)
    assert watch.called("pending") == ["a.novak"]
    assert watch.done(lambda one: claim_calls(one, "one", 9, now=watch.now)) == []
    lifted(watch, silence)
    assert [one.officer for one in watch.done(lambda one: claim_calls(one, "one", 9, now=watch.now))] == ["a.novak"]


def test_an_alert_that_was_answered_meanwhile_calls_nobody_when_the_silence_ends(watch: Watch) -> None:
    silence = silenced(watch, approved=True)
    alert = a_repeat(Severity.HIGH)
    watch.tell(alert)
    watch.later(20)
    watch.hear(a_verdict(alert))
    lifted(watch, silence)
    assert watch.act() == []


def test_a_revision_after_the_answer_is_held_back_too_and_starts_no_clock(watch: Watch) -> None:
    alert = a_repeat()
    watch.tell(alert)
    sent(watch)
    watch.hear(a_verdict(alert))
    silence = silenced(watch)
    watch.now += timedelta(minutes=5)
    watch.tell(revised(alert))
    assert (sent(watch), watch.state(alert), watch.later(600)) == ([], "acknowledged", [])
    lifted(watch, silence)
    assert [revision for _, _, revision in sent(watch)] == [2]
