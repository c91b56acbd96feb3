"""What is raised of one subject from its chains of incidents: repetition, and a sighting afterwards."""

from collections.abc import Callable, Iterator, Sequence
from datetime import timedelta

from oracle.alerts import Appearance, Found, cases_of, raised
from oracle.groups import components
from oracle.reports import Case, apart, at, is_return, occurrences, place

SMUGGLING = {"migrant_smuggling", "human_trafficking", "clandestine_entry"}
ByName = Callable[[Sequence[Appearance]], bool]
"""Whether some of these appearances are one person by name and birth date alone."""


def never(_: Sequence[Appearance]) -> bool:
    return False


def repeats(kind: str, days: int, appearances: Sequence[Appearance], by_name: ByName = never) -> Iterator[Found]:
    """Yield the alerts on this subject's chains of at least two occurrences."""
    for mine in chains(days, appearances):
        chain = cases_of(mine)
        times = occurrences(chain)
        if times >= 2:
            score = 0.5 + min(0.2, 0.1 * (times - 2)) + 0.2 * smuggled(chain)
            score += 0.1 * (len({place(case.report) for case in chain}) > 1)
            yield raised(kind, mine, score=score, by_name=by_name(mine))


def sighted(
    kind: str,
    days: int,
    appearances: Sequence[Appearance],
    sightings: Sequence[Appearance],
    by_name: ByName = never,
) -> Iterator[Found]:
    """Yield an alert for each chain of this subject's incidents that a sighting of it follows."""
    for mine in chains(days, appearances):
        chain = cases_of(mine)
        seen = [one for one in sightings if any(follows(one.case, case, days) for case in chain)]
        if seen:
            score = 0.5 + 0.2 * smuggled(chain) + 0.1 * (occurrences(chain) >= 2)
            yield raised(kind, [*mine, *seen], score=score, by_name=by_name([*mine, *seen]))


def chains(days: int, appearances: Sequence[Appearance]) -> Iterator[list[Appearance]]:
    """Yield the subject's appearances, chain by chain of its incidents that are no returns."""
    counted = [one for one in appearances if not is_return(one.case)]
    for chain in components(cases_of(counted), lambda one, other: apart(one, other) <= timedelta(days=days)):
        ids = {case.evidence for case in chain}
        yield [one for one in counted if one.case.evidence in ids]


def follows(sighting: Case, incident: Case, days: int) -> bool:
    """Whether the sighting lies in the window after the incident, and is not the incident's own passage."""
    after = at(sighting.report) - at(incident.report)
    own_passage = place(sighting.report) == place(incident.report) and after <= timedelta(hours=2)
    return timedelta(0) <= after <= timedelta(days=days) and not own_passage


def smuggled(chain: Sequence[Case]) -> bool:
    return any(case.report["kind"] in SMUGGLING for case in chain)
