"""`linked_incidents`: cases that raise it, and beside each the nearest that must not."""

from typing import Any

import oracle
import pytest
from factory import a_person, a_sighting, a_vehicle, an_incident, at
from offline_rig import alert_id, played, raised, revisions, standing

LINKED = "linked_incidents"
HOUR = 1 / 24
VAN, CAR = a_vehicle(), a_vehicle("ZG 4567-XY", "HR")
AGRON = {"family_name": "Xhaferi", "given_names": "Agron", "birth_date": "1985-04-12"}
NIKOLA = {"family_name": "Kovačević", "given_names": "Nikola", "birth_date": "1979-09-23"}
DRIVER = a_person(document="AL1234567", **AGRON)
Said = dict[str, Any]


def crime(identity: str, days: float, *subjects: Said, **more: Any) -> Said:
    """Return an incident with these vehicles and persons."""
    named = {
        "vehicles": [one for one in subjects if "plate" in one],
        "persons": [one for one in subjects if "plate" not in one],
    }
    fields = {"kind": "irregular_crossing", **named, **more}
    return an_incident(id=identity, occurred_at=at(days), **fields)


def three(*, first: Said = VAN, second: Said = DRIVER) -> list[Said]:
    """Return A and B with the first subject, B and C with the second."""
    return [crime("A", 0, first), crime("B", 3, first, second), crime("C", 9, second)]


def taken_back(event: str, by: str = "SI") -> Said:
    return {
        "type": "retraction",
        "schema_version": "1.0",
        "id": f"R-{event}",
        "at": at(20),
        "originator": by,
        "officer": "an officer",
        "retracts": event,
        "reason": "unfounded",
    }


def never_the_same(*pair: tuple[str, str]) -> Said:
    between = [{"event": event, "subject": subject} for event, subject in pair]
    fields = {"alert": "al-" + "0" * 20, "contact_point": "SI", "officer": "an officer", "outcome": "false_match"}
    return {"type": "verdict", "schema_version": "1.0", "id": "V-1", "at": at(20), **fields, "between": between}


def assert_raised(events: list[Said], *expected: tuple[str, ...]) -> None:
    """Whatever the order, and judged by the brute force too."""
    assert raised(LINKED, *events) == sorted(expected)
    assert raised(LINKED, *reversed(events)) == sorted(expected)
    assert {one.evidence for one in oracle.open_alerts(events) if one.kind == LINKED} == set(expected)


def test_a_van_and_its_driver_with_everything_that_the_alert_says() -> None:
    """Proves the whole content, written out by hand."""
    last = crime("C", 9, DRIVER, kind="migrant_smuggling", station="RS-HOR")
    (alert,) = standing(LINKED, *three()[:2], last)
    assert alert.id == alert_id("linked_incidents|real|A|vehicles/0|")
    assert (alert.revision, alert.status, alert.severity, alert.score) == (1, "open", "high", 0.8)
    assert alert.summary == (
        "3 occurrences since 1 May 2026 08:00 UTC are linked by 1 vehicle and 1 person that came back, "
        "the last one migrant smuggling at Horgoš (RS) on 10 May 2026 08:00 UTC."
    )
    assert [(reason.rule, reason.contribution, reason.text, reason.evidence) for reason in alert.reasons] == [
        ("linked_incidents.occurrences", 0.5, "3 occurrences are linked by 1 vehicle and 1 person.", ("A", "B", "C")),
        (
            "linked_incidents.vehicle",
            0.0,
            (
                "LJAB123 (SI) was used in 2 of the incidents, each within 90 days of another: irregular crossing at "
                "Obrežje (SI) on 1 May 2026 08:00 UTC; irregular crossing at Obrežje (SI) on 4 May 2026 08:00 UTC."
            ),
            ("A", "B"),
        ),
        (
            "linked_incidents.person",
            0.0,
            (
                "Agron Xhaferi (born 1985-04-12) took part in 2 of the incidents, each within 365 days of another: "
                "irregular crossing at Obrežje (SI) on 4 May 2026 08:00 UTC; "
                "migrant smuggling at Horgoš (RS) on 10 May 2026 08:00 UTC."
            ),
            ("B", "C"),
        ),
        (
            "linked_incidents.smuggling",
            0.2,
            "1 incident is of smuggling or trafficking, the first migrant smuggling at Horgoš (RS).",
            ("C",),
        ),
        ("linked_incidents.several_places", 0.1, "The incidents were at 2 different crossings.", ("A", "B", "C")),
    ]
    assert [(one.kind, one.label) for one in alert.subjects] == [
        ("vehicle", "LJAB123 (SI)"),
        ("person", "Agron Xhaferi (born 1985-04-12)"),
    ]
    assert [[(one.event, one.subject) for one in subject.appearances] for subject in alert.subjects] == [
        [("A", "vehicles/0"), ("B", "vehicles/0")],
        [("B", "persons/0"), ("C", "persons/0")],
    ]
    assert (alert.opened_at.isoformat(), alert.valid_until.isoformat()) == (at(9), at(9 + 365))
    assert alert.originators == ("RS", "SI")


