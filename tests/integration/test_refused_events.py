"""Refused events on a running system: counted, listed, shown to who says why, mended, and never the end of the line."""

import json
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from command_line import brdo, get
from confluent_kafka import Producer
from factory import NOW, an_incident, as_line, lately
from started import wait_until

from infra import trace as tracing
from infra import wiring
from infra.dead_letters import DeadLetters
from infra.receipts import ReceiptLog
from infra.system import running_bootstrap
from infra.topic_reader import TopicReader
from infra.workers import Announcement, WorkerName
from schemas import topics

pytest_plugins = ["running_system"]


def send(system: Path, *values: bytes | None) -> None:
    """Put values on a station's topic as they are, as any client of Kafka could."""
    producer = Producer({"bootstrap.servers": running_bootstrap(system), "enable.idempotence": True})
    for value in values:
        producer.produce(topics.INCIDENTS.name, value, key="SI-OBR", headers={"ce_source": b"SI-OBR"})
    assert producer.flush(30) == 0


def letters(environment: dict[str, str], *options: str) -> list[dict[str, Any]]:
    done = brdo(environment, "dead-letters", "list", "--json", *options)
    assert done.returncode == 0, done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()]


def record_refused_for(system: Path, reason: str) -> str:
    dead_letters = DeadLetters(running_bootstrap(system), "a test", lambda: NOW)
    found: list[str] = []

    def is_there() -> bool:
        found.extend(one.letter.source for one in dead_letters.all() if one.letter.reason == reason)
        return bool(found)

    wait_until(is_there, 30)
    return found[-1]


def trace(system: Path, event: str) -> list[str]:
    url = (system / "database-url").read_text()
    return [one.step.value for one in tracing.trace(running_bootstrap(system), url, event)]


def test_the_stream_goes_on_and_each_refusal_is_counted_by_reason(system: Path) -> None:
    good = an_incident(id="GO-ON", occurred_at=lately(), life_at_risk=True)
    ahead = an_incident(occurred_at="2126-01-01T00:00:00Z")
    send(system, b"{", None, b"\xff", as_line(ahead), as_line(an_incident(colour="red")), b"[" * 400, as_line(good))
    wait_until(lambda: "alert" in trace(system, "GO-ON"), 30)
    intake = Announcement.read(system, WorkerName.INTAKE)
    assert intake is not None
    metrics = get(f"{intake.health}/metrics")[1]
    for reason in ("broken_json", "empty_record", "invalid_utf8", "too_far_ahead", "unknown_field", "too_deep"):
        assert f'border_streams_refused_total{{reason="{reason}"}} 1.0' in metrics


def test_a_look_is_written_down_with_its_purpose_before_it_is_shown(system: Path, environment: dict[str, str]) -> None:
    send(system, as_line(an_incident(id="LOOK-1", occurred_at=lately(), owner="\u001b[2Jsomebody")))
    record = record_refused_for(system, "unknown_field")
    refused = brdo(environment, "dead-letters", "show", record)
    assert refused.returncode == 2, "no purpose, no look"
    shown = brdo(environment, "dead-letters", "show", record, "--purpose", "case 12, form of device")
    assert json.loads(shown.stdout)["id"] == "LOOK-1"
    assert "\x1b" not in shown.stdout + shown.stderr
    with closing(TopicReader(running_bootstrap(system), [topics.CONSULTATIONS])) as reader:
        (said,) = [json.loads(one.value or b"") for one in reader.read_on()]
    assert (said["of"], said["purpose"]) == (f"dead letter {record}", "case 12, form of device")
    assert said["by"]
    assert brdo(environment, "dead-letters", "show", "border.incidents/0/999999", "--purpose", "x").returncode == 1


