"""The oracle on hand-made cases: hits of the watchlist."""

import hashlib
from typing import Any

import oracle
import pytest
from factory import a_sighting, a_vehicle, an_incident, at

PASSPORT = {"type": "passport", "number": "AL1234567", "issuer": "ALB"}
AGRON = {"family_name": "Xhaferi", "given_names": "Agron", "birth_date": "1985-04-12"}
SECOND = 1 / 3600


def hits(*events: dict[str, Any]) -> list[tuple[str, ...]]:
    return sorted(alert.evidence for alert in oracle.open_alerts(events) if alert.kind == "watchlist_hit")


def told(*events: dict[str, Any]) -> set[str]:
    (found,) = [one for one in oracle.find(events) if one.alert.kind == "watchlist_hit"]
    return set(found.told)


def upsert(name: str = "W-1", **more: Any) -> dict[str, Any]:
    subject = {} if "person" in more else {"vehicle": a_vehicle()}
    return {
        "type": "watchlist_entry",
        "schema_version": "1.0",
        "id": name,
        "action": "upsert",
        "at": at(),
        "originator": "RS",
        "check": "discreet",
        "suggested_response": "do not stop",
        "valid_until": at(10),
        **subject,
        **more,
    }


def removal(name: str = "W-9", **more: Any) -> dict[str, Any]:
    said = {"entry": "W-1", "action": "remove", "at": at(2), "originator": "RS", **more}
    return {"type": "watchlist_entry", "schema_version": "1.0", "id": name, **said}


def seen(days: float = 1, *, hours: float = 0, **more: Any) -> dict[str, Any]:
    return a_sighting(id="S-1", occurred_at=at(days, hours=hours), **more)


def reported(**more: Any) -> dict[str, Any]:
    return an_incident(**{"id": "I-1", "occurred_at": at(1), "vehicles": [a_vehicle()], **more})


@pytest.mark.parametrize(
    ("days", "hours", "expected"),
    [(1, 0, True), (10, 0, True), (10, SECOND, False), (-500, 0, True)],
)
def test_an_entry_holds_to_its_end_and_without_a_start_for_all_time_before(
    days: float, hours: float, *, expected: bool
) -> None:
    events = [upsert(), seen(days, hours=hours)]
    assert hits(*events) == ([("S-1", "W-1")] if expected else [])
    assert hits(*reversed(events)) == hits(*events)


@pytest.mark.parametrize(("hours", "expected"), [(0, True), (-SECOND, False)])
def test_an_entry_holds_from_its_start(hours: float, *, expected: bool) -> None:
    assert hits(upsert(valid_from=at(1)), seen(1, hours=hours)) == ([("S-1", "W-1")] if expected else [])


@pytest.mark.parametrize(("hours", "expected"), [(0, True), (SECOND, False)])
def test_a_removal_ends_an_entry_at_its_moment(hours: float, *, expected: bool) -> None:
    assert hits(upsert(), removal(), seen(2, hours=hours)) == ([("S-1", "W-1")] if expected else [])


def test_a_removal_for_error_withdraws_what_was_before() -> None:
    assert hits(upsert(), removal(reason="error"), seen(1)) == []
    assert hits(upsert(), removal(reason="no longer wanted"), seen(1)) == [("S-1", "W-1")]
    assert hits(removal(), seen(1)) == []


def test_the_newest_change_holds_by_time_and_then_id() -> None:
    other = a_vehicle("LJ ZZ-1")
    newer = upsert("W-2", entry="W-1", at=at(1), vehicle=other)
    assert hits(upsert(), newer, seen(2)) == []
    assert hits(upsert(), newer, seen(0, vehicle=other)) == [("S-1", "W-2")]
    assert hits(upsert(), newer | {"at": at()}, seen(2)) == [], "the greater id"
    assert hits(newer | {"at": at()}, upsert(), seen(2)) == [], "in any order"
    assert hits(upsert(), newer | {"at": at(-1)}, seen(2)) == [("S-1", "W-1")]
    assert hits(upsert(), removal(), upsert("W-3", entry="W-1", at=at(3)), seen(2.5)) == [("S-1", "W-3")]
    assert hits(upsert(), upsert("W-0", entry="W-1", at=at(1)), removal(), seen(1)) == [("S-1", "W-0")]
    assert hits(upsert(), removal(), removal("W-8", at=at(1), reason="error"), seen(1)) == [("S-1", "W-1")]


