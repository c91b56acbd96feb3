"""Which routes of a tree apply to an alert, which do not and why, and that somebody is always told."""

from datetime import datetime
from typing import Any

import pytest
from factory import a_bulletin, a_vehicle, an_alert, an_incident, at
from offline_rig import standing

from consumers.contact_points import BUNDLED as CONTACT_POINTS
from consumers.contact_points import contact_point_codes
from consumers.matching import FIELDS, Match, MismatchReason
from consumers.routing import RouteReason, RoutingTable, VisitStatus, route, visits
from schemas.alerts import Alert

CODES = contact_point_codes(CONTACT_POINTS)
LIFE = an_alert(an_incident(station="HU-ROS", life_at_risk=True))
JOURNEY = an_alert(
    *(
        an_incident(id=f"J-{9 - day}", station=station, vehicles=[a_vehicle()], occurred_at=at(day))
        for day, station in ((1, "RS-PRE"), (2, "HU-ROS"), (3, "SI-PIN"))  # the ids run the other way
    )
)
(BULLETIN,) = standing("bulletin", a_bulletin(countries=["HR", "RO"]))


def a_table(*routes: dict[str, Any], **more: Any) -> RoutingTable:
    return RoutingTable.model_validate({"routes": routes, "fallback": ["EUROPOL"], **more})


def node(name: str, *routes: dict[str, Any], to: str = "SI", goes_on: bool = False, **said: Any) -> dict[str, Any]:
    return {"name": name, "to": to.split(), "continue": goes_on, "routes": routes, **said}


def told(alert: Alert, table: RoutingTable) -> list[str]:
    return [one.contact_point for one in route(alert, table, CODES)]


def became(alert: Alert, table: RoutingTable) -> dict[str, str]:
    """Return what became of each route: its status, and the field that was not met."""
    return {one.route.name: one.unmet or one.status for one in visits(alert, table)}


NO_CONVOY = {"kinds": ["convoy"]}


def test_the_first_that_applies_ends_it() -> None:
    table = a_table(node("a", match=NO_CONVOY), node("b", to="HR"), node("c", to="AT", match={"exercise": False}))
    assert told(LIFE, table) == ["HR"]
    assert became(LIFE, table) == {"a": "kinds", "b": "tells", "c": "after_another"}


def test_continue_has_those_after_it_tried_as_well() -> None:
    table = a_table(node("a", goes_on=True), node("b", to="HR", goes_on=True), node("c", to="AT"), node("d", to="IT"))
    assert told(LIFE, table) == ["SI", "HR", "AT"]


def test_the_deepest_that_apply_are_told_and_the_one_above_them_is_not() -> None:
    below = node(
        "c", node("d", to="AT", goes_on=True), node("e", to="IT", match=NO_CONVOY), node("f", to="RS"), to="HU"
    )
    table = a_table(node("a", node("b", to="HR", match=NO_CONVOY), below))
    assert told(LIFE, table) == ["AT", "RS"]
    assert [(one.route.name, one.depth) for one in visits(LIFE, table)] == list(
        zip("abcdef", (0, 1, 1, 2, 2, 2), strict=True)
    )
    assert became(LIFE, table) == {
        "a": "passes_on", "b": "kinds", "c": "passes_on", "d": "tells", "e": "kinds", "f": "tells",
    }  # fmt: skip


def test_one_whose_own_do_not_apply_is_told_itself() -> None:
    table = a_table(node("a", node("b", node("c", to="IT"), to="HR", match=NO_CONVOY)), node("d", to="AT"))
    assert told(LIFE, table) == ["SI"]
    assert became(LIFE, table) == {"a": "tells", "b": "kinds", "c": "below_unmet", "d": "after_another"}


