"""The outbox in PostgreSQL: claims, leases and attempts: no delivery is in two hands."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta

import pytest
import sqlalchemy as sa
from delivery_rig import QUICK, Database, in_a_loop, until
from endpoints import a_contact_point
from factory import an_alert
from sqlalchemy.ext.asyncio import AsyncEngine

from consumers.contact_points import BUNDLED as CONTACT_POINTS
from consumers.contact_points import Channel, contact_point_codes
from consumers.database import async_engine
from consumers.outbox import PACE, Claim, Pace, Queue, SendOutcome, SendResult, claim, settle
from consumers.tables import attempts, sendings

pytest_plugins = ["delivery_services"]

SI, HR, AT = (a_contact_point(code) for code in ("SI", "HR", "AT"))
EVERY_POINT = {code: a_contact_point(code) for code in contact_point_codes(CONTACT_POINTS)}
ROOM = {Queue(code, Channel.WEBHOOK): 1 for code in EVERY_POINT}
OVER_AT_ONCE = Pace(lease=timedelta(0), waits=QUICK.waits)
FAILED = SendResult(SendOutcome.FAILED, 500)
DELIVERED = SendResult(SendOutcome.DELIVERED, 204)


@asynccontextmanager
async def connecting(database: Database, name: str = "quick") -> AsyncIterator[AsyncEngine]:
    engine = async_engine(f"{database.url}?application_name={name}")
    try:
        yield engine
    finally:
        await engine.dispose()


async def claim_as(owner: str, engine: AsyncEngine, pace: Pace = QUICK) -> list[Claim]:
    async with engine.begin() as connection:
        return await connection.run_sync(claim, owner, ROOM, pace)


async def settle_as(claimed: Claim, engine: AsyncEngine, result: SendResult, pace: Pace = PACE) -> None:
    async with engine.begin() as connection:
        await connection.run_sync(settle, [(claimed, result)], pace)


@in_a_loop
async def test_a_claim_takes_the_oldest_due_delivery_of_each_contact_point(database: Database) -> None:
    """Not the oldest of all: what waits for its next attempt does not hold up the rest."""
    alerts = [an_alert() for _ in range(3)]
    for alert in alerts:
        database.store(alert, told=[SI, HR])
    waiting = database.delivery_of(alerts[0], "HR")
    with database.engine.begin() as connection:
        later = sa.func.now() + timedelta(hours=1)
        connection.execute(sa.update(sendings).where(sendings.c.delivery_id == waiting).values(next_attempt_at=later))

    async with connecting(database) as engine:
        claimed = await claim_as("one", engine)

        assert {one.id for one in claimed} == {
            database.delivery_of(alerts[0], "SI"),
            database.delivery_of(alerts[1], "HR"),
        }


@in_a_loop
async def test_a_delivery_under_a_live_lease_is_not_claimed(database: Database) -> None:
    database.store(an_alert(), told=[SI])
    async with connecting(database) as engine:
        assert len(await claim_as("one", engine)) == 1
        assert await claim_as("two", engine) == []


@in_a_loop
async def test_a_delivery_whose_lease_ran_out_is_claimed_again_under_the_same_id(database: Database) -> None:
    database.store(an_alert(), told=[SI])
    async with connecting(database) as engine:
        (first,) = await claim_as("one", engine, OVER_AT_ONCE)
        (second,) = await claim_as("two", engine)

        assert (first.id, first.payload) == (second.id, second.payload)
        (row,) = database.rows(sa.select(sendings.c.lease_owner))
        assert row.lease_owner == "two"


@in_a_loop
async def test_two_claimers_at_once_never_get_the_same_delivery(database: Database) -> None:
    database.store(*(an_alert() for _ in range(40)), told=EVERY_POINT.values())
    both_connected, nobodys = asyncio.Barrier(2), sendings.c.lease_owner.is_(None)

    async def claim_all(owner: str) -> list[str]:
        ids: list[str] = []
        async with connecting(database) as engine:
            async with engine.connect():
                await both_connected.wait()
            # Whoever comes second to the same deliveries gets none and asks again.
            while (found := await claim_as(owner, engine)) or database.count(sendings, nobodys):
                ids += [one.id for one in found]
        return ids

    one, two = await asyncio.gather(claim_all("one"), claim_all("two"))

    assert one
    assert two
    assert set(one).isdisjoint(two)
    held = {
        row.delivery_id: row.lease_owner
        for row in database.rows(sa.select(sendings.c.delivery_id, sendings.c.lease_owner))
    }
    assert held == dict.fromkeys(one, "one") | dict.fromkeys(two, "two")


@in_a_loop
@pytest.mark.parametrize("result", [DELIVERED, FAILED])
async def test_a_claim_leaves_alone_what_another_claimed_and_settled_since_it_began(
    database: Database, result: SendResult
) -> None:
    """The slow claim is held by a trigger, after it has taken its view of the table."""
    database.store(an_alert(), told=[SI])
    with database.engine.begin() as connection:
        connection.execute(
            sa.text("""
            CREATE FUNCTION wait_at_gate() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
              IF current_setting('application_name') = 'slow' THEN PERFORM pg_advisory_xact_lock(1); END IF;
              RETURN NULL;
            END $$;
            CREATE TRIGGER gate BEFORE UPDATE ON sendings FOR EACH STATEMENT EXECUTE FUNCTION wait_at_gate();
            """)
        )
    async with connecting(database, "slow") as slow, connecting(database) as quick:
        with database.engine.connect() as gate:
            gate.execute(sa.text("SELECT pg_advisory_lock(1)"))
            late = asyncio.create_task(claim_as("slow", slow))
            await until(database.waiting_for_a_lock)
            (claimed,) = await claim_as("quick", quick)
            await settle_as(claimed, quick, result)
        assert await late == []


@in_a_loop
async def test_what_arrived_counts_as_delivered_even_after_the_lease_was_lost(database: Database) -> None:
    database.store(an_alert(), told=[SI])
    async with connecting(database) as engine:
        (lost,) = await claim_as("one", engine, OVER_AT_ONCE)
        await claim_as("two", engine)

        await settle_as(lost, engine, DELIVERED)

        (row,) = database.rows(sa.select(sendings))
        assert (row.state, row.delivered_at is not None) == ("delivered", True)
        assert await claim_as("three", engine) == []


@in_a_loop
async def test_a_failure_of_a_former_lease_holder_changes_nothing_in_the_delivery(database: Database) -> None:
    """Neither while another holds it nor once it was delivered; the attempt itself is kept."""
    database.store(an_alert(), told=[SI])
    async with connecting(database) as engine:
        (lost,) = await claim_as("one", engine, OVER_AT_ONCE)
        (held,) = await claim_as("two", engine)
        before = database.rows(sa.select(sendings))

        await settle_as(lost, engine, FAILED)
        assert database.rows(sa.select(sendings)) == before

        await settle_as(held, engine, DELIVERED)
        delivered = database.rows(sa.select(sendings))
        await settle_as(lost, engine, FAILED)
        assert database.rows(sa.select(sendings)) == delivered
        assert [outcome for outcome, _ in database.outcomes("SI")] == ["failed", "delivered"]


@in_a_loop
async def test_every_attempt_is_kept(database: Database) -> None:
    database.store(an_alert(), told=[SI])
    async with connecting(database) as engine:
        for result in (FAILED, SendResult(SendOutcome.TIMED_OUT), DELIVERED):
            (claimed,) = await claim_as("one", engine)
            await settle_as(claimed, engine, result, QUICK)

        rows = database.rows(sa.select(attempts).order_by(attempts.c.number))
        assert [(row.number, row.outcome, row.status_code) for row in rows] == [
            (1, "failed", 500),
            (2, "timed_out", None),
            (3, "delivered", 204),
        ]


@in_a_loop
async def test_an_attempt_that_a_crash_cut_off_is_kept_without_an_end(database: Database) -> None:
    """Begun with the claim: after the lease another attempt follows, under the next number."""
    database.store(an_alert(), told=[SI])
    async with connecting(database) as engine:
        await claim_as("killed", engine, OVER_AT_ONCE)
        (held,) = await claim_as("two", engine)
        await settle_as(held, engine, DELIVERED)

        rows = database.rows(sa.select(attempts).order_by(attempts.c.number))
        assert [(row.number, row.outcome, row.finished_at is None) for row in rows] == [
            (1, None, True),
            (2, "delivered", False),
        ]


@in_a_loop
async def test_deliveries_that_fail_again_and_again_do_not_keep_later_ones_waiting(database: Database) -> None:
    """What is due longest goes first, not what is oldest: a new alert is tried between two retries."""
    old, new = an_alert(), an_alert()
    database.store(old, told=[SI])
    async with connecting(database) as engine:
        (failing,) = await claim_as("one", engine)
        database.store(new, told=[SI])
        await settle_as(failing, engine, FAILED, Pace(QUICK.lease, (timedelta(0),)))
        (claimed,) = await claim_as("one", engine)
        assert claimed.id == database.delivery_of(new, "SI")
