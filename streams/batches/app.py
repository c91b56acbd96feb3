"""A Faust app whose agents take batches. Reasons stand beside each setting."""

import asyncio
import threading
import time
from collections.abc import Callable, Iterable
from functools import partial
from pathlib import Path
from typing import Any, Final

import faust
import structlog
from faust.exceptions import ConsumerNotStarted
from faust.types import TP

from streams.batches import transport
from streams.batches.fetching import Fetching
from streams.batches.jobs import Job
from streams.batches.partitions import Owned, Partition
from streams.batches.progress import Progress
from streams.batches.records import Batch, pieces
from streams.batches.recovery import KafkaLog, Recovered, read_on, take_over
from streams.batches.stores import DROP_STALE_EVERY_SECONDS, MemoryStore, RocksStore, Store, drop_stale
from streams.batches.wire import LARGEST_REQUEST_BYTES, KafkaWire
from streams.errors import GapError, TopicsMismatchError

_LEAST_PER_FETCH: Final = 1_000
_SETTLE_SECONDS: Final = 3.0
_REWIND_AGAIN_SECONDS: Final = 2.0
_STILL_SECONDS: Final = 15.0

log = structlog.get_logger()


class BatchApp(faust.App):
    """A Faust app that produces idempotently and leaves topics, tables and web to others.

    `on_failure` is called with what ended an agent: nothing of its batch is committed, so a new start takes
    it up again. `on_progress` tells of recovery. `data_dir` must be this worker's own.
    """

    def __init__(  # noqa: PLR0913 - what differs from app to app
        self,
        name: str,
        *,
        bootstrap: str,
        data_dir: Path,
        on_failure: Callable[[BaseException], Any],
        on_disk: bool = False,
        progress: Progress | None = None,
    ) -> None:
        super().__init__(
            name,
            broker=[f"kafka://{server}" for server in bootstrap.split(",")],
            datadir=str(data_dir),
            store="memory://",
            Topic=transport.BatchTopic,
            autodiscover=False,
            web_enabled=False,
            topic_allow_declare=False,  # every topic stands in the catalogue and exists before the start
            topic_disable_leader=True,
            table_standby_replicas=1,  # there are no Faust tables to keep: this alone chooses Faust's assignor,
            # which gives equal numbers of topics of equal size to one worker
            stream_wait_empty=False,  # a rebalance hangs on it
            stream_buffer_maxsize=2,  # batches
            stream_recovery_delay=0.0,
            consumer_auto_offset_reset="earliest",
            broker_commit_interval=0.5,
            broker_session_timeout=6.0,
            broker_heartbeat_interval=1.0,
            producer_max_request_size=LARGEST_REQUEST_BYTES,
            producer_max_batch_size=LARGEST_REQUEST_BYTES,  # a changelog batch is one, or it is not atomic
            worker_redirect_stdouts=False,
        )
        self.committable: dict[TP, int] = {}
        self._log = KafkaLog(bootstrap, name)
        self._store_dir = data_dir / "state" if on_disk else None
        self._fail = on_failure
        self._progress = progress or Progress()
        self._jobs: list[tuple[Job[Any], Owned[Any]]] = []
        self._rewound: dict[TP, float] = {}
        self._still: dict[TP, tuple[int, float]] = {}
        self._fetching: dict[str, Fetching] = {}
        self._client = {"bootstrap.servers": bootstrap, "group.id": name}
        self.wire = KafkaWire(partial(transport.kafka_producer, self), self.may_commit)
        self.on_partitions_assigned.connect(self._assign)
        self.timer(1.0)(self._show_lag)
        self.timer(DROP_STALE_EVERY_SECONDS)(self._drop_stale)

    def _new_transport(self) -> Any:
        return transport.BatchTransport(self.conf.broker_consumer, self)

    def _new_producer_transport(self) -> Any:
        return transport.BatchTransport(self.conf.broker_producer, self)

    def add(self, job: Job[Any]) -> Owned[Any]:
        """Run a job: one agent for each of its topics, because one agent over two lost records after a join."""
        owned: Owned[Any] = Owned(partial(self._ready_again, job), self._fail)
        self._jobs.append((job, owned))
        for topic in job.process:
            agent = partial(self._run, job, owned)
            self.agent(self.topic(topic), name=f"{job.name}_{topic}", concurrency=1)(agent)
        return owned

    @property
    def ready(self) -> bool:
        """Whether state is recovered and records are being read; may be asked from any thread."""
        consumer = transport.consumer_of(self)
        if consumer is None or not self.started or self.rebalancing:
            return False
        try:
            reads = bool(consumer.flow_active and consumer.assignment())
        except ConsumerNotStarted:
            return False
        return reads and all(owned.recovered for _, owned in self._jobs)

    # The flow of one batch

    async def _run(self, job: Job[Any], owned: Owned[Any], stream: Any) -> None:
        try:
            async for batch in stream.noack():
                for records in pieces(batch.records, job.most_per_batch, job.most_bytes_per_batch):
                    if not await self._take(job, owned, Batch(batch.topic, batch.partition, records)):
                        break
        except Exception as error:  # noqa: BLE001 - Faust would skip the batch and go on
            self._fail(error)

    async def _take(self, job: Job[Any], owned: Owned[Any], batch: Batch) -> bool:
        """Apply one piece; False where the rest of its batch is of no use either."""
        partition = await owned.take(batch.partition)
        if partition is None:
            return False
        try:
            due = partition.due(batch.topic, batch.records)
        except GapError as gap:
            partition.release()
            await self._rewind(job, partition, TP(batch.topic, batch.partition), gap)
            return False
        if due:
            task = partition.apply(batch.topic, due, job.process[batch.topic])
            task.add_done_callback(self._check)
            self._progress.applied(job.name, len(due))
        else:
            partition.release()
        return True

    async def _rewind(self, job: Job[Any], partition: Partition[Any], tp: TP, gap: GapError) -> None:
        """Read again from where the state is. Batches that were under way meanwhile show the same gap once more."""
        if time.monotonic() - self._rewound.get(tp, 0.0) < _REWIND_AGAIN_SECONDS:
            return
        self._rewound[tp] = time.monotonic()
        partition.positions[tp.topic] = await self._begin_at(job, tp, gap.expected)
        log.warning("rewound", topic=tp.topic, partition=tp.partition, offset=partition.positions[tp.topic])
        self._progress.rewound(job.name)
        self._fetch(job, partition)

    async def _begin_at(self, job: Job[Any], tp: TP, position: int | None) -> int:
        """Return the position, or the topic's first offset where there is none, or where the topic does not reach."""
        first, end = await asyncio.to_thread(self._log.ends, *tp)
        if position is None or first <= position <= end:
            return first if position is None else position
        if position < first:  # the topic kept these records for less time than they waited
            log.error("records_expired", topic=tp.topic, partition=tp.partition, records=first - position)
            self._progress.expired(job.name, first - position)
        else:  # it was made anew, and what is in it was never read: what was, is known by its ids
            log.error("topic_made_anew", topic=tp.topic, partition=tp.partition, position=position, end=end)
        return first

    async def _show_lag(self) -> None:
        for job, owned in self._jobs:
            behind = 0
            for partition in owned.partitions():
                for topic, position in partition.positions.items():
                    fetching = self._fetching.get(topic)
                    end = fetching.end(partition.number) if fetching else None
                    behind += (left := max(0, (end or 0) - position))
                    if self._stands_still(TP(topic, partition.number), position, left):
                        log.warning("stands_still", topic=topic, partition=partition.number, offset=position)
                        self._progress.rewound(job.name)
                        self._fetch(job, partition)
            self._progress.behind(job.name, behind)

    def _stands_still(self, tp: TP, position: int, left: int) -> bool:
        """Whether there was something to read for a while and nothing was; that is then to be read again."""
        known, since = self._still.get(tp, (None, 0.0))
        now = time.monotonic()
        if known != position or not left:
            self._still[tp] = position, now
            return False
        if now - since < _STILL_SECONDS:
            return False
        self._still[tp] = position, now
        return True

    def _check(self, task: "asyncio.Task[None]") -> None:
        if not task.cancelled() and (error := task.exception()) is not None:
            self._fail(error)

    # Partitions come and go

    def _fetch(self, job: Job[Any], partition: Partition[Any]) -> None:
        """Read the inputs of a partition from where its state is."""
        for topic in job.process:
            if topic not in self._fetching:
                self._fetching[topic] = Fetching(
                    topic,
                    self._client,
                    most=max(job.most_per_batch, _LEAST_PER_FETCH),
                    loop=asyncio.get_running_loop(),
                    deliver=transport.deliver_to(self),
                    on_failure=self._fail,
                )
            self._fetching[topic].begin(partition.number, partition.positions[topic])

    async def _assign(self, *given: Any, **_: Any) -> None:
        assigned: Iterable[TP] = given[-1]
        for job, owned in self._jobs:
            numbers = [{tp.partition for tp in assigned if tp.topic == topic} for topic in job.process]
            if any(one != numbers[0] for one in numbers):
                self._fail(TopicsMismatchError(f"{job.name}: partitions of one number went to different workers"))
            owned.assign(numbers[0])

    async def suspend(self) -> None:
        """Finish what is under way before partitions are taken away."""
        for fetching in self._fetching.values():
            fetching.pause()
        await asyncio.gather(*(owned.suspend(_SETTLE_SECONDS) for _, owned in self._jobs))

    async def _ready_again(self, job: Job[Any], number: int, had: Partition[Any] | None) -> Partition[Any]:
        """Return the partition that this worker had, where it is still current, else recover it; read its inputs."""
        if had is not None and await self._is_current(job, had):
            partition = had
        else:
            if had is not None:
                had.close()
            partition = await self._recover(job, number)
        self._fetch(job, partition)
        return partition

    async def _recover(self, job: Job[Any], number: int) -> Partition[Any]:
        if job.changelog is None:
            recovered = Recovered(MemoryStore(), {})
            for topic in job.process:
                if (offset := await asyncio.to_thread(self._log.committed, topic, number)) is not None:
                    recovered.positions[topic] = offset
        else:
            recovered = await self._recover_state(job, job.changelog, number)
        for topic in job.process:
            position = recovered.positions.get(topic)
            recovered.positions[topic] = await self._begin_at(job, TP(topic, number), position)
        state = job.new_state(recovered.store)
        recovered.store.loaded()
        self._progress.recovered(job.name, number)
        return Partition(number, job.changelog, recovered, state, self.wire)

    async def _recover_state(self, job: Job[Any], changelog: str, number: int) -> Recovered:
        for topic in job.process:
            inputs, logs = [await self.wire.partitions(one) for one in (topic, changelog)]
            if inputs != logs:
                raise TopicsMismatchError(f"{topic} has {inputs} partitions and {changelog} {logs}: make them equal")
        store: Store = MemoryStore()
        if self._store_dir is not None:
            store = await asyncio.to_thread(RocksStore, self._store_dir / f"{changelog}-{number}")
        cancelled = threading.Event()

        def on_progress(done: int, total: int) -> bool:
            self._progress.recovering(job.name, number, done, total)
            return not cancelled.is_set()

        async def read() -> Recovered:
            reading = asyncio.ensure_future(
                asyncio.to_thread(read_on, self._log, store, changelog, number, on_progress)
            )
            try:
                return await asyncio.shield(reading)
            except asyncio.CancelledError:  # the thread must let go of the store before it is closed
                cancelled.set()
                await asyncio.wait({reading})
                raise

        try:
            return await take_over(changelog, number, self.wire.append, read)
        except BaseException:
            store.close()
            raise

    async def _is_current(self, job: Job[Any], partition: Partition[Any]) -> bool:
        if job.changelog is None:
            return False  # what another worker committed meanwhile counts
        _, end = await asyncio.to_thread(self._log.ends, job.changelog, partition.number)
        return end == partition.recovered.log_next

    async def _drop_stale(self) -> None:
        if self._store_dir is not None:
            owned = [f"{job.changelog}-{one.number}" for job, owned in self._jobs for one in owned.partitions()]
            await asyncio.to_thread(drop_stale, self._store_dir, owned)

    def may_commit(self, topic: str, partition: int, next_offset: int) -> None:
        """Let Faust's commit loop say so to Kafka, for those who watch lag."""
        self.committable[TP(topic, partition)] = next_offset
