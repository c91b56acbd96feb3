"""The report of an exercise: its figures by hand, who is missing, and nothing of what is real."""

from __future__ import annotations

from datetime import timedelta

import pytest
import sqlalchemy as sa
from escalation_rig import ROTA, Watch, a_verdict, duties
from exercise_rig import Drill
from factory import an_alert

from consumers.exercise_report import Missing, Report, report
from consumers.exercises import find
from consumers.tables import audit, deliveries, sendings

pytest_plugins = ["delivery_services"]
AGREED = {**ROTA, "exercises": True}


@pytest.fixture
def drill(watch: Watch) -> Drill:
    return Drill(watch)


def reported(watch: Watch) -> Report:
    def work(connection: sa.Connection) -> Report:
        found = find(connection)
        assert found is not None
        return report(connection, found, "root")

    return watch.done(work)


def test_the_report_says_when_and_how_each_was_told_and_who_answered(watch: Watch, drill: Drill) -> None:
    watch.duties = duties(AGREED)
    began = watch.now
    drill.start()
    arrived = began + timedelta(seconds=7)
    change = sa.update(deliveries).where(deliveries.c.contact_point == "SI").values(arrived_at=arrived)
    watch.done(lambda connection: connection.execute(change))
    there = sendings.c.contact_point == "SI", sendings.c.channel == "webhook"
    by_webhook = sa.update(sendings).where(*there).values(state="delivered", delivered_at=arrived)
    watch.done(lambda connection: connection.execute(by_webhook))
    watch.database.records("SI")
    watch.later(2)
    watch.hear(a_verdict(drill.alerts[0], exercise=True, officer="b.kos", at=began + timedelta(minutes=3)))

    said = reported(watch)
    hr, si = said.lines
    assert (said.events, said.exercise.scenario, si.alert, si.kind, si.severity) == (
        1, "sealed-van", drill.alerts[0].id, "life_at_risk", "critical",
    )  # fmt: skip
    assert (si.contact_point, si.told_at, si.delay_seconds, si.channel) == ("SI", arrived, 7.0, "webhook")
    assert (si.acknowledged_at, si.acknowledged_by, si.outcome) == (
        began + timedelta(minutes=3),
        "b.kos",
        "acknowledged",
    )
    assert [(one.at, one.whom, one.told) for one in si.steps] == [
        (began + timedelta(minutes=2), "on_duty", ("a.novak",))
    ]
    assert si.fetched_at is not None
    assert si.missing == ()
    assert (hr.contact_point, hr.missing) == ("HR", (Missing.NOT_ARRIVED, Missing.NOT_FETCHED, Missing.NOT_ANSWERED))
    assert [one.reason for one in hr.steps] == ["not_agreed", "exercise_exhausted"]


def test_the_report_names_who_was_to_be_told_and_was_not(watch: Watch, drill: Drill) -> None:
    drill.to = ("SI",)
    drill.start()
    assert [(one.contact_point, one.alert is None, one.missing[0]) for one in reported(watch).lines] == [
        ("HR", True, Missing.NOT_TOLD),
        ("SI", False, Missing.NOT_ARRIVED),
    ]


def test_the_report_keeps_what_was_answered_once_all_is_withdrawn(watch: Watch, drill: Drill) -> None:
    drill.start()
    watch.hear(a_verdict(drill.alerts[0], exercise=True))
    drill.stop()
    (si,) = (one for one in reported(watch).lines if one.contact_point == "SI")
    assert (si.acknowledged_by, Missing.NOT_ANSWERED in si.missing) == ("A. Novak", False)


def test_the_report_has_nothing_of_what_is_real(watch: Watch, drill: Drill) -> None:
    drill.start()
    watch.tell(an_alert(), to=("SI", "AT"))
    assert {one.contact_point for one in reported(watch).lines} == {"SI", "HR"}


def test_each_report_is_in_the_audit(watch: Watch, drill: Drill) -> None:
    identity = drill.start().id
    reported(watch)
    (row,) = watch.database.rows(sa.select(audit).where(audit.c.act == "consultation"))
    assert (row.book, row.actor, row.detail) == ("system", "root", f"{identity} report")
