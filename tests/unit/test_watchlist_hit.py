"""`watchlist_hit`: cases that raise it, and beside each the nearest that must not."""

from typing import Any

import pytest
from factory import a_person, a_removal, a_sighting, a_vehicle, an_entry, an_incident, at
from offline_rig import alert_id, alerts_in, played, raised, revisions, standing, told

HIT = "watchlist_hit"
QERIM = {"family_name": "Shehu", "given_names": "Qerim", "birth_date": "1985-04-12"}
SECOND = 1 / 3600


def wanted_car(identity: str = "W-1", **more: Any) -> dict[str, Any]:
    return an_entry(id=identity, **{"vehicle": a_vehicle(), **more})


def wanted_person(identity: str = "W-1", **more: Any) -> dict[str, Any]:
    person = {name: value for name, value in a_person(document="P-1", **QERIM).items() if name != "role"}
    return an_entry(id=identity, **{"person": person, **more})


def seen(identity: str = "S-1", days: float = 5, *, hours: float = 0, **more: Any) -> dict[str, Any]:
    return a_sighting(id=identity, occurred_at=at(days, hours=hours), **more)


def passing(person: dict[str, Any], identity: str = "S-1", days: float = 5) -> dict[str, Any]:
    report = seen(identity, days, persons=[person])
    del report["vehicle"]
    return report


def crime(identity: str = "I-1", days: float = 5, **more: Any) -> dict[str, Any]:
    return an_incident(id=identity, occurred_at=at(days), **{"vehicles": [a_vehicle()], **more})


def test_a_sighted_vehicle_with_everything_that_the_alert_says() -> None:
    """Proves the whole content, written out by hand."""
    entry = wanted_car(entry="SIRENE-7", handling="H2", check="specific", originator="EUROPOL")
    (alert,) = standing(HIT, entry, seen())
    assert alert.id == alert_id("watchlist_hit|real|S-1|vehicle|")
    assert (alert.revision, alert.status, alert.severity, alert.score) == (1, "open", "high", 0.8)
    assert alert.summary == (
        "Vehicle LJAB123 (SI) is on the watchlist (specific check) and was met at Obrežje (SI) on 6 May 2026 08:00 UTC."
    )
    (reason,) = alert.reasons
    assert (reason.rule, reason.contribution, reason.evidence) == ("watchlist_hit.listed", 0.8, ("S-1", "W-1"))
    assert reason.text == (
        "LJAB123 (SI) at Obrežje (SI) on 6 May 2026 08:00 UTC matches the entry SIRENE-7 of EUROPOL, "
        "valid until 25 Feb 2027 08:00 UTC."
    )
    (response,) = alert.suggested_responses
    assert (response.entry, response.check, response.originator) == ("SIRENE-7", "specific", "EUROPOL")
    assert response.text == "Report place and time to the originator."
    (subject,) = alert.subjects
    assert (subject.kind, subject.label) == ("vehicle", "LJAB123 (SI)")
    assert [(one.event, one.subject) for one in subject.appearances] == [("S-1", "vehicle")]
    assert (alert.evidence, [one.event for one in alert.occurrences]) == (("S-1", "W-1"), ["S-1"])
    assert (alert.handling_codes, alert.restricted_by) == (("H2",), ("EUROPOL",))
    assert alert.originators == ("EUROPOL", "SI")
    assert (alert.opened_at.isoformat(), alert.valid_until.isoformat()) == (at(5), at(6))


def test_of_an_incident_each_position_is_a_hit_of_its_own() -> None:
    report = crime(vehicles=[a_vehicle("ZG 1-X", "HR"), a_vehicle()], persons=[a_person(document="p1")])
    found = standing(HIT, wanted_car(), wanted_person("W-2"), report)
    assert {(alert.id, alert.evidence) for alert in found} == {
        (alert_id("watchlist_hit|real|I-1|vehicles/1|"), ("I-1", "W-1")),
        (alert_id("watchlist_hit|real|I-1|persons/0|"), ("I-1", "W-2")),
    }


def test_one_appearance_is_one_hit_with_all_entries_that_match() -> None:
    """The second adds nothing to the score, and both responses stand in it."""
    second = wanted_car("W-2", check="inquiry", suggested_response="Ask who is aboard.", originator="AT")
    (alert,) = standing(HIT, second, seen(), wanted_car())
    assert (alert.evidence, alert.score) == (("S-1", "W-1", "W-2"), 0.8)
    assert [(reason.contribution, reason.evidence) for reason in alert.reasons] == [
        (0.8, ("S-1", "W-1")),
        (0.0, ("S-1", "W-2")),
    ]
    assert [(one.entry, one.check, one.text) for one in alert.suggested_responses] == [
        ("W-1", "discreet", "Report place and time to the originator."),
        ("W-2", "inquiry", "Ask who is aboard."),
    ]
    assert "(discreet check and inquiry check)" in alert.summary


