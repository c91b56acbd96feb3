"""The roadside: who passed a place minutes before or after a vehicle of interest, and how busy the place is.

It holds each sighting's passage by place, those that are retained. Only vehicles of interest are held against
others: nobody pairs all traffic with all traffic.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from typing import Annotated, Final

import msgspec
from msgspec import Meta, Struct

from schemas.events import Sighting
from schemas.plates import PlateKey
from streams.engine.background import HOURS, Background, hour_of_week
from streams.engine.encounters import drives, heading, is_companion
from streams.engine.retention import Ages
from streams.rules import ConvoyRules

Instant = Annotated[datetime, Meta(tz=True)]


class _Told(Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True, gc=False):
    """What the watch tells itself. There is one of it a sighting, so it is no pydantic model, which takes longer.

    None holds what could hold it again, so that Python's collector need not look at them (`gc`).
    """


class Passed(_Told, frozen=True, tag="passed"):
    """A sighting without whatever a meeting does not need; `subjects` are the interests that ask whom it met."""

    id: str
    exercise: bool
    key: str
    """Under which the sighting itself is found: its vehicle's plate, else its station."""
    place: str
    heading: str
    drives: bool
    occurred_at: Instant
    ingested_at: Instant
    country: str | None = None
    plate: str | None = None
    subjects: tuple[str, ...] = ()

    @property
    def plate_key(self) -> PlateKey | None:
        """Country and plate, where both are known."""
        return PlateKey(self.country, self.plate) if self.country and self.plate else None


class Travelled(_Told, frozen=True, tag="travelled"):
    """A passage of a vehicle of interest."""

    subject: str
    passed: Passed


class Met(_Told, frozen=True, tag="met"):
    """A vehicle of interest and another passed a place minutes apart; kept as long as the passages are."""

    exercise: bool
    subject: str
    place: str
    own: str
    own_key: str
    own_at: Instant
    country: str
    plate: str
    ingested_at: Instant

    @property
    def other(self) -> PlateKey:
        """The other's plate."""
        return PlateKey(self.country, self.plate)


class Called(_Told, frozen=True, tag="called"):
    """The passages of a vehicle of interest that the case book must have, because of whom it met."""

    key: str
    ids: tuple[str, ...]


Told = Passed | Travelled | Met | Called

_encoder: Final = msgspec.json.Encoder()
_decoder: Final[msgspec.json.Decoder[Told]] = msgspec.json.Decoder(Told)


def write_told(told: Told) -> bytes:
    """Return the JSON that `read_told` reads."""
    return _encoder.encode(told)


def read_told(value: bytes | None) -> Told:
    """Return what the watch told itself; raises `ValueError`."""
    return _decoder.decode(value or b"")


def passed(report: Sighting, ingested_at: datetime) -> Passed:
    """Return a sighting as it is held at the roadside."""
    vehicle, station = report.vehicle, report.at
    plate = vehicle.key if vehicle else None
    return Passed(
        id=report.id,
        exercise=report.exercise,
        key=str(plate) if plate else report.station,
        country=plate.country if plate else None,
        plate=plate.plate if plate else None,
        place=station.place,
        heading=heading(report),
        drives=plate is not None and vehicle is not None and drives(vehicle),
        occurred_at=report.occurred_at,
        ingested_at=ingested_at,
    )


Way = tuple[bool, str, str]
While = tuple[Way, int]
ByPlate = dict[str, list[Passed]]


