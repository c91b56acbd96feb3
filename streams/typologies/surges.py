"""`surge`: at one place more occurrences in six hours than the weeks before let expect.

Incidents that share a subject, each within three hours of the one before, are one occurrence and count once, at the
first of them. A window begins with an occurrence; the next one begins after it. The place's own six-hour counts of
the preceding weeks say what is usual; a place known for less than two weeks raises nothing.
"""

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise

from schemas.alerts import AlertKind, Appearance, Reason
from streams.engine.about import about_station
from streams.engine.drafts import Draft
from streams.engine.evidence import of_incident
from streams.engine.incidents import ResolvedIncident
from streams.rules import OccurrenceRules, SurgeRules
from streams.typologies.chains import SubjectsOf, apart, evidence_of, occurrences
from streams.typologies.counts import usual_limit
from streams.typologies.wording import counted, named, what, when


@dataclass(frozen=True, slots=True)
class Surge:
    """A window with more occurrences than usual."""

    occurrences: tuple[tuple[ResolvedIncident, ...], ...]
    """The incidents of each occurrence in the window, the earliest first."""
    usual: int
    """The count that the window exceeds."""
    mean: float
    """Occurrences in six hours, in the weeks before."""
    baseline: timedelta
    """How far back the counts go."""


@dataclass(frozen=True, slots=True)
class Judged:
    """What was found of a window, and from what: the earlier starts that count, and the occurrences in it."""

    before: int
    """A hash of those starts."""
    baseline: int
    within: Sequence[tuple[ResolvedIncident, ...]]
    surge: Surge | None


class Remembered:
    """What was found at a place before, so that only what changed is looked at again."""

    def __init__(self) -> None:
        self.doubtful: set[str] = set()
        """Incidents of vehicles or persons who may be others by now."""
        self.occurrences: dict[str, tuple[Sequence[ResolvedIncident], list[tuple[ResolvedIncident, ...]]]] = {}
        """By the first event of incidents that follow each other closely: those incidents, and their occurrences."""
        self.judged: dict[str, Judged] = {}
        """By the first event of a window."""


def find(
    incidents: Sequence[ResolvedIncident],
    subjects: SubjectsOf,
    rules: SurgeRules,
    occurrence: OccurrenceRules,
    remembered: Remembered | None = None,
) -> Iterator[Draft]:
    """Return one alert for each window with a surge, for all incidents at one place, in order of time."""
    if _may_hold_one(incidents, rules):
        remembered = remembered or Remembered()
        found = _occurrences(incidents, subjects, occurrence, remembered)
        yield from (_draft(one, rules) for one in _surges(found, rules, remembered))


def _occurrences(
    incidents: Sequence[ResolvedIncident], subjects: SubjectsOf, rules: OccurrenceRules, remembered: Remembered
) -> list[tuple[ResolvedIncident, ...]]:
    """Return the incidents, in order of time, occurrence by occurrence."""
    found: list[tuple[ResolvedIncident, ...]] = []
    known, remembered.occurrences = remembered.occurrences, {}
    for run in _runs(incidents, rules.same_place):
        if len(run) == 1:
            found.append((run[0],))
            continue
        before = known.get(run[0].report.id)
        same = before is not None and _are(before[0], run) and remembered.doubtful.isdisjoint(map(_id, run))
        several = before[1] if before and same else occurrences(run, subjects, rules)
        remembered.occurrences[run[0].report.id] = run, several
        found += several
    remembered.doubtful.clear()
    return found


def _runs(incidents: Sequence[ResolvedIncident], near: timedelta) -> Iterator[Sequence[ResolvedIncident]]:
    """Return the incidents in pieces, each incident of a piece close to the one before."""
    begin = 0
    for end in range(1, len(incidents) + 1):
        if end == len(incidents) or apart(incidents[end - 1], incidents[end]) > near:
            yield incidents[begin:end]
            begin = end


def _surges(
    all_occurrences: Sequence[tuple[ResolvedIncident, ...]], rules: SurgeRules, remembered: Remembered
) -> Iterator[Surge]:
    """Return the windows with more occurrences than usual, in order of time."""
    starts = [one[0].report.occurred_at for one in all_occurrences]
    number = bisect_left(starts, starts[0] + rules.shortest_baseline) if starts else 0
    known, remembered.judged = remembered.judged, {}
    window, least = rules.window, rules.least
    while number + least <= len(starts):
        if starts[number + least - 1] - starts[number] >= window:
            number += 1
            continue
        end = bisect_left(starts, starts[number] + window)
        first = all_occurrences[number][0].report.id
        judged = _judged(all_occurrences[number:end], starts, number, rules, known.get(first))
        remembered.judged[first] = judged
        if judged.surge is None:
            number += 1
        else:
            yield judged.surge
            number = end


