"""An alert that is revised again and again: the first and the newest are sent, all of them are kept."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
from delivery_rig import Database, a_deliverer, by_default, in_a_loop, until
from endpoints import a_contact_point, endpoint
from escalation_rig import Watch, duties, revised, withdrawn
from silence_rig import a_repeat, marks, sent

from consumers.acknowledgement import Timing
from consumers.channels.webhook import WebhookChannel
from consumers.duties import NO_DUTIES, load_duties
from consumers.notice import parse
from consumers.policy import Policy, Waits
from consumers.reaper import reap
from consumers.tables import sendings
from schemas.alerts import Severity
from schemas.errors import ConfigurationError

pytest_plugins = ["delivery_services"]


def later(watch: Watch, seconds: float) -> None:
    """Let so much time pass, for the sendings too."""
    watch.now += timedelta(seconds=seconds)
    earlier = sa.update(sendings).values(next_attempt_at=sendings.c.next_attempt_at - timedelta(seconds=seconds))
    watch.done(lambda connection: connection.execute(earlier))


def revisions(watch: Watch) -> list[int]:
    return [revision for _, _, revision in sent(watch)]


def test_of_ten_revisions_in_two_seconds_the_first_and_the_newest_are_sent_and_all_are_kept(watch: Watch) -> None:
    alert = a_repeat(Severity.LOW)  # a minute: the test's own seconds pass as well
    watch.tell(alert)
    assert revisions(watch) == [1]
    for number in range(2, 11):
        later(watch, 0.2)
        watch.tell(revised(alert, number))
        assert revisions(watch) == []
    later(watch, 20)
    assert revisions(watch) == []
    later(watch, 40)
    assert revisions(watch) == [10]
    assert marks(watch) == [
        (1, None, None),
        *((number, None, watch.database.delivery_of(revised(alert, number + 1), "SI")) for number in range(2, 10)),
        (10, None, None),
    ]
    assert [one.alert["revision"] for one in watch.database.records("SI") if one.alert] == [*range(1, 11)]


def test_those_that_come_in_one_batch_are_no_different(watch: Watch) -> None:
    alert = a_repeat()
    watch.tell(*(revised(alert, number) for number in range(1, 11)))
    assert revisions(watch) == [1]
    later(watch, 15)
    assert revisions(watch) == [10]


def test_every_revision_of_what_is_critical_is_sent_at_once(watch: Watch) -> None:
    alert = a_repeat(Severity.CRITICAL)
    for number in (1, 2, 3):
        watch.tell(revised(alert, number))
        assert revisions(watch) == [number]


def test_a_withdrawal_is_sent_at_once_in_the_place_of_what_waits(watch: Watch) -> None:
    alert = a_repeat()
    watch.tell(alert, revised(alert))
    assert revisions(watch) == [1]
    watch.tell(withdrawn(revised(alert)))
    assert revisions(watch) == [3]
    later(watch, 60)
    assert revisions(watch) == []


def test_a_rise_in_severity_waits_for_nothing(watch: Watch) -> None:
    alert = a_repeat()
    watch.tell(alert, revised(alert), revised(alert, 3, severity=Severity.HIGH))
    assert revisions(watch) == [1, 3]


def test_what_could_not_be_sent_yet_is_not_replaced(watch: Watch) -> None:
    """The first is told, however long the contact point is away; so is what was due meanwhile."""
    alert = a_repeat()
    watch.tell(alert)
    later(watch, 1)
    watch.tell(revised(alert))
    later(watch, 20)
    watch.tell(revised(alert, 3))
    assert revisions(watch) == [1, 2]


def test_a_channel_that_is_new_meanwhile_does_not_send_what_was_replaced(watch: Watch) -> None:
    alert = a_repeat()
    watch.tell(*(revised(alert, number) for number in (1, 2, 3)))
    both = replace(a_contact_point("SI"), email="duty@si.example")
    watch.done(lambda one: reap(one, {"SI": both}))
    later(watch, 120)
    assert set(revisions(watch)) == {1, 3}


def test_each_contact_point_has_an_interval_of_its_own(watch: Watch) -> None:
    alert = a_repeat()
    watch.tell(alert)
    sent(watch)
    later(watch, 1)
    watch.tell(revised(alert), to=("SI", "HR"))
    assert [(code, revision) for code, _, revision in sent(watch)] == [("HR", 2)]


def test_without_a_file_of_duties_every_revision_is_sent_at_once(watch: Watch) -> None:
    watch.duties = NO_DUTIES
    alert = a_repeat()
    watch.tell(alert, revised(alert), revised(alert, 3))
    assert revisions(watch) == [1, 2, 3]


@in_a_loop
async def test_a_deliverer_sends_the_newest_when_the_interval_ends_and_names_the_one_before(database: Database) -> None:
    policy, alert = Policy(revisions_wait_seconds=Waits(medium=1.5)), a_repeat()
    async with endpoint() as server, WebhookChannel(20) as webhook:
        stop = asyncio.Event()
        running = asyncio.create_task(a_deliverer(database.url, [server.point], webhook).run(stop))
        for number in (1, 2, 3):
            database.store(revised(alert, number), told=[server.point], timing=Timing(policy, by_default().now))
        await until(lambda: len(server.requests) == 2)
        stop.set()
        await running
    first, newest = (parse(one.body.decode()).data for one in server.requests)
    assert (first.revision, newest.revision) == (1, 3)
    assert server.requests[1].received_at - server.requests[0].received_at > timedelta(seconds=1)
    assert newest.previous is not None
    assert newest.previous.delivery == database.delivery_of(revised(alert, 2), "SI")


@pytest.mark.parametrize(
    ("waits", "named"),
    [("{high: 31}", "high"), ("{low: 301}", "low"), ("{medium: -1}", "medium"), ("{critical: 5}", "critical")],
)
def test_a_wait_that_is_too_long_or_of_what_is_critical_is_refused_by_name(
    tmp_path: Path, waits: str, named: str
) -> None:
    file = tmp_path / "duties.yaml"
    operations = "operations: {email: operations@brdo.example}\nfallback: [EUROPOL]\n"
    file.write_text(f"{operations}policy:\n  revisions_wait_seconds: {waits}\n", encoding="utf-8")
    with pytest.raises(ConfigurationError, match=f"line 4: policy.revisions_wait_seconds.{named}"):
        load_duties(file, ["EUROPOL"])


def test_what_a_file_does_not_say_waits_as_long_as_is_stated() -> None:
    assert duties().policy.revisions_wait_seconds == Waits(high=5, medium=15, low=60)