class Roadside:
    """The passages at the places of one partition."""

    def __init__(self, rules: ConvoyRules) -> None:
        self._rules = rules
        self._gap_seconds = rules.gap / timedelta(seconds=1)
        self._passed: dict[str, Passed] = {}
        self._all: dict[While, ByPlate] = defaultdict(dict)
        self._of_interest: dict[While, ByPlate] = defaultdict(dict)
        self._counts: dict[tuple[bool, str], list[int]] = {}
        self._wanted: dict[tuple[bool, str], set[str]] = defaultdict(set)
        self._ages = Ages()

    def pass_by(self, one: Passed) -> tuple[Passed, list[Met]] | None:
        """Take in a passage, or interest in one that is here; return it as it is now, and whom it met of new interest.

        None where nothing is new.
        """
        known = self._passed.get(one.id)
        if known is None:
            self._count(one, 1)
            self._ages.add(one.ingested_at, one.id.encode())
            whole, new = one, one.subjects
        else:
            new = tuple(sorted(set(one.subjects) - set(known.subjects)))
            if not new:
                return None
            self._drop(known)
            whole = msgspec.structs.replace(known, subjects=tuple(sorted({*known.subjects, *new})))
        self._passed[one.id] = whole
        when = self._while(whole)
        if not self._hold(whole, when):
            return whole, []
        met = [*self._met(whole, when, new)] if new else []
        if known is None and whole.drives:
            met += self._met_by(whole, when)
        return whole, met

    def judge_by(self, rules: ConvoyRules) -> Iterator[Met]:
        """Judge by other rules from now on; return who met whom by them, where that may be others than before."""
        if (rules.gap, rules.most_in_gap) == (self._rules.gap, self._rules.most_in_gap):
            return
        self._rules, self._gap_seconds = rules, rules.gap / timedelta(seconds=1)
        self._all.clear()
        self._of_interest.clear()
        for one in self._passed.values():
            when = self._while(one)
            if self._hold(one, when):
                yield from self._met(one, when, one.subjects)
                if one.drives:
                    yield from self._met_by(one, when)

    def want(self, place: str, name: str, *, exercise: bool, wanted: bool) -> None:
        """Note who wants to be told how busy a place is, or no longer does."""
        if wanted:
            self._wanted[exercise, place].add(name)
        else:
            self._wanted[exercise, place].discard(name)

    def background(self, place: str, *, exercise: bool) -> Background | None:
        """Return how the traffic of a place is spread, if somebody wants to know and there is any here."""
        counts = self._counts.get((exercise, place))
        if counts is None or not self._wanted.get((exercise, place)):
            return None
        return Background(place=place, exercise=exercise, counts=tuple(counts))

    def forget(self, ingested_at: datetime, kept: timedelta) -> Iterator[Passed]:
        """Forget the passages that are too old when one of this time of intake comes; return them."""
        for name in self._ages.expired(ingested_at, kept):
            one = self._passed.pop(name.decode())
            self._drop(one)
            self._count(one, -1)
            yield one

    def _met(self, own: Passed, when: While, subjects: Iterable[str]) -> Iterator[Met]:
        """Return whom a vehicle of interest met."""
        for other in self._beside(self._all, own, when):
            if other.drives and _is_another(other, own):
                yield from (_meeting(subject, own, other) for subject in subjects)

    def _met_by(self, other: Passed, when: While) -> Iterator[Met]:
        """Return which vehicles of interest met this one."""
        for own in self._beside(self._of_interest, other, when):
            if _is_another(other, own):
                yield from (_meeting(subject, own, other) for subject in own.subjects)

    def _beside(self, held: dict[While, ByPlate], one: Passed, when: While) -> Iterator[Passed]:
        way, number = when
        for near in (number - 1, number, number + 1):
            for plate, several in held.get((way, near), {}).items():
                if plate != _name(one):
                    yield from (it for it in several if abs(it.occurred_at - one.occurred_at) <= self._rules.gap)

    def _hold(self, one: Passed, when: While) -> bool:
        """Hold a passage beside the others; not one too many of a plate, which is no vehicle on a journey."""
        several = self._all[when].setdefault(_name(one), [])
        if len(several) >= self._rules.most_in_gap:
            return False
        several.append(one)
        if one.subjects:
            self._of_interest[when].setdefault(_name(one), []).append(one)
        return True

    def _drop(self, one: Passed) -> None:
        when = self._while(one)
        for held in (self._all, self._of_interest):
            by_plate = held.get(when, {})
            several = by_plate.get(_name(one), [])
            if one in several:
                several.remove(one)
                if not several:
                    del by_plate[_name(one)]
                if not by_plate:
                    del held[when]

    def _count(self, one: Passed, number: int) -> None:
        counts = self._counts.setdefault((one.exercise, one.place), [0] * HOURS)
        counts[hour_of_week(one.occurred_at)] += number
        if number < 0 and not any(counts):
            del self._counts[one.exercise, one.place]

    def _while(self, one: Passed) -> While:
        number = int(one.occurred_at.timestamp() // self._gap_seconds)
        return (one.exercise, one.place, one.heading), number


def _name(one: Passed) -> str:
    return one.key if one.country and one.plate else one.id


def _is_another(other: Passed, own: Passed) -> bool:
    here, there = other.plate_key, own.plate_key
    return here is not None and (there is None or is_companion(here, [there]))


def _meeting(subject: str, own: Passed, other: Passed) -> Met:
    return Met(
        exercise=own.exercise,
        subject=subject,
        place=own.place,
        own=own.id,
        own_key=own.key,
        own_at=own.occurred_at,
        country=other.country or "",
        plate=other.plate or "",
        ingested_at=max(own.ingested_at, other.ingested_at),
    )