def test_one_subject_alone_links_nothing_however_often() -> None:
    """Three times the same van is a vehicle that is back; with two drivers who come once each it stays that."""
    drivers = [a_person(document=f"D{one}") for one in range(3)]
    assert_raised([crime(f"E-{one}", one, VAN, drivers[one]) for one in range(3)])
    assert_raised([crime("A", 0, VAN, DRIVER), crime("B", 3, VAN, DRIVER)])
    assert_raised([crime("A", 0, VAN, DRIVER), crime("B", 3, VAN, DRIVER), crime("C", 9, VAN)], ("A", "B", "C"))


def test_two_pairs_that_nothing_joins_are_none() -> None:
    pairs = [crime("A", 0, VAN), crime("B", 3, VAN), crime("C", 9, DRIVER), crime("D", 12, DRIVER)]
    assert_raised(pairs)
    assert_raised([*pairs, crime("E", 14, VAN, DRIVER)], ("A", "B", "C", "D", "E"))


@pytest.mark.parametrize(
    ("van_days", "driver_days", "expected"), [(90, 365, True), (90.001, 365, False), (90, 365.001, False)]
)
def test_each_link_lies_within_the_window_of_its_subject(
    van_days: float, driver_days: float, *, expected: bool
) -> None:
    events = [crime("A", -van_days, VAN), crime("B", 0, VAN, DRIVER), crime("C", driver_days, DRIVER)]
    assert_raised(events, *([("A", "B", "C")] if expected else []))


@pytest.mark.parametrize(
    ("hours", "station", "expected"),
    [(3, "HR-BRE", False), (3.01, "HR-BRE", True), (3, "SI-GRU", True), (0, "SI-OBR", False)],
)
def test_two_reports_of_one_arrest_are_one_occurrence(hours: float, station: str, *, expected: bool) -> None:
    events = [crime("A", 0, VAN), crime("B", hours * HOUR, VAN, DRIVER, station=station), crime("C", 9, DRIVER)]
    assert_raised(events, *([("A", "B", "C")] if expected else []))


def test_a_subject_that_only_joins_reports_of_one_arrest_is_none_of_two() -> None:
    """Four incidents are three occurrences, but the van was never elsewhere: only the driver came back."""
    events = [crime("A", 0, VAN), crime("B", HOUR, VAN, DRIVER), crime("C", 9, DRIVER), crime("D", 12, DRIVER)]
    assert_raised(events)
    (alert,) = standing(LINKED, *events, crime("E", 15, DRIVER, CAR), crime("F", 17, CAR))
    assert alert.evidence == ("A", "B", "C", "D", "E", "F"), "the other report of the arrest is evidence"
    assert [one.label for one in alert.subjects] == ["Agron Xhaferi (born 1985-04-12)", "ZG4567XY (HR)"]
    assert alert.id == alert_id("linked_incidents|real|B|persons/0|")


