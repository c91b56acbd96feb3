"""`convoy`: a vehicle of incidents and another pass the same places minutes apart, journey after journey.

A forerunner looks for controls and a load follows. Ordinary traffic follows itself, so that one journey together
is one coincidence, judged by how busy each place is at that hour and how often the companion is there anyway.
To have driven along proves nothing against the companion, and the alert says so.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import exp, log
from typing import Any, Final, Protocol

from schemas.alerts import AlertKind, Reason
from schemas.plates import PlateKey
from streams.engine.about import About
from streams.engine.cases import Part, Passage
from streams.engine.drafts import Draft
from streams.engine.evidence import of_case
from streams.rules import ConvoyRules
from streams.typologies.chains import IncidentPart, appearances, evidence_of
from streams.typologies.repeats import Describe, identity_reasons, smuggling_reason
from streams.typologies.wording import LISTED, counted, incident_in_words, passage_in_words

TOLD: Final = 3
"""How many journeys a reason spells out; the occurrences list them all."""

MOST_TOLD: Final = 1e9
MOST_LOGS: Final = 700.0
"""The largest ratio is e to the power of this, so that it stays a number."""

PassagePart = Part[Passage]


class Traffic(Protocol):
    """What else passed at the places of a convoy."""

    def share(self, place: str, moment: datetime) -> float | None:
        """Return the share of a place's passages that fall in the moment's hour of the week; None if not known yet."""

    def passages(self, vehicle: PlateKey, place: str) -> int:
        """Return how often a vehicle passed a place."""


@dataclass(frozen=True, slots=True)
class Meeting:
    """A passage of the vehicle of interest, and one of a companion at the same place a few minutes before or after."""

    own: PassagePart
    other: PassagePart

    @property
    def parts(self) -> tuple[PassagePart, PassagePart]:
        """Both passages."""
        return self.own, self.other

    @property
    def place(self) -> str:
        """Where."""
        return self.own.case.report.at.place

    @property
    def at(self) -> datetime:
        """When the vehicle of interest passed."""
        return self.own.case.report.occurred_at

    @property
    def other_at(self) -> datetime:
        """When the companion did."""
        return self.other.case.report.occurred_at

    @property
    def sort_key(self) -> tuple[tuple[datetime, str], tuple[datetime, str]]:
        """Earliest first."""
        return self.own.case.sort_key, self.other.case.sort_key


@dataclass(frozen=True, slots=True)
class Companion:
    """Another vehicle: the journeys of a convoy with it, and how many times likelier they are than by chance."""

    vehicle: PlateKey
    journeys: Sequence[Sequence[Meeting]]
    ratio: float

    @property
    def meetings(self) -> list[Meeting]:
        """Every meeting."""
        return [meeting for journey in self.journeys for meeting in journey]

    @property
    def parts(self) -> list[PassagePart]:
        """The companion's passages, each once."""
        return list({one.other.case.report.id: one.other for one in self.meetings}.values())


def find(
    describe: Describe,
    incidents: Iterable[IncidentPart],
    met: Mapping[PlateKey, Sequence[Meeting]],
    traffic: Traffic,
    rules: ConvoyRules,
) -> Iterator[Draft]:
    """Return the alert of a vehicle of incidents with all its companions, if it has any."""
    known = sorted(incidents, key=lambda part: part.case.sort_key)
    companions = [found for vehicle in sorted(met) if (found := companion(vehicle, met[vehicle], traffic, rules))]
    if known and companions:
        yield _draft(describe, known, companions, traffic, rules)


def may_be_one(meetings: Iterable[Meeting], rules: ConvoyRules) -> bool:
    """Whether the places and the journeys suffice for a convoy, whatever the traffic."""
    journeys = _journeys(meetings, rules.apart)
    return any(_suffices(window, rules) for window in _windows(journeys, rules.window))


def could_be_one(places: int, lasted: timedelta, rules: ConvoyRules) -> bool:
    """Whether one vehicle's passages, at so many places in so long, suffice for a convoy, whoever else passed there."""
    return places >= rules.least_places and lasted >= (rules.least_journeys - 1) * rules.apart


