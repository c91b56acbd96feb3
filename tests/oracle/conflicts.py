"""One document with two holders."""

from collections.abc import Iterator, Sequence
from itertools import combinations

from oracle.alerts import Appearance, Found, raised
from oracle.persons import differ


def identity_conflicts(people: Sequence[Appearance]) -> Iterator[Found]:
    """Yield one alert for each document of which two holders differ, at least one of the two in an incident."""
    for document in {document for one in people for document in one.subject.documents}:
        holders = [one for one in people if document in one.subject.documents]
        pairs = [
            pair
            for pair in combinations(holders, 2)
            if "incident" in {one.case.report["type"] for one in pair} and differ(pair[0].subject, pair[1].subject)
        ]
        if pairs:
            mine = list({(one.case.report["id"], one.position): one for pair in pairs for one in pair}.values())
            yield raised("identity_conflict", mine, score=0.5, other="/".join(document))
