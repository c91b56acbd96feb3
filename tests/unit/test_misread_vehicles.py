"""Vehicles across misreads in the whole line: what is one vehicle, what its alert says, what is kept apart."""

from itertools import permutations
from typing import Any

import pytest
from factory import a_sighting, a_vehicle, an_entry, an_incident, at
from offline_rig import raised, revisions, standing

REPEAT, KNOWN, HIT, JOURNEY = "repeat_vehicle", "known_vehicle_sighted", "watchlist_hit", "impossible_journey"
LOOK = {"make": "Audi", "colour": "black"}
PLATE, MISREAD, LOST = "LJ AB-123", "LJ A8-123", "LJ AB-12"
VIN, OTHER_VIN = "WVWZZZ1KZAW000001", "WVWZZZ1KZAW000002"
TWO_VINS = "the plate was reported with two vehicle identification numbers: cloned or re-issued"


def incident(identity: str, days: float, *vehicles: dict[str, Any], **more: Any) -> dict[str, Any]:
    fields = {"kind": "irregular_crossing", "vehicles": list(vehicles), **more}
    return an_incident(id=identity, occurred_at=at(days), **fields)


def sighting(identity: str, days: float, vehicle: dict[str, Any], **more: Any) -> dict[str, Any]:
    return a_sighting(id=identity, occurred_at=at(days), vehicle=vehicle, **{"station": "SI-GRU", **more})


def test_a_misread_of_the_same_make_and_colour_repeats_with_everything_that_its_alert_says() -> None:
    """It is called by the plate that was read without doubt, and the reason can be read aloud."""
    (alert,) = standing(
        REPEAT,
        incident("I-1", 0, a_vehicle(MISREAD, plate_confidence=0.6, **LOOK)),
        incident("I-2", 5, a_vehicle(PLATE, vin=VIN, **LOOK)),
    )
    assert (alert.evidence, alert.score, alert.quality_notes) == (("I-1", "I-2"), 0.5, ())
    (subject,) = alert.subjects
    assert subject.label == "LJAB123 (SI)"
    assert [(one.type, one.value, one.country) for one in subject.identifiers] == [
        ("plate", "LJAB123", "SI"),
        ("plate", "LJA8123", "SI"),
        ("vin", VIN, None),
    ]
    assert [(one.event, one.subject) for one in subject.appearances] == [("I-1", "vehicles/0"), ("I-2", "vehicles/0")]
    *_, why = alert.reasons
    assert (why.rule, why.contribution, why.evidence) == ("repeat_vehicle.one_vehicle", 0.0, ("I-1", "I-2"))
    assert why.text == (
        "Read as LJA8123 (SI) and as LJAB123 (SI), one vehicle: plates LJA8123 and LJAB123: readers confuse 8 and B "
        "(+8); a doubtful read (+3); same make, audi (+2); same colour, black (+1)."
    )


