"""`repeat_vehicle` and `repeat_person`: one subject in two occurrences or more, each within the window of the last.

Incidents of the subject at one place, each within three hours of the one before, are one occurrence.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime
from typing import Any

from schemas.alerts import AlertKind, Reason
from schemas.events import IncidentKind
from streams.engine.about import About, Described
from streams.engine.cases import Part
from streams.engine.drafts import Draft
from streams.engine.evidence import of_incident
from streams.engine.incidents import ResolvedIncident
from streams.rules import LinkedRules, OccurrenceRules, RepeatRules
from streams.typologies.chains import IncidentPart, appearances, chains, evidence_of, occurrence_starts, of_kinds
from streams.typologies.wording import counted, incident_in_words, listed, what, when, where

Describe = Callable[[Sequence[Part[Any]]], Described]
"""Says who these parts are about, and how that is known."""


def find(
    kind: AlertKind,
    describe: Describe,
    incidents: Iterable[IncidentPart],
    rules: RepeatRules,
    occurrence: OccurrenceRules,
) -> Iterator[Draft]:
    """Return one alert for each chain of incidents in which the subject occurs often enough."""
    for chain in chains(incidents, rules.window):
        starts = occurrence_starts((part.case.report for part in chain), occurrence.same_place)
        if len(starts) >= rules.least_occurrences:
            yield _draft(kind, describe(chain), chain, starts, rules)


def _draft(
    kind: AlertKind,
    described: Described,
    chain: Sequence[IncidentPart],
    starts: Sequence[datetime],
    rules: RepeatRules,
) -> Draft:
    about = described.about
    reports = [part.case.report for part in chain]
    seen = appearances(chain)
    last = reports[-1]
    return Draft(
        kind=kind,
        exercise=last.exercise,
        earliest=seen[0],
        summary=f"{about.named} is back: {len(starts)} occurrences since {when(reports[0].occurred_at)}, "
        f"the last one {incident_in_words(last)}.",
        subjects=(about.subject(seen),),
        reasons=(*_reasons(kind, about, chain, len(starts), rules), *identity_reasons(kind, described)),
        rests_on=tuple(of_incident(part.case) for part in chain),
        opened_at=starts[rules.least_occurrences - 1],
        window=rules.window,
        by_name_alone=described.by_name_alone,
        notes=described.notes,
    )


def _reasons(
    kind: AlertKind, about: About, chain: Sequence[IncidentPart], times: int, rules: RepeatRules
) -> Iterator[Reason]:
    incidents = [part.case for part in chain]
    yield Reason(
        rule=f"{kind}.occurrences",
        contribution=rules.contributions.occurrences,
        text=f"{about.label} {about.took_part} {counted(times, 'occurrence', 'occurrences')}, "
        f"each within {rules.window_days:g} days of the one before: "
        f"{listed([incident_in_words(incident.report) for incident in incidents])}.",
        evidence=evidence_of(incidents),
    )
    least = rules.least_occurrences
    further = times - least
    text = f"It occurred {counted(further, 'time', 'times')} more than the {least} that raise this alert."
    yield from weight_reasons(kind, incidents, (further, text), rules)


def weight_reasons(
    kind: AlertKind, incidents: Sequence[ResolvedIncident], more: tuple[int, str], rules: RepeatRules | LinkedRules
) -> Iterator[Reason]:
    """Return what makes occurrences weigh more: `more` than raise the alert, in words; smuggling; several places."""
    given, (further, further_text) = rules.contributions, more

    def reason(rule: str, contribution: float, text: str, rests_on: Iterable[ResolvedIncident]) -> Reason:
        return Reason(rule=f"{kind}.{rule}", contribution=contribution, text=text, evidence=evidence_of(rests_on))

    if further:
        yield reason(
            "each_further", min(given.each_further_limit, given.each_further * further), further_text, incidents
        )
    yield from smuggling_reason(kind, incidents, given.smuggling, rules.smuggling_kinds)
    places = {incident.report.at.place for incident in incidents}
    if len(places) > 1:
        yield reason(
            "several_places",
            given.several_places,
            f"The incidents were at {len(places)} different crossings.",
            incidents,
        )


def smuggling_reason(
    kind: AlertKind, incidents: Iterable[ResolvedIncident], contribution: float, kinds: frozenset[IncidentKind]
) -> Iterator[Reason]:
    """Return the reason that some incidents are of smuggling or trafficking, if they are."""
    if smuggling := of_kinds(incidents, kinds):
        first = smuggling[0].report
        yield Reason(
            rule=f"{kind}.smuggling",
            contribution=contribution,
            text=f"{counted(len(smuggling), 'incident is', 'incidents are')} of smuggling or trafficking, "
            f"the first {what(first)} at {where(first)}.",
            evidence=evidence_of(smuggling),
        )


def identity_reasons(kind: AlertKind, described: Described) -> Iterator[Reason]:
    """Return why readings that are not the same are of one subject; it adds nothing to the score."""
    for one in described.joined:
        yield Reason(rule=f"{kind}.one_{described.about.kind}", contribution=0.0, text=one.text, evidence=one.evidence)