@pytest.mark.parametrize(
    ("validity", "expected"),
    [
        ({"valid_until": at(5)}, True),
        ({"valid_until": at(5, hours=-SECOND)}, False),
        ({"valid_from": at(5)}, True),
        ({"valid_from": at(5, hours=SECOND)}, False),
        ({"at": at(9)}, True),
    ],
    ids=["to its last second", "a second after it", "from its first second", "a second before it", "no limit back"],
)
def test_validity_is_judged_when_the_subject_is_met_whatever_arrives_first(
    validity: dict[str, str], *, expected: bool
) -> None:
    events = [wanted_car(**validity), seen()]
    assert raised(HIT, *events) == ([("S-1", "W-1")] if expected else [])
    assert raised(HIT, *reversed(events)) == raised(HIT, *events)


def test_a_removal_ends_an_entry_at_its_time_and_leaves_older_hits() -> None:
    events = [wanted_car(), seen(), seen("S-2", 6), a_removal("W-1", id="W-2", at=at(5))]
    assert raised(HIT, *events) == [("S-1", "W-1")], "the very second of the removal still counts"
    assert raised(HIT, *reversed(events)) == raised(HIT, *events)


def test_a_removal_for_error_withdraws_the_hit_and_one_that_comes_back_goes_on_counting() -> None:
    again = wanted_car("W-3", entry="W-1", at=at(7))
    told_of = revisions(HIT, wanted_car(), seen(), a_removal("W-1", id="W-2", at=at(6), reason="error"), again)
    assert [(one.revision, one.status, one.evidence) for one in told_of] == [
        (1, "open", ("S-1", "W-1")),
        (2, "withdrawn", ("S-1", "W-1")),
        (3, "open", ("S-1", "W-3")),
    ]
    assert told_of[1].withdrawn_reason == "no_longer_supported"
    assert raised(HIT, wanted_car(), a_removal("W-1", at=at(6), reason="erroneous"), seen()), "another word is no error"


def test_of_two_changes_the_newest_by_time_then_id_holds() -> None:
    other = wanted_car("W-2", entry="W-1", vehicle=a_vehicle("ZG 1-X", "HR"))
    assert raised(HIT, wanted_car(), other, seen()) == [], "at one time the higher id"
    assert raised(HIT, other, wanted_car(), seen()) == [], "whichever arrives first"
    assert raised(HIT, wanted_car(at=at(1)), other, seen()) == [("S-1", "W-1")]


def test_a_renewal_is_a_revision_that_rests_on_the_new_entry() -> None:
    told_of = revisions(HIT, wanted_car(), seen(), wanted_car("W-2", entry="W-1", at=at(1), check="specific"))
    assert [(one.id, one.revision, one.evidence) for one in told_of] == [
        (told_of[0].id, 1, ("S-1", "W-1")),
        (told_of[0].id, 2, ("S-1", "W-2")),
    ]


@pytest.mark.parametrize("country", [None, "HR"])
def test_an_unknown_or_another_country_is_no_match(country: str | None) -> None:
    assert raised(HIT, wanted_car(), seen(vehicle=a_vehicle(country=country))) == []
    assert raised(HIT, wanted_car(vehicle=a_vehicle(country=country)), seen()) == []


@pytest.mark.parametrize("involvement", ["used", "stolen", "bystander", "public_transport", "rescue_or_official"])
def test_how_a_vehicle_took_part_does_not_matter(involvement: str) -> None:
    assert raised(HIT, wanted_car(), crime(vehicles=[a_vehicle(involvement=involvement)])) == [("I-1", "W-1")]


def test_a_return_is_a_hit_all_the_same() -> None:
    returned = crime(kind="return_or_readmission", persons=[a_person(**QERIM)])
    assert raised(HIT, wanted_car(), wanted_person("W-2"), returned) == [("I-1", "W-1"), ("I-1", "W-2")]


@pytest.mark.parametrize(
    ("part", "in_incident", "in_sighting"),
    [
        ({"role": "driver"}, True, True),
        ({"status": "suspect"}, True, True),
        ({"role": "passenger"}, False, True),
        ({"status": "contact"}, False, True),
        ({}, False, True),
        ({"role": "driver", "status": "victim"}, False, False),
        ({"status": "witness"}, False, False),
        ({"role": "smuggled"}, False, False),
    ],
    ids=str,
)
def test_who_may_be_a_hit(part: dict[str, str], *, in_incident: bool, in_sighting: bool) -> None:
    """In a sighting the role is not known, and only victims, witnesses and the smuggled are left out."""
    person = {**QERIM, **part}
    assert bool(raised(HIT, wanted_person(), crime(persons=[person]))) is in_incident
    assert bool(raised(HIT, wanted_person(), passing(person))) is in_sighting