def test_equal_plates_of_a_known_country_need_no_explanation() -> None:
    (alert,) = standing(REPEAT, incident("I-1", 0, a_vehicle()), incident("I-2", 5, a_vehicle(**LOOK)))
    assert [one.rule for one in alert.reasons] == ["repeat_vehicle.occurrences"]


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        (a_vehicle(PLATE), a_vehicle(MISREAD), False),
        (a_vehicle(PLATE), a_vehicle(MISREAD, plate_confidence=0.7), True),
        (a_vehicle(PLATE, **LOOK), a_vehicle(LOST, **LOOK), True),
        (a_vehicle(PLATE, vin=VIN), a_vehicle(LOST, vin=VIN), True),
        (a_vehicle(PLATE, category="car"), a_vehicle(LOST, category="van", plate_confidence=0.7), False),
        (a_vehicle(PLATE, vin=VIN), a_vehicle(PLATE, vin=OTHER_VIN), False),
        (a_vehicle(PLATE, None, **LOOK), a_vehicle(PLATE, **LOOK), True),
        (a_vehicle(PLATE, None, **LOOK), a_vehicle(PLATE, None, **LOOK), True),
        (a_vehicle(PLATE, None), a_vehicle(PLATE), False),
        (a_vehicle(PLATE, "HR", **LOOK), a_vehicle(PLATE, **LOOK), False),
    ],
)
def test_an_incident_repeats_it_a_sighting_and_an_entry_know_it(
    one: dict[str, Any], other: dict[str, Any], *, expected: bool
) -> None:
    """Whichever comes first: the watch looks back for misreads too."""
    repeated = [incident("I-1", 0, one), incident("I-2", 5, other)]
    known = [incident("I-1", 0, one), sighting("S-1", 5, other)]
    listed = [an_entry(id="W-1", vehicle=one), sighting("S-1", 5, other)]
    for kind, events in ((REPEAT, repeated), (KNOWN, known), (HIT, listed)):
        assert bool(raised(kind, *events)) is bool(raised(kind, *reversed(events))) is expected


def test_a_hit_says_how_a_misread_matches() -> None:
    (alert,) = standing(
        HIT,
        an_entry(id="W-1", vehicle=a_vehicle(PLATE)),
        sighting("S-1", 5, a_vehicle(MISREAD, plate_confidence=0.5)),
    )
    assert alert.subjects[0].label == "LJA8123 (SI)"
    assert alert.reasons[0].text.startswith(
        "LJA8123 (SI) at Gruškovje (SI) on 6 May 2026 08:00 UTC matches the entry W-1 of RS for LJAB123 (SI) (plates "
        "LJA8123 and LJAB123: readers confuse 8 and B (+8); a doubtful read (+3)), valid until "
    )


def test_readings_that_link_with_a_third_are_one_vehicle() -> None:
    """Two characters lost do not link by themselves; a report between them connects them."""
    ends = [incident("I-1", 0, a_vehicle("LJ AB-123", **LOOK)), incident("I-2", 5, a_vehicle("LJ AB-1", **LOOK))]
    between = incident("I-3", 9, a_vehicle("LJ AB-12", **LOOK))
    assert raised(REPEAT, *ends) == []
    assert raised(REPEAT, *ends, between) == [("I-1", "I-2", "I-3")]
    far = incident("I-3", 300, a_vehicle("LJ AB-12", **LOOK))
    (alert,) = standing(REPEAT, *ends, far)
    assert alert.reasons[-1].text == (
        "Read as LJAB123 (SI) and as LJAB1 (SI): other reports of the vehicle connect the two."
    )
    assert alert.evidence == alert.reasons[-1].evidence == ("I-1", "I-2")


def test_another_vin_separates_for_good_and_a_report_without_one_goes_to_the_stronger_link() -> None:
    one = incident("I-1", 0, a_vehicle(vin=VIN))
    other = incident("I-2", 1, a_vehicle(vin=OTHER_VIN, **LOOK))
    without = incident("I-3", 2, a_vehicle(**LOOK))
    for events in permutations((one, other, without)):
        (alert,) = standing(REPEAT, *events)
        assert alert.evidence == ("I-2", "I-3")
        assert alert.quality_notes == (TWO_VINS,)


def test_a_second_vin_is_noted_in_the_alert_that_stands_though_it_is_another_vehicles() -> None:
    one = [incident(f"I-{days}", days, a_vehicle(vin=VIN)) for days in (0, 1)]
    first, second = revisions(REPEAT, *one, incident("I-2", 2, a_vehicle(vin=OTHER_VIN)))
    assert first.evidence == second.evidence == ("I-0", "I-1")
    assert (first.quality_notes, second.quality_notes) == ((), (TWO_VINS,))


