"""What is accepted, what is refused and with which words, and what a record on Kafka looks like."""

import json
from collections.abc import Callable
from functools import partial
from typing import Any

import pytest
from factory import a_sighting, a_vehicle, an_alert, an_incident, as_line
from hypothesis import given
from hypothesis import strategies as st
from refusals import EXAMPLES

from schemas.codec import decode, decode_accepted, decode_accepted_as, decode_as, encode
from schemas.errors import Refusal, RefusalReason
from schemas.events import Sighting
from schemas.fields import Message
from schemas.records import alert_record, line_record, message_record

NOT_RFC_3339 = "is not an RFC 3339 time; write for example 2026-05-01T08:10:00+02:00"


def refusal(value: bytes | None) -> tuple[str, str, str]:
    with pytest.raises(Refusal) as caught:
        decode(value)
    return caught.value.reason.value, caught.value.field, caught.value.text


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"id": "a b"}, ("invalid_value", "id", "should match pattern '^[A-Za-z0-9._:-]{1,64}$'")),
        ({"colour": "red"}, ("unknown_field", "colour", "is not a field of this message")),
        (
            {"persons": [{"religion": "x"}]},
            ("special_category", "persons.0.religion", "asks for special-category data, which is not accepted here"),
        ),
        ({"occurred_at": "2026-05-01"}, ("invalid_value", "occurred_at", NOT_RFC_3339)),
        ({"occurred_at": "1777777777"}, ("invalid_value", "occurred_at", NOT_RFC_3339)),
        ({"occurred_at": "2026-02-30T08:10:00Z"}, ("invalid_value", "occurred_at", NOT_RFC_3339)),
        ({"occurred_at": 1777777777}, ("wrong_type", "occurred_at", "should be a valid datetime")),
        (
            {"occurred_at": "0001-01-01T00:00:00+14:00"},
            ("invalid_value", "occurred_at", "is outside the years 1 to 9999 in UTC"),
        ),
        ({"people": {"injured": -1}}, ("invalid_value", "people.injured", "should be greater than or equal to 0")),
        (
            {"vehicles": [{"plate": "LJ\u0000AB"}]},
            ("invalid_value", "vehicles.0.plate", "holds a control character"),
        ),
        ({"narrative": "a\u0000b"}, ("invalid_value", "narrative", "holds a control character")),
        (
            {"handling": "H3"},
            ("invalid_value", "handling_note", "goes with handling H3, which needs one, and with no other"),
        ),
        (
            {"type": "rumour"},
            (
                "unknown_type",
                "type",
                "must be one of: incident, sighting, watchlist_entry, retraction, verdict, bulletin, station_status",
            ),
        ),
        ({"exercise": "yes"}, ("wrong_type", "exercise", "should be a valid boolean")),
    ],
)
def test_a_refusal_names_reason_field_and_what_is_wrong(change: dict[str, Any], expected: tuple[str, str, str]) -> None:
    event = {name: value for name, value in (an_incident() | change).items() if value is not None}
    assert refusal(as_line(event)) == expected


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        (None, "empty_record"),
        (b"", "empty_record"),
        (b"{", "broken_json"),
        (b'{"people": {"injured": NaN}}', "broken_json"),
        (b'"incident"', "wrong_type"),
        (b"\xff{}", "invalid_utf8"),
        (b'{"narrative": "\\ud800"}', "broken_json"),
        (b"[" * 100_000, "too_deep"),
        (b" " * (5 * 1024 * 1024 + 1), "too_large"),
    ],
)
def test_what_is_not_even_an_event_is_refused_by_name(value: bytes | None, reason: str) -> None:
    assert refusal(value)[0] == reason


def test_a_refusal_never_repeats_what_the_message_said() -> None:
    """Its text is logged and shown where personal data must not appear."""
    secret = "Qarri-77"
    for change in ({"kind": secret}, {"station": secret}, {"occurred_at": secret}, {"id": secret + " "}):
        assert secret not in " ".join(refusal(as_line(an_incident() | change)))


@given(
    st.binary(max_size=200)
    | st.recursive(st.none() | st.text() | st.floats(), st.lists).map(json.dumps).map(str.encode)
)
def test_whatever_comes_is_an_event_or_a_refusal(value: bytes) -> None:
    try:
        assert isinstance(decode(value), Message)
    except Refusal as error:
        assert error.reason in RefusalReason


def test_what_is_written_reads_back_and_times_are_utc() -> None:
    event = decode(as_line(an_incident(occurred_at="2026-05-01T10:00:00+02:00", vehicles=[a_vehicle()])))
    assert b'"occurred_at":"2026-05-01T08:00:00Z"' in encode(event)
    assert decode(encode(event)) == event


