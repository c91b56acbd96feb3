"""Entries of the watchlist: what an authority asks to be told of, and what to do then.

A suggested response is mandatory (Implementing Regulation (EU) 2021/581 Art. 15).
"""

from datetime import MAXYEAR, datetime
from typing import Literal, Self

from pydantic import model_validator

from schemas.fields import Check, EventId, Handled, Instant, Message, Originator, ShortText, wrong
from schemas.subjects import Person, Vehicle


class WatchlistEntry(Message, Handled):
    """A change of the watchlist: the newest of an entry by (`at`, `id`) holds.

    `remove` ends the entry at its `at`; with reason ``error`` it withdraws old hits too.
    """

    type: Literal["watchlist_entry"]
    entry: EventId | None = None
    action: Literal["upsert", "remove"]
    at: Instant
    originator: Originator
    vehicle: Vehicle | None = None
    person: Person | None = None
    check: Check | None = None
    reason: ShortText | None = None
    suggested_response: ShortText | None = None
    valid_from: Instant | None = None
    valid_until: Instant | None = None

    @property
    def key(self) -> str:
        """What names the entry over all its changes."""
        return self.entry or self.id

    @model_validator(mode="after")
    def _upsert_is_complete(self) -> Self:
        if self.action == "remove":
            return self
        if (self.vehicle is None) == (self.person is None):
            raise wrong("vehicle", "or person must be named in an upsert, one of the two")
        for name in ("check", "suggested_response", "valid_until"):
            if getattr(self, name) is None:
                raise wrong(name, "is required in an upsert")
        return self

    @model_validator(mode="after")
    def _validity_is_bounded(self) -> Self:
        if self.valid_until is None:
            return self
        if self.valid_from is not None and self.valid_from > self.valid_until:
            raise wrong("valid_from", "is after valid_until")
        if self.valid_until > a_year_after(self.at):
            raise wrong("valid_until", "is more than a year after at; renew the entry instead")
        return self


def a_year_after(moment: datetime) -> datetime:
    """Return the same day and time of the next year; the first of March for the 29th of February."""
    year = min(moment.year + 1, MAXYEAR)
    if (moment.month, moment.day) == (2, 29):
        return moment.replace(year=year, month=3, day=1)
    return moment.replace(year=year)