def test_a_stolen_car_makes_two_reports_one_arrest_though_it_links_nothing() -> None:
    stolen = {**CAR, "involvement": "stolen"}
    events = [crime("A", 0, VAN), crime("B", 9, VAN), crime("C", 9 + HOUR, DRIVER), crime("D", 12, DRIVER)]
    joined = [crime("E", 13, VAN, DRIVER)]
    assert_raised([*events, *joined], ("A", "B", "C", "D", "E"))
    (plain,) = standing(LINKED, *events, *joined)
    events[1], events[2] = crime("B", 9, VAN, stolen), crime("C", 9 + HOUR, DRIVER, stolen)
    (one_arrest,) = standing(LINKED, *events, *joined)
    assert (plain.summary[:13], one_arrest.summary[:13]) == ("5 occurrences", "4 occurrences")
    assert_raised([crime("A", 0, VAN), crime("B", 9, VAN, stolen), crime("C", 9 + HOUR, DRIVER, stolen)])


@pytest.mark.parametrize(
    "part", [{"role": "smuggled"}, {"role": "passenger"}, {"status": "victim"}, {"status": "witness"}]
)
def test_who_is_not_suspected_links_nothing(part: Said) -> None:
    """A smuggled person found in two vans, a victim of two gangs, a witness of two crimes: no suspicion."""
    assert_raised(three(second=DRIVER | part))
    events = [*three()[:2], crime("C", 9, DRIVER | part)]
    assert_raised(events)
    line = played(events)
    assert all(one.label.startswith("LJ") for alert in line.open_alerts for one in alert.subjects)


@pytest.mark.parametrize("involvement", ["stolen", "bystander", "public_transport", "rescue_or_official"])
def test_only_a_vehicle_that_was_used_links(involvement: str) -> None:
    assert_raised(three(first=VAN | {"involvement": involvement}))


def test_a_return_a_sighting_and_an_exercise_link_nothing() -> None:
    first, second, _ = three()
    assert_raised([first, second, crime("C", 9, DRIVER, kind="return_or_readmission")])
    assert_raised([first, second, crime("C", 9, DRIVER, exercise=True)])
    seen = {name: value for name, value in DRIVER.items() if name != "role"}
    assert_raised([first, second, a_sighting(id="C", occurred_at=at(9), persons=[seen])])


def test_the_newest_incident_says_whether_life_is_at_risk() -> None:
    (alert,) = standing(LINKED, *three()[:2], crime("C", 9, DRIVER, life_at_risk=True))
    assert (alert.severity, alert.life_at_risk) == ("critical", True)
    (alert,) = standing(LINKED, crime("A", 0, VAN, life_at_risk=True), *three()[1:])
    assert (alert.severity, alert.life_at_risk) == ("medium", False)


@pytest.mark.parametrize(
    ("second", "more", "severity"),
    [
        (a_person(**AGRON), [], "medium"),  # by name and birth date alone
        (DRIVER, [], "high"),
        (a_person(**AGRON), [crime("D", 12, VAN, CAR), crime("E", 15, CAR)], "high"),  # the car links in his place
    ],
)
def test_by_a_name_alone_at_most_medium_where_it_rests_on_that(second: Said, more: list[Said], severity: str) -> None:
    smuggling = [
        {**one, "kind": "migrant_smuggling", "station": station}
        for one, station in zip(three(second=second), ("SI-OBR", "SI-GRU", "RS-HOR"), strict=True)
    ]
    (alert,) = standing(LINKED, *smuggling, *more)
    assert alert.severity == severity


def test_nobody_under_18_is_named() -> None:
    (alert,) = standing(LINKED, *three(second=a_person(document="AL1", **{**AGRON, "birth_date": "2010-04-12"})))
    assert [(one.label, one.safeguarding) for one in alert.subjects] == [("LJAB123 (SI)", False), ("under 18", True)]
    told = alert.model_dump_json()
    assert "Xhaferi" not in told
    assert "Agron" not in told


def test_why_two_readings_are_one_vehicle_is_told() -> None:
    misread = a_vehicle("LJ A8-123", plate_confidence=0.5)
    events = [crime("A", 0, VAN), crime("B", 3, misread, DRIVER), crime("C", 9, DRIVER)]
    (alert,) = standing(LINKED, *events)
    (reason,) = [one for one in alert.reasons if one.rule == "linked_incidents.one_vehicle"]
    assert reason.text.startswith("Read as LJAB123 (SI) and as LJA8123 (SI)")
    assert (reason.contribution, reason.evidence) == (0.0, ("A", "B"))