def test_an_event_travels_as_a_cloud_event_in_binary_mode() -> None:
    record = message_record(decode(as_line(a_sighting(id="S-1", station="HR-BRE"))))
    assert (record.topic, record.key) == ("border.sightings", b"HR-BRE")
    assert dict(record.headers) == {
        "ce_specversion": b"1.0",
        "ce_id": b"S-1",
        "ce_source": b"HR-BRE",
        "ce_type": b"sighting",
        "ce_time": b"2026-05-01T08:00:00+00:00",
        "content-type": b"application/json",
    }
    assert json.loads(record.value)["vehicle"] == {"plate": "LJ AB-123", "plate_country": "SI"}


def test_an_alert_is_keyed_by_its_id_and_leaves_nothing_out_that_has_a_default() -> None:
    alert = an_alert()
    record = alert_record(alert)
    assert (record.topic, record.key, dict(record.headers)["ce_id"]) == (
        "border.alerts",
        alert.id.encode(),
        f"{alert.id}:1".encode(),
    )
    assert json.loads(record.value)["type"] == "alert"


@pytest.mark.parametrize(
    ("name", "topic", "key"),
    [
        ("incident", "border.incidents", b"SI-OBR"),
        ("sighting", "border.sightings", b"AT-SPI"),
        ("watchlist_entry", "border.watchlist", b"HR"),
        ("retraction", "border.feedback", b"SI"),
        ("verdict", "border.feedback", b"AT"),
        ("bulletin", "border.feedback", b"RS"),
        ("station_status", "border.station-status", b"SI-OBR"),
        ("rules_change", "border.rules", b"OPERATIONS"),
    ],
)
def test_each_type_has_its_topic_and_those_of_one_source_keep_their_order(name: str, topic: str, key: bytes) -> None:
    line = (EXAMPLES / "accepted" / f"{name}.json").read_bytes()
    record = line_record(line, from_operations=True)
    assert (record.topic, record.key, record.value) == (topic, key, line)
    assert dict(record.headers)["ce_type"] == name.encode()


def test_a_line_that_is_refused_is_sent_as_it_stands_but_for_special_categories() -> None:
    assert line_record(b"{").value == b"{"
    assert line_record(as_line(an_incident(religion="x"))).value.endswith(b'"religion": "[blanked]"}')


GOOD = [path.read_bytes() for path in sorted((EXAMPLES / "accepted").glob("*.json")) if path.stem != "notice"]
decode_anyones = partial(decode, from_operations=True)
ONLY_THE_TEXT = {"duplicate_field", "too_large"}


@pytest.mark.parametrize("line", GOOD, ids=lambda line: json.loads(line)["type"])
def test_what_is_accepted_reads_the_same_the_quick_way(line: bytes) -> None:
    assert decode_accepted(line) == decode_anyones(line)


@given(line=st.sampled_from(GOOD), at=st.integers(0, 400), put=st.binary(max_size=3), cut=st.integers(0, 3))
def test_the_quick_way_refuses_what_the_model_refuses_and_in_the_same_words(
    line: bytes, at: int, put: bytes, cut: int
) -> None:
    spoilt = line[:at] + put + line[at + cut :]
    whole = outcome(decode_anyones, spoilt)
    assert outcome(decode_accepted, spoilt) == whole or whole[0] in ONLY_THE_TEXT


@pytest.mark.parametrize("value", [None, b"", b"[]", b'"x"', b'{"type": []}', b'{"type": "incident"}', b"\xff", b"{"])
def test_the_quick_way_refuses_what_is_no_message(value: bytes | None) -> None:
    assert outcome(decode_accepted, value) == outcome(decode_anyones, value)


SIGHTING = partial(decode_as, Sighting), partial(decode_accepted_as, Sighting)


@given(line=st.sampled_from(GOOD), at=st.integers(0, 400), put=st.binary(max_size=3), cut=st.integers(0, 3))
def test_a_sighting_is_read_and_refused_the_same_the_quick_way(line: bytes, at: int, put: bytes, cut: int) -> None:
    """Without a look at its type first; another type is refused too."""
    slow, quick = (outcome(read, line[:at] + put + line[at + cut :]) for read in SIGHTING)
    assert quick == slow or slow[0] in ONLY_THE_TEXT


def outcome(read: Callable[[bytes | None], Message], value: bytes | None) -> tuple[Any, ...]:
    try:
        return ("accepted", read(value))
    except Refusal as refused:
        return refused.reason.value, refused.field, refused.text
