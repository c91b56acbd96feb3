"""Who is told of an alert, and why."""

from pathlib import Path

import pytest
from factory import a_vehicle, an_alert, an_incident, at
from hypothesis import given
from hypothesis import strategies as st

from consumers.contact_points import BUNDLED as CONTACT_POINTS
from consumers.contact_points import contact_point_codes
from consumers.routing import BUNDLED, RouteReason, load_routes, route
from schemas import stations
from schemas.alerts import Alert, AlertKind

CODES = contact_point_codes(CONTACT_POINTS)
TABLE = load_routes(BUNDLED, CODES)
ALERT = an_alert(an_incident(life_at_risk=True))


def told(alert: Alert, *before: str) -> dict[str, RouteReason]:
    return {one.contact_point: one.reason for one in route(alert, TABLE, CODES, before)}


def test_danger_to_life_is_told_on_both_sides_of_the_crossing_and_to_frontex() -> None:
    alert = an_alert(an_incident(station="HU-ROS", life_at_risk=True))
    assert told(alert) == {"HU": RouteReason.PLACE, "RS": RouteReason.PLACE, "FRONTEX": RouteReason.NAMED}


def test_the_reason_is_given_in_words() -> None:
    alert = an_alert(an_incident(station="HU-ROS", life_at_risk=True))
    assert [one.texts for one in route(alert, TABLE, CODES)] == [
        ("Röszke (HU) is one of the places.", "A report of HU is part of the evidence."),
        ("Röszke (HU) is one of the places, and this is its other side.",),
        ("Route “lives” names FRONTEX for alerts like this.",),
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


@pytest.mark.parametrize("exercise", [True, False])
def test_a_route_may_be_for_exercises_only(tmp_path: Path, *, exercise: bool) -> None:
    path = tmp_path / "routing.yaml"
    path.write_text("routes: [{name: drills, match: {exercise: true}, to: [SI]}]\nfallback: [HR]")
    alert = an_alert(an_incident(life_at_risk=True, exercise=exercise))
    (told_of_it,) = route(alert, load_routes(path, CODES), CODES)
    assert told_of_it.contact_point == ("SI" if exercise else "HR")


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"countries": ("RS", "BA")}, "SI"),
        ({"countries": ("BA",)}, "HR"),
        ({"countries": ()}, "HR"),
        ({"occurrences": an_alert(an_incident(station="RS-HOR", life_at_risk=True)).occurrences}, "SI"),
    ],
)
def test_a_route_may_be_for_countries_where_something_happened_or_that_are_addressed(
    tmp_path: Path, fields: dict[str, object], expected: str
) -> None:
    path = tmp_path / "routing.yaml"
    path.write_text("routes: [{name: neighbours, match: {countries: [RS, ME]}, to: [SI]}]\nfallback: [HR]")
    alert = ALERT.model_copy(update=fields)
    assert [one.contact_point for one in route(alert, load_routes(path, CODES), CODES)] == [expected]


def test_who_was_told_before_is_told_again() -> None:
    alert = an_alert(an_incident(station="HU-ROS", life_at_risk=True))
    assert told(alert, "IT", "HU") == told(alert) | {"IT": RouteReason.FOLLOWS}


def test_a_station_that_is_not_in_the_registry_does_not_stop_the_alert() -> None:
    """The occurrence says its country, which is told where the station is unknown here."""
    known = an_alert(an_incident(station="HU-ROS", life_at_risk=True))
    elsewhere = known.occurrences[0].model_copy(update={"station": "HU-NEW"})
    assert told(known.model_copy(update={"occurrences": (elsewhere,)}))["HU"] is RouteReason.PLACE


@given(
    stations_of=st.lists(st.sampled_from(sorted(stations.registry())), max_size=4),
    originators=st.lists(st.sampled_from([*sorted(CODES), "RO", "BG", "GR"]), max_size=3),
    kind=st.sampled_from(AlertKind),
)
def test_nobody_is_never_the_answer(stations_of: list[str], originators: list[str], kind: AlertKind) -> None:
    """Every alert reaches at least one contact point that exists, each once."""
    like = ALERT.occurrences[0]
    places = tuple(
        like.model_copy(update={"station": code, "country": stations.station(code).country}) for code in stations_of
    )
    changes = {"occurrences": places, "originators": tuple(originators), "kind": kind}
    found = [one.contact_point for one in route(ALERT.model_copy(update=changes), TABLE, CODES)]
    assert found
    assert set(found) <= CODES
    assert len(found) == len(set(found))
