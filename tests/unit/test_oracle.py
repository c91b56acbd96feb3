"""The oracle on hand-made cases: vehicles seen after an incident, and journeys that nobody can make."""

import hashlib
from typing import Any

import oracle
import pytest
from factory import NOW, a_sighting, a_vehicle, an_incident, at
from line import may_hold

from infra.receipts import Receipt


def raised(kind: str, *events: dict[str, Any]) -> list[tuple[str, ...]]:
    """Return the evidence of each open alert of this kind."""
    return sorted(alert.evidence for alert in oracle.open_alerts(events) if alert.kind == kind)


def told(kind: str, *events: dict[str, Any]) -> set[str]:
    """Return who must hold the one alert of this kind."""
    (found,) = [one for one in oracle.find(events) if one.alert.kind == kind]
    return set(found.told)


def incident(name: str = "I-1", days: float = 0, **more: Any) -> dict[str, Any]:
    fields = {"kind": "irregular_crossing", "vehicles": [a_vehicle()], **more}
    return an_incident(id=name, occurred_at=at(days), **fields)


def sighting(name: str = "S-1", days: float = 0, *, seconds: float = 0, **more: Any) -> dict[str, Any]:
    return a_sighting(id=name, occurred_at=at(days, hours=seconds / 3600), **{"station": "SI-GRU", **more})


HOUR = 3600
DAY = 24 * HOUR
KNOWN = "known_vehicle_sighted"
JOURNEY = "impossible_journey"


@pytest.mark.parametrize(
    ("seconds", "station", "expected"),
    [
        (30 * DAY, "SI-GRU", True),
        (30 * DAY + 1, "SI-GRU", False),
        (0, "SI-GRU", True),
        (-1, "SI-GRU", False),
        (2 * HOUR, "SI-OBR", False),
        (2 * HOUR, "HR-BRE", False),
        (2 * HOUR + 1, "SI-OBR", True),
        (2 * HOUR + 1, "HR-BRE", True),
    ],
)
def test_a_known_vehicle_is_told_of_for_30_days_but_not_of_its_own_passage(
    seconds: float, station: str, *, expected: bool
) -> None:
    events = [incident(), sighting(seconds=seconds, station=station)]
    assert raised(KNOWN, *events) == ([("I-1", "S-1")] if expected else [])
    assert oracle.open_alerts(reversed(events)) == oracle.open_alerts(events)


@pytest.mark.parametrize(
    ("involvement", "kind", "expected"),
    [
        (None, "irregular_crossing", True),
        ("used", "search_and_rescue", True),
        ("stolen", "refused_entry", True),
        (None, "search_and_rescue", False),
        (None, "refused_entry", False),
        ("used", "return_or_readmission", False),
        ("bystander", "irregular_crossing", False),
        ("public_transport", "irregular_crossing", False),
        ("rescue_or_official", "irregular_crossing", False),
    ],
)
def test_only_used_and_stolen_vehicles_are_of_interest(involvement: str | None, kind: str, *, expected: bool) -> None:
    car = a_vehicle() | ({"involvement": involvement} if involvement else {})
    assert bool(raised(KNOWN, incident(kind=kind, vehicles=[car]), sighting(days=1))) is expected


@pytest.mark.parametrize(
    ("vehicle", "expected"),
    [
        (a_vehicle("lj-ab 123"), True),
        (a_vehicle(country="HR"), False),
        (a_vehicle(country=None), False),
        (a_vehicle("LJ AB-124"), False),
        (a_vehicle("LJ A8-123"), False),
        (a_vehicle("LJ A8-I23", plate_confidence=0.79), True),
        (a_vehicle("LJ A8-I2", plate_confidence=0.79), False),
        (a_vehicle("LJ AB-12", plate_confidence=0.79), True),
        (a_vehicle("LJ AB-1234", plate_confidence=0.79), True),
        (a_vehicle("LJ AB-1234", plate_confidence=0.8), False),
    ],
)
def test_a_vehicle_is_its_known_country_and_plate(vehicle: dict[str, Any], *, expected: bool) -> None:
    assert bool(raised(KNOWN, incident(), sighting(days=1, vehicle=vehicle))) is expected


