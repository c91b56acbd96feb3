"""Who is told of an alert, and why."""

from pathlib import Path

import pytest
from factory import a_vehicle, an_alert, an_incident, at

from consumers.contact_points import BUNDLED as CONTACT_POINTS
from consumers.contact_points import contact_point_codes
from consumers.errors import ConfigurationError
from consumers.routing import BUNDLED, RouteReason, load_routes, route
from schemas.alerts import Alert

CODES = contact_point_codes(CONTACT_POINTS)
TABLE = load_routes(BUNDLED, CODES)


def told(alert: Alert, *before: str) -> dict[str, RouteReason]:
    return {one.contact_point: one.reason for one in route(alert, TABLE, CODES, before)}


def test_danger_to_life_is_told_on_both_sides_of_the_crossing_and_to_frontex() -> None:
    alert = an_alert(an_incident(station="HU-ROS", life_at_risk=True))
    assert told(alert) == {"HU": RouteReason.PLACE, "RS": RouteReason.PLACE, "FRONTEX": RouteReason.NAMED}


def test_the_reason_is_given_in_words() -> None:
    alert = an_alert(an_incident(station="HU-ROS", life_at_risk=True))
    assert [one.text for one in route(alert, TABLE, CODES)] == [
        "Röszke (HU) is one of the places.",
        "Röszke (HU) is one of the places, and this is its other side.",
        "Route “lives” names FRONTEX for alerts like this.",
    ]


def test_an_originator_elsewhere_is_told_too() -> None:
    alert = an_alert(an_incident(station="HU-ROS", life_at_risk=True, originator="AT"))
    assert told(alert)["AT"] is RouteReason.ORIGINATOR


@pytest.mark.parametrize(("kind", "europol"), [("migrant_smuggling", True), ("irregular_crossing", False)])
def test_europol_is_told_of_repeats_from_severity_high_on(kind: str, *, europol: bool) -> None:
    pair = [
        an_incident(station=station, kind=kind, vehicles=[a_vehicle()], occurred_at=at(day))
        for day, station in ((1, "SI-OBR"), (2, "SI-GRU"))
    ]
    assert ("EUROPOL" in told(an_alert(*pair))) is europol


def test_where_no_country_has_a_contact_point_the_fallback_is_told() -> None:
    """Of Deve Bair's two sides only North Macedonia has one; nobody is told nothing."""
    alert = an_alert(an_incident(station="MK-DBA", life_at_risk=True))
    assert told(alert) == {"MK": RouteReason.PLACE, "FRONTEX": RouteReason.NAMED}
    assert {one.contact_point: one.reason for one in route(alert, TABLE, {"EUROPOL", "SI"})} == {
        "EUROPOL": RouteReason.FALLBACK,
        "FRONTEX": RouteReason.FALLBACK,
    }


def test_who_was_told_before_is_told_again() -> None:
    alert = an_alert(an_incident(station="HU-ROS", life_at_risk=True))
    assert told(alert, "IT", "HU") == told(alert) | {"IT": RouteReason.FOLLOWS}


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("routes: []\nfallback: []", "fallback: Tuple should have at least 1 item"),
        ("routes: []", "fallback: Field required"),
        ("routes: []\nfallback: [SU]", "fallback: SU is not a contact point"),
        ("routes: [{name: a, to: [SU]}]\nfallback: [SI]", "routes.a: SU is not a contact point"),
        ("routes: []\nfallback: ['@places']", "fallback: @places is not a contact point"),
        ("routes: [{name: a, to: []}]\nfallback: [SI]", "routes.0.to: Tuple should have at least 1 item"),
        ("routes: [{name: a, to: [SI], match: {kinds: [rumour]}}]\nfallback: [SI]", "routes.0.match.kinds"),
        ("routes: [{name: a, to: [SI], when: x}]\nfallback: [SI]", "routes.0.when: Extra inputs"),
        ("{", "not YAML"),
    ],
)
def test_a_table_that_could_lose_an_alert_is_refused(tmp_path: Path, text: str, complaint: str) -> None:
    path = tmp_path / "routing.yaml"
    path.write_text(text)
    with pytest.raises(ConfigurationError) as caught:
        load_routes(path, CODES)
    assert str(path) in str(caught.value)
    assert complaint in str(caught.value)
