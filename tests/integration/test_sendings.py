"""Several channels, priorities, the reaper and heartbeats, on a real PostgreSQL."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TypeVar

import pytest
import sqlalchemy as sa
from delivery_rig import QUICK, Database, delivering, in_a_loop, until
from endpoints import Answer, a_contact_point, endpoint
from factory import a_vehicle, an_alert, an_incident, at

from consumers.audit import heads
from consumers.contact_points import Channel
from consumers.heartbeat import heartbeats
from consumers.outbox import Claim, Pace, Queue, SendOutcome, SendResult, claim, settle
from consumers.reaper import reap
from consumers.tables import attempts, audit, deliveries, sendings
from schemas.alerts import Alert

pytest_plugins = ["delivery_services"]

SI = replace(a_contact_point("SI"), email="duty@si.example")
BOTH = {Queue("SI", Channel.WEBHOOK): 8, Queue("SI", Channel.EMAIL): 8}
ARRIVED = SendResult(SendOutcome.DELIVERED, 204)
FAILED = SendResult(SendOutcome.FAILED, 500)
T = TypeVar("T")


def done(database: Database, work: Callable[[sa.Connection], T]) -> T:
    with database.engine.begin() as connection:
        return work(connection)


def claimed(
    database: Database, owner: str = "one", pace: Pace = QUICK, room: dict[Queue, int] | None = None
) -> list[Claim]:
    asked = BOTH if room is None else room
    return done(database, lambda connection: claim(connection, owner, asked, pace))


def ended(database: Database, *results: tuple[Claim, SendResult]) -> None:
    done(database, lambda connection: settle(connection, results, QUICK))


def later(database: Database, seconds: float) -> None:
    """Let the sendings believe that so much time has passed."""
    with database.engine.begin() as connection:
        earlier = sendings.c.next_attempt_at - timedelta(seconds=seconds)
        connection.execute(sa.update(sendings).values(next_attempt_at=earlier))


def states(database: Database) -> dict[str, str]:
    return {row.channel: row.state for row in database.rows(sa.select(sendings))}


def a_repeat() -> Alert:
    return an_alert(*(an_incident(vehicles=[a_vehicle()], occurred_at=at(day)) for day in (1, 2)))


def test_the_second_channel_is_tried_after_a_minute_where_nothing_has_arrived(database: Database) -> None:
    database.store(an_alert(), told=[SI])
    (first,) = claimed(database)
    assert first.channel is Channel.WEBHOOK
    ended(database, (first, FAILED))
    later(database, 59)
    assert [one.channel for one in claimed(database, room={Queue("SI", Channel.EMAIL): 8})] == []
    later(database, 2)
    (second,) = claimed(database, room={Queue("SI", Channel.EMAIL): 8})
    assert (second.channel, second.id) == (Channel.EMAIL, first.id), "both carry one id"


def test_what_arrived_spares_the_other_channel(database: Database) -> None:
    database.store(an_alert(), told=[SI])
    (first,) = claimed(database)
    ended(database, (first, ARRIVED))
    later(database, 600)
    assert claimed(database) == []
    assert states(database) == {"webhook": "delivered", "email": "spared"}


def test_what_is_on_its_way_when_the_other_arrives_ends_as_it_ends(database: Database) -> None:
    database.store(an_alert(), told=[SI])
    later(database, 61)
    by_channel = {one.channel: one for one in claimed(database)}
    ended(database, (by_channel[Channel.EMAIL], ARRIVED))
    ended(database, (by_channel[Channel.WEBHOOK], FAILED))
    assert states(database) == {"webhook": "spared", "email": "delivered"}
    ended(database, (by_channel[Channel.WEBHOOK], ARRIVED))
    assert states(database) == {"webhook": "delivered", "email": "delivered"}


def test_danger_to_life_goes_before_what_is_due_longer(database: Database) -> None:
    waiting = [a_repeat() for _ in range(3)]
    database.store(*waiting, told=[SI])
    danger = an_alert()
    database.store(danger, told=[SI])
    (first,) = claimed(database, room={Queue("SI", Channel.WEBHOOK): 1})
    assert first.id == database.delivery_of(danger, "SI")


def test_a_queue_gives_no_more_than_there_is_room_for(database: Database) -> None:
    database.store(*(an_alert() for _ in range(5)), told=[SI])
    room = {Queue("SI", Channel.WEBHOOK): 2, Queue("HR", Channel.WEBHOOK): 8}
    assert len(claimed(database, room=room)) == 2
    assert claimed(database, room={Queue("SI", Channel.WEBHOOK): 0}) == []


def test_every_first_attempt_is_in_the_audit_before_it_is_made_and_no_repetition_is(database: Database) -> None:
    alert = an_alert()
    database.store(alert, told=[SI])
    for _ in range(3):
        (one,) = claimed(database)
        ended(database, (one, FAILED))
        later(database, 1)
    told = database.rows(sa.select(audit).where(audit.c.act == "disclosure"))
    assert [(row.book, row.recipient, row.alert_id, row.detail) for row in told] == [
        ("SI", "SI", alert.id, "notice by webhook")
    ]


def test_where_the_audit_cannot_be_written_nothing_is_sent(database: Database) -> None:
    database.store(an_alert(), told=[SI])
    with database.engine.begin() as connection:
        connection.execute(sa.text("ALTER TABLE audit ADD CONSTRAINT full_disk CHECK (act <> 'disclosure') NOT VALID"))
    with pytest.raises(sa.exc.IntegrityError):
        claimed(database)
    assert database.count(attempts) == 0


def test_the_reaper_closes_attempts_that_a_crash_cut_off_and_only_those(database: Database) -> None:
    cut_off, running = an_alert(), an_alert()
    database.store(cut_off, told=[SI])
    claimed(database, pace=Pace(timedelta(0), QUICK.waits))
    database.store(running, told=[SI])
    claimed(database, "two", room={Queue("SI", Channel.WEBHOOK): 1})
    claimed(database, "two", room={Queue("SI", Channel.WEBHOOK): 1})

    assert done(database, lambda connection: reap(connection, {"SI": SI})) == (1, 0)
    outcomes = database.rows(sa.select(attempts.c.outcome).where(attempts.c.finished_at.is_not(None)))
    assert [row.outcome for row in outcomes] == ["cut_off"]
    assert database.count(attempts, attempts.c.finished_at.is_(None)) == 2


def test_a_channel_that_a_contact_point_gets_later_is_used_for_what_has_not_arrived(database: Database) -> None:
    arrived, waiting = an_alert(), an_alert()
    only_webhook = a_contact_point("SI")
    database.store(arrived, told=[only_webhook])
    (one,) = claimed(database)
    ended(database, (one, ARRIVED))
    database.store(waiting, told=[only_webhook])
    assert [done(database, lambda connection: reap(connection, {"SI": SI}))[1] for _ in range(2)] == [1, 0]
    (mail,) = claimed(database, room={Queue("SI", Channel.EMAIL): 8})
    assert mail.id == database.delivery_of(waiting, "SI")


def beats(database: Database, *codes: str, every: float = 60) -> list[tuple[str, int]]:
    due = done(database, lambda connection: heartbeats(connection, codes, timedelta(seconds=every), datetime.now(UTC)))
    return sorted((one.contact_point, int(one.payload.split('"sequence": ')[1].split(",")[0])) for one in due)


def test_a_heartbeat_is_due_once_a_minute_whichever_process_asks_and_says_the_last_number(database: Database) -> None:
    assert beats(database, "SI", "HR") == [], "the first is due after a minute"
    database.store(an_alert(), an_alert(), told=[SI])
    with database.engine.begin() as connection:
        connection.execute(sa.text("UPDATE sequences SET heartbeat_at = heartbeat_at - interval '61 s'"))
    assert beats(database, "SI", "HR") == [("HR", 0), ("SI", 2)]
    assert beats(database, "SI", "HR") == []


@in_a_loop
async def test_a_heartbeat_names_the_last_row_of_the_contact_points_book(database: Database) -> None:
    async with endpoint() as server, delivering(database, server.point, heartbeat=timedelta(seconds=0.2)):
        database.store(an_alert(), told=[server.point])
        await until(lambda: database.delivered() == 1)
        with database.engine.connect() as connection:
            number, digest = heads(connection)["SI"]
        said = f'"number": {number}, "hash": "{digest}"'.encode()
        await until(lambda: any(b'"heartbeat"' in one.body and said in one.body for one in server.requests))
    assert number == 1


@in_a_loop
async def test_a_contact_point_that_is_away_gets_probes_alone_and_everything_once_it_answers(
    database: Database,
) -> None:
    """Forty wait; each would be tried again and again."""
    down = [Answer(500)] * 5
    async with endpoint(*down, Answer()) as server:
        database.store(*(an_alert() for _ in range(40)), told=[server.point])
        pace = Pace(QUICK.lease, (timedelta(seconds=1),), 5)
        async with delivering(database, server.point, pace=pace):
            await until(lambda: len(server.requests) >= 5)
            await until(lambda: database.delivered() == 40, 40)
    failed = [one for one in database.outcomes("SI") if one[0] == "failed"]
    assert len(failed) == 5
    assert len({one.webhook_id for one in server.requests}) == 40


def test_numbers_have_no_gap_whatever_is_rolled_back(database: Database) -> None:
    for number in range(6):
        if number % 2:
            with pytest.raises(sa.exc.DataError):
                database.store(an_alert(summary="NUL \0"), told=[SI])
        else:
            database.store(an_alert(), told=[SI])
    rows = database.rows(sa.select(deliveries.c.sequence).order_by(deliveries.c.sequence))
    assert [row.sequence for row in rows] == [1, 2, 3]
