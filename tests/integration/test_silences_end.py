"""What becomes of what a silence held back, whatever happens meanwhile, on a real PostgreSQL."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest
import sqlalchemy as sa
from delivery_rig import a_deliverer, in_a_loop, until
from endpoints import endpoint
from escalation_rig import Watch, revised
from silence_rig import BOTH, FAILED, ROOM, a_repeat, claimed, lifted, marks, sent, silenced

from consumers.channels.webhook import WebhookChannel
from consumers.holding import attend
from consumers.outbox import claim, settle
from consumers.reaper import reap
from consumers.tables import audit, sendings

pytest_plugins = ["delivery_services"]


# When it ends


@pytest.mark.parametrize("how", ["expired", "lifted"])
def test_when_it_ends_the_newest_revision_is_sent_once_and_the_others_are_marked(watch: Watch, how: str) -> None:
    silence = silenced(watch, hours=1)
    alert = a_repeat()
    for number in (1, 2, 3):
        watch.tell(revised(alert, number))
    assert sent(watch) == []
    if how == "lifted":
        lifted(watch, silence)
    else:
        watch.now += timedelta(hours=1)
    assert [revision for _, _, revision in sent(watch)] == [3]
    assert sent(watch) == []
    second, third = (watch.database.delivery_of(revised(alert, number), "SI") for number in (2, 3))
    assert marks(watch) == [(1, silence, second), (2, silence, third), (3, silence, None)]


def test_of_revisions_that_waited_when_it_began_the_newest_stands_for_all(watch: Watch) -> None:
    alert = a_repeat()
    watch.tell(alert)
    watch.now += timedelta(minutes=1)
    watch.tell(revised(alert))
    silence = silenced(watch)
    assert sent(watch) == []
    lifted(watch, silence)
    assert [revision for _, _, revision in sent(watch)] == [2]


def test_after_it_the_second_channel_still_waits_its_minute(watch: Watch) -> None:
    silence = silenced(watch)
    watch.database.store(a_repeat(), told=[BOTH])
    assert claimed(watch) == []
    lifted(watch, silence)
    assert [one.channel for one in claimed(watch)] == ["webhook"]
    waits = {row.channel: row.next_attempt_at for row in watch.database.rows(sa.select(sendings))}
    assert waits["email"] - waits["webhook"] == timedelta(seconds=60)


@in_a_loop
async def test_expired_while_the_database_was_away_what_it_held_back_is_sent_once_afterwards(watch: Watch) -> None:
    silenced(watch, hours=1)
    async with endpoint() as server, WebhookChannel(20) as webhook:
        alert = a_repeat()
        watch.tell(alert)
        stop = asyncio.Event()
        deliverer = a_deliverer(watch.database.url, [server.point], webhook, clock=lambda: watch.now)
        running = asyncio.create_task(deliverer.run(stop))
        await until(lambda: deliverer.ready)
        watch.database.server.kill()
        try:
            await until(lambda: not deliverer.ready)
            watch.now += timedelta(hours=2)
            await until(lambda: not deliverer.ready)
            assert server.requests == [], "while it cannot be asked, nothing is sent"
        finally:
            await asyncio.to_thread(watch.database.server.start)
        await until(lambda: watch.database.delivered() == 1, 20)
        stop.set()
        await running
    assert [one.webhook_id for one in server.requests] == [watch.database.delivery_of(alert, "SI")]


# Races


def test_one_made_after_what_is_due_was_looked_over_is_seen_by_the_claim_itself(watch: Watch) -> None:
    watch.tell(a_repeat())
    with watch.database.engine.begin() as deliverer:
        attend(deliverer, watch.now)
        silenced(watch)
        assert claim(deliverer, "one", ROOM, now=watch.now) == []


def test_what_is_under_way_when_it_begins_goes_on_and_is_held_back_only_where_it_does_not_arrive(watch: Watch) -> None:
    watch.tell(a_repeat())
    (under_way,) = claimed(watch)
    silence = silenced(watch)
    assert (claimed(watch), marks(watch)) == ([], [(1, None, None)])
    watch.done(lambda one: settle(one, [(under_way, FAILED)]))
    watch.done(lambda one: attend(one, watch.now))
    assert marks(watch) == [(1, silence, None)]


def test_two_deliverers_hold_back_once_and_send_once(watch: Watch) -> None:
    silence = silenced(watch)
    watch.tell(a_repeat())
    assert (sent(watch), sent(watch)) == ([], [])
    lifted(watch, silence)
    assert [len(sent(watch)), len(sent(watch))] == [1, 0]
    held = audit.c.detail == f"held back by {silence}"
    assert watch.database.count(audit, held) == 1


def test_a_channel_that_is_new_meanwhile_is_no_way_around_it(watch: Watch) -> None:
    silence = silenced(watch)
    alert = a_repeat()
    watch.tell(alert)
    watch.tell(revised(alert))
    watch.done(lambda one: reap(one, {"SI": BOTH}))
    assert sent(watch) == []
    lifted(watch, silence)
    assert {revision for _, _, revision in sent(watch)} == {2}, "the one that was replaced is sent by no channel"
