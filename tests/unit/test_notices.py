"""What a station is told while the car is there: at once, of what it may know, and nobody's name."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from factory import DAY_ONE, a_person, a_sighting, a_vehicle, an_entry, an_incident, at
from offline_rig import RULES, alerts_in, notices_in, played, told

from schemas.alerts import Severity
from schemas.devices import Notice
from streams.offline import OfflineLine

PASSED = DAY_ONE + timedelta(days=3)
BESNIK = {"family_name": "Hoxha", "given_names": "Besnik", "birth_date": "1990-12-31"}


def crime(**more: Any) -> dict[str, Any]:
    return an_incident(**{"id": "I-1", "vehicles": [a_vehicle()], **more})


def passage(**more: Any) -> dict[str, Any]:
    return a_sighting(**{"id": "S-1", "station": "SI-GRU", "occurred_at": PASSED.isoformat(), **more})


def noticed(event: dict[str, Any], *before: dict[str, Any], minutes: float = 1) -> list[Notice]:
    """Return what stations are told of an event that comes in so long after it occurred."""
    line = played(before, DAY_ONE)
    moment = datetime.fromisoformat(event["occurred_at"]) + timedelta(minutes=minutes)
    return notices_in(told(line, event, moment))


def test_a_known_vehicle_is_told_to_the_station_that_it_passes() -> None:
    """Proves the whole content, written out by hand."""
    line = played([crime(kind="migrant_smuggling")], DAY_ONE)
    records = told(line, passage(), PASSED + timedelta(minutes=1))
    (alert,) = alerts_in(records)
    assert notices_in(records) == [
        Notice(
            station="SI-GRU",
            alert=alert.id,
            revision=1,
            at=PASSED + timedelta(minutes=1),
            severity=Severity.MEDIUM,
            plate="LJAB123",
            plate_country="SI",
        )
    ]
    assert [record.key for record in records if record.topic == "border.notices"] == [b"SI-GRU"]


@pytest.mark.parametrize(("minutes", "expected"), [(30, 1), (31, 0)])
def test_what_comes_in_later_than_half_an_hour_is_no_notice(minutes: float, expected: int) -> None:
    assert len(noticed(passage(), crime(), minutes=minutes)) == expected


def test_a_passage_of_days_ago_is_no_notice_although_it_came_in_at_once() -> None:
    """An incident that is reported late finds it; the car has long gone."""
    line = OfflineLine(RULES)
    told(line, passage(), PASSED + timedelta(minutes=1))
    records = told(line, crime(), PASSED + timedelta(days=2))
    (alert,) = alerts_in(records)
    assert (alert.evidence, alert.updated_at) == (("I-1", "S-1"), PASSED + timedelta(days=2))
    assert notices_in(records) == []


def test_an_old_passage_found_by_a_fresh_incident_is_told_where_the_incident_is() -> None:
    line = played([crime(), passage()], PASSED)
    records = told(line, crime(id="I-2", occurred_at=at(4)), DAY_ONE + timedelta(days=4, minutes=5))
    assert {(notice.station, notice.plate) for notice in notices_in(records)} == {("SI-OBR", "LJAB123")}


def test_a_watchlist_hit_says_what_check_is_asked_for_and_what_to_do() -> None:
    entry = an_entry(vehicle=a_vehicle(), check="specific", suggested_response="Search the vehicle.")
    (notice,) = noticed(passage(), entry)
    assert (notice.check, notice.suggested_response, notice.severity) == ("specific", "Search the vehicle.", "high")
    assert (notice.plate, notice.plate_country) == ("LJAB123", "SI")


@pytest.mark.parametrize(
    ("restricted", "expected"),
    [
        ({"handling": "H2"}, 1),
        ({"handling": "H2", "station": "HR-BRE"}, 0),
        ({"handling": "H2", "originator": "EUROPOL"}, 0),
        ({"handling": "H3", "handling_note": "ask first", "station": "HR-BRE"}, 0),
        ({"handling": "H1", "station": "HR-BRE"}, 1),
        ({"handling": "H0", "station": "HR-BRE"}, 1),
    ],
    ids=["own", "another country's", "of others, reported here", "H3 of another country", "H1", "H0"],
)
def test_what_may_not_be_shared_is_told_to_its_own_country_only(restricted: dict[str, str], expected: int) -> None:
    assert len(noticed(passage(), crime(**restricted))) == expected


def test_what_is_restricted_to_its_own_country_is_told_beside_what_anybody_may_know() -> None:
    own = crime(handling="H2")
    openly = crime(id="I-2", station="HR-BRE", occurred_at=at(1))
    assert len(noticed(passage(), own, openly)) == 1
    asked = openly | {"handling": "H3", "handling_note": "ask first"}
    assert noticed(passage(), own, asked) == []


def test_a_restricted_entry_of_another_country_is_not_told() -> None:
    entry = an_entry(vehicle=a_vehicle(), handling="H2")
    assert noticed(passage(), entry) == []
    assert len(noticed(passage(), entry | {"originator": "SI"})) == 1


def test_a_station_is_not_told_of_the_danger_that_it_reports_itself() -> None:
    assert noticed(crime(life_at_risk=True)) == []


def test_a_withdrawal_is_no_notice() -> None:
    update = crime(id="I-2", updates="I-1", occurred_at=PASSED.isoformat(), vehicles=[])
    assert noticed(update, crime(), passage()) == []


def test_nobody_is_named_in_a_notice() -> None:
    person = a_person(document="P-1", **BESNIK)
    listed = an_entry(person={name: value for name, value in person.items() if name != "role"})
    found = noticed(passage(persons=[person]), crime(persons=[person]), listed)
    assert len(found) == 3, "the vehicle, the person and the entry"
    written = " ".join(notice.model_dump_json() for notice in found)
    for word in ("Hoxha", "Besnik", "1990", "P-1"):
        assert word not in written


def test_a_drill_is_marked() -> None:
    (notice,) = noticed(passage(exercise=True), crime(exercise=True))
    assert notice.exercise