def companion(vehicle: PlateKey, meetings: Iterable[Meeting], traffic: Traffic, rules: ConvoyRules) -> Companion | None:
    """Return the journeys on which a vehicle was a companion, if it was one."""
    journeys: dict[int, Sequence[Meeting]] = {}
    ratio = 1.0
    for window in _windows(_journeys(meetings, rules.apart), rules.window):
        if _suffices(window, rules):
            likelihood = _ratio(vehicle, window, traffic, rules.gap)
            if likelihood >= rules.least_ratio:
                journeys |= {id(journey): journey for journey in window}
                ratio = max(ratio, likelihood)
    return Companion(vehicle, list(journeys.values()), ratio) if journeys else None


def chance(share: float, passages: int, gap: timedelta) -> float:
    """Return how likely one of so many passages falls, by chance, no further than the gap from a given moment.

    `share` of the place's passages fall in that hour of the week: 1 - (1 - share * 2 * gap / 1 h) ** passages.
    """
    return 1 - max(0.0, 1 - share * 2 * (gap / timedelta(hours=1))) ** passages


def _journeys(meetings: Iterable[Meeting], apart: timedelta) -> list[list[Meeting]]:
    """Return the meetings by journey, without those where the two came in another order than at the place before."""
    journeys: list[list[Meeting]] = []
    for meeting in sorted(meetings, key=lambda one: one.sort_key):
        last = journeys[-1][-1] if journeys else None
        if last is None or meeting.at - last.at >= apart:
            journeys.append([meeting])
        elif meeting.place == last.place or meeting.other_at >= last.other_at:
            journeys[-1].append(meeting)
    return journeys


def _windows(journeys: Sequence[Sequence[Meeting]], longest: timedelta) -> Iterator[Sequence[Sequence[Meeting]]]:
    """Return for each journey what lies in one window that begins with it."""
    for begin, first in enumerate(journeys):
        ends_at = first[0].at + longest
        if window := [journey for journey in journeys[begin:] if journey[-1].at <= ends_at]:
            yield window


def _suffices(window: Sequence[Sequence[Meeting]], rules: ConvoyRules) -> bool:
    places = {meeting.place for journey in window for meeting in journey}
    return len(window) >= rules.least_journeys and len(places) >= rules.least_places


def _ratio(vehicle: PlateKey, window: Iterable[Sequence[Meeting]], traffic: Traffic, gap: timedelta) -> float:
    """Return how many times likelier these journeys are together than by chance; 0 where it is not known yet."""
    logs = 0.0
    for journey in window:
        chances = [_chance(vehicle, meeting, traffic, gap) for meeting in _first_at_each_place(journey)]
        known = [one for one in chances if one is not None]
        if len(known) < len(chances):
            return 0.0
        logs -= sum(map(log, known)) / len(known)
    return exp(min(logs, MOST_LOGS))


def _chance(vehicle: PlateKey, meeting: Meeting, traffic: Traffic, gap: timedelta) -> float | None:
    share = traffic.share(meeting.place, meeting.at)
    return None if share is None else chance(share, max(1, traffic.passages(vehicle, meeting.place)), gap)


def _first_at_each_place(journey: Iterable[Meeting]) -> Iterable[Meeting]:
    first: dict[str, Meeting] = {}
    for meeting in journey:
        first.setdefault(meeting.place, meeting)
    return first.values()


def _completed_at(one: Companion, traffic: Traffic, rules: ConvoyRules) -> datetime:
    """Return when a vehicle had become a companion."""
    ordered = sorted(one.meetings, key=lambda meeting: max(meeting.at, meeting.other_at))
    for number, meeting in enumerate(ordered, start=1):
        if companion(one.vehicle, ordered[:number], traffic, rules):
            return max(meeting.at, meeting.other_at)
    raise ValueError("a companion that never became one")


