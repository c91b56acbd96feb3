"""Where intake sends what comes in: nothing disappears."""

import pytest
from factory import NOW, a_sighting, a_vehicle, an_incident, as_line

from schemas.codec import encode
from schemas.records import Record
from streams.batches.records import InputRecord
from streams.correlation import correlate
from streams.dead_letters import DeadLetter, read_dead_letter
from streams.engine.casebook import CaseBook
from streams.intake import stamped_event, take_in
from streams.rules import load_rules


def came(value: bytes | None, **headers: bytes) -> InputRecord:
    return InputRecord("border.incidents", 2, 17, b"SI-OBR", value, headers)


def read(record: Record) -> InputRecord:
    return InputRecord(record.topic, 0, 0, record.key, record.value, dict(record.headers))


def test_an_incident_goes_to_the_case_book_byte_for_byte_with_its_stamp() -> None:
    line = as_line(an_incident(id="A-1"))
    (taken,) = take_in(came(line, ce_id=b"A-1"), NOW)
    assert (taken.topic, taken.key, taken.value) == ("border.casebook", b"A-1", line)
    assert dict(taken.headers)["ce_id"] == b"A-1"
    stamped = stamped_event(read(taken))
    assert (stamped.ingested_at, stamped.source) == (NOW, "border.incidents/2/17")


def test_a_sighting_goes_to_its_vehicles_passages() -> None:
    (taken,) = take_in(came(as_line(a_sighting())), NOW)
    assert taken.key == b"LJAB123 (SI)"
    unknown = a_sighting(vehicle=a_vehicle(country=None))
    (taken,) = take_in(came(as_line(unknown)), NOW)
    assert (taken.topic, taken.key) == ("border.passages", b"SI-OBR")


def test_a_refused_record_is_kept_whole_with_the_reason() -> None:
    (letter,) = take_in(came(b'{"type": "incident", '), NOW)
    assert letter.topic == "border.dead-letters"
    said = read_dead_letter(read(letter))
    assert said.reason == "broken_json"
    assert (said.source, said.value) == ("border.incidents/2/17", b'{"type": "incident", ')


def test_a_special_category_value_does_not_reach_the_dead_letters() -> None:
    (letter,) = take_in(came(as_line(an_incident(persons=[{"health": "a secret"}]))), NOW)
    assert b"a secret" not in letter.value
    assert b"[blanked]" in letter.value


def test_a_record_that_the_case_book_cannot_read_is_a_dead_letter_and_the_next_goes_on() -> None:
    """Intake would not let it through; a record put there by hand must not stop the rest."""
    (good,) = take_in(came(as_line(an_incident(life_at_risk=True))), NOW)
    bad = InputRecord("border.casebook", 0, 7, None, b"{}", {})
    unstamped = InputRecord("border.casebook", 0, 8, None, encode(stamped_event(read(good)).event), {})
    result = correlate(CaseBook(load_rules()), [bad, unstamped, read(good)], NOW)
    assert [record.topic for record in result.records] == [
        "border.dead-letters",
        "border.dead-letters",
        "border.alerts",
        "border.editions",
    ]
    assert read_dead_letter(read(result.records[0])) == DeadLetter(
        "border.casebook/0/7", "engine_error", "", "the case book could not apply it: Refusal", NOW, b"{}"
    )


@pytest.mark.parametrize(
    "stamp",
    [
        {"brdo_ingested_at": b"2026-05-20T12:00:00+00:00", "brdo_source": b"\xff"},
        {"brdo_ingested_at": b"2026-05-20T12:00:00", "brdo_source": b"border.incidents/0/0"},
        {"brdo_ingested_at": b"yesterday", "brdo_source": b"border.incidents/0/0"},
        {"brdo_ingested_at": b"2026-05-20T12:00:00+00:00"},
    ],
)
def test_a_stamp_that_intake_did_not_write_stops_nothing(stamp: dict[str, bytes]) -> None:
    (good,) = take_in(came(as_line(an_incident(life_at_risk=True))), NOW)
    bad = InputRecord("border.casebook", 0, 7, b"X", as_line(an_incident(life_at_risk=True)), stamp)
    result = correlate(CaseBook(load_rules()), [bad, read(good)], NOW)
    assert [record.topic for record in result.records] == [
        "border.dead-letters",
        "border.alerts",
        "border.editions",
    ]
