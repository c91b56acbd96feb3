"""`linked_incidents`: three occurrences or more, linked by two vehicles or persons or more that come back.

Incidents at one place that share a subject, each within three hours of the one before, are one occurrence: a subject
that links nothing but these says no more than that several reports are of one arrest.
"""

from collections.abc import Hashable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from schemas.alerts import AlertKind, Reason
from streams.engine.about import Described
from streams.engine.cases import place_of
from streams.engine.drafts import Draft
from streams.engine.evidence import of_incident
from streams.engine.incidents import ResolvedIncident
from streams.rules import LinkedRules, OccurrenceRules
from streams.typologies.chains import IncidentPart, SubjectsOf, appearances, evidence_of, occurrences_by_place
from streams.typologies.networks import (
    LEAST_OCCURRENCES,
    LEAST_SUBJECTS,
    Link,
    Network,
    OccurrenceOf,
    completed_by,
    hold_enough,
    incidents_of,
    is_enough,
    linking,
    networks,
)
from streams.typologies.repeats import identity_reasons, weight_reasons
from streams.typologies.wording import counted, incident_in_words, listed, when

KIND: Final = AlertKind.LINKED_INCIDENTS
A_DAY: Final = timedelta(days=1)


def find(
    links: Iterable[Link], subjects: SubjectsOf, rules: LinkedRules, occurrence: OccurrenceRules
) -> Iterator[Draft]:
    """Return one alert for each network with enough occurrences and subjects that link them."""
    for network in networks(links):
        if len({link.subject for link in network}) >= LEAST_SUBJECTS:
            several = occurrences_by_place(incidents_of(network), subjects, occurrence)
            occurrence_of = {one.report.id: number for number, group in enumerate(several) for one in group}
            if is_enough(network, occurrence_of):
                yield _draft(network, occurrence_of, rules)


@dataclass(frozen=True, slots=True)
class _Subject:
    """A vehicle or person: who it is, and its parts in all incidents that it links."""

    described: Described
    parts: tuple[IncidentPart, ...]
    window: timedelta


def _subjects(network: Network) -> dict[Hashable, _Subject]:
    """Return the subjects, who appears first before others."""
    by_subject: dict[Hashable, list[Link]] = {}
    for link in sorted(network, key=_first_appearance):
        by_subject.setdefault(link.subject, []).append(link)
    found = {}
    for subject, links in by_subject.items():
        parts = tuple(part for link in links for part in link.chain)
        found[subject] = _Subject(links[0].describe(parts), parts, links[0].window)
    return found


def _first_appearance(link: Link) -> tuple[datetime, str, str, int]:
    """Return what sorts links: time, event and position of the first appearance."""
    first, position = link.chain[0].case, link.chain[0].positions[0]
    return *first.sort_key, position.partition("/")[0], place_of(position)


def _draft(network: Network, occurrence_of: OccurrenceOf, rules: LinkedRules) -> Draft:
    incidents, subjects = incidents_of(network), _subjects(network)
    among = linking(network, occurrence_of)
    several = [one for subject, one in subjects.items() if subject in among]
    known_well = [link for link in network if not subjects[link.subject].described.by_name_alone]
    times, first, last = len(set(occurrence_of.values())), incidents[0].report, incidents[-1].report
    return Draft(
        kind=KIND,
        exercise=last.exercise,
        earliest=appearances(several[0].parts)[0],
        summary=f"{times} occurrences since {when(first.occurred_at)} are linked by {_in_numbers(several)} that came "
        f"back, the last one {incident_in_words(last)}.",
        subjects=tuple(one.described.about.subject(appearances(one.parts)) for one in several),
        reasons=tuple(_reasons(several, incidents, times, rules)),
        rests_on=tuple(map(of_incident, incidents)),
        opened_at=completed_by(network, incidents, occurrence_of).report.occurred_at,
        window=max(one.window for one in several),
        by_name_alone=not hold_enough(known_well, occurrence_of),
        notes=tuple(dict.fromkeys(note for one in several for note in one.described.notes)),
    )


def _in_numbers(several: Sequence[_Subject]) -> str:
    """Return for example ``1 vehicle and 2 persons``."""
    kinds = [one.described.about.kind for one in several]
    told = [counted(kinds.count("vehicle"), "vehicle", "vehicles"), counted(kinds.count("person"), "person", "persons")]
    return " and ".join(one for one in told if not one.startswith("0"))


def _reasons(
    several: Sequence[_Subject], incidents: Sequence[ResolvedIncident], times: int, rules: LinkedRules
) -> Iterator[Reason]:
    yield Reason(
        rule=f"{KIND}.occurrences",
        contribution=rules.contributions.occurrences,
        text=f"{times} occurrences are linked by {_in_numbers(several)}.",
        evidence=evidence_of(incidents),
    )
    for one in several:
        about, cases = one.described.about, [part.case for part in one.parts]
        yield Reason(
            rule=f"{KIND}.{about.kind}",
            contribution=0.0,
            text=f"{about.label} {about.took_part} {len(cases)} of the incidents, each within "
            f"{one.window / A_DAY:g} days of another: {listed([incident_in_words(case.report) for case in cases])}.",
            evidence=evidence_of(cases),
        )
        yield from identity_reasons(KIND, one.described)
    further = times - LEAST_OCCURRENCES
    text = f"There are {counted(further, 'occurrence', 'occurrences')} more than the three that raise this alert."
    yield from weight_reasons(KIND, incidents, (further, text), rules)