def test_all_matching_entries_are_one_alert_for_each_appearance() -> None:
    assert hits(upsert(), upsert("W-2"), upsert("W-3", vehicle=a_vehicle("LJ ZZ-1")), seen()) == [("S-1", "W-1", "W-2")]
    twice = reported(vehicles=[a_vehicle(), a_vehicle("x"), a_vehicle("lj ab 123")])
    positions = [f"watchlist_hit|real|I-1|vehicles/{number}|" for number in (0, 2)]
    assert {alert.id for alert in oracle.open_alerts([upsert(), twice])} == {
        "al-" + hashlib.sha256(text.encode()).hexdigest()[:20] for text in positions
    }


def test_an_exercises_entry_meets_exercises_only() -> None:
    drill = upsert(exercise=True)
    assert hits(drill, seen()) == hits(upsert(), seen(exercise=True)) == []
    assert hits(drill, seen(exercise=True)) == [("S-1", "W-1")]
    assert hits(upsert(), upsert("W-2", entry="W-1", at=at(1), exercise=True), seen()) == [("S-1", "W-1")]


@pytest.mark.parametrize("involvement", ["used", "public_transport", "rescue_or_official", "stolen", "bystander"])
@pytest.mark.parametrize("kind", ["return_or_readmission", "refused_entry", "document_fraud"])
def test_neither_kind_nor_involvement_matters(kind: str, involvement: str) -> None:
    assert hits(upsert(), reported(kind=kind, vehicles=[a_vehicle(involvement=involvement)])) == [("I-1", "W-1")]


@pytest.mark.parametrize("country", ["HR", None])
def test_a_vehicle_with_another_or_no_country_is_no_hit(country: str | None) -> None:
    car = a_vehicle(country=country)
    assert hits(upsert(), seen(vehicle=car)) == hits(upsert(vehicle=car), seen()) == []
    assert bool(hits(upsert(vehicle=car), seen(vehicle=car))) is (country is not None)


def test_only_the_report_that_holds_appears_and_its_relays_are_evidence() -> None:
    newer = reported(id="I-2", updates="I-1", reported_at=at(3), vehicles=[])
    assert hits(upsert(), reported(), newer) == []
    assert hits(upsert(), reported(vehicles=[]), newer | {"vehicles": [a_vehicle()]}) == [("I-2", "W-1")]
    assert hits(upsert(), reported(), reported(id="I-2", relay_of="I-1")) == [("I-1", "I-2", "W-1")]


def by_name(**more: Any) -> dict[str, Any]:
    return upsert(person=AGRON, **more)


def test_persons_match_by_document_or_name_and_birth_date_if_eligible() -> None:
    def driver(**said: Any) -> dict[str, Any]:
        return reported(vehicles=[], persons=[{"role": "driver", **said}])

    by_document = upsert(person={"documents": [PASSPORT]})
    assert hits(by_name(), driver(**AGRON)) == [("I-1", "W-1")]
    assert hits(by_name(), driver(**AGRON | {"birth_date": "1985"})) == []
    assert hits(by_document, driver(documents=[PASSPORT])) == [("I-1", "W-1")]
    assert hits(by_name(), driver(**AGRON | {"role": "passenger"})) == []
    assert hits(by_name(), driver(**AGRON, status="victim")) == []
    assert hits(by_name(), seen(persons=[AGRON | {"role": "passenger"}])) == [("S-1", "W-1")]
    assert hits(by_name(), seen(persons=[AGRON | {"role": "smuggled"}])) == []


def test_a_void_document_is_no_hit() -> None:
    holder = {"role": "driver", "documents": [PASSPORT]}
    other = holder | {"family_name": "Petrović", "given_names": "Dragan", "birth_date": "1970-03-03"}
    wanted = upsert(person={"documents": [PASSPORT]})
    events = [reported(persons=[holder]), reported(id="I-2", persons=[holder | AGRON])]
    assert hits(wanted, *events) == [("I-1", "W-1"), ("I-2", "W-1")]
    assert hits(wanted, *events, reported(id="I-3", persons=[other])) == []


def test_a_hit_is_high_but_for_a_person_matched_by_name_alone() -> None:
    places = {"SI", "HR"}
    assert told(upsert(), seen()) == places | {"RS", "EUROPOL"}
    assert told(upsert(), upsert("W-2", originator="AT"), seen()) == places | {"RS", "AT", "EUROPOL"}
    passing = seen(persons=[AGRON | {"documents": [PASSPORT]}])
    assert told(by_name(), passing) == places | {"RS"}
    assert told(by_name(), by_name(name="W-2", originator="AT") | {"person": passing["persons"][0]}, passing) == (
        places | {"RS", "AT", "EUROPOL"}
    )
    danger = reported(vehicles=[], persons=[AGRON | {"role": "driver"}], life_at_risk=True, originator="ME")
    assert told(by_name(), danger) == places | {"RS", "ME", "EUROPOL"}