VIN, LOOK = {"vin": "V1"}, {"make": "Škoda", "colour": "red"}


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        (VIN, {"plate": "LJ AB-12", "vin": "v-1"}, True),
        (LOOK, {"plate": "LJ AB-12", "make": "SKODA", "colour": "Red"}, True),
        (LOOK, {"plate": "LJ AB-12", "make": "Škoda"}, False),
        (LOOK, {"plate": "LJ AB-12", "plate_confidence": 0.5, "colour": "grey"}, False),
        (VIN, {"vin": "V2"}, False),
        (VIN | LOOK, LOOK, True),
        ({"category": "car"}, {"category": "van"}, True),
        ({"category": "car"} | LOOK, {"plate": "LJ AB-12", "category": "van"} | LOOK, False),
        (LOOK, {"plate_country": None} | LOOK, True),
        (VIN, {"plate_country": None} | VIN, True),
        (LOOK, {"plate_country": None, "plate": "LJ AB-12"} | LOOK, False),
        (LOOK, {"plate_country": "HR"} | LOOK, False),
    ],
)
def test_a_misread_or_an_absent_country_is_bridged_by_evidence(
    one: dict[str, Any], other: dict[str, Any], *, expected: bool
) -> None:
    first, second = (a_vehicle() | said for said in (one, other))
    known = {name: value for name, value in second.items() if value is not None}
    assert bool(raised(KNOWN, incident(vehicles=[first]), sighting(days=1, vehicle=known))) is expected
    assert bool(raised("repeat_vehicle", incident(vehicles=[known]), incident("I-2", 1, vehicles=[first]))) is expected


def test_two_vins_are_two_vehicles_and_a_report_without_goes_to_the_stronger_then_the_earlier() -> None:
    one, other = incident("I-1", 1, vehicles=[a_vehicle(vin="V1")]), incident("I-2", vehicles=[a_vehicle(vin="V2")])
    assert raised("repeat_vehicle", one, other, incident("I-3", 2)) == [("I-2", "I-3")]
    described = [one | {"vehicles": [a_vehicle(vin="V1", **LOOK)]}, incident("I-3", 2, vehicles=[a_vehicle(**LOOK)])]
    assert raised("repeat_vehicle", other, *described) == [("I-1", "I-3")]


def test_two_unknown_countries_are_no_match() -> None:
    unknown = a_vehicle(country=None)
    assert raised(KNOWN, incident(vehicles=[unknown]), sighting(days=1, vehicle=unknown)) == []


def test_an_exercise_meets_exercises_only() -> None:
    drill = incident(exercise=True)
    assert raised(KNOWN, drill, sighting(days=1)) == []
    assert raised(KNOWN, incident(), sighting(days=1, exercise=True)) == []
    assert raised(KNOWN, drill, sighting(days=1, exercise=True)) == [("I-1", "S-1")]


def test_incidents_30_days_apart_are_one_chain_and_all_of_it_is_evidence() -> None:
    one_chain = [incident("I-1"), incident("I-2", 30), sighting(days=31)]
    assert raised(KNOWN, *one_chain) == [("I-1", "I-2", "S-1")]
    assert raised(KNOWN, incident("I-1"), incident("I-2", 30.1), sighting(days=31)) == [("I-2", "S-1")]


def test_all_sightings_that_follow_are_evidence_of_one_alert() -> None:
    seen = [sighting(f"S-{day}", day) for day in (1, 2, 30, 31)]
    assert raised(KNOWN, incident(), *seen) == [("I-1", "S-1", "S-2", "S-30")]


def test_a_sighting_between_two_incidents_of_a_chain_qualifies_by_the_first() -> None:
    assert raised(KNOWN, incident("I-1"), incident("I-2", 2), sighting(days=1)) == [("I-1", "I-2", "S-1")]


def test_each_chain_has_an_alert_of_its_own() -> None:
    events = [incident("I-1"), incident("I-2", 31), sighting("S-1", 30), sighting("S-2", 61)]
    assert raised(KNOWN, *events) == [("I-1", "S-1"), ("I-2", "S-2")]


