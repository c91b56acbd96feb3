"""A verdict that is taken back: the clock runs again from now, where no other answer stands and the alert does."""

from __future__ import annotations

from datetime import timedelta

import pytest
import sqlalchemy as sa
from delivery_rig import dispatching, everybody
from escalation_rig import NOON, POINTS, Watch, a_retraction, a_verdict, duties, withdrawn
from factory import an_alert
from started import wait_until

from consumers.clocks import Key, find
from consumers.tables import audit
from infra.desk.kafka import Acknowledged
from schemas.alerts import Edition
from schemas.feedback import Retraction, Verdict
from schemas.records import edition_record, message_record

pytest_plugins = ["delivery_services"]


def test_it_runs_again_from_now_and_from_the_first_step(watch: Watch) -> None:
    alert = an_alert()
    watch.tell(alert)
    watch.later(2)
    watch.hear(a_verdict(alert))
    watch.later(60)
    watch.hear_back(a_retraction(a_verdict(alert)))
    assert watch.state(alert) == "running"
    assert watch.later(1.99) == []
    assert watch.later(0.01) == ["officer_told"]
    assert watch.steps() == [(0, "on_duty", "officer_told", ["a.novak"])] * 2
    assert watch.called() == ["a.novak"], "the first call was spared, the second waits"


def test_the_policy_of_that_moment_is_frozen_into_it(watch: Watch) -> None:
    alert = an_alert()
    watch.tell(alert)
    watch.hear(a_verdict(alert))
    one_hour = [{"after_minutes": 60, "whom": "supervisors"}, {"after_minutes": 60, "whom": "elsewhere"}]
    watch.duties = duties(policy={"critical": one_hour})
    watch.hear_back(a_retraction(a_verdict(alert)))
    watch.duties = duties()
    assert watch.later(59.9) == []
    assert watch.later(0.1) == ["officer_told"]
    assert watch.called() == ["c.zupan"]


def test_nothing_is_left_of_it_in_how_the_contact_point_stands(watch: Watch) -> None:
    alert = an_alert()
    watch.tell(alert)
    watch.hear(a_verdict(alert))
    watch.hear_back(a_retraction(a_verdict(alert)))
    clock = watch.done(lambda connection: find(connection, Key(alert.id, "SI")))
    assert clock is not None
    assert (clock.acknowledged_at, clock.acknowledged_by, clock.outcome, clock.outcome_at) == (None,) * 4


def test_another_answer_of_the_contact_point_goes_on_holding(watch: Watch) -> None:
    alert = an_alert()
    first, second = a_verdict(alert), a_verdict(alert, id="vd-2", officer="b.kos", outcome="confirmed")
    watch.tell(alert)
    watch.hear(first)
    watch.hear(second)
    watch.hear_back(a_retraction(first))
    clock = watch.done(lambda connection: find(connection, Key(alert.id, "SI")))
    assert clock is not None
    assert (clock.state, clock.acknowledged_by, clock.outcome) == ("acknowledged", "b.kos", "confirmed")
    watch.hear_back(a_retraction(second))
    assert watch.state(alert) == "running"


def foreign(verdict: Verdict) -> tuple[Retraction, Retraction]:
    """Return retractions that are none of this verdict: another contact point's, and a drill's."""
    return a_retraction(verdict, originator="HR"), a_retraction(verdict, exercise=True)


def test_only_its_own_contact_point_takes_it_back_and_no_drill_what_is_real(watch: Watch) -> None:
    alert = an_alert()
    watch.tell(alert, to=("SI", "HR"))
    watch.hear(a_verdict(alert))
    watch.hear_back(*foreign(a_verdict(alert)))
    assert (watch.state(alert), watch.running()) == ("acknowledged", {"HR"})


@pytest.mark.parametrize("number", [0, 1])
def test_nor_when_that_comes_first(watch: Watch, number: int) -> None:
    alert = an_alert()
    watch.tell(alert)
    watch.hear_back(foreign(a_verdict(alert))[number])
    watch.hear(a_verdict(alert))
    assert watch.state(alert) == "acknowledged"


