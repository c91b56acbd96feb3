"""Watchlist hits: which entries hold when, and what they match."""

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from typing import Any, NamedTuple

from oracle.alerts import Appearance, Found, raised
from oracle.persons import Document, agree, read_person, same_document, without
from oracle.reports import Event, at, moment
from oracle.vehicles import read_vehicle, same_vehicle


class Entry(NamedTuple):
    """An upsert that holds, and the removal that ended it."""

    upsert: Event
    ended_by: Event | None

    def valid(self, appearance: Appearance) -> bool:
        when = at(appearance.case.report)
        begun = "valid_from" not in self.upsert or moment(self.upsert["valid_from"]) <= when
        ended = self.ended_by is not None and when > moment(self.ended_by["at"])
        return begun and when <= moment(self.upsert["valid_until"]) and not ended


def vehicle_hits(changes: Sequence[Event], appearances: Sequence[Appearance]) -> Iterator[Found]:
    wanted = [
        (entry, read_vehicle(entry.upsert["vehicle"])) for entry in standing(changes) if "vehicle" in entry.upsert
    ]
    yield from hits(wanted, appearances, same_vehicle, lambda _one, _other: True)


def person_hits(changes: Sequence[Event], appearances: Sequence[Appearance], void: set[Document]) -> Iterator[Found]:
    wanted = [
        (entry, without(read_person(entry.upsert["person"], moment(entry.upsert["at"]).date()), void))
        for entry in standing(changes)
        if "person" in entry.upsert
    ]
    yield from hits(wanted, appearances, agree, same_document)


def hits(
    wanted: Sequence[tuple[Entry, Any]],
    appearances: Sequence[Appearance],
    same: Callable[[Any, Any], bool],
    surely: Callable[[Any, Any], bool],
) -> Iterator[Found]:
    """Yield one alert for each appearance that a valid entry matches; `surely`: not by name alone."""
    for one in appearances:
        matching = [(entry, who) for entry, who in wanted if same(who, one.subject) and entry.valid(one)]
        if matching:
            by_name = not any(surely(who, one.subject) for _, who in matching)
            entries = [entry.upsert for entry, _ in matching]
            yield raised("watchlist_hit", [one], score=0.8, by_name=by_name, entries=entries)


def standing(changes: Sequence[Event]) -> Iterator[Entry]:
    """Yield for each entry the upsert that holds or held: the newest change decides."""
    histories = defaultdict(list)
    for change in sorted(changes, key=lambda change: (moment(change["at"]), change["id"])):
        histories[change.get("entry", change["id"])].append(change)
    for history in histories.values():
        newest = history[-1]
        upserts = [change for change in history if change["action"] == "upsert"]
        if newest["action"] == "upsert":
            yield Entry(newest, None)
        elif newest.get("reason") != "error" and upserts:
            yield Entry(upserts[-1], newest)
