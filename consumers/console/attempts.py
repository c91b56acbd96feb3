"""How often somebody may try to sign in: after some failures, less and less often."""

from collections import OrderedDict
from datetime import datetime, timedelta
from typing import Final

FREE: Final = 5
"""Failures in a row that cost nothing but the time that checking takes; the next ones cost a pause that doubles."""
FIRST: Final = timedelta(seconds=30)
LONGEST: Final = timedelta(minutes=15)

_MOST_KNOWN: Final = 10_000


class Attempts:
    """The failures of each account since it last signed in, the newest accounts."""

    def __init__(self) -> None:
        self._failed: OrderedDict[str, tuple[int, datetime]] = OrderedDict()

    def wait(self, whom: str, now: datetime) -> timedelta:
        """Return how long this account must wait: zero where it may try."""
        number, last = self._failed.get(whom, (0, now))
        if number < FREE:
            return timedelta(0)
        pause = min(LONGEST, FIRST * float(2 ** min(number - FREE, 10)))
        return max(timedelta(0), last + pause - now)

    def failed(self, whom: str, now: datetime) -> None:
        """Note a failure."""
        number, _ = self._failed.pop(whom, (0, now))
        self._failed[whom] = number + 1, now
        while len(self._failed) > _MOST_KNOWN:
            self._failed.popitem(last=False)

    def succeeded(self, whom: str) -> None:
        """Forget the failures."""
        self._failed.pop(whom, None)
