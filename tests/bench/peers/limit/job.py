"""The trivial job with nothing around it: consume, decode, count in a dict, produce; a crash loses all counts."""

from __future__ import annotations

import signal
from collections import defaultdict

import orjson
from command_line import read_command_line
from confluent_kafka import Consumer, KafkaException, Producer

BATCH_RECORDS = 5_000


def main() -> None:
    """Run until SIGTERM."""
    line = read_command_line()
    running = True

    def stop(_number: int, _frame: object) -> None:
        nonlocal running
        running = False

    signal.signal(signal.SIGTERM, stop)
    consumer = Consumer(
        {
            "bootstrap.servers": line.bootstrap,
            "group.id": line.group,
            "auto.offset.reset": "earliest",
            "fetch.queue.backoff.ms": 5,  # by default it rests for a second whenever its queue has been full
        }
    )
    producer = Producer({"bootstrap.servers": line.bootstrap, "linger.ms": 10})
    consumer.subscribe([line.input])
    counts: defaultdict[str, int] = defaultdict(int)
    while running:
        for message in consumer.consume(BATCH_RECORDS, 0.1):
            if message.error():
                raise KafkaException(message.error())
            plate = orjson.loads(message.value())["plate"]
            count = counts[plate] + 1
            counts[plate] = count
            if count % 10 == 0:
                producer.produce(line.output, orjson.dumps({"plate": plate, "count": count}), plate.encode())
        producer.poll(0)
    producer.flush()
    consumer.close()


if __name__ == "__main__":
    main()
