"""The Faust shell: which agents read what, and the order in which a batch becomes durable.

Two apps, each a consumer group of its own, so that a rebalance of one does not stop the other.
Outputs are acknowledged first, then state with its input position, then the input is acknowledged
to Faust: a crash in between repeats outputs with the same ids and loses none.
"""

import os
from collections.abc import Callable
from datetime import datetime
from typing import Any, Final, NoReturn

import structlog

from schemas import topics
from streams.batches.app import BatchApp, batches, publish
from streams.batches.records import from_message
from streams.batches.state import StateTable, by_partition
from streams.correlation import correlate
from streams.engine.casebook import CaseBook
from streams.intake import take_in
from streams.rules import IntakeRules, Rules

Clock = Callable[[], datetime]
EXIT_CODE: Final = 70
"""`EX_SOFTWARE` of sysexits.h: the supervisor starts the worker anew, which resumes from its durable state."""

log = structlog.get_logger()


def intake_app(*, bootstrap: str, data_dir: str, clock: Clock, limits: IntakeRules | None) -> BatchApp:
    """Return the app that checks what comes from outside and passes it on; without `limits`, events of any time."""
    app = BatchApp(topics.INTAKE_APP, bootstrap=bootstrap, data_dir=data_dir)

    async def pass_on(stream: Any) -> None:
        try:
            async for events in batches(stream):
                now = clock()
                taken = (take_in(from_message(event.message), now, limits) for event in events)
                await publish(app, [record for records in taken for record in records])
                for event in events:
                    event.ack()
        except Exception as error:  # noqa: BLE001 - Faust would skip the batch and go on
            _stop(app, error)

    # One agent for each topic: a single agent over two topics lost deliveries after a join.
    for topic in topics.INBOUND:
        app.agent(app.raw_topic(topic.name), name=f"take_in_{topic.name}", concurrency=1)(pass_on)
    return app


def casebook_app(*, bootstrap: str, data_dir: str, clock: Clock, rules: Rules) -> BatchApp:
    """Return the app that correlates in one order."""
    app = BatchApp(topics.CASEBOOK_APP, bootstrap=bootstrap, data_dir=data_dir)
    table: StateTable[CaseBook] = StateTable(
        app,
        name="casebook",
        input_topic=topics.CASEBOOK.name,
        partitions=topics.CASEBOOK.partitions,
        new_state=lambda: CaseBook(rules),
    )
    app.tables.add(table)

    async def correlate_events(stream: Any) -> None:
        try:
            async for events in batches(stream):
                for own in by_partition(events):
                    partition, casebook, records = table.begin(own)
                    if records:
                        result = correlate(casebook, records, clock())
                        await publish(app, result.records)
                        await table.keep(partition, result.changed, records)
                for event in events:
                    event.ack()
        except Exception as error:  # noqa: BLE001 - as above
            _stop(app, error)

    app.agent(app.raw_topic(topics.CASEBOOK.name), name="correlate_events", concurrency=1)(correlate_events)
    return app


def _stop(app: BatchApp, error: Exception) -> NoReturn:
    """End the process: nothing of the batch was acknowledged, so a restart takes it up again.

    Leaves without Faust's own shutdown, which can hang (faust-streaming #324).
    """
    log.error("worker_failed", app=app.conf.id, error=type(error).__name__)
    os._exit(EXIT_CODE)