def test_the_report_that_holds_is_the_evidence_and_relays_are() -> None:
    newer = incident("I-2", 1, updates="I-1", reported_at=at(2))
    assert raised(KNOWN, incident("I-1"), newer, sighting(days=0.5)) == []
    assert raised(KNOWN, incident("I-1"), newer, sighting(days=1.5)) == [("I-2", "S-1")]
    relay = incident("I-2", relay_of="I-1", originator="EUROPOL", vehicles=[])
    assert raised(KNOWN, incident("I-1"), relay, sighting(days=1)) == [("I-1", "I-2", "S-1")]


def test_the_id_is_of_the_subjects_first_appearance_by_time_id_and_position() -> None:
    cars = [a_vehicle("LJ XX-1"), a_vehicle(involvement="bystander"), a_vehicle(), a_vehicle("LJ-AB 123")]
    events = [incident("I-2", vehicles=cars), incident("I-3", 1), sighting(days=2)]
    digest = hashlib.sha256(b"known_vehicle_sighted|real|I-2|vehicles/2|").hexdigest()
    (alert,) = [one for one in oracle.open_alerts(events) if one.kind == KNOWN]
    assert alert.id == "al-" + digest[:20]


def test_positions_are_compared_as_numbers() -> None:
    cars = [a_vehicle(f"LJ {number}") for number in range(11)]
    cars[2] = cars[10] = a_vehicle()
    digest = hashlib.sha256(b"known_vehicle_sighted|exercise|I-1|vehicles/2|").hexdigest()
    drill: dict[str, Any] = {"exercise": True}
    (alert,) = [
        one
        for one in oracle.open_alerts([incident(vehicles=cars, **drill), sighting(days=2, **drill)])
        if one.kind == KNOWN
    ]
    assert alert.id == "al-" + digest[:20]


def test_both_sides_of_the_places_and_the_originators_are_told_and_europol_of_what_is_severe() -> None:
    seen = sighting(days=2, station="RS-HOR")
    assert told(KNOWN, incident(), seen) == {"SI", "HR", "HU", "RS"}
    assert told(KNOWN, incident(originator="AT"), seen) == {"SI", "HR", "HU", "RS", "AT"}
    smuggling = incident(kind="migrant_smuggling")
    assert told(KNOWN, smuggling, seen) == {"SI", "HR", "HU", "RS"}, "0.7"
    assert told(KNOWN, smuggling, incident("I-2", 1), seen) == {"SI", "HR", "HU", "RS", "EUROPOL"}, "0.8"
    assert told(KNOWN, incident(), incident("I-2", 1), seen) == {"SI", "HR", "HU", "RS"}, "0.6"
    same_occurrence = incident("I-2", 3 / 24, station="HR-BRE")
    assert told(KNOWN, smuggling, same_occurrence, seen) == {"SI", "HR", "HU", "RS"}, "one occurrence: 0.7"
    danger = incident("I-2", 1, life_at_risk=True)
    assert told(KNOWN, incident(), danger, seen) == {"SI", "HR", "HU", "RS", "EUROPOL"}
    assert told(KNOWN, incident(life_at_risk=True), incident("I-2", 1), seen) == {"SI", "HR", "HU", "RS"}


@pytest.mark.parametrize(("seconds", "expected"), [(9393, True), (-9393, True), (9394, False), (-9394, False)])
def test_nobody_drives_332_kilometres_in_that_time(seconds: float, *, expected: bool) -> None:
    """At 130 km/h on roads 1.2 times as long, 332.574 km take 11,052 s, and 85 % of that is 9,393.9 s."""
    events = [sighting("S-1", station="SI-OBR"), sighting("S-2", seconds=seconds, station="RS-HOR")]
    assert raised(JOURNEY, *events) == ([("S-1", "S-2")] if expected else [])


def test_no_journey_is_impossible_at_one_place_in_two_countries_or_with_an_unknown_one() -> None:
    here = sighting("S-1", station="SI-OBR")
    assert raised(JOURNEY, here, sighting("S-2", station="HR-BRE")) == []
    assert raised(JOURNEY, here, sighting("S-2", station="RS-HOR")) == [("S-1", "S-2")]
    for country in ("HR", None):
        car = a_vehicle(country=country)
        assert raised(JOURNEY, here, sighting("S-2", station="RS-HOR", vehicle=car)) == []
    nobody = a_vehicle(country=None)
    both = [sighting("S-1", vehicle=nobody), sighting("S-2", station="RS-HOR", vehicle=nobody)]
    assert raised(JOURNEY, *both) == []
    assert raised(JOURNEY, here, sighting("S-2", station="RS-HOR", exercise=True)) == []
    assert raised(JOURNEY, incident(), sighting("S-2", station="RS-HOR")) == [], "sightings only"


