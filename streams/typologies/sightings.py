"""`known_vehicle_sighted` and `known_person_sighted`: the subject of an incident passes a border afterwards.

Whichever arrives first: an incident is held against the sightings that are retained. A sighting at the
incident's own place so soon after it is the incident itself. How often a subject is sighted adds nothing.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from schemas.alerts import AlertKind, Reason
from streams.engine.about import About
from streams.engine.cases import Part, Passage
from streams.engine.drafts import Draft
from streams.engine.evidence import of_case
from streams.engine.incidents import ResolvedIncident
from streams.rules import OccurrenceRules, SightedRules
from streams.typologies.chains import IncidentPart, appearances, chains, evidence_of, occurrence_starts
from streams.typologies.repeats import Describe, identity_reasons, smuggling_reason
from streams.typologies.wording import counted, incident_in_words, listed, passage_in_words

PassagePart = Part[Passage]


@dataclass(frozen=True, slots=True)
class Followed:
    """A chain of incidents and the sightings that follow it."""

    chain: Sequence[IncidentPart]
    following: Sequence[PassagePart]

    @property
    def parts(self) -> list[Part[Any]]:
        """Both."""
        return [*self.chain, *self.following]


def find(  # noqa: PLR0913 - the evidence of two kinds, and what each is judged by
    kind: AlertKind,
    describe: Describe,
    *,
    incidents: Iterable[IncidentPart],
    passages: Iterable[PassagePart],
    rules: SightedRules,
    occurrence: OccurrenceRules,
) -> Iterator[Draft]:
    """Return one alert for each chain of incidents that a sighting follows, with all sightings that do."""
    sighted = sorted(passages, key=lambda part: part.case.sort_key)
    if not sighted:
        return
    for chain in chains(incidents, rules.window):
        following = [part for part in sighted if any(_follows(part.case, one.case, rules) for one in chain)]
        if following:
            yield _draft(kind, describe, Followed(chain, following), rules, occurrence)


def _follows(passage: Passage, incident: ResolvedIncident, rules: SightedRules) -> bool:
    sighting, report = passage.report, incident.report
    after = sighting.occurred_at - report.occurred_at
    if not timedelta(0) <= after <= rules.window:
        return False
    return sighting.at.place != report.at.place or after > rules.own_place


def _draft(
    kind: AlertKind, describe: Describe, followed: Followed, rules: SightedRules, occurrence: OccurrenceRules
) -> Draft:
    described = describe(followed.parts)
    about = described.about
    seen = appearances(followed.parts)
    last, last_incident = followed.following[-1].case.report, followed.chain[-1].case.report
    times = len(occurrence_starts((part.case.report for part in followed.chain), occurrence.same_place))
    return Draft(
        kind=kind,
        exercise=last.exercise,
        earliest=seen[0],
        summary=f"{about.named}, known from {incident_in_words(last_incident)}, "
        f"was sighted at {passage_in_words(last)}.",
        subjects=(about.subject(seen),),
        reasons=(*_reasons(kind, about, followed, times, rules), *identity_reasons(kind, described)),
        rests_on=tuple(of_case(part.case) for part in followed.parts),
        opened_at=followed.following[0].case.report.occurred_at,
        window=rules.window,
        by_name_alone=described.by_name_alone,
        notes=described.notes,
    )


def _reasons(kind: AlertKind, about: About, followed: Followed, times: int, rules: SightedRules) -> Iterator[Reason]:
    given = rules.contributions
    incidents = [part.case for part in followed.chain]
    passages = [part.case for part in followed.following]
    yield Reason(
        rule=f"{kind}.sighted",
        contribution=given.sighted,
        text=f"{about.label}, known from {incident_in_words(incidents[-1].report)}, was read within "
        f"{rules.window_days:g} days after an incident: {listed([passage_in_words(one.report) for one in passages])}.",
        evidence=evidence_of([*incidents, *passages]),
    )
    if times >= rules.several:
        yield Reason(
            rule=f"{kind}.several_occurrences",
            contribution=given.several_occurrences,
            text=f"It is known from {counted(times, 'occurrence', 'occurrences')}.",
            evidence=evidence_of(incidents),
        )
    yield from smuggling_reason(kind, incidents, given.smuggling, rules.smuggling_kinds)
