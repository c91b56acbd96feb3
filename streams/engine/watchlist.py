"""The watchlist as it stands: of each entry the newest change by (`at`, `id`) holds.

Validity is judged when somebody is seen. A plain removal ends the entry at its own time and leaves older
hits; one with the reason ``error`` withdraws them too.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from schemas.watchlist import WatchlistEntry
from streams.matching import persons, vehicles
from streams.matching.index import met_by

ERROR: Final = "error"


@dataclass(frozen=True, slots=True)
class Standing:
    """What holds of an entry: the upsert that names the subject, and until when at most."""

    upsert: WatchlistEntry
    ends_at: datetime

    def is_valid(self, moment: datetime) -> bool:
        """Whether somebody seen at this time is a hit; both limits are inclusive."""
        begins_at = self.upsert.valid_from
        return (begins_at is None or begins_at <= moment) and moment <= self.ends_at

    @property
    def person(self) -> persons.Facts | None:
        """What identifies the person that is looked for, if it is a person."""
        person = self.upsert.person
        return None if person is None else persons.facts_of(person, today=self.upsert.at.date())

    @property
    def vehicle(self) -> vehicles.Reading | None:
        """What identifies the vehicle that is looked for, if it is a vehicle."""
        return None if self.upsert.vehicle is None else vehicles.reading_of(self.upsert.vehicle)

    @property
    def keys(self) -> frozenset[str]:
        """The keys under which readings of the subject are found."""
        if self.vehicle is not None:
            return vehicles.lookup_keys(self.vehicle)
        return persons.lookup_keys(self.person) if self.person else frozenset()


class Watchlist:
    """The entries of real lists, or of an exercise's."""

    def __init__(self) -> None:
        self._changes: dict[str, dict[str, WatchlistEntry]] = defaultdict(dict)
        self._by_key: dict[str, dict[str, Standing]] = defaultdict(dict)

    def add(self, change: WatchlistEntry) -> None:
        """Take in a change of an entry."""
        self._index(change.key, present=False)
        self._changes[change.key][change.id] = change
        self._index(change.key, present=True)

    def discard(self, change: WatchlistEntry) -> None:
        """Forget a change of an entry, if it is here."""
        if change.id not in self._changes.get(change.key, {}):
            return
        self._index(change.key, present=False)
        del self._changes[change.key][change.id]
        self._index(change.key, present=True)
        if not self._changes[change.key]:
            del self._changes[change.key]

    def changes(self, entry: str) -> Iterable[WatchlistEntry]:
        """Return all changes of an entry, in no order."""
        return self._changes.get(entry, {}).values()

    def standing(self, entry: str) -> Standing | None:
        """Return what holds of an entry; None where nothing does, or nobody is named yet."""
        changes = sorted(self.changes(entry), key=lambda change: (change.at, change.id))
        upsert = next((change for change in reversed(changes) if change.action == "upsert"), None)
        if upsert is None or upsert.valid_until is None:
            return None
        newest = changes[-1]
        if newest is upsert:
            return Standing(upsert, upsert.valid_until)
        return None if newest.reason == ERROR else Standing(upsert, min(upsert.valid_until, newest.at))

    def found(self, keys: Iterable[str]) -> Iterator[Standing]:
        """Return the entries whose subject may be what has these keys, by their id."""
        found = {entry: standing for key in met_by(keys) for entry, standing in self._by_key.get(key, {}).items()}
        return (found[entry] for entry in sorted(found))

    def _index(self, entry: str, *, present: bool) -> None:
        standing = self.standing(entry)
        for key in standing.keys if standing else ():
            if present and standing:
                self._by_key[key][entry] = standing
            else:
                del self._by_key[key][entry]
                if not self._by_key[key]:
                    del self._by_key[key]