def test_one_that_tells_nobody_itself_leaves_the_alert_to_those_after_it() -> None:
    """Else an alert that none of its routes wants would end there."""
    group = {"name": "group", "routes": [node("b", match=NO_CONVOY)]}
    table = a_table(group, node("c", to="HR"))
    assert told(LIFE, table) == ["HR"]
    assert became(LIFE, table) == {"group": "none_below", "b": "kinds", "c": "tells"}


def test_where_nothing_applies_the_fallback_is_told() -> None:
    (only,) = route(LIFE, a_table(node("a", match=NO_CONVOY)), CODES)
    assert (only.contact_point, only.reason, only.route) == ("EUROPOL", RouteReason.FALLBACK, "fallback")


def test_what_is_below_an_unmet_one_is_not_tried() -> None:
    table = a_table(node("a", node("b", node("c")), match=NO_CONVOY))
    assert [one.status for one in visits(LIFE, table)] == ["unmet", "below_unmet", "below_unmet"]
    assert told(LIFE, table) == ["EUROPOL"]


@pytest.mark.parametrize(
    ("alert", "match", "unmet"),
    [
        (LIFE, {"kinds": ["life_at_risk", "convoy"]}, None),
        (LIFE, {"kinds": ["convoy"]}, "kinds"),
        (LIFE, {"severity_at_least": "critical"}, None),
        (JOURNEY, {"severity_at_least": "high"}, None),
        (JOURNEY, {"severity_at_least": "critical"}, "severity_at_least"),
        (LIFE, {"life_at_risk": True}, None),
        (LIFE, {"life_at_risk": False}, "life_at_risk"),
        (JOURNEY, {"life_at_risk": True}, "life_at_risk"),
        (LIFE, {"exercise": False}, None),
        (LIFE, {"exercise": True}, "exercise"),
        (LIFE, {"places": ["SI-OBR", "HU-ROS"]}, None),
        (LIFE, {"places": ["HU-ROS/RS-HOR"]}, None),
        (LIFE, {"places": ["RS-HOR"]}, "places"),  # the other side: that is what the place is for
        (JOURNEY, {"places": ["HU-TOR/SI-PIN"]}, None),
        (JOURNEY, {"route": ["RS", "HU", "SI"]}, None),
        (JOURNEY, {"route": ["RS", "SI"]}, None),
        (JOURNEY, {"route": ["RS-PRE", "SI"]}, None),
        (JOURNEY, {"route": ["HU-ROS/RS-HOR", "SI-PIN"]}, None),
        (JOURNEY, {"route": ["SI", "RS"]}, "route"),  # the other way
        (JOURNEY, {"route": ["RS", "RS"]}, "route"),  # once only
        (JOURNEY, {"route": ["RS", "HU", "SI", "AT"]}, "route"),
        (LIFE, {"route": ["HU", "HU"]}, "route"),
        (LIFE, {"countries": ["HU", "AT"]}, None),
        (LIFE, {"countries": ["RS"]}, "countries"),
        (BULLETIN, {"countries": ["RO"]}, None),
        (BULLETIN, {"countries": ["RS"]}, "countries"),
        (BULLETIN, {"originators": ["RS"]}, None),
        (JOURNEY, {"originators": ["AT", "SI"]}, None),
        (JOURNEY, {"originators": ["AT", "IT"]}, "originators"),
        (LIFE, {"handling": ["H1", "H2"]}, None),
        (LIFE, {"handling": ["H2", "H3"]}, "handling"),
        (LIFE, {"kinds": ["life_at_risk"], "exercise": True, "places": ["SI-OBR"]}, "exercise"),
    ],
)
def test_what_each_field_asks(alert: Alert, match: dict[str, Any], unmet: str | None) -> None:
    said = node("one", match=match)
    assert became(alert, a_table(said)) == {"one": unmet or VisitStatus.TELLS}
    assert told(alert, a_table(said)) == (["EUROPOL"] if unmet else ["SI"])