def _draft(
    describe: Describe,
    incidents: Sequence[IncidentPart],
    companions: Sequence[Companion],
    traffic: Traffic,
    rules: ConvoyRules,
) -> Draft:
    own = {meeting.own.case.report.id: meeting.own for one in companions for meeting in one.meetings}
    parts: list[Part[Any]] = sorted([*incidents, *own.values()], key=lambda part: part.case.sort_key)
    described, seen = describe(parts), appearances(parts)
    beside = {one.vehicle: describe(one.parts).about for one in companions}
    passages = own | {part.case.report.id: part for one in companions for part in one.parts}
    rests_on: list[Part[Any]] = [*incidents, *passages.values()]
    first, last = incidents[0].case.report, incidents[-1].case.report
    by_whom = " and ".join(about.label for about in list(beside.values())[:LISTED])
    more = f" and {len(beside) - LISTED} more" if len(beside) > LISTED else ""
    return Draft(
        kind=AlertKind.CONVOY,
        exercise=last.exercise,
        earliest=seen[0],
        summary=f"{described.about.named}, known from {incident_in_words(last)}, passes the same places minutes apart "
        f"from {by_whom}{more}, journey after journey.",
        subjects=(
            described.about.subject(seen),
            *(beside[one.vehicle].subject(appearances(one.parts)) for one in companions),
        ),
        reasons=(
            *_reasons(described.about, incidents, [(one, beside[one.vehicle]) for one in companions], traffic, rules),
            *smuggling_reason(
                AlertKind.CONVOY,
                [part.case for part in incidents],
                rules.contributions.smuggling,
                rules.smuggling_kinds,
            ),
            *identity_reasons(AlertKind.CONVOY, described),
        ),
        rests_on=tuple(of_case(part.case) for part in rests_on),
        opened_at=max(first.occurred_at, min(_completed_at(one, traffic, rules) for one in companions)),
        window=rules.window,
        notes=described.notes,
    )


def _reasons(
    about: About,
    incidents: Sequence[IncidentPart],
    companions: Sequence[tuple[Companion, About]],
    traffic: Traffic,
    rules: ConvoyRules,
) -> Iterator[Reason]:
    """Return the reason of each companion; the second and each after it add nothing."""
    for number, (one, beside) in enumerate(companions):
        seen = {event for meeting in one.meetings for part in meeting.parts for event in part.case.evidence}
        places = {meeting.place for meeting in one.meetings}
        yield Reason(
            rule="convoy.together",
            contribution=0.0 if number else rules.contributions.together,
            text=f"{about.label}, known from {incident_in_words(incidents[-1].case.report)}, passed {len(places)} "
            f"crossings in the same order as {beside.label}, at most {rules.gap_minutes:g} minutes apart, on "
            f"{len(one.journeys)} journeys: {'; '.join(_told(one, traffic, rules))}. Together that is "
            f"{_rounded(one.ratio)} times likelier than by chance. Nothing else is said against {beside.label} here.",
            evidence=tuple(sorted({*evidence_of(part.case for part in incidents), *seen})),
        )


def _told(one: Companion, traffic: Traffic, rules: ConvoyRules) -> Iterator[str]:
    """Return the newest journeys in words, each place with what the meeting there was judged by."""
    if len(one.journeys) > TOLD:
        yield f"{len(one.journeys) - TOLD} earlier"
    for journey in one.journeys[-TOLD:]:
        yield ", ".join(_judged(one.vehicle, meeting, traffic, rules) for meeting in _first_at_each_place(journey))


def _judged(vehicle: PlateKey, meeting: Meeting, traffic: Traffic, rules: ConvoyRules) -> str:
    share = traffic.share(meeting.place, meeting.at) or 0.0
    times = max(1, traffic.passages(vehicle, meeting.place))
    minutes = abs(meeting.other_at - meeting.at) / timedelta(minutes=1)
    after = "after" if meeting.other_at <= meeting.at else "before"
    return (
        f"{passage_in_words(meeting.own.case.report)} {minutes:.0f} minutes {after} it (by chance 1 in "
        f"{_rounded(1 / chance(share, times, rules.gap))}: {share:.2%} of the passages there fall in this hour of the "
        f"week, and it passed there {counted(times, 'time', 'times')})"
    )


def _rounded(number: float) -> str:
    """Return a number by its first two figures: ``12,000``."""
    if number >= MOST_TOLD:
        return f"more than {MOST_TOLD:,.0f}"
    digits = max(0, len(str(int(number))) - 2)
    return f"{round(number, -digits):,.0f}"