def test_overlapping_impossible_pairs_are_one_alert_and_others_are_not() -> None:
    def pair(start: float, *names: str) -> list[dict[str, Any]]:
        return [
            sighting(names[0], seconds=start, station="SI-OBR"),
            sighting(names[1], seconds=start + HOUR, station="RS-HOR"),
        ]

    assert raised(JOURNEY, *pair(0, "S-1", "S-2"), *pair(4 * HOUR, "S-3", "S-4")) == [("S-1", "S-2"), ("S-3", "S-4")]
    shared = sighting("S-3", seconds=2 * HOUR, station="SI-OBR")
    assert raised(JOURNEY, *pair(0, "S-1", "S-2"), shared) == [("S-1", "S-2", "S-3")]
    overlapping = sighting("S-9", seconds=HOUR / 2, station="RS-HOR")
    assert raised(JOURNEY, *pair(0, "S-1", "S-2"), overlapping) == [("S-1", "S-2", "S-9")]
    digest = hashlib.sha256(b"impossible_journey|real|S-1|vehicle|").hexdigest()
    assert {alert.id for alert in oracle.open_alerts(pair(0, "S-1", "S-2"))} == {"al-" + digest[:20]}
    assert told(JOURNEY, *pair(0, "S-1", "S-2")) == {"SI", "HR", "HU", "RS"}


def test_the_first_event_with_an_id_holds_across_all_types() -> None:
    danger = incident("X-1", life_at_risk=True)
    seen = sighting("X-1", days=1)
    assert raised(KNOWN, incident(), seen, danger) == [("I-1", "X-1")]
    assert raised("life_at_risk", seen, danger) == [("X-1",)], "a refused form costs no life"
    assert raised(KNOWN, danger, seen) == []
    assert raised(KNOWN, incident(), sighting(days=1), sighting(days=1)) == [("I-1", "S-1")]
    assert raised(KNOWN, incident(), sighting(days=31), sighting(days=1)) == []


def test_what_is_not_judged_yet_is_passed_over() -> None:
    others = [
        {"type": name, "id": f"{name}-1", "schema_version": "1.0", "at": at()}
        for name in ("retraction", "verdict", "station_status")
    ]
    assert raised(KNOWN, *others, incident(), sighting(days=1)) == [("I-1", "S-1")]


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({}, {"SI", "HR", "AT"}),
        ({"severity": "high"}, {"SI", "HR", "AT", "EUROPOL"}),
        ({"severity": "critical"}, {"SI", "HR", "AT", "EUROPOL"}),
        ({"severity": "critical", "kind": "life_at_risk"}, {"SI", "HR", "AT", "FRONTEX"}),
        ({"originators": ["TR"], "occurrences": []}, {"EUROPOL", "FRONTEX"}),
    ],
)
def test_a_revision_is_for_its_places_its_originators_and_whoever_serious_cases_concern(
    fields: dict[str, Any], expected: set[str]
) -> None:
    alert: dict[str, Any] = {"kind": "repeat_vehicle", "severity": "medium", "originators": ["AT"]}
    alert |= {"occurrences": [{"station": "SI-OBR"}]} | fields
    assert oracle.addressed(alert) == expected


def test_who_was_told_an_earlier_revision_may_go_on_holding_the_alert() -> None:
    """And nobody else may: not whom the earlier revision was not for either."""
    earlier: dict[str, Any] = {"id": "al-1", "kind": "repeat_vehicle", "severity": "high", "originators": ["SI"]}
    earlier |= {"occurrences": [{"station": "SI-OBR"}]}
    told = [
        Receipt(NOW, code, "", 1, (), "full", earlier | {"addressed": oracle.addressed(earlier)})
        for code in ("EUROPOL", "RS")
    ]
    standing = oracle.OpenAlert("al-1", "repeat_vehicle", ("E-1", "E-2"))
    assert may_hold(told, {"SI": {standing}}) == {"EUROPOL": {standing}}
    assert may_hold(told, {"SI": {standing._replace(id="al-2")}}) == {}