def test_the_order_of_a_route_is_that_of_time_and_not_that_in_which_the_alert_lists_it() -> None:
    shuffled = JOURNEY.model_copy(update={"occurrences": JOURNEY.occurrences[::-1]})
    table = a_table(node("balkan route", match={"route": ["RS", "HU", "SI"]}))
    assert told(shuffled, table) == told(JOURNEY, table) == ["SI"]


def test_a_station_that_is_not_in_the_registry_still_has_a_country() -> None:
    elsewhere = LIFE.occurrences[0].model_copy(update={"station": "HU-NEW"})
    alert = LIFE.model_copy(update={"occurrences": (elsewhere,)})
    assert became(alert, a_table(node("a", match={"countries": ["HU"], "places": ["HU-ROS"]}))) == {"a": "places"}


def test_every_field_is_asked() -> None:
    assert {str(one) for one in FIELDS} == set(Match.model_fields)
    assert {*map(str, FIELDS), "when", "not_when"} == set(MismatchReason)


TIMES = {
    "office": {"from": "08:00", "to": "16:00", "weekdays": ["monday", "friday"], "timezone": "Europe/Ljubljana"},
    "summer": {"months": [6, 7, 8], "timezone": "UTC"},
}


@pytest.mark.parametrize(
    ("at_", "said", "unmet"),
    [
        ("2026-05-01T06:00Z", {"when": ["office"]}, None),  # a Friday, 08:00 in Ljubljana
        ("2026-05-01T05:59Z", {"when": ["office"]}, "when"),
        ("2026-05-01T05:59Z", {"not_when": ["office"]}, None),
        ("2026-05-01T06:00Z", {"not_when": ["office"]}, "not_when"),
        ("2026-07-04T20:00Z", {"when": ["office", "summer"]}, None),  # one is enough
        ("2026-07-04T20:00Z", {"not_when": ["office", "summer"]}, "not_when"),  # one is enough
        ("2026-07-03T08:00Z", {"when": ["office"], "not_when": ["summer"]}, "not_when"),
    ],
)
def test_when_a_route_applies_goes_by_the_time_of_the_revision(
    at_: str, said: dict[str, Any], unmet: str | None
) -> None:
    """Not by the clock: a replay tells the same."""
    alert = LIFE.model_copy(update={"updated_at": datetime.fromisoformat(at_)})
    assert became(alert, a_table(node("a", **said), times=TIMES)) == {"a": unmet or "tells"}


def test_only_bulletins_have_addressees() -> None:
    """Of any other alert none are named, which would mean all."""
    table = a_table(node("a", to="@addressees"))
    assert told(LIFE, table) == ["EUROPOL"]
    assert told(BULLETIN, table) == ["HR"]
    assert told(BULLETIN.model_copy(update={"countries": ()}), table) == sorted(CODES)


@pytest.mark.parametrize(
    ("alert", "said", "text"),
    [
        (LIFE, {"to": "SI @places"}, "tells SI, @places"),
        (LIFE, {"match": {"kinds": ["surge", "convoy"]}}, "kinds: convoy, surge; the alert: life_at_risk"),
        (LIFE, {"match": {"exercise": True}}, "exercise: yes; the alert: no"),
        (
            JOURNEY,
            {"match": {"severity_at_least": "critical"}},
            "severity_at_least: critical; the alert: high",
        ),
        (JOURNEY, {"match": {"route": ["SI", "RS"]}}, "route: SI → RS; the alert: RS-PRE → HU-ROS → SI-PIN"),
        (BULLETIN, {"match": {"places": ["SI-OBR"]}}, "places: SI-OBR; the alert: none"),
        (LIFE, {"when": ["summer"]}, "when: summer; the revision is of Wednesday 2026-05-20 12:00 UTC"),
    ],
)
def test_why_is_said_in_words(alert: Alert, said: dict[str, Any], text: str) -> None:
    (visit,) = visits(alert, a_table(node("one", **said), times=TIMES))
    assert visit.text(alert) == text