def test_a_mended_event_is_sent_again_and_traced_from_its_refusal_to_its_delivery(
    system: Path, environment: dict[str, str], tmp_path: Path
) -> None:
    broken = an_incident(id="MEND-1", station="HR-BRE", occurred_at=lately()[:-6], life_at_risk=False)
    send(system, as_line(broken))
    record = record_refused_for(system, "naive_time")
    again = brdo(environment, "dead-letters", "retry", record)
    assert (again.returncode, "naive_time: occurred_at: has no offset" in again.stderr) == (1, True)
    file = tmp_path / "mended.json"
    file.write_text(json.dumps(broken | {"occurred_at": lately(), "life_at_risk": True}, indent=2))
    assert brdo(environment, "dead-letters", "retry", record, "--event", str(file)).stdout == f"{record} sent again.\n"
    steps: list[str] = []

    def is_delivered() -> bool:
        steps[:] = trace(system, "MEND-1")
        return steps.count("delivered") == 3

    wait_until(is_delivered, 30)
    assert steps[:2] == ["published", "refused"]
    assert [step for step in steps if step not in {"published", "refused", "sent again"}][:2] == ["accepted", "alert"]
    assert record not in [letter["record"] for letter in letters(environment)]
    assert record in [letter["record"] for letter in letters(environment, "--all")]


def test_an_answer_of_a_contact_point_ends_the_trace(system: Path, environment: dict[str, str], tmp_path: Path) -> None:
    send(system, as_line(an_incident(id="ANSWER-1", occurred_at=lately(), life_at_risk=True)))
    log = ReceiptLog(system / wiring.RECEIVER_LOG)
    alerts: set[str] = set()

    def is_told() -> bool:
        alerts.update(one.alert["id"] for one in log.read_on() if one.alert["evidence"] == ["ANSWER-1"])
        return bool(alerts)

    wait_until(is_told, 30)
    file = tmp_path / "verdict.jsonl"
    verdict = {"type": "verdict", "schema_version": "1.0", "id": "V-1", "at": lately(), "alert": alerts.pop()}
    file.write_text(json.dumps(verdict | {"contact_point": "HR", "officer": "HR-7", "outcome": "confirmed"}))
    assert brdo(environment, "publish", str(file)).returncode == 0
    wait_until(lambda: "answered" in trace(system, "ANSWER-1"), 30)
    shown = brdo(environment, "trace", "ANSWER-1")
    assert "confirmed by HR" in shown.stdout
    assert trace(system, "V-1")[:2] == ["published", "accepted"]
    as_json = brdo(environment, "trace", "ANSWER-1", "--json")
    assert [json.loads(line)["step"] for line in as_json.stdout.splitlines()] == trace(system, "ANSWER-1")
    assert brdo(environment, "trace", "NEVER-SEEN").returncode == 1


def test_a_refused_danger_to_life_is_told_before_anybody_mends_the_form(
    system: Path, environment: dict[str, str], tmp_path: Path
) -> None:
    file = tmp_path / "event.jsonl"
    file.write_bytes(as_line(an_incident(id="VAN-1", station="AL-HOT", life_at_risk=True, colour="white"))[:-1])
    done = brdo(environment, "publish", str(file))
    assert done.stdout.splitlines()[1] == "1 of the refused say that life is at risk: sent as they stand."
    log = ReceiptLog(system / wiring.RECEIVER_LOG)
    told: dict[str, dict[str, Any]] = {}

    def is_told() -> bool:
        told.update({one.contact_point: dict(one.alert) for one in log.read_on() if one.alert["evidence"] == ["VAN-1"]})
        return told.keys() == {"AL", "ME", "FRONTEX"}

    wait_until(is_told, 30)
    assert all(alert["summary"].startswith("Unverified form: life at risk at ") for alert in told.values())


@pytest.mark.parametrize("arguments", [(), ("x", "--reason", "broken_json")])
def test_retry_asks_for_one_record_or_one_reason(
    system: Path, environment: dict[str, str], arguments: tuple[str, ...]
) -> None:
    assert system.exists()
    assert brdo(environment, "dead-letters", "retry", *arguments).returncode == 2


def test_all_of_one_reason_are_sent_again_where_they_would_pass_now(system: Path, environment: dict[str, str]) -> None:
    send(system, as_line(an_incident(occurred_at=lately(), station="SI-XXX")))
    record_refused_for(system, "unknown_station")
    done = brdo(environment, "dead-letters", "retry", "--reason", "unknown_station")
    assert (done.returncode, done.stdout) == (1, "0 sent again, 1 would be refused again.\n")
