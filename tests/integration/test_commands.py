"""The command line on a running system, as a newcomer uses it."""

import json
import os
import re
import signal
from pathlib import Path
from typing import Any

import oracle
from command_line import EXAMPLES, brdo, get
from factory import a_vehicle, an_incident, as_line, lately
from started import wait_until

from infra import wiring
from infra.receipts import ReceiptLog
from infra.system import running_bootstrap
from infra.workers import Announcement, WorkerName

pytest_plugins = ["running_system"]

SECRET_PLATE = "QX 777-QX"


def test_published_events_are_told_and_refused_ones_named(
    system: Path, environment: dict[str, str], tmp_path: Path
) -> None:
    events = [
        an_incident(id=f"C-{day}", occurred_at=lately(day), vehicles=[a_vehicle(SECRET_PLATE, "SI")]) for day in (1, 2)
    ]
    bad = an_incident(occurred_at="2026-05-01T08:00:00")
    file = tmp_path / "events.jsonl"
    file.write_bytes(b"\n".join(map(as_line, [events[0], bad, events[1]])))
    done = brdo(environment, "publish", str(file))
    assert done.returncode == 1
    assert done.stderr.splitlines() == [
        f"{file}:2: naive_time: occurred_at: has no offset; write for example 2026-05-01T08:10:00+02:00"
    ]
    assert done.stdout.splitlines() == ["2 events published and acknowledged, 1 refused."]
    log = ReceiptLog(system / wiring.RECEIVER_LOG)
    receipts = []

    def both_sides_are_told() -> bool:
        receipts.extend(log.read_on())
        return {receipt.contact_point for receipt in receipts} == {"SI", "HR"}

    wait_until(both_sides_are_told, 30)
    assert {tuple(receipt.alert["evidence"]) for receipt in receipts} == {("C-1", "C-2")}


def test_every_process_answers_probes_and_counts(system: Path) -> None:
    counters = {
        WorkerName.INTAKE: "border_streams_accepted_total",
        WorkerName.WATCH: "border_streams_watch_sightings_total",
        WorkerName.CASEBOOK: "border_streams_casebook_events_total",
        WorkerName.DISPATCHER: "border_consumers_assigned_total",
        WorkerName.ESCALATOR: "border_consumers_escalator_last_run_timestamp_seconds",
        WorkerName.DELIVERY: "border_consumers_attempts_total",
        WorkerName.RECEIVER: "python_info",
        WorkerName.GATEWAY: "border_producers_gateway_requests_total",
    }
    for name, counter in counters.items():
        announcement = Announcement.read(system, name)
        assert announcement is not None
        assert announcement.health.startswith("http://127.0.0.1:")
        assert get(f"{announcement.health}/healthz") == (200, "alive\n")
        assert get(f"{announcement.health}/readyz") == (200, "ready\n")
        assert get(f"{announcement.health}/nothing")[0] == 404
        assert counter in get(f"{announcement.health}/metrics")[1], name


def test_no_plate_reaches_a_log_or_a_metric(system: Path) -> None:
    """After an alert about it was raised, stored and delivered."""
    texts = [path.read_text(errors="replace") for path in (system / "logs").iterdir()]
    texts += [path.read_text(errors="replace") for path in system.glob("*/*.log")]
    for name in WorkerName:
        announcement = Announcement.read(system, name)
        assert announcement is not None
        texts.append(get(f"{announcement.health}/metrics")[1])
    assert len(texts) >= 12
    for text in texts:
        assert SECRET_PLATE not in text
        assert "QX777QX" not in text


def test_what_listens_says_where(system: Path, environment: dict[str, str]) -> None:
    kafka, gateway = (brdo(environment, "address", service).stdout for service in ("kafka", "gateway"))
    assert kafka == f"{running_bootstrap(system)}\n"
    assert get(f"{gateway.strip()}/openapi.json")[0] == 200


def test_logs_are_json_one_object_a_line(system: Path) -> None:
    said = {name: (system / "logs" / f"{name}.log").read_text().splitlines() for name in WorkerName}
    assert all(json.loads(line)["process"] == name for name, lines in said.items() for line in lines)
    assert said[WorkerName.CASEBOOK], "Faust at least says that it starts"