def test_a_withdrawn_alert_runs_no_more(watch: Watch) -> None:
    alert = an_alert()
    watch.tell(alert)
    watch.hear(a_verdict(alert))
    watch.tell(withdrawn(alert))
    watch.hear_back(a_retraction(a_verdict(alert)))
    assert (watch.state(alert), watch.later(600)) == ("withdrawn", [])


def test_what_was_carried_over_is_taken_back_where_the_alert_goes_on(watch: Watch) -> None:
    old, new = an_alert(), an_alert()
    watch.tell(old)
    watch.hear(a_verdict(old))
    watch.tell(withdrawn(old, new), new)
    assert watch.state(new) == "acknowledged"
    watch.hear_back(a_retraction(a_verdict(old)))
    assert (watch.state(old), watch.state(new)) == ("superseded", "running")


def test_a_retraction_that_comes_first_waits_for_its_verdict(watch: Watch) -> None:
    alert = an_alert()
    watch.hear_back(a_retraction(a_verdict(alert)))
    watch.tell(alert)
    watch.hear(a_verdict(alert))
    assert watch.state(alert) == "running"


def test_a_verdict_and_its_retraction_that_come_before_the_alert_answer_nothing(watch: Watch) -> None:
    alert = an_alert()
    watch.hear(a_verdict(alert))
    watch.hear_back(a_retraction(a_verdict(alert)))
    watch.tell(alert)
    assert watch.state(alert) == "running"


def test_taken_back_twice_is_taken_back_once(watch: Watch) -> None:
    alert = an_alert()
    watch.tell(alert)
    watch.hear(a_verdict(alert))
    for _ in range(2):
        watch.hear_back(a_retraction(a_verdict(alert)))
        watch.later(1)
    assert watch.called() == ["a.novak"], "two minutes after the first time"
    rows = watch.database.rows(sa.select(audit.c.detail).where(audit.c.detail.startswith("answer acknowledged taken")))
    assert [row.detail for row in rows] == ["answer acknowledged taken back: running, border.feedback/0/1"]


def test_who_was_told_that_it_was_answered_is_called_again(watch: Watch) -> None:
    alert = an_alert()
    watch.tell(alert)
    watch.later(2)
    watch.delivered()
    watch.hear(a_verdict(alert))
    assert watch.told_over() == [("a.novak", "answered")]
    watch.hear_back(a_retraction(a_verdict(alert)))
    assert watch.told_over() == [], "it waited, and is not true any more"
    watch.later(2)
    watch.delivered()
    watch.hear(a_verdict(alert, id="vd-2", at=watch.now))
    assert watch.told_over() == [("a.novak", "answered")]


def test_a_colleagues_answer_from_before_still_counts_when_it_comes_after(watch: Watch) -> None:
    alert = an_alert()
    watch.tell(alert)
    watch.hear(a_verdict(alert))
    watch.now += timedelta(minutes=5)
    watch.hear_back(a_retraction(a_verdict(alert)))
    watch.hear(a_verdict(alert, id="vd-2", officer="b.kos", at=NOON + timedelta(minutes=3)))
    assert watch.state(alert) == "acknowledged"


def test_the_dispatcher_takes_retractions_from_kafka(watch: Watch, bootstrap: str) -> None:
    alert = an_alert()
    kafka = Acknowledged(bootstrap)
    kafka.send(edition_record(Edition(alert=alert)))
    with dispatching(bootstrap, watch.database, everybody("SI"), POINTS):
        wait_until(lambda: watch.state(alert) == "running", 60)
        verdict = a_verdict(alert, id=f"vd-{alert.id}", at=alert.updated_at)
        kafka.send(message_record(verdict))
        wait_until(lambda: watch.state(alert) == "acknowledged", 60)
        kafka.send(message_record(a_retraction(verdict)))
        wait_until(lambda: watch.state(alert) == "running", 60)
