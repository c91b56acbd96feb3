"""What the gateway answers, and what of a request reaches Kafka."""

import json
import logging
from typing import Any

import pytest
from factory import a_sighting, an_incident, as_line
from gateway_rig import Remembering, an_access, post
from prometheus_client import REGISTRY

from producers.gateway.access import Access
from producers.gateway.app import Limits, gateway_app
from producers.gateway.body import LARGEST_BODY_BYTES
from schemas.records import line_record
from schemas.topics import INCIDENTS, LARGEST_EVENT_BYTES

WRONG = as_line(an_incident(id="wrong", kind="theft"))
UNKNOWN = b'{"id": "LJ AB-123", "plate": "LJ AB-123"}'


def counted(name: str, **labels: str) -> float:
    return REGISTRY.get_sample_value(f"border_producers_gateway_{name}_total", labels) or 0


def an_array(*events: bytes) -> bytes:
    return b"[" + b", ".join(events) + b"]"


def test_an_accepted_event_is_published_as_it_stands() -> None:
    kafka, line = Remembering(), b"  " + as_line(an_incident(id="a")) + b"\n"
    answer = post(kafka, line)
    assert (answer.status_code, answer.json()) == (202, {"results": [{"index": 0, "id": "a", "status": "accepted"}]})
    assert kafka.records == [line_record(line.strip())]


@pytest.mark.parametrize("form", ["application/json", "application/x-ndjson"])
def test_a_batch_is_judged_event_by_event_and_refused_ones_are_kept(form: str) -> None:
    kafka, events = Remembering(), [as_line(an_incident(id="a")), WRONG, as_line(a_sighting(id="b")), UNKNOWN]
    answer = post(kafka, b"\n".join(events) if form.endswith("ndjson") else an_array(*events), content_type=form)
    assert answer.status_code == 207
    assert answer.json()["error"] == "2 of 4 events refused"
    first, second, third, fourth = answer.json()["results"]
    assert first == {"index": 0, "id": "a", "status": "accepted"}
    assert (second["id"], second["status"], second["reason"]) == ("wrong", "refused", "invalid_value")
    assert (second["field"], second["kept"]) == ("kind", True)
    assert third == {"index": 2, "id": "b", "status": "accepted"}
    assert (fourth["reason"], "id" in fourth) == ("missing_field", False)
    assert kafka.values == events
    assert [(record.topic, record.key) for record in kafka.records][1] == (INCIDENTS.name, b"")


def test_a_batch_of_refused_events_alone_is_422() -> None:
    kafka = Remembering()
    assert post(kafka, an_array(WRONG, UNKNOWN)).status_code == 422
    assert kafka.values == [WRONG, UNKNOWN]


def test_a_single_event_that_is_not_json_is_kept_all_the_same() -> None:
    """A form error must not cost a life: intake reads the danger out of what it can."""
    kafka, broken = Remembering(), b'{"station": "SI-OBR", "life_at_risk": true, "vehicles": ['
    answer = post(kafka, broken)
    assert (answer.status_code, answer.json()["results"][0]["kept"]) == (400, True)
    assert kafka.values == [broken]


def test_nothing_of_an_array_that_breaks_off_is_taken() -> None:
    kafka = Remembering()
    answer = post(kafka, b"[" + as_line(an_incident()) + b", {")
    assert (answer.status_code, answer.json()["results"], kafka.records) == (400, [], [])


def test_an_event_that_is_too_large_is_refused_and_not_kept() -> None:
    kafka, large = Remembering(), as_line(an_incident(narrative="x" * LARGEST_EVENT_BYTES))
    answer = post(kafka, an_array(large, as_line(an_incident(id="a"))))
    assert answer.status_code == 207
    assert [one.get("kept") for one in answer.json()["results"]] == [False, None]
    assert len(kafka.records) == 1


def test_without_kafkas_acknowledgement_nothing_is_promised_or_counted() -> None:
    kafka, before = Remembering(), counted("accepted", type="incident")
    kafka.away = True
    answer = post(kafka, as_line(an_incident()))
    assert (answer.status_code, answer.headers["retry-after"], answer.json()["results"]) == (503, "5", [])
    assert counted("accepted", type="incident") == before