def test_doctor_and_topics_find_everything_well(system: Path, environment: dict[str, str]) -> None:
    doctor = brdo(environment, "doctor")
    assert (doctor.returncode, "✗" in doctor.stdout) == (0, False), doctor.stdout
    for subject in (
        "Kafka",
        "PostgreSQL",
        "intake",
        "watch",
        "casebook",
        "dispatcher",
        "delivery",
        "receiver",
        "gateway",
    ):
        assert subject in doctor.stdout
    topics = brdo(environment, "topics")
    assert topics.returncode == 0
    assert "missing" not in topics.stdout
    assert str(system) not in topics.stdout


def test_a_second_start_on_the_same_data_names_the_first(system: Path, environment: dict[str, str]) -> None:
    again = brdo(environment, "up")
    assert again.returncode == 1
    assert again.stderr.startswith("error: The data directory is already in use by process ")
    assert "Traceback" not in again.stderr
    assert str(system) in again.stderr


def test_a_broker_and_a_database_that_die_are_started_again_and_what_comes_is_told(
    system: Path, environment: dict[str, str], tmp_path: Path
) -> None:
    """Both by SIGKILL, at once, under a running system; an alert published right then arrives."""
    for service in ("kafka", "postgres"):
        os.kill(json.loads((system / service / "process.json").read_text())["pid"], signal.SIGKILL)
    file = tmp_path / "event.jsonl"
    file.write_bytes(as_line(an_incident(id="AFTER-1", occurred_at=lately(), station="AL-HOT", life_at_risk=True)))
    done = brdo(environment, "publish", str(file))
    assert done.stdout == "1 events published and acknowledged, 0 refused.\n", done.stderr
    log = ReceiptLog(system / wiring.RECEIVER_LOG)
    told: set[str] = set()

    def is_told() -> bool:
        told.update(one.contact_point for one in log.read_on() if one.alert.get("evidence") == ["AFTER-1"])
        return told == {"AL", "ME", "FRONTEX"}

    wait_until(is_told, 90)
    wait_until(lambda: brdo(environment, "doctor").returncode == 0, 60)


def test_replay_through_kafka_and_offline_end_in_the_same_open_alerts_as_the_oracle(
    environment: dict[str, str], tmp_path: Path
) -> None:
    outcomes: dict[str, tuple[set[tuple[object, ...]], list[tuple[str, str, str]]]] = {}
    for how in ("--offline", ""):
        alerts, letters = tmp_path / f"alerts{how}.jsonl", tmp_path / f"letters{how}.jsonl"
        options = ["replay", str(EXAMPLES), "--alerts", str(alerts), "--dead-letters", str(letters)]
        done = brdo(environment, *options, *filter(None, [how]))
        assert done.returncode == 0, done.stderr
        # how many revisions lead there depends on when the watch hears of an interest
        assert re.fullmatch(r"35 events: \d+ alert revisions, 2 dead letters\.\n", done.stdout), done.stdout
        newest: dict[str, dict[str, Any]] = {}
        for line in alerts.read_text(encoding="utf-8").splitlines():
            alert = json.loads(line)
            if alert["id"] not in newest or alert["revision"] > newest[alert["id"]]["revision"]:
                newest[alert["id"]] = alert
        said = [json.loads(line) for line in letters.read_text(encoding="utf-8").splitlines()]
        outcomes[how] = (
            {
                (alert["id"], alert["kind"], tuple(alert["evidence"]))
                for alert in newest.values()
                if alert["status"] == "open"
            },
            sorted((letter["reason"], letter["field"], letter["event"]) for letter in said),
        )
    assert outcomes[""] == outcomes["--offline"]
    refused = {event for _, _, event in outcomes[""][1]}
    lines = EXAMPLES.read_text(encoding="utf-8").splitlines()
    good = [json.loads(line) for line in lines if line not in refused and '"religion"' not in line]
    assert outcomes[""][0] == oracle.open_alerts(good)