def test_of_equal_links_the_earliest_is_taken() -> None:
    one = incident("I-1", 1, a_vehicle(vin=VIN))
    other = incident("I-2", 0, a_vehicle(vin=OTHER_VIN))
    for events in permutations((one, other, incident("I-3", 2, a_vehicle()))):
        assert raised(REPEAT, *events) == [("I-2", "I-3")]


def test_a_vin_that_comes_late_takes_an_alert_apart() -> None:
    told = revisions(
        REPEAT,
        incident("I-1", 0, a_vehicle(vin=VIN)),
        incident("I-2", 1, a_vehicle()),
        incident("I-3", 2, a_vehicle(vin=OTHER_VIN), updates="I-2"),
    )
    assert [(one.revision, one.status, one.evidence) for one in told] == [
        (1, "open", ("I-1", "I-2")),
        (2, "withdrawn", ("I-1", "I-2")),
    ]


def test_a_sighting_joins_no_two_vehicles_of_incidents_and_may_be_of_both() -> None:
    events = [
        incident("I-1", 0, a_vehicle("LJ AB-123")),
        incident("I-2", 0, a_vehicle("LJ AB-12")),
        sighting("S-1", 1, a_vehicle("LJ AB-128")),
        sighting("S-2", 1, a_vehicle("LJ AB-12B", plate_confidence=0.5)),
    ]
    assert raised(REPEAT, *events) == []
    assert sorted(raised(KNOWN, *events)) == [("I-1", "S-2"), ("I-2", "S-2")]


def test_a_sighting_is_of_no_vehicle_that_one_of_its_reports_contradicts() -> None:
    """I-1 and I-2 are one vehicle, whose VIN stands in one of them; the sighting shows another."""
    known = [incident("I-1", 0, a_vehicle(vin=VIN)), incident("I-2", 0.1, a_vehicle())]
    assert raised(KNOWN, *known, sighting("S-1", 1, a_vehicle(vin=OTHER_VIN))) == []
    assert raised(KNOWN, known[1], sighting("S-1", 1, a_vehicle(vin=OTHER_VIN))) == [("I-2", "S-1")]


def test_an_impossible_journey_compares_exactly_read_plates_and_separates_nobody() -> None:
    """Two VINs on one plate are noted; a misread makes no journey."""
    here = sighting("S-1", 0, a_vehicle(vin=VIN))
    there = sighting("S-2", 0.01, a_vehicle(vin=OTHER_VIN), station="RS-HOR")
    (alert,) = standing(JOURNEY, here, there)
    assert (alert.evidence, alert.quality_notes) == (("S-1", "S-2"), (TWO_VINS,))
    misread = sighting("S-2", 0.01, a_vehicle(MISREAD, vin=VIN), station="RS-HOR")
    assert raised(JOURNEY, here, misread) == []
    same = sighting("S-2", 0.01, a_vehicle(), station="RS-HOR")
    assert raised(JOURNEY, here, same) == [("S-1", "S-2")]
    assert raised(REPEAT, incident("I-1", 0, a_vehicle()), incident("I-2", 1, a_vehicle()), here, same)


def test_exercises_and_real_reports_share_no_misread() -> None:
    drill = incident("I-2", 1, a_vehicle(LOST, **LOOK), exercise=True)
    assert raised(REPEAT, incident("I-1", 0, a_vehicle(**LOOK)), drill) == []


def test_a_retracted_report_no_longer_connects() -> None:
    plates = ("LJ AB-123", "LJ AB-12", "LJ AB-1")
    events = [incident(f"I-{days}", days, a_vehicle(plate, **LOOK)) for days, plate in enumerate(plates)]
    retraction = {
        "type": "retraction", "schema_version": "1.0", "id": "R-1", "at": at(5), "originator": "SI", "officer": "one",
        "retracts": "I-1", "reason": "unfounded",
    }  # fmt: skip
    assert raised(REPEAT, *events) == [("I-0", "I-1", "I-2")]
    for order in permutations((*events, retraction)):
        assert raised(REPEAT, *order) == []