@pytest.mark.parametrize(
    ("shown", "expected"),
    [
        ({"family_name": "Шеху", "given_names": "Ћерим", "birth_date": "1985-04-12"}, True),
        ({"family_name": "Shehu", "given_names": "Qerim", "birth_date": "1985"}, False),
        ({"family_name": "Shehu", "given_names": "Qerim"}, False),
        ({"documents": [{"type": "passport", "number": "P1", "issuer": "SRB"}]}, True),
        ({"documents": [{"type": "id_card", "number": "P1", "issuer": "SRB"}]}, False),
        ({"documents": [{"type": "passport", "number": "P1", "issuer": "HRV"}]}, False),
        ({"documents": [{"type": "passport", "number": "P1"}]}, False),
    ],
    ids=str,
)
def test_a_person_is_met_by_document_or_by_name_and_birth_date(shown: dict[str, Any], *, expected: bool) -> None:
    assert bool(raised(HIT, wanted_person(), passing(shown))) is expected


def test_by_name_and_birth_date_alone_it_is_medium_and_says_so() -> None:
    (by_name,) = standing(HIT, wanted_person(), passing(QERIM))
    (by_document,) = standing(HIT, wanted_person(), passing(a_person(document="P-1")))
    assert [(one.score, one.severity) for one in (by_name, by_document)] == [(0.8, "medium"), (0.8, "high")]
    assert "matches the entry W-1 of RS, by name and birth date, valid until" in by_name.reasons[0].text
    assert "matches the entry W-1 of RS, valid until" in by_document.reasons[0].text
    (danger,) = standing(HIT, wanted_car(), crime(life_at_risk=True))
    assert danger.severity == "critical"


def test_a_document_whose_holders_differ_makes_no_hit() -> None:
    """One of them is in an incident; the name and the birth date still do."""
    holder = a_person(document="P-1", **QERIM)
    thief = a_person(document="P-1", family_name="Hoxha", given_names="Besnik", birth_date="1990-12-31")
    shown = passing(a_person(document="P-1", role=None))
    assert raised(HIT, wanted_person(), crime(vehicles=[], persons=[thief]), shown) == [("I-1", "W-1"), ("S-1", "W-1")]
    void = [wanted_person(), crime(vehicles=[], persons=[thief]), crime("I-2", 6, persons=[holder]), shown]
    assert raised(HIT, *void) == [("I-2", "W-1")]


def test_a_victim_aboard_a_wanted_car_is_no_hit() -> None:
    """The passage comes to the case book for the car; the victim, who is on the list too, is left out there as well."""
    aboard = seen(persons=[{**QERIM, "status": "victim"}])
    assert raised(HIT, wanted_car(), wanted_person("W-2"), aboard) == [("S-1", "W-1")]


def test_real_and_exercise_never_meet() -> None:
    assert raised(HIT, wanted_car(exercise=True), seen()) == []
    assert raised(HIT, wanted_car(), seen(exercise=True)) == []
    (alert,) = standing(HIT, wanted_car(exercise=True), seen(exercise=True))
    assert alert.id == alert_id("watchlist_hit|exercise|S-1|vehicle|")
    assert alert.summary.startswith("EXERCISE: Vehicle")


def test_an_update_that_names_another_car_withdraws_the_hit_and_a_relay_is_evidence_too() -> None:
    update = crime("I-2", updates="I-1", vehicles=[a_vehicle("ZG 1-X", "HR")])
    assert [(one.revision, one.status) for one in revisions(HIT, wanted_car(), crime(), update)] == [
        (1, "open"),
        (2, "withdrawn"),
    ]
    relay = crime("R-1", relay_of="I-1", station="HR-BRE", vehicles=[])
    (alert,) = standing(HIT, relay, wanted_car(), crime())
    assert alert.evidence == alert.reasons[0].evidence == ("I-1", "R-1", "W-1")


def test_an_entry_finds_sightings_of_the_week_before_it_came() -> None:
    line = played([seen()])
    assert [alert.evidence for alert in alerts_in(told(line, wanted_car(at=at(9))))] == [("S-1", "W-1")]


def test_the_name_of_somebody_under_eighteen_stands_nowhere() -> None:
    child = {**QERIM, "birth_date": "2012-02-03"}
    (alert,) = standing(HIT, wanted_person(person=child), passing(child))
    assert alert.subjects[0].safeguarding
    assert "Shehu" not in alert.model_dump_json()
    assert alert.summary.startswith("Person under 18 is on the watchlist")


def test_somebody_whom_the_entry_knows_to_be_under_eighteen_is_not_named_either() -> None:
    """The report names the holder of a document, and the entry alone gives the birth date."""
    child = {"birth_date": "2012-02-03", "documents": a_person(document="P-1")["documents"]}
    shown = {"family_name": "Shehu", "given_names": "Qerim", "documents": child["documents"]}
    (alert,) = standing(HIT, wanted_person(person=child), passing(shown))
    assert alert.subjects[0].safeguarding
    assert "Shehu" not in alert.model_dump_json()