def test_each_further_occurrence_adds_up_to_a_limit() -> None:
    scores = []
    for count in range(4):
        (alert,) = standing(LINKED, *three(), *(crime(f"D-{one}", 12 + one, VAN) for one in range(count)))
        scores.append(alert.score)
    assert scores == [0.5, 0.6, 0.7, 0.7]


def test_what_joins_two_networks_continues_them_as_one_and_gone_again_parts_them() -> None:
    """The report in between changes alerts whose other incidents it shares nothing with."""
    here = three()
    there = [crime("K", 5, CAR), crime("L", 7, CAR, a_person(document="X1")), crime("M", 8, a_person(document="X1"))]
    between = crime("T", 12, DRIVER, CAR)
    told = revisions(LINKED, *here, *there, between, taken_back("T"))
    ours, theirs = alert_id("linked_incidents|real|A|vehicles/0|"), alert_id("linked_incidents|real|K|vehicles/0|")
    assert [(one.id, one.revision, one.status, one.withdrawn_reason, one.superseded_by) for one in told] == [
        (ours, 1, "open", None, None),
        (theirs, 1, "open", None, None),
        (ours, 2, "open", None, None),
        (theirs, 2, "withdrawn", "superseded", ours),
        (theirs, 3, "open", None, None),
        (ours, 3, "open", None, None),
    ]
    assert told[2].evidence == ("A", "B", "C", "K", "L", "M", "T")
    assert [one.evidence for one in told[4:]] == [("K", "L", "M"), ("A", "B", "C")]
    assert_raised([*here, *there, between], ("A", "B", "C", "K", "L", "M", "T"))


def test_an_earlier_report_continues_it_as_another_alert() -> None:
    late = crime("Z", -5, VAN)
    *_, fresh, old = revisions(LINKED, *three(), late)
    assert (old.status, old.superseded_by, fresh.id) == (
        "withdrawn",
        fresh.id,
        alert_id("linked_incidents|real|Z|vehicles/0|"),
    )


def test_a_false_match_splits_and_withdraws_it() -> None:
    apart = never_the_same(("A", "vehicles/0"), ("B", "vehicles/0"))
    last = revisions(LINKED, *three(), apart)[-1]
    assert (last.revision, last.status, last.withdrawn_reason) == (2, "withdrawn", "no_longer_supported")
    assert_raised([*three(), apart])
    four = [*three(), crime("D", 12, DRIVER, CAR), crime("E", 15, CAR)]
    assert_raised([*four, apart], ("B", "C", "D", "E"))
    assert_raised([*four, apart, {**taken_back("V-1"), "id": "R-V"}], ("A", "B", "C", "D", "E"))


def test_what_is_taken_back_or_corrected_ends_it() -> None:
    assert_raised([*three(), taken_back("B")])
    corrected = crime("B-2", 3, VAN, updates="B", reported_at=at(4))
    assert_raised([*three(), corrected])
    assert_raised([*three(), crime("B-2", 3, VAN, DRIVER, updates="B", reported_at=at(4))], ("A", "B-2", "C"))


def test_a_relay_is_no_further_incident_but_its_id_is_evidence() -> None:
    relay = crime("B-R", 3, VAN, DRIVER, relay_of="B", station="HR-BRE")
    assert_raised([*three(), relay], ("A", "B", "B-R", "C"))
    assert_raised([*three()[:2], relay])


def test_a_document_with_two_holders_links_nobody() -> None:
    """Word of another holder, far from all of this, withdraws it."""
    by_document = a_person(document="AL1234567")
    events = [crime("A", 0, VAN), crime("B", 3, VAN, DRIVER), crime("C", 9, by_document)]
    assert_raised(events, ("A", "B", "C"))
    assert_raised([*events, crime("X", 40, a_person(document="AL1234567", **NIKOLA) | {"role": "passenger"})])
