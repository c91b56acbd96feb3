"""What the soak of the delivery side comes to: what contact points wrote down, against what was due to them."""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from delivery_alerts import Due


@dataclass(frozen=True, slots=True)
class Receipt:
    """One notice as it reached a contact point; a mail tells neither its number nor the digest."""

    reached: str
    channel: str
    fault: str
    taken: bool
    id: str
    contact_point: str
    alert: str
    revision: int
    authentic: bool
    sequence: int = 0
    digest: str = ""

    @property
    def due(self) -> Due:
        """What it tells."""
        return Due(self.contact_point, self.alert, self.revision)


class Received:
    """The receiver's log as it grows."""

    def __init__(self, path: Path) -> None:
        self._path, self._offset = path, 0
        self.receipts: list[Receipt] = []
        self.taken: set[Due] = set()

    def read_on(self) -> None:
        """Read what is new, whole lines only."""
        with self._path.open("rb") as file:
            file.seek(self._offset)
            new = file.read()
        whole = new[: new.rfind(b"\n") + 1]
        self._offset += len(whole)
        fresh = [Receipt(**json.loads(line)) for line in whole.splitlines()]
        self.receipts += fresh
        self.taken |= {one.due for one in fresh if one.taken}


@dataclass(frozen=True, slots=True)
class Verdict:
    """How many deliveries were due and arrived, and what was wrong.

    `repeated` are revisions that a contact point has under two ids; one that came again under its own is no more than
    a `wire_repeat`. `foreign` is what was not due to whom it reached, or said something else; `gaps` are the numbers
    that are missing, too many or given twice.
    """

    expected: int
    delivered: int
    lost: int
    repeated: int
    wire_repeats: int
    foreign: int
    gaps: int

    @property
    def is_well(self) -> bool:
        """Whether nothing was wrong."""
        return not (self.lost or self.repeated or self.foreign or self.gaps)


def judge(due: Mapping[Due, str], receipts: Sequence[Receipt], numbers: Mapping[str, int]) -> Verdict:
    """Judge by what was received; `due` has a digest for each, `numbers` those of deliveries that came by mail."""
    taken = [one for one in receipts if one.taken]
    arrived = {one.due for one in taken} & due.keys()
    ids: dict[Due, set[str]] = defaultdict(set)
    for one in receipts:
        ids[one.due].add(one.id)
    return Verdict(
        expected=len(due),
        delivered=len(arrived),
        lost=len(due) - len(arrived),
        repeated=sum(len(several) - 1 for several in ids.values()),
        wire_repeats=len(taken) - len({(one.reached, one.id) for one in taken}),
        foreign=sum(not _belongs(one, due) for one in receipts),
        gaps=_gaps(due, taken, numbers),
    )


def faults(receipts: Iterable[Receipt]) -> dict[str, int]:
    """Return how often each thing was done to a notice."""
    return dict(sorted(Counter(f"{one.channel}: {one.fault}" for one in receipts).items()))


def _belongs(one: Receipt, due: Mapping[Due, str]) -> bool:
    shown = due.get(one.due)
    return one.authentic and one.reached == one.contact_point and shown is not None and one.digest in {shown, ""}


def _gaps(due: Mapping[Due, str], taken: Iterable[Receipt], numbers: Mapping[str, int]) -> int:
    found: dict[str, dict[str, int]] = defaultdict(dict)
    for one in taken:
        found[one.reached][one.id] = one.sequence or numbers.get(one.id, 0)
    wanted: Counter[str] = Counter(one.contact_point for one in due)
    wrong = 0
    for code in wanted.keys() | found.keys():
        have = Counter(found[code].values())
        should = Counter(range(1, wanted[code] + 1))
        wrong += (have - should).total() + (should - have).total()
    return wrong
