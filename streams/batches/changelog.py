"""A partition's changelog: batches that count whole or not at all, from the one writer whose turn it is.

A batch is one Kafka record batch, appended atomically: the changed entries and, last, a mark with the
writer's epoch and the input positions after it. Before it reads, a new owner appends a claim of a higher
epoch: from there on, what a writer of a lower epoch appends counts for nobody. So a worker that was
stopped in mid-write and wakes after its successor took over can change nothing, whoever reads: the log
itself decides, not a clock or a lease. Entries that a stale batch touched are suspects: compaction could
keep the stale value, so the next owner writes the valid one again.

Topics need ``cleanup.policy=compact`` and a ``min.compaction.lag.ms`` longer than any outage of a worker.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final, NamedTuple

MARK: Final = b"\xff\x00mark"
CLAIM: Final = b"\xff\x01claim"

Entry = tuple[bytes, bytes | None]
Positions = dict[str, int]
"""The next offset of each input topic, in the partition of the same number."""


def marked(changed: Mapping[bytes, bytes | None], epoch: int, positions: Mapping[str, int]) -> list[Entry]:
    """Return the entries of the batch that says what changed up to these positions."""
    mark = json.dumps({"epoch": epoch, "next": positions}, separators=(",", ":"))
    return [*changed.items(), (MARK, mark.encode())]


def positions_in(mark: bytes | None) -> Positions:
    """Return the positions that a mark's value says."""
    return dict(json.loads(mark or b"{}")["next"])


def claim(epoch: int) -> list[Entry]:
    """Return the batch by which a new owner shuts out the writers before it."""
    return [(CLAIM, str(epoch).encode())]


class Change(NamedTuple):
    """A batch that counts."""

    entries: dict[bytes, bytes | None]
    positions: Positions


@dataclass(slots=True)
class Replay:
    """Reads a changelog record by record; knows at each point whose batches count."""

    epoch: int = 0
    positions: Positions = field(default_factory=dict)
    suspects: set[bytes] = field(default_factory=set)
    _held: dict[bytes, bytes | None] = field(default_factory=dict)

    def take(self, key: bytes, value: bytes | None) -> Iterator[Change]:
        """Take the next record; return the batch that it completes, where that counts."""
        if key == CLAIM:
            self.epoch = max(self.epoch, int(value or 0))
            self._held = {}
            return
        if key != MARK:
            self._held[key] = value
            return
        held, self._held = self._held, {}
        mark = json.loads(value or b"{}")
        if mark["epoch"] < self.epoch:
            self.suspects |= held.keys()
            return
        self.epoch = mark["epoch"]
        self.suspects -= held.keys()
        self.positions = mark["next"]
        yield Change(held, dict(self.positions))
