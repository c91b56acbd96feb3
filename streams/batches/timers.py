"""What a worker publishes by itself, again and again, though nothing came that it could answer."""

import asyncio
from collections.abc import Callable, Sequence

import structlog
from aiokafka.errors import KafkaError

from streams.batches.app import BatchApp
from streams.batches.records import Output

log = structlog.get_logger()


def publish_every(app: BatchApp, seconds: float, outputs: Callable[[], Sequence[Output]]) -> None:
    """Let the app publish what this returns; what Kafka does not take now, the next time makes good."""

    async def publish() -> None:
        try:
            await asyncio.gather(*await app.wire.publish(outputs()))
        except KafkaError as error:
            log.warning("not_published", error=type(error).__name__)

    app.timer(seconds)(publish)
