"""Random trees and alerts: somebody is always told, and what the refusals rest on holds."""

import random
from typing import Any

from factory import an_alert, an_incident
from hypothesis import given
from hypothesis import strategies as st

from consumers.contact_points import BUNDLED as CONTACT_POINTS
from consumers.contact_points import contact_point_codes
from consumers.routing import Route, RoutingTable, VisitStatus, route, visits
from schemas import stations
from schemas.alerts import Alert, AlertKind, Severity

CODES = contact_point_codes(CONTACT_POINTS)
LIFE = an_alert(an_incident(station="HU-ROS", life_at_risk=True))
STATIONS = sorted(stations.registry())
TARGETS = [*sorted(CODES), "@places", "@originators", "@addressees"]


def some(values: Any, at_least: int = 1) -> st.SearchStrategy[list[Any]]:
    return st.lists(st.sampled_from(list(values)), min_size=at_least, max_size=3)


MATCHES = st.fixed_dictionaries(
    {},
    optional={
        "kinds": some(AlertKind),
        "severity_at_least": st.sampled_from(Severity),
        "life_at_risk": st.booleans(),
        "exercise": st.booleans(),
        "places": some(STATIONS),
        "route": some(["RS", "HU", "SI", *STATIONS[:5]], at_least=2),
        "countries": some(["RS", "HU", "SI", "GR"]),
        "originators": some(["RS", "HU", "SI", "GR"]),
        "handling": some(["H0", "H1", "H2", "H3"]),
    },
)
TREES = st.recursive(
    st.builds(lambda match, to, goes_on: {"match": match, "to": to, "continue": goes_on},
              MATCHES, some(TARGETS), st.booleans()),
    lambda below: st.builds(
        lambda match, to, goes_on, routes: {"match": match, "to": to, "continue": goes_on, "routes": routes},
        MATCHES, some(TARGETS, at_least=0), st.booleans(), st.lists(below, min_size=1, max_size=3),
    ),
    max_leaves=8,
)  # fmt: skip
ALERTS = st.builds(
    lambda stations_of, originators, changes: LIFE.model_copy(
        update={
            "occurrences": tuple(
                LIFE.occurrences[0].model_copy(update={"station": code, "country": code[:2]}) for code in stations_of
            ),
            "originators": tuple(originators),
            **changes,
        }
    ),
    some(STATIONS, at_least=0),
    some(["RS", "HU", "SI", "GR", "BG"]),
    st.fixed_dictionaries(
        {"kind": st.sampled_from(AlertKind), "severity": st.sampled_from(Severity), "exercise": st.booleans()}
    ),
)


def named(trees: list[dict[str, Any]], prefix: str = "r") -> list[dict[str, Any]]:
    return [
        {**one, "name": f"{prefix}{number}", "routes": named(one.get("routes", []), f"{prefix}{number}.")}
        for number, one in enumerate(trees)
    ]


@given(
    trees=st.lists(TREES, max_size=4),
    alert=ALERTS,
    fallback=some(CODES),
    before=some([*CODES, "GR"], 0),
    seed=st.randoms(),
)
def test_somebody_is_always_told_and_the_order_of_contact_points_does_not_matter(
    trees: list[dict[str, Any]], alert: Alert, fallback: list[str], before: list[str], seed: random.Random
) -> None:
    """Each once, none that is no contact point; and a route is told exactly where it applies and none below it does."""
    table = RoutingTable.model_validate({"routes": named(trees), "fallback": fallback})
    found = route(alert, table, sorted(CODES), before)
    codes = [one.contact_point for one in found]
    assert codes
    assert set(codes) <= CODES
    assert len(codes) == len(set(codes))
    assert all(one.texts for one in found)
    shuffled = sorted(CODES)
    seed.shuffle(shuffled)
    assert route(alert, table, shuffled, before) == route(alert, table, CODES, before) == found
    seen = visits(alert, table)
    assert [one.route for one in seen] == [one for _, one in table.located()]
    named_here = {told.route for told in found} - {"follows", "fallback"}
    assert named_here <= {one.route.name for one in seen if one.status is VisitStatus.TELLS}


@given(st.lists(TREES, min_size=2, max_size=2), ALERTS)
def test_what_covers_another_matches_all_that_it_does(trees: list[dict[str, Any]], alert: Alert) -> None:
    """On which rests the refusal of routes that never apply."""
    one, two = (Route.model_validate(each) for each in named(trees))
    if one.covers(two) and two.unmet(alert, {}) is None:
        assert one.unmet(alert, {}) is None
    if one.match.excludes(two.match):
        assert one.unmet(alert, {}) is not None or two.unmet(alert, {}) is not None
