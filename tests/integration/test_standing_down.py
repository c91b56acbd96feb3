"""Who was called is told once, in a few words, when there is nothing to answer any more; nobody else is."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path

import sqlalchemy as sa
from certificates import Authority
from delivery_rig import in_a_loop, until
from escalation_rig import ROTA, Watch, a_verdict, duties, escalating, revised, withdrawn
from factory import a_vehicle, an_alert, an_incident, at
from post_offices import URL, Post, a_server, post_office, read

from consumers.calls import claim_calls, settle_call
from consumers.channels.email import EmailChannel
from consumers.outbox import Pace, SendOutcome, SendResult
from consumers.standing_down import stand_down
from consumers.tables import audit
from schemas.alerts import Alert, Severity

pytest_plugins = ["delivery_services"]

SHORT_LEASE = Pace(timedelta(0), (timedelta(0),))


def called(watch: Watch, steps: int = 1) -> Alert:
    """Return a critical alert about which the first so many officers were called, and reached."""
    alert = an_alert()
    watch.tell(alert)
    for _ in range(steps):
        watch.later(2)
    watch.delivered()
    return alert


def test_whoever_was_called_is_told_once_that_a_colleague_has_answered(watch: Watch) -> None:
    alert = called(watch, steps=2)
    watch.hear(a_verdict(alert, officer="c.zupan"))
    for _ in range(3):
        assert watch.told_over() == [("a.novak", "answered"), ("b.kos", "answered")]
        watch.delivered()


def test_whoever_was_called_twice_is_told_once(watch: Watch) -> None:
    alert = called(watch, steps=4)
    watch.hear(a_verdict(alert, officer="d.silent"))
    assert watch.told_over() == [("a.novak", "answered"), ("b.kos", "answered"), ("c.zupan", "answered")]


def test_who_answered_is_not_told_of_their_own_answer(watch: Watch) -> None:
    alert = called(watch, steps=2)
    watch.hear(a_verdict(alert, officer="b.kos"))
    assert watch.told_over() == [("a.novak", "answered")]


def test_nobody_is_told_before_there_is_an_end(watch: Watch) -> None:
    alert = called(watch)
    assert watch.told_over() == []
    watch.tell(revised(alert))
    assert watch.told_over() == []


def test_who_was_only_to_be_called_is_told_nothing(watch: Watch) -> None:
    alert = an_alert()
    watch.tell(alert)
    watch.later(2)
    watch.hear(a_verdict(alert))
    assert (watch.called("spared"), watch.told_over()) == (["a.novak"], [])


def test_who_could_not_be_reached_is_told_nothing(watch: Watch) -> None:
    alert = an_alert()
    watch.tell(alert)
    watch.later(2)
    (call,) = watch.done(lambda one: claim_calls(one, "one", 16, SHORT_LEASE))
    watch.hear(a_verdict(alert))
    watch.done(lambda one: settle_call(one, call, SendResult(SendOutcome.UNREACHABLE), SHORT_LEASE))
    assert watch.told_over() == []


def test_a_call_that_arrives_after_the_answer_is_ended_too(watch: Watch) -> None:
    alert = an_alert()
    watch.tell(alert)
    watch.later(2)
    (call,) = watch.done(lambda one: claim_calls(one, "one", 16))
    watch.hear(a_verdict(alert))
    assert watch.told_over() == []
    watch.done(lambda one: settle_call(one, call, SendResult(SendOutcome.DELIVERED, 250)))
    assert watch.told_over() == [("a.novak", "answered")]


def test_a_second_call_that_arrives_after_the_end_of_the_first_is_not_ended_again(watch: Watch) -> None:
    watch.duties = duties({**ROTA, "layers": [[{"officers": ["a.novak"]}], [{"officers": ["a.novak"]}]]})
    alert = called(watch)
    watch.later(2)
    (second,) = watch.done(lambda one: claim_calls(one, "one", 16))
    watch.hear(a_verdict(alert))
    assert watch.told_over() == [("a.novak", "answered")]
    watch.done(lambda one: settle_call(one, second, SendResult(SendOutcome.DELIVERED, 250)))
    assert watch.told_over() == [("a.novak", "answered")]


def test_what_is_open_again_and_then_answered_is_over_once_more(watch: Watch) -> None:
    alert = called(watch)
    watch.tell(withdrawn(alert))
    watch.told_over()
    watch.tell(revised(alert, 3))
    watch.later(2)
    watch.delivered()
    watch.hear(a_verdict(alert, at=watch.now))
    assert watch.told_over() == [("a.novak", "answered"), ("a.novak", "withdrawn")]


def test_a_call_whose_process_died_may_have_arrived_and_is_ended_once_its_lease_is_over(watch: Watch) -> None:
    alert = an_alert()
    watch.tell(alert)
    watch.later(2)
    watch.done(lambda one: claim_calls(one, "dies", 16, SHORT_LEASE))
    watch.hear(a_verdict(alert))
    assert watch.told_over() == [("a.novak", "answered")]


def test_withdrawn_while_it_escalates(watch: Watch) -> None:
    alert = called(watch)
    watch.tell(withdrawn(alert))
    assert watch.told_over() == [("a.novak", "withdrawn")]


def test_superseded_while_it_escalates_the_new_one_has_calls_of_its_own(watch: Watch) -> None:
    old, new = called(watch), an_alert()
    watch.tell(withdrawn(old, new), new)
    assert watch.told_over() == [("a.novak", "superseded")]
    assert watch.later(2) == ["officer_told"]
    assert watch.state(new) == "running"


def test_what_was_answered_and_then_withdrawn_is_over_once(watch: Watch) -> None:
    alert = called(watch)
    watch.hear(a_verdict(alert))
    watch.told_over()
    watch.tell(withdrawn(alert))
    assert watch.told_over() == [("a.novak", "answered")]


def test_operations_too_are_told_where_the_answer_comes_after_all(watch: Watch) -> None:
    watch.duties = duties(None)
    alert = called(watch)
    assert watch.state(alert) == "exhausted"
    watch.hear(a_verdict(alert))
    assert watch.told_over() == [("operations", "answered")]


def test_two_escalators_at_once_tell_each_officer_once(watch: Watch) -> None:
    for number in range(10):
        watch.hear(a_verdict(called(watch), id=f"vd-{number}"))
    with ThreadPoolExecutor(4) as several:
        told = [one.result() for one in [several.submit(watch.done, stand_down) for _ in range(4)]]
    assert sum(told) == 10


@in_a_loop
async def test_the_mail_says_that_the_call_is_over_and_nothing_of_what_it_was_about(
    watch: Watch, tmp_path: Path
) -> None:
    authority, post = Authority(tmp_path), Post()
    incidents = (an_incident(vehicles=[a_vehicle()], occurred_at=at(day)) for day in (1, 2))
    alert = an_alert(*incidents, severity=Severity.HIGH)
    watch.duties = duties({**ROTA, "layers": [[{"officers": ["b.kos"]}]]})
    watch.tell(alert)
    watch.later(5)
    async with (
        post_office(post, authority.server("localhost")) as port,
        escalating(watch, EmailChannel(a_server(port, authority), URL, 5).call),
    ):
        await until(lambda: watch.called("delivered") == ["b.kos"], 30)
        watch.hear(a_verdict(alert))
        await until(lambda: len(post.taken) == 2, 30)
    message = read(post.taken[1])
    assert message["To"] == "b.kos@si.example"
    assert message["Subject"] == f"STAND DOWN: SI, {alert.id}"
    assert message.get_content_type() == "text/plain"
    assert message.get_content().splitlines() == [
        f"STAND DOWN: SI, {alert.id}",
        "",
        "You were called about this alert. Your contact point has answered it: you need not act.",
    ]
    assert "Importance" not in message


def test_each_end_of_a_call_is_in_the_audit(watch: Watch) -> None:
    alert = called(watch)
    watch.hear(a_verdict(alert))
    watch.told_over()
    watch.delivered()
    rows = watch.database.rows(sa.select(audit).where(audit.c.detail == "end of a call by email"))
    assert [(row.act, row.recipient, row.alert_id) for row in rows] == [("disclosure", "SI:a.novak", alert.id)]
