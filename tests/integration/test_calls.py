"""Calls by e-mail: to the officer, with what a notice says, until they arrive; once, whoever sends them."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
from certificates import Authority
from delivery_rig import in_a_loop, until
from escalation_rig import Watch, escalating, withdrawn
from factory import an_alert
from post_offices import URL, Post, a_server, post_office, read

from consumers.calls import Call, claim_calls, settle_call
from consumers.channels.email import EmailChannel
from consumers.outbox import Pace, SendOutcome, SendResult
from consumers.tables import audit, calls

pytest_plugins = ["delivery_services"]

QUICK = Pace(timedelta(seconds=60), (timedelta(0),))


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    return Authority(tmp_path)


def claimed(watch: Watch, owner: str = "one", pace: Pace = QUICK) -> list[Call]:
    return watch.done(lambda connection: claim_calls(connection, owner, 16, pace))


@in_a_loop
async def test_the_officer_gets_a_mail_in_their_language_that_says_that_nobody_has_answered(
    watch: Watch, authority: Authority
) -> None:
    alert, post = an_alert(), Post()
    watch.tell(alert)
    watch.later(2)
    async with post_office(post, authority.server("localhost")) as port:
        channel = EmailChannel(a_server(port, authority), URL, 5)
        async with escalating(watch, channel.call):
            await until(lambda: watch.called("delivered") == ["a.novak"], 30)
    message = post.message()
    assert message["To"] == "a.novak@si.example"
    assert str(message["Subject"]).startswith("BREZ ODGOVORA: OGROŽENO ŽIVLJENJE: ")
    text = next(iter(message.iter_parts())).get_content()
    assert alert.id in text
    assert f"{URL}/v1/deliveries/dl-" in text
    assert "LJAB123" not in text.replace(" ", "").replace("-", "")


@in_a_loop
async def test_a_call_that_fails_is_made_again_as_the_same_message(watch: Watch, authority: Authority) -> None:
    post = Post(data="451 not now")
    watch.tell(an_alert())
    watch.later(2)
    async with post_office(post, authority.server("localhost")) as port:
        channel = EmailChannel(a_server(port, authority), URL, 5)
        for owner in ("one", "two"):
            (call,) = claimed(watch, owner)
            result = await channel.call(call)
            settle(watch, call, result)
            post.data = "250 OK"
    first, second = (read(one)["Message-ID"] for one in post.taken)
    assert first == second
    assert str(first).startswith("<ca-")
    assert watch.called("delivered") == ["a.novak"]


def settle(watch: Watch, call: Call, result: SendResult) -> None:
    watch.done(lambda connection: settle_call(connection, call, result, QUICK))


def test_a_call_is_one_processs_until_its_lease_ends(watch: Watch) -> None:
    watch.tell(an_alert())
    watch.later(2)
    (first,) = claimed(watch, "dies", Pace(timedelta(0), QUICK.waits))
    (second,) = claimed(watch, "lives")
    assert (first.id, first.attempt, second.attempt) == (second.id, 1, 2)
    assert claimed(watch, "third") == []


def test_the_first_attempt_of_a_call_is_in_the_audit_and_no_other(watch: Watch) -> None:
    alert = an_alert()
    watch.tell(alert)
    watch.later(2)
    for _ in range(2):
        (call,) = claimed(watch)
        settle(watch, call, SendResult(SendOutcome.UNREACHABLE))
    rows = watch.database.rows(sa.select(audit).where(audit.c.detail == "call by email"))
    assert [(row.act, row.book, row.recipient, row.alert_id) for row in rows] == [
        ("disclosure", "SI", "SI:a.novak", alert.id)
    ]


def test_a_call_that_waits_is_spared_when_its_alert_is_withdrawn(watch: Watch) -> None:
    alert = an_alert()
    watch.tell(alert)
    watch.later(2)
    (call,) = claimed(watch)
    watch.tell(withdrawn(alert))
    settle(watch, call, SendResult(SendOutcome.UNREACHABLE))
    assert claimed(watch) == []


def test_a_failed_call_waits_before_it_is_made_again(watch: Watch) -> None:
    watch.tell(an_alert())
    watch.later(2)
    (call,) = claimed(watch)
    watch.done(lambda one: settle_call(one, call, SendResult(SendOutcome.FAILED, 451)))
    assert claimed(watch) == []
    assert watch.database.count(calls, calls.c.next_attempt_at > sa.func.now()) == 1
