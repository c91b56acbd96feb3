"""A clock that nobody can read any more holds up no other."""

from __future__ import annotations

import sqlalchemy as sa
from delivery_rig import Database, in_a_loop, until
from escalation_rig import Watch, escalating
from factory import an_alert

from consumers.tables import clocks

pytest_plugins = ["delivery_services"]


@in_a_loop
async def test_a_policy_frozen_in_a_form_of_another_version_stops_no_other_clock(database: Database) -> None:
    """The watchdog shows it, because not all that was due was acted on."""
    watch = Watch(database)
    broken, whole = an_alert(), an_alert()
    watch.tell(broken, whole)
    with database.engine.begin() as connection:
        mine = clocks.c.alert_id == broken.id
        connection.execute(sa.update(clocks).where(mine).values(policy=[{"whom": "nobody"}]))
    watch.now = watch.now.replace(hour=watch.now.hour + 1)
    async with escalating(watch) as escalator:
        await until(lambda: len(watch.steps()) == 1)
        assert not await escalator.escalate_due()
    assert watch.state(whole) == "running"