@pytest.mark.parametrize(
    ("body", "headers", "status"),
    [
        (b"x" * (LARGEST_BODY_BYTES + 1), {}, 413),
        (an_array(*[WRONG] * 501), {}, 413),
        (WRONG, {"content_type": "text/plain"}, 415),
        (WRONG, {"content_encoding": "gzip"}, 415),
        (WRONG, {"host": "evil.example"}, 403),
        (WRONG, {"path": "/docs"}, 404),
        (WRONG, {"path": "/redoc"}, 404),
        (WRONG, {"path": "/v1/events/"}, 404),
        (WRONG, {"method": "PUT"}, 405),
        (b"\x00\xff", {}, 400),
    ],
)
def test_every_error_has_the_one_form_and_takes_nothing(body: bytes, headers: dict[str, str], status: int) -> None:
    kafka = Remembering()
    answer = post(kafka, body, **headers)  # type: ignore[arg-type]
    assert answer.status_code == status
    assert set(answer.json()) == {"error", "results"}
    assert (answer.json()["results"], kafka.records) == ([], [])


def test_with_tokens_a_request_needs_one_and_may_speak_for_its_station_alone() -> None:
    kafka, access = Remembering(), an_access(SI_OBR="one", HR_BRE="two")
    own, other = as_line(an_incident(id="a", station="SI-OBR")), as_line(an_incident(id="b", station="HR-BRE"))
    missing = post(kafka, own, access=access)
    wrong = post(kafka, own, access=access, authorization="Bearer three")
    foreign = post(kafka, an_array(own, other), access=access, authorization="Bearer one")
    assert [answer.status_code for answer in (missing, wrong, foreign)] == [401, 401, 403]
    assert missing.headers["www-authenticate"].startswith("Bearer")
    assert kafka.records == []
    assert post(kafka, own, access=access, authorization="Bearer one", host="gateway.example").status_code == 202
    assert post(kafka, other, access=access, authorization="Bearer two").status_code == 202
    assert kafka.values == [own, other]


def test_the_token_says_where_a_refused_event_comes_from() -> None:
    kafka = Remembering()
    post(kafka, b'{"life_at_risk": true}', access=an_access(SI_OBR="one"), authorization="Bearer one")
    assert ("ce_source", b"SI-OBR") in kafka.records[0].headers


def test_more_requests_at_once_than_may_be_in_hand_are_asked_to_come_again() -> None:
    answer = post(Remembering(), as_line(an_incident()), limits=Limits(most_requests=0))
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "5")


class Failing(Remembering):
    async def publish(self, records: Any) -> None:
        raise ValueError(f"something with {records}")


def test_a_failure_of_our_own_says_nothing_of_what_was_sent(
    caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]
) -> None:
    with caplog.at_level(logging.DEBUG):
        answer = post(Failing(), as_line(an_incident(narrative="Ana Novak", vehicles=[{"plate": "LJ AB-123"}])))
    assert answer.status_code == 500
    said = answer.text + caplog.text + "".join(capsys.readouterr())
    assert "gateway_failed" in said
    assert "Novak" not in said
    assert "AB-123" not in said


def test_no_answer_repeats_what_was_sent() -> None:
    line = as_line(an_incident(id="Ana Novak", vehicles=[{"plate": "LJ AB-123", "plate_country": "LJ AB-123"}]))
    answer = post(Remembering(), line)
    assert answer.status_code == 422
    assert "Novak" not in answer.text
    assert "AB-123" not in answer.text


def test_requests_and_events_are_counted_by_closed_lists() -> None:
    before = counted("requests", outcome="mixed"), counted("refused", reason="invalid_value")
    post(Remembering(), an_array(WRONG, as_line(an_incident())))
    after = counted("requests", outcome="mixed"), counted("refused", reason="invalid_value")
    assert (after[0] - before[0], after[1] - before[1]) == (1, 1)


def test_the_document_describes_every_message_and_every_status() -> None:
    document = json.loads(post(Remembering(), b"", path="/openapi.json", method="GET").content)
    operation = document["paths"]["/v1/events"]["post"]
    forms = operation["requestBody"]["content"]["application/json"]["schema"]["anyOf"][0]
    assert forms["discriminator"]["propertyName"] == "type"
    assert set(forms["discriminator"]["mapping"].values()) == {one["$ref"] for one in forms["oneOf"]}
    assert all(one["$ref"].rsplit("/", 1)[1] in document["components"]["schemas"] for one in forms["oneOf"])
    assert {"202", "207", "400", "401", "403", "408", "413", "415", "422", "500", "503"} == set(operation["responses"])
    assert "security" not in operation
    secured = gateway_app(Remembering(), an_access(SI_OBR="one")).openapi()
    assert secured["paths"]["/v1/events"]["post"]["security"] == [{"token": []}]
    assert "token" not in gateway_app(Remembering(), Access()).openapi()["components"]
