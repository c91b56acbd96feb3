"""What happens to an alert that nobody answers, minute by minute, on a real PostgreSQL; nobody waits for any of it."""

from __future__ import annotations

import signal
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa
from delivery_rig import Database, in_a_loop, process, until
from escalation_rig import ROTA, Watch, duties, escalating, revised, withdrawn
from factory import a_vehicle, an_alert, an_incident, at
from prometheus_client import REGISTRY
from started import wait_until

from consumers.duties import Duties
from consumers.notice import parse
from consumers.tables import audit, calls, clocks, deliveries, escalations
from schemas.alerts import Alert, Severity

pytest_plugins = ["delivery_services"]


def a_repeat(severity: Severity = Severity.HIGH) -> Alert:
    incidents = (an_incident(vehicles=[a_vehicle()], occurred_at=at(day)) for day in (1, 2))
    return an_alert(*incidents, severity=severity)


def test_nobody_is_called_before_the_time_of_the_severity_is_over(watch: Watch) -> None:
    watch.tell(an_alert())
    assert watch.later(1.99) == []
    assert watch.later(0.01) == ["officer_told"]
    assert watch.called() == ["a.novak"]


@pytest.mark.parametrize(
    ("severity", "minutes"),
    [(Severity.CRITICAL, 2), (Severity.HIGH, 5), (Severity.MEDIUM, 30), (Severity.LOW, 240)],
)
def test_the_more_severe_the_sooner(watch: Watch, severity: Severity, minutes: float) -> None:
    watch.tell(a_repeat(severity))
    assert watch.later(minutes - 0.01) == []
    assert watch.later(0.01) == ["officer_told"]


def test_on_duty_then_the_next_then_supervisors_then_all(watch: Watch) -> None:
    watch.tell(an_alert())
    for _ in range(4):
        watch.later(2)
    assert [(whom, told) for _, whom, _, told in watch.steps()] == [
        ("on_duty", ["a.novak"]),
        ("next", ["b.kos"]),
        ("supervisors", ["c.zupan"]),
        ("all", ["a.novak", "b.kos", "c.zupan"]),
    ]


def test_where_everyone_is_exhausted_the_fallback_and_operations_are_told(watch: Watch) -> None:
    alert = an_alert()
    watch.tell(alert)
    for _ in range(5):
        watch.later(2)
    assert watch.steps()[-1] == (4, "elsewhere", "exhausted", ["EUROPOL", "operations"])
    assert (watch.state(alert), watch.state(alert, "EUROPOL")) == ("exhausted", "running")
    assert [one.alert["id"] for one in watch.database.records("EUROPOL") if one.alert] == [alert.id]
    assert watch.called()[-1] == "operations"
    assert watch.later(1) == [], "and that is the end of it"


def test_the_fallback_learns_no_more_than_it_may_and_operations_are_told_all_the_same(watch: Watch) -> None:
    incidents = (an_incident(vehicles=[a_vehicle()], occurred_at=at(day), handling="H2") for day in (1, 2))
    watch.tell(an_alert(*incidents, severity=Severity.HIGH))
    for _ in range(5):
        watch.later(5)
    assert watch.steps()[-1][3] == ["operations"]
    assert watch.database.count(deliveries, deliveries.c.contact_point == "EUROPOL") == 0


def test_a_fallback_that_was_told_already_is_not_told_again(watch: Watch) -> None:
    watch.tell(an_alert(), to=("SI", "EUROPOL"))
    for _ in range(5):
        watch.later(2)
    assert watch.database.count(deliveries, deliveries.c.contact_point == "EUROPOL") == 1


def test_the_fallbacks_own_silence_ends_at_operations(watch: Watch) -> None:
    alert = an_alert()
    watch.tell(alert)
    for _ in range(6):
        watch.later(2)
    assert watch.state(alert, "EUROPOL") == "exhausted"
    assert watch.called().count("operations") == 2


def test_where_nobody_is_on_duty_the_next_is_called_at_once(watch: Watch) -> None:
    nights = {"from": "22:00", "to": "06:00", "timezone": "Europe/Ljubljana"}
    hole = [[{"officers": ["a.novak"], "when": nights}], [{"officers": ["b.kos"]}]]
    watch.duties = duties({**ROTA, "layers": hole})
    watch.tell(an_alert())
    assert watch.later(2) == ["nobody_on_duty", "officer_told"]
    assert watch.called() == ["b.kos"]


def test_an_officer_who_cannot_be_reached_costs_no_time(watch: Watch) -> None:
    watch.duties = duties({**ROTA, "layers": [[{"officers": ["d.silent"]}], [{"officers": ["b.kos"]}]]})
    watch.tell(an_alert())
    assert watch.later(2) == ["no_contact_method", "officer_told"]


