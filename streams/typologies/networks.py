"""Networks: which incidents the vehicles and persons that come back link with each other.

A link is one subject with its chain of incidents, each within its repeat window of the one before. Links that have an
incident in common lead to each other, and are one network: A and B share a vehicle, B and C a driver.
"""

from bisect import bisect_left
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Final

from streams.engine.incidents import ResolvedIncident
from streams.typologies.chains import IncidentPart, chains
from streams.typologies.repeats import Describe

LEAST_OCCURRENCES: Final = 3
LEAST_SUBJECTS: Final = 2
"""How many subjects must each link two occurrences."""


@dataclass(frozen=True, slots=True)
class Link:
    """A vehicle or person, and a chain of incidents, two or more, in which it comes back."""

    subject: Hashable
    chain: tuple[IncidentPart, ...]
    window: timedelta
    describe: Describe

    @property
    def events(self) -> frozenset[str]:
        """The reports that it links."""
        return frozenset(part.case.report.id for part in self.chain)


Network = list[Link]
LinksOf = Callable[[ResolvedIncident], Iterable[Link]]
"""Says which links the vehicles and persons of an incident make, with this incident or with others."""

OccurrenceOf = Mapping[str, int]
"""Of which occurrence each report is."""


def links_of(subject: Hashable, parts: Iterable[IncidentPart], window: timedelta, describe: Describe) -> Iterator[Link]:
    """Return the links that a subject makes by the incidents in which its part counts."""
    for chain in chains(parts, window):
        if len(chain) > 1:
            yield Link(subject, tuple(chain), window, describe)


def reached(incidents: Iterable[ResolvedIncident], find_links: LinksOf) -> Network:
    """Return every link of these incidents, and of all incidents that links lead to, each once."""
    waiting = {one.report.id: one for one in incidents}
    seen = set(waiting)
    found: dict[tuple[Hashable, str], Link] = {}
    while waiting:
        event, incident = waiting.popitem()
        for link in find_links(incident):
            if event in link.events:
                found[link.subject, link.chain[0].case.report.id] = link
                waiting |= {part.case.report.id: part.case for part in link.chain if part.case.report.id not in seen}
                seen |= link.events
    return list(found.values())


def networks(links: Iterable[Link]) -> list[Network]:
    """Return the links, those together that lead to each other."""
    found: list[tuple[frozenset[str], Network]] = []
    for link in links:
        events, network = link.events, [link]
        for other in [one for one in found if not one[0].isdisjoint(link.events)]:
            found.remove(other)
            events, network = events | other[0], network + other[1]
        found.append((events, network))
    return [network for _, network in found]


def incidents_of(network: Network) -> list[ResolvedIncident]:
    """Return the incidents that are linked, in order of time."""
    by_id = {part.case.report.id: part.case for link in network for part in link.chain}
    return sorted(by_id.values(), key=lambda one: one.sort_key)


def is_enough(network: Network, occurrence_of: OccurrenceOf) -> bool:
    """Whether a network has as many occurrences, and subjects that link them, as raise an alert."""
    occurrences = {occurrence_of[event] for link in network for event in link.events}
    return len(occurrences) >= LEAST_OCCURRENCES and len(linking(network, occurrence_of)) >= LEAST_SUBJECTS


def linking(network: Network, occurrence_of: OccurrenceOf) -> set[Hashable]:
    """Return the subjects that link two occurrences: others say no more than that two reports are of one."""
    return {link.subject for link in network if len({occurrence_of[event] for event in link.events}) > 1}


def hold_enough(links: Iterable[Link], occurrence_of: OccurrenceOf) -> bool:
    """Whether a network of these links raises an alert."""
    return any(is_enough(network, occurrence_of) for network in networks(links))


def completed_by(
    network: Network, incidents: Sequence[ResolvedIncident], occurrence_of: OccurrenceOf
) -> ResolvedIncident:
    """Return the incident up to which, in order of time, there is enough: before it there was not."""

    def is_complete(last: ResolvedIncident) -> bool:
        return hold_enough(_until(network, last), occurrence_of)

    return incidents[bisect_left(incidents, True, key=is_complete)]


def _until(network: Network, last: ResolvedIncident) -> Iterator[Link]:
    for link in network:
        chain = tuple(part for part in link.chain if part.case.sort_key <= last.sort_key)
        if len(chain) > 1:
            yield replace(link, chain=chain)
