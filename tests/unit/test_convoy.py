"""`convoy`: cases that raise it, beside each the nearest that must not, and dense mixes against the oracle."""

import random
from collections.abc import Iterable
from typing import Any

import mixed_convoys
import oracle
import pytest
from factory import a_sighting, a_vehicle, an_incident, at
from offline_rig import alert_id, played, raised, revisions, standing

CONVOY = "convoy"
MINUTE = 1 / 1440
VAN, CAR = a_vehicle("ZG 4567-XY", "HR", category="van"), a_vehicle("LJ AB-123", "SI", category="car")
ROUTE = ("SI-OBR", "SI-GRU", "RS-HOR")
CAUGHT = an_incident(id="I-1", station="RS-HOR", occurred_at=at(4.5), vehicles=[VAN])
Events = list[dict[str, Any]]


def passage(name: str, days: float, station: str, vehicle: dict[str, Any], **more: Any) -> dict[str, Any]:
    return a_sighting(id=name, occurred_at=at(days), station=station, vehicle=vehicle, direction="entry", **more)


def journey(number: int, days: float, *, ahead: float = 5, stations: Iterable[str] = ROUTE, **more: Any) -> Events:
    """Return the van's passages an hour apart and the car's, so many minutes ahead."""
    found = []
    for place, station in enumerate(stations):
        moment = days + place / 24
        found.append(passage(f"V-{number}{place}", moment, station, VAN))
        found.append(passage(f"C-{number}{place}", moment - ahead * MINUTE, station, {**CAR, **more}))
    return found


def traffic(stations: Iterable[str] = ROUTE) -> Events:
    """Return two passages of other vehicles at each place in each hour of a week."""
    return [
        passage(f"T-{station}-{half}", half / 48 - 3, station, a_vehicle(f"KP {half:03}-{place}AB", "SI"))
        for place, station in enumerate(stations)
        for half in range(336)
    ]


def two_journeys(**more: Any) -> Events:
    return [*journey(1, 1, **more), *journey(2, 3, **more)]


def evidence(*numbers: int, places: int = 3, also: tuple[str, ...] = ("I-1",)) -> tuple[str, ...]:
    return tuple(
        sorted((*also, *(f"{who}-{one}{place}" for who in "CV" for one in numbers for place in range(places))))
    )


def test_two_journeys_over_three_places_with_everything_that_the_alert_says() -> None:
    """Proves the whole content; each place has 340 passages, three of them in the van's hour."""
    (alert,) = standing(CONVOY, *traffic(), *two_journeys(), CAUGHT)
    assert alert.id == alert_id("convoy|real|V-10|vehicle|")
    assert (alert.status, alert.severity, alert.score) == ("open", "high", 0.8)
    assert alert.summary == (
        "Vehicle ZG4567XY (HR), known from migrant smuggling at Horgoš (RS) on 5 May 2026 20:00 UTC, passes the same "
        "places minutes apart from LJAB123 (SI), journey after journey."
    )
    van, car = alert.subjects
    assert (van.label, car.label) == ("ZG4567XY (HR)", "LJAB123 (SI)")
    assert [one.event for one in van.appearances] == ["V-10", "V-11", "V-12", "V-20", "V-21", "V-22", "I-1"]
    assert [one.event for one in car.appearances] == ["C-10", "C-11", "C-12", "C-20", "C-21", "C-22"]
    assert alert.evidence == evidence(1, 2)
    together, smuggling = alert.reasons
    assert (together.rule, together.contribution) == ("convoy.together", 0.6)
    assert (smuggling.rule, smuggling.contribution) == ("convoy.smuggling", 0.2)
    judged = (
        "5 minutes after it (by chance 1 in 170: 0.88% of the passages there fall in this hour of the week, "
        "and it passed there 2 times)"
    )
    assert together.text == (
        "ZG4567XY (HR), known from migrant smuggling at Horgoš (RS) on 5 May 2026 20:00 UTC, passed 3 crossings in the "
        "same order as LJAB123 (SI), at most 10 minutes apart, on 2 journeys: "
        f"Obrežje (SI) on 2 May 2026 08:00 UTC {judged}, Gruškovje (SI) on 2 May 2026 09:00 UTC {judged}, "
        f"Horgoš (RS) on 2 May 2026 10:00 UTC {judged}; Obrežje (SI) on 4 May 2026 08:00 UTC {judged}, "
        f"Gruškovje (SI) on 4 May 2026 09:00 UTC {judged}, Horgoš (RS) on 4 May 2026 10:00 UTC {judged}. "
        "Together that is 29,000 times likelier than by chance. Nothing else is said against LJAB123 (SI) here."
    )
    assert (alert.opened_at.isoformat(), alert.valid_until.isoformat()) == (at(4.5), at(11.5))
    assert alert.handling_codes == ("H1",)


