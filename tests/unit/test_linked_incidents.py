"""`linked_incidents`: cases that raise it, and beside each the nearest that must not."""

import pytest
from factory import a_person, a_sighting, a_vehicle, at
from linked import AGRON, CAR, DRIVER, LINKED, VAN, Said, assert_raised, crime, three
from offline_rig import alert_id, played, standing

HOUR = 1 / 24


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


def test_of_two_that_appear_first_in_one_report_the_person_names_the_alert() -> None:
    """By event and position: persons before vehicles, as the letters have it."""
    events = [crime("A", 0, VAN, DRIVER), crime("B", 3, VAN), crime("C", 9, DRIVER)]
    expected = alert_id("linked_incidents|real|A|persons/0|")
    assert {alert.id for order in (events, events[::-1]) for alert in standing(LINKED, *order)} == {expected}