def test_a_contact_point_without_a_rota_ends_elsewhere_at_once(watch: Watch) -> None:
    watch.duties = duties(None)
    watch.tell(an_alert())
    assert watch.later(2) == ["no_rota", "exhausted"]
    assert watch.steps()[-1][3] == ["EUROPOL", "operations"]


def test_without_duties_at_all_each_clock_still_has_an_end_on_record(watch: Watch) -> None:
    watch.duties = Duties()
    alert = an_alert()
    watch.tell(alert)
    assert watch.later(2)[-1] == "exhausted"
    assert (watch.state(alert), watch.called()) == ("exhausted", [])


def test_a_policy_that_is_edited_meanwhile_changes_no_clock_that_runs(watch: Watch) -> None:
    watch.tell(an_alert())
    slow = [{"after_minutes": 60, "whom": "supervisors"}, {"after_minutes": 60, "whom": "elsewhere"}]
    watch.duties = duties(policy={"critical": slow})
    assert watch.later(2) == ["officer_told"]
    assert watch.called() == ["a.novak"]
    watch.tell(an_alert())
    assert [len(watch.later(2)), len(watch.later(2))] == [1, 1], "the first goes on as it began"
    assert watch.called() == ["a.novak", "b.kos", "c.zupan"], "the second waits an hour"


def test_the_rota_of_the_moment_holds_across_a_change_of_daylight_saving(watch: Watch) -> None:
    """On 25 October 2026 03:00 CEST is 02:00 CET: the shift that begins at 03:00 begins at 02:00 UTC."""
    zone = "Europe/Ljubljana"
    day = {"officers": ["a.novak"], "when": {"from": "03:00", "to": "15:00", "timezone": zone}}
    night = {"officers": ["b.kos"], "when": {"from": "15:00", "to": "03:00", "timezone": zone}}
    watch.duties = duties({**ROTA, "layers": [[day, night]]})
    watch.now = datetime(2026, 10, 25, 1, 57, tzinfo=UTC)
    watch.tell(an_alert())
    watch.later(2)
    assert watch.called() == ["b.kos"], "02:59 by the clocks, the second time"
    watch.tell(an_alert())
    watch.later(2)
    assert "a.novak" in watch.called(), "03:01"


def test_an_escalator_that_comes_late_leaves_the_next_step_its_time(watch: Watch) -> None:
    watch.tell(an_alert())
    assert watch.later(60) == ["officer_told"]
    assert watch.later(1.9) == []
    assert watch.later(0.1) == ["officer_told"]


def test_withdrawn_while_it_escalates_nobody_is_called_any_more(watch: Watch) -> None:
    alert = an_alert()
    watch.tell(alert)
    watch.later(2)
    watch.tell(withdrawn(alert))
    assert (watch.state(alert), watch.called("spared"), watch.called("pending")) == ("withdrawn", ["a.novak"], [])
    assert watch.later(60) == []


def test_a_withdrawn_alert_that_is_open_again_runs_again(watch: Watch) -> None:
    alert = an_alert()
    watch.tell(alert)
    watch.tell(withdrawn(alert))
    watch.tell(revised(alert, 3))
    assert watch.later(2) == ["officer_told"]


def test_a_rising_severity_starts_the_clock_anew_and_a_falling_one_does_not(watch: Watch) -> None:
    alert = a_repeat(Severity.MEDIUM)
    watch.tell(alert)
    watch.later(29)
    watch.tell(revised(alert, 2, severity=Severity.LOW))
    assert watch.later(1) == ["officer_told"]
    watch.tell(revised(alert, 3, severity=Severity.HIGH))
    assert watch.later(4.9) == []
    assert watch.later(0.1) == ["officer_told"]
    assert [(step, told) for step, _, _, told in watch.steps()] == [(0, ["a.novak"]), (0, ["a.novak"])]


def test_two_escalators_share_the_work_and_act_once(watch: Watch) -> None:
    alerts = [an_alert() for _ in range(20)]
    watch.tell(*alerts)
    watch.now += timedelta(minutes=2)
    with ThreadPoolExecutor(4) as several:
        done = [len(one.result()) for one in [several.submit(watch.act) for _ in range(4)]]
    assert sum(done) == 20
    assert watch.database.count(escalations) == watch.database.count(calls) == 20


