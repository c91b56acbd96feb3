"""The Faust apps: which job reads what. How a batch becomes durable stands in `batches`.

Each app is a consumer group of its own, so that a rebalance or a busy loop in one does not stop another.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path

from schemas import topics
from streams.batches.app import BatchApp
from streams.batches.jobs import Job
from streams.batches.progress import Progress
from streams.batches.records import Outcome, RawRecord, from_raw
from streams.batches.stores import Store
from streams.batches.timers import publish_every
from streams.batches.worker import end_process
from streams.correlation import correlate
from streams.engine.casebook import CaseBook
from streams.engine.watch import Watch
from streams.intake import take_in, ticks
from streams.rules import IntakeRules, RetentionRules, Rules
from streams.watching import RULES, begin, load, watch_interests, watch_passages, watch_roadside

Clock = Callable[[], datetime]


@dataclass(frozen=True, slots=True)
class Place:
    """Where a worker runs: on which Kafka, with which directory of its own, telling whom of recovery."""

    bootstrap: str
    data_dir: Path
    on_disk: bool
    progress: Progress


def intake_app(place: Place, *, clock: Clock, limits: IntakeRules | None, retention: RetentionRules) -> BatchApp:
    """Return the app that checks what comes from outside and passes it on; without `limits`, events of any time.

    It tells the others the time, so that what is too old leaves although nothing comes.
    """
    app = _app(topics.INTAKE_APP, place)

    def pass_on(_: None, records: Sequence[RawRecord]) -> Outcome:
        now = clock()
        return Outcome([record for raw in records for record in take_in(from_raw(raw), now, limits)])

    publish_every(app, retention.tick / timedelta(seconds=1), lambda: ticks(clock()))
    for topic in topics.INBOUND:
        app.add(Job(f"intake-{topic.name}", {topic.name: pass_on}, new_state=lambda _: None))
    return app


def casebook_app(place: Place, *, clock: Clock, rules: Rules) -> BatchApp:
    """Return the app that correlates in one order."""
    app = _app(topics.CASEBOOK_APP, place)

    def apply(casebook: CaseBook, records: Sequence[RawRecord]) -> Outcome:
        result = correlate(casebook, map(from_raw, records), clock())
        return Outcome(result.records, result.changed)

    state = partial(_load_casebook, rules)
    app.add(Job("casebook", {topics.CASEBOOK.name: apply}, state, topics.CASEBOOK_STATE.name))
    return app


def watch_app(place: Place, *, clock: Clock, rules: Rules) -> BatchApp:
    """Return the app that looks each sighting up among what is of interest, and each interest among sightings."""
    app = _app(topics.WATCH_APP, place)

    def see(watch: Watch, records: Sequence[RawRecord]) -> Outcome:
        result = watch_passages(watch, map(from_raw, records), clock())
        return Outcome(result.records, result.changed)

    def mind(watch: Watch, records: Sequence[RawRecord]) -> Outcome:
        result = watch_interests(watch, map(from_raw, records), clock())
        return Outcome(result.records, result.changed)

    def stand(watch: Watch, records: Sequence[RawRecord]) -> Outcome:
        result = watch_roadside(watch, map(from_raw, records), clock())
        return Outcome(result.records, result.changed)

    process = {topics.PASSAGES.name: see, topics.INTERESTS.name: mind, topics.ROADSIDE.name: stand}
    app.add(Job("watch", process, partial(_load_watch, rules), topics.WATCH_STATE.name))
    return app


def _app(name: str, place: Place) -> BatchApp:
    return BatchApp(
        name,
        bootstrap=place.bootstrap,
        data_dir=place.data_dir,
        on_failure=end_process,
        on_disk=place.on_disk,
        progress=place.progress,
    )


def _load_casebook(rules: Rules, store: Store) -> CaseBook:
    casebook = CaseBook(rules)
    for key, value in store.items():
        casebook.load(key, value)
    return casebook


def _load_watch(rules: Rules, store: Store) -> Watch:
    watch = Watch(rules)
    begin(watch, *store.get_many([RULES]))
    for key, value in store.items():
        load(watch, key, value)
    return watch