@pytest.mark.parametrize(
    ("events", "expected"),
    [
        ([*two_journeys(ahead=10), CAUGHT], True),
        ([*two_journeys(ahead=10.02), CAUGHT], False),
        ([*journey(1, 1), *journey(2, 1 + 14 / 24), CAUGHT], True),  # two hours of driving, and twelve between
        ([*journey(1, 1), *journey(2, 1 + 14 / 24 - MINUTE), CAUGHT], False),
        ([*journey(1, -2.5), *journey(2, 4.5 - 2 / 24), CAUGHT], True),  # seven days from the first to the last
        ([*journey(1, -2.5), *journey(2, 4.5 - 2 / 24 + MINUTE), CAUGHT], False),
        ([*two_journeys(stations=ROUTE[:2]), CAUGHT], False),
        ([*journey(1, 1, stations=ROUTE[:2]), *journey(2, 3, stations=ROUTE[1:]), CAUGHT], True),
        (journey(1, 1), False),
        (two_journeys(), False),  # nobody of interest
        ([*two_journeys(), {**CAUGHT, "kind": "return_or_readmission"}], False),
        ([*two_journeys(), {**CAUGHT, "exercise": True}], False),
        ([*two_journeys(), {**CAUGHT, "vehicles": [{**VAN, "involvement": "bystander"}]}], False),
        ([*two_journeys(), {**CAUGHT, "vehicles": [{**VAN, "involvement": "stolen"}]}], True),
        ([*two_journeys(category="trailer"), CAUGHT], False),
        ([*two_journeys(involvement="public_transport"), CAUGHT], False),
        ([*two_journeys(plate="ZG 4S67-XY", plate_country="HR"), CAUGHT], False),  # the van itself, misread
        ([*two_journeys(plate_country="HR"), CAUGHT], True),
    ],
)
def test_what_makes_a_convoy_and_what_does_not_quite(events: Events, *, expected: bool) -> None:
    assert bool(raised(CONVOY, *traffic(), *events)) is expected
    assert bool(raised(CONVOY, *reversed(events), *traffic())) is expected


def test_the_other_way_is_no_convoy_and_the_other_side_of_the_crossing_is_the_same_way() -> None:
    back = [{**one, "direction": "exit"} if one["id"].startswith("C") else one for one in two_journeys()]
    assert raised(CONVOY, *traffic(), *back, CAUGHT) == []
    sides = {"SI-OBR": "HR-BRE", "SI-GRU": "HR-MAC", "RS-HOR": "HU-ROS"}
    leaving = [{**one, "station": sides[one["station"]]} if one["id"].startswith("C") else one for one in back]
    assert raised(CONVOY, *traffic(), *leaving, CAUGHT) == [evidence(1, 2)]


def test_traffic_that_goes_when_the_two_go_makes_it_a_coincidence() -> None:
    busy = [
        passage(f"B-{station}-{days}-{number}", days + place / 24, station, a_vehicle(f"MB {number:03}-XY", "SI"))
        for place, station in enumerate(ROUTE)
        for days in (1, 3)
        for number in range(12)
    ]
    assert raised(CONVOY, *traffic(), *two_journeys(), CAUGHT)
    assert raised(CONVOY, *traffic(), *two_journeys(), CAUGHT, *busy) == []
    assert raised(CONVOY, *busy, CAUGHT, *two_journeys(), *traffic()) == []


def test_who_is_there_all_the_time_is_met_by_chance() -> None:
    often = [
        passage(f"O-{station}-{number}", number / 8 - 2.9, station, CAR) for station in ROUTE for number in range(20)
    ]
    assert raised(CONVOY, *traffic(), *two_journeys(), CAUGHT, *often) == []


def test_one_alert_for_the_vehicle_of_interest_with_all_companions() -> None:
    third = a_vehicle("NI 777-KK", "RS")
    others = [
        {**one, "id": one["id"].replace("C", "D"), "vehicle": third} for one in two_journeys() if "C" in one["id"]
    ]
    (alert,) = standing(CONVOY, *traffic(), *two_journeys(), *others, CAUGHT)
    assert [subject.label for subject in alert.subjects] == ["ZG4567XY (HR)", "NI777KK (RS)", "LJAB123 (SI)"]
    assert [reason.contribution for reason in alert.reasons] == [0.6, 0.0, 0.2]


def test_two_of_interest_have_an_alert_each() -> None:
    other = an_incident(id="I-2", occurred_at=at(5), vehicles=[CAR])
    alerts = standing(CONVOY, *traffic(), *two_journeys(), CAUGHT, other)
    assert sorted(alert.subjects[0].label for alert in alerts) == ["LJAB123 (SI)", "ZG4567XY (HR)"]


def test_traffic_that_goes_on_tells_nobody_again() -> None:
    later = [
        passage(f"L-{number}", 5 + number / 24, "SI-OBR", a_vehicle(f"CE {number:03}-AA", "SI")) for number in range(9)
    ]
    assert len(revisions(CONVOY, *traffic(), *two_journeys(), CAUGHT, *later)) == 1


def test_an_incident_that_is_taken_back_withdraws_it() -> None:
    retraction = {
        "type": "retraction", "schema_version": "1.0", "id": "R-1", "at": at(6), "originator": "RS", "officer": "a",
        "retracts": "I-1", "reason": "unfounded",
    }  # fmt: skip
    *_, last = revisions(CONVOY, *traffic(), *two_journeys(), CAUGHT, retraction)
    assert last.status == "withdrawn"


@pytest.mark.parametrize("seed", range(20))
def test_dense_mixes_against_the_oracle(seed: int) -> None:
    rng = random.Random(seed)
    events = mixed_convoys.events(rng)
    expected = {(one.id, one.kind, one.evidence) for one in oracle.open_alerts(events) if one.kind == CONVOY}
    assert {(one.id, one.kind, one.evidence) for one in played(events).open_alerts if one.kind == CONVOY} == expected


def test_the_mixes_hold_convoys_and_what_is_nearly_one() -> None:
    found = [
        sum(one.kind == CONVOY for one in oracle.open_alerts(mixed_convoys.events(random.Random(seed))))
        for seed in range(20)
    ]
    assert 4 <= sum(bool(one) for one in found) <= 16
