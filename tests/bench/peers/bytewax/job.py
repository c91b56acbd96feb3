"""The trivial job on Bytewax: a stateful operator whose state is snapshotted every ten seconds, no changelog."""

from __future__ import annotations

from datetime import timedelta

import orjson
from bytewax import operators as op
from bytewax.connectors.kafka import KafkaSink, KafkaSinkMessage, KafkaSource, KafkaSourceMessage
from bytewax.dataflow import Dataflow
from bytewax.recovery import RecoveryConfig, init_db_dir
from bytewax.run import cli_main
from command_line import CommandLine, read_command_line

BATCH_RECORDS = 5_000  # the sink flushes once a batch: a small batch would wait for the broker all the time
CONSUMER = {"fetch.queue.backoff.ms": "5"}  # by default it rests for a second whenever its queue has been full
SNAPSHOT_EVERY = timedelta(seconds=10)


def decode(messages: list[KafkaSourceMessage]) -> list[tuple[str, None]]:
    """Return the plates, as keys."""
    return [(orjson.loads(message.value)["plate"], None) for message in messages]


def count_passage(counted: int | None, _: None) -> tuple[int, tuple[int, ...]]:
    """Return the new state, and the count at each tenth."""
    count = (counted or 0) + 1
    return count, () if count % 10 else (count,)


def encode(hit: tuple[str, int]) -> KafkaSinkMessage:
    """Return a hit as a message."""
    plate, count = hit
    return KafkaSinkMessage(plate.encode(), orjson.dumps({"plate": plate, "count": count}))


def flow(line: CommandLine) -> Dataflow:
    """Return the job."""
    dataflow = Dataflow("trivial")
    source = KafkaSource([line.bootstrap], [line.input], tail=True, add_config=CONSUMER, batch_size=BATCH_RECORDS)
    passages = op.input("passages", dataflow, source)
    plates = op.flat_map_batch("plates", passages, decode)
    hits = op.stateful_flat_map("counts", plates, count_passage)
    op.output("hits", op.map("encode", hits, encode), KafkaSink([line.bootstrap], line.output))
    return dataflow


def main() -> None:
    """Run until SIGTERM."""
    line = read_command_line()
    init_db_dir(line.data_dir, 1)
    cli_main(flow(line), epoch_interval=SNAPSHOT_EVERY, recovery_config=RecoveryConfig(line.data_dir))


if __name__ == "__main__":
    main()
