"""Answers as verdicts on Kafka: those given here get there, and those that come from there stop the clocks."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from delivery_rig import dispatching, everybody
from escalation_rig import NOON, POINTS, Watch, a_verdict, revised, withdrawn
from factory import an_alert
from started import wait_until

from consumers.answers import give, hear
from consumers.publishing import Publisher
from consumers.retention import erase
from consumers.tables import answers, audit, calls, clocks
from infra.desk.kafka import Acknowledged, Feedback
from schemas.alerts import Alert, Edition, Severity
from schemas.codec import decode
from schemas.feedback import Verdict
from schemas.records import Record, edition_record, message_record

pytest_plugins = ["delivery_services"]


def given(watch: Watch, alert: Alert, **more: Any) -> Verdict:
    """Answer here, and return the verdict."""
    verdict = a_verdict(alert, **more)
    watch.done(lambda connection: give(connection, verdict, 1))
    return verdict


def states(watch: Watch) -> list[tuple[str, str | None]]:
    return [(row.state, row.body) for row in watch.database.rows(sa.select(answers))]


def test_an_answer_waits_until_kafka_has_it_and_is_then_not_kept_twice(watch: Watch) -> None:
    alert = an_alert()
    watch.tell(alert)
    verdict = given(watch, alert, outcome="confirmed", note="Twelve people behind a false wall.")
    published: list[Record] = []

    def away(_record: Record) -> None:
        raise OSError("Kafka is away")

    with pytest.raises(OSError, match="away"):
        Publisher(watch.database.engine, away).publish_waiting()
    assert states(watch)[0][0] == "to_publish"
    for _ in range(2):
        Publisher(watch.database.engine, published.append).publish_waiting()
    assert [decode(one.value) for one in published] == [verdict]
    assert published == [message_record(verdict)], "as the duty desk says it"
    assert states(watch) == [("published", None)]


def test_a_drills_answer_is_part_of_the_drill(watch: Watch) -> None:
    alert = an_alert(exercise=True)
    watch.tell(alert)
    given(watch, alert)
    published: list[Record] = []
    Publisher(watch.database.engine, published.append).publish_waiting()
    (said,) = (decode(one.value) for one in published)
    assert said.exercise


def test_our_own_answer_that_comes_back_from_kafka_changes_nothing(watch: Watch) -> None:
    alert = an_alert()
    watch.tell(alert)
    verdict = given(watch, alert)
    before = watch.database.count(audit)
    watch.hear(verdict)
    assert (states(watch), watch.database.count(audit)) == ([("published", None)], before)


def test_a_verdict_from_elsewhere_stops_the_clock_once(watch: Watch) -> None:
    alert = an_alert()
    watch.tell(alert, to=("SI", "HR"))
    for _ in range(3):
        watch.hear(a_verdict(alert))
    assert (watch.state(alert), watch.running()) == ("acknowledged", {"HR"})
    details = watch.database.rows(sa.select(audit.c.detail).where(audit.c.purpose == "answer"))
    assert [row.detail for row in details] == ["answered acknowledged: counts, border.feedback/0/0"]


def test_a_verdict_that_comes_before_its_alert_waits_for_it(watch: Watch) -> None:
    """Kafka keeps no order between topics."""
    alert = an_alert()
    watch.hear(a_verdict(alert))
    watch.tell(alert, to=("SI", "HR"))
    assert (watch.state(alert), watch.running()) == ("acknowledged", {"HR"})


def test_a_verdict_of_an_exercise_stops_no_real_clock(watch: Watch) -> None:
    alert = an_alert()
    watch.tell(alert)
    watch.hear(a_verdict(alert, exercise=True))
    assert watch.state(alert) == "running"


def test_a_verdict_on_what_goes_on_as_another_alert_carries_over(watch: Watch) -> None:
    """The officer had the old one before them; nobody can tell them any more that there is a new one."""
    old, new = an_alert(), an_alert()
    watch.tell(old, withdrawn(old, new), new)
    watch.hear(a_verdict(old))
    assert (watch.state(old), watch.state(new)) == ("superseded", "acknowledged")


def test_a_verdict_from_before_the_severity_rose_does_not_count(watch: Watch) -> None:
    alert = an_alert(severity=Severity.LOW)
    watch.tell(alert)
    watch.now = NOON + timedelta(minutes=5)
    watch.tell(revised(alert, severity=Severity.CRITICAL))
    watch.hear(a_verdict(alert, id="vd-1", at=NOON + timedelta(minutes=4)))
    assert watch.state(alert) == "running"
    watch.hear(a_verdict(alert, id="vd-2", at=NOON + timedelta(minutes=6)))
    assert watch.state(alert) == "acknowledged"


def test_the_dispatcher_takes_verdicts_from_kafka_and_passes_over_what_is_none(watch: Watch, bootstrap: str) -> None:
    alert = an_alert()
    kafka = Acknowledged(bootstrap)
    kafka.send(edition_record(Edition(alert=alert)))
    with dispatching(bootstrap, watch.database, everybody("SI", "HR"), POINTS):
        wait_until(lambda: watch.running() == {"SI", "HR"}, 60)
        verdict = message_record(a_verdict(alert, at=alert.updated_at))
        kafka.send(verdict._replace(value=b"{ not a verdict"))
        kafka.send(verdict)
        wait_until(lambda: watch.running() == {"HR"}, 60)


def test_an_answer_given_here_is_on_kafka_for_everybody(watch: Watch, bootstrap: str) -> None:
    alert = an_alert()
    watch.tell(alert)
    verdict = given(watch, alert, id="vd-here")
    Publisher(watch.database.engine, Acknowledged(bootstrap).send).publish_waiting()
    with Feedback(bootstrap) as feedback:
        assert verdict in feedback.read_on()


def test_who_was_called_and_who_answered_is_forgotten_when_retention_ends(watch: Watch) -> None:
    answered, unanswered = an_alert(), an_alert()
    watch.tell(answered, unanswered)
    watch.later(2)
    watch.hear(a_verdict(answered))
    watch.done(lambda connection: erase(connection, timedelta(days=-1)))
    kept = [{row.alert_id for row in watch.database.rows(sa.select(table))} for table in (answers, calls, clocks)]
    assert kept == [set(), {unanswered.id}, {unanswered.id}], "what still runs is kept"


def test_a_verdict_that_the_database_refuses_holds_up_no_other(watch: Watch) -> None:
    refused, taken = an_alert(), an_alert()
    watch.tell(refused, taken)
    check = f"ALTER TABLE answers ADD CHECK (alert_id <> '{refused.id}')"
    watch.done(lambda one: one.execute(sa.text(check)))
    both = [(a_verdict(refused, id="vd-1"), "here"), (a_verdict(taken, id="vd-2"), "there")]
    watch.done(lambda connection: hear(connection, both))
    assert (watch.state(refused), watch.state(taken)) == ("running", "acknowledged")
