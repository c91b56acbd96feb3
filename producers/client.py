"""What a station's device calls: validate, publish, know that it arrived."""

from types import TracebackType
from typing import Self

from producers.publisher import Publisher
from schemas.codec import decode, event_record
from schemas.events import AnyEvent


class StationClient:
    """Publishes the events of a station.

    >>> with StationClient("127.0.0.1:9092") as client:
    ...     client.publish(b'{"type": "incident", ...}')
    """

    def __init__(self, bootstrap: str) -> None:
        self._publisher = Publisher(bootstrap)

    def publish(self, event: AnyEvent | bytes) -> AnyEvent:
        """Check and send one event, given as a model or as its JSON, and return it.

        Raises `schemas.errors.Refusal` with the same texts as intake, before anything is sent.
        """
        checked = decode(event) if isinstance(event, bytes) else event
        self._publisher.send(event_record(checked))
        return checked

    def flush(self, timeout_seconds: float) -> None:
        """Wait until Kafka has acknowledged everything; raises `producers.errors.NotPublishedError`."""
        self._publisher.flush(timeout_seconds)

    def __enter__(self) -> Self:
        """Return the client itself."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Wait for the acknowledgements, unless something else went wrong already."""
        self._publisher.__exit__(kind, error, trace)