def test_killed_in_the_middle_of_a_step_it_leaves_nothing_and_the_next_one_acts_once(watch: Watch) -> None:
    """The step, its audit row and its call are one: the kill comes while the audit row waits for another's."""
    watch.tell(an_alert())
    watch.now += timedelta(minutes=2)
    rig = "import test_escalation; test_escalation.escalate_alone()"
    with watch.database.engine.begin() as other:
        other.execute(sa.text("LOCK TABLE audit_heads IN EXCLUSIVE MODE"))
        environment = {"RIG_DATABASE": watch.database.url, "RIG_NOW": watch.now.isoformat()}
        with process("-c", f"import sys; sys.path.insert(0, 'tests/integration'); {rig}", **environment) as child:
            wait_until(watch.database.waiting_for_a_lock, 60)
            child.send_signal(signal.SIGKILL)
            child.wait()
    wait_until(lambda: not watch.database.waiting_for_a_lock(), 20)
    assert (watch.steps(), watch.called()) == ([], [])
    assert watch.act() == ["officer_told"]
    assert (len(watch.steps()), watch.called()) == (1, ["a.novak"])


def escalate_alone() -> None:
    """Act on what is due, in a process of its own."""
    import os

    watch = Watch(Database(None, os.environ["RIG_DATABASE"]), now=datetime.fromisoformat(os.environ["RIG_NOW"]))  # type: ignore[arg-type]
    watch.act()


def test_killed_between_two_steps_the_next_one_goes_on_where_it_was(watch: Watch) -> None:
    watch.tell(an_alert())
    watch.later(2)
    again = Watch(watch.database, now=watch.now)
    assert again.act() == [], "what is done is not done again"
    assert again.later(2) == ["officer_told"]
    assert watch.called() == ["a.novak", "b.kos"]


@in_a_loop
async def test_a_clock_that_cannot_be_acted_on_holds_up_no_other(watch: Watch) -> None:
    broken, sound = an_alert(), an_alert()
    watch.tell(broken, sound)
    watch.done(lambda one: one.execute(sa.update(clocks).where(clocks.c.alert_id == broken.id).values(step=99)))
    watch.now += timedelta(minutes=2)
    async with escalating(watch):
        await until(lambda: watch.called() == ["a.novak"], 30)
    assert {row.alert_id for row in watch.database.rows(sa.select(escalations))} == {sound.id}


@in_a_loop
async def test_the_escalator_runs_until_it_is_told_to_stop_and_is_ready_once_it_has_looked(watch: Watch) -> None:
    watch.tell(an_alert())
    watch.now += timedelta(minutes=2)
    async with escalating(watch) as escalator:
        await until(lambda: escalator.ready and watch.called() == ["a.novak"], 30)
    alive = REGISTRY.get_sample_value("border_consumers_escalator_last_run_timestamp_seconds")
    assert alive == watch.now.timestamp()


def test_each_step_is_in_the_audit_by_accounts_alone(watch: Watch) -> None:
    alert = an_alert()
    watch.tell(alert)
    watch.later(2)
    (row,) = watch.database.rows(sa.select(audit).where(audit.c.purpose == "escalation"))
    assert (row.book, row.act, row.actor, row.alert_id) == ("SI", "change", "escalator", alert.id)
    assert row.detail == "step 1, on_duty: officer_told"


def test_a_call_says_what_a_notice_says_and_no_more(watch: Watch) -> None:
    alert = an_alert()
    watch.tell(alert)
    watch.tell(revised(alert))
    watch.later(2)
    (call,) = watch.database.rows(sa.select(calls))
    assert (parse(call.notice).data.alert, parse(call.notice).data.revision) == (alert.id, 2)
    assert call.address == ROTA["officers"]["a.novak"]["email"]


def test_an_exercise_escalates_as_an_exercise(watch: Watch) -> None:
    watch.duties = duties({**ROTA, "exercises": True})
    watch.tell(an_alert(an_incident(life_at_risk=True, exercise=True)))
    watch.later(2)
    (call,) = watch.database.rows(sa.select(calls))
    assert parse(call.notice).data.exercise


def test_the_query_for_what_is_due_reads_what_runs_and_nothing_else(watch: Watch) -> None:
    """However many alerts were answered: PostgreSQL takes the partial index."""
    watch.tell(an_alert())
    many = (
        "INSERT INTO clocks SELECT 'al-' || n, 'SI', 'acknowledged', severity, exercise, policy, step, NULL, told_at,"
    )
    rest = " started_at, since_revision, revision FROM clocks, generate_series(1, 20000) AS n"
    watch.done(lambda one: one.execute(sa.text(many + rest)))
    watch.done(lambda one: one.execute(sa.text("ANALYZE clocks")))
    due = "EXPLAIN SELECT * FROM clocks WHERE state = 'running' AND due_at <= now() ORDER BY due_at LIMIT 1"
    plan = watch.done(lambda one: one.execute(sa.text(due)).scalars().all())
    assert "clocks_due" in "".join(plan)
