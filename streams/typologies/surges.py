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


def find(
    incidents: Sequence[ResolvedIncident], subjects: SubjectsOf, rules: SurgeRules, occurrence: OccurrenceRules
) -> Iterator[Draft]:
    """Return one alert for each window with a surge, for all incidents at one place, in order of time."""
    if _may_hold_one(incidents, rules):
        yield from (_draft(one, rules) for one in surges(occurrences(incidents, subjects, occurrence), rules))


def surges(all_occurrences: Sequence[tuple[ResolvedIncident, ...]], rules: SurgeRules) -> Iterator[Surge]:
    """Return the windows with more occurrences than usual, in order of time."""
    starts = [one[0].report.occurred_at for one in all_occurrences]
    number = bisect_left(starts, starts[0] + rules.shortest_baseline) if starts else 0
    while number < len(starts):
        begin = starts[number]
        end = bisect_left(starts, begin + rules.window)
        surge = _surge(all_occurrences, starts, number, end, rules) if end - number >= rules.least else None
        if surge is None:
            number += 1
        else:
            yield surge
            number = end


def _surge(
    all_occurrences: Sequence[tuple[ResolvedIncident, ...]],
    starts: Sequence[datetime],
    number: int,
    end: int,
    rules: SurgeRules,
) -> Surge | None:
    begin = starts[number]
    windows = min(rules.baseline, begin - starts[0]) // rules.window
    limits = [bisect_left(starts, begin - back * rules.window) for back in range(windows, -1, -1)]
    counts = [later - earlier for earlier, later in pairwise(limits)]
    usual = usual_limit(counts, rules.level)
    if end - number <= usual:
        return None
    within = tuple(
        tuple(one for one in several if one.report.occurred_at < begin + rules.window)
        for several in all_occurrences[number:end]
    )
    return Surge(within, usual, sum(counts) / len(counts), windows * rules.window)


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