def _judged(
    within: Sequence[tuple[ResolvedIncident, ...]],
    starts: Sequence[datetime],
    number: int,
    rules: SurgeRules,
    known: Judged | None,
) -> Judged:
    begin, window = starts[number], rules.window
    baseline = min(rules.baseline, begin - starts[0]) // window
    before = starts[bisect_left(starts, begin - baseline * window) : number]
    mark = hash(tuple(before))
    if known and (known.before, known.baseline) == (mark, baseline) and _all_are(known.within, within):
        return known
    return Judged(mark, baseline, within, _surge(begin, before, baseline, within, rules))


def _surge(
    begin: datetime,
    before: Sequence[datetime],
    baseline: int,
    within: Sequence[tuple[ResolvedIncident, ...]],
    rules: SurgeRules,
) -> Surge | None:
    limits = [bisect_left(before, begin - back * rules.window) for back in range(baseline, -1, -1)]
    counts = [later - earlier for earlier, later in pairwise(limits)]
    usual = usual_limit(counts, rules.level)
    if len(within) <= usual:
        return None
    ends_at = begin + rules.window
    inside = tuple(tuple(one for one in several if one.report.occurred_at < ends_at) for several in within)
    return Surge(inside, usual, sum(counts) / len(counts), baseline * rules.window)


def _draft(surge: Surge, rules: SurgeRules) -> Draft:
    incidents = sorted((one for several in surge.occurrences for one in several), key=lambda one: one.sort_key)
    first, last = incidents[0].report, incidents[-1].report
    place, seen = first.at, [Appearance(event=one.report.id, subject="") for one in incidents]
    times = len(surge.occurrences)
    return Draft(
        kind=AlertKind.SURGE,
        exercise=first.exercise,
        earliest=seen[0],
        summary=f"{named(place)}: {counted(times, 'occurrence', 'occurrences')} within "
        f"{rules.window_hours:g} hours of {when(first.occurred_at)}, the last one {what(last)} "
        f"on {when(last.occurred_at)}.",
        subjects=(about_station(place).subject(seen),),
        reasons=tuple(_reasons(surge, incidents, rules)),
        rests_on=tuple(map(of_incident, incidents)),
        opened_at=surge.occurrences[max(rules.least, surge.usual + 1) - 1][0].report.occurred_at,
        window=rules.window,
    )


def _reasons(surge: Surge, incidents: Sequence[ResolvedIncident], rules: SurgeRules) -> Iterator[Reason]:
    times, hours = len(surge.occurrences), rules.window_hours
    yield Reason(
        rule="surge.occurrences",
        contribution=rules.contributions.occurrences,
        text=f"{counted(times, 'occurrence', 'occurrences')} in {hours:g} hours, where the {surge.baseline.days} days "
        f"before had {surge.mean:.2f} on average in as many hours and more than {surge.usual} is rarer than "
        f"1 in {round(1 / (1 - rules.level)):,} (negative binomial).",
        evidence=evidence_of(incidents),
    )
    if smuggling := [one for one in incidents if one.report.kind in rules.smuggling_kinds]:
        yield Reason(
            rule="surge.smuggling",
            contribution=rules.contributions.smuggling,
            text=f"{counted(len(smuggling), 'incident is', 'incidents are')} of smuggling or trafficking.",
            evidence=evidence_of(smuggling),
        )


def _may_hold_one(incidents: Sequence[ResolvedIncident], rules: SurgeRules) -> bool:
    """Whether enough incidents lie close together, long enough after the first: cheap, and mostly not so."""
    if not incidents:
        return False
    known_since = incidents[0].report.occurred_at + rules.shortest_baseline
    begin = bisect_left(incidents, known_since, key=lambda one: one.report.occurred_at)
    later = zip(incidents[begin:], incidents[begin + rules.least - 1 :], strict=False)
    return any(apart(one, other) < rules.window for one, other in later)


def _id(one: ResolvedIncident) -> str:
    return one.report.id


def _are(some: Sequence[ResolvedIncident], others: Sequence[ResolvedIncident]) -> bool:
    """Whether these are the same objects: an incident that was told anew is another one."""
    return len(some) == len(others) and all(one is other for one, other in zip(some, others, strict=True))


def _all_are(some: Sequence[tuple[ResolvedIncident, ...]], others: Sequence[tuple[ResolvedIncident, ...]]) -> bool:
    return len(some) == len(others) and all(_are(one, other) for one, other in zip(some, others, strict=True))
