"""What is too old to be kept; the clock is the newest time of intake seen, so that a replay forgets nothing."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from heapq import heappop, heappush


class Ages:
    """Entries by their time of intake."""

    def __init__(self) -> None:
        self._entries: list[tuple[datetime, bytes]] = []
        self._newest = datetime.min.replace(tzinfo=UTC)

    def add(self, ingested_at: datetime, entry: bytes) -> None:
        """Note an entry."""
        self._newest = max(self._newest, ingested_at)
        heappush(self._entries, (ingested_at, entry))

    def expired(self, now: datetime, kept: timedelta) -> Iterator[bytes]:
        """Take out what is older than is kept, oldest first, when an event of this time of intake comes."""
        self._newest = max(self._newest, now)
        while self._entries and self._newest - self._entries[0][0] > kept:
            yield heappop(self._entries)[1]
