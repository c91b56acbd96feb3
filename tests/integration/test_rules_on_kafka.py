"""Rules that change on a running system, and in history that is replayed."""

import json
from pathlib import Path
from typing import Any

from command_line import brdo
from factory import a_vehicle, an_incident, as_line, at, lately
from rules_rig import a_change, rules_said
from started import wait_until

from infra import wiring
from infra.receipts import Receipt, ReceiptLog
from streams.rules import DEFAULT_RULES

pytest_plugins = ["running_system"]

OFFICER = ("--officer", "A. Kos")


def repeats_are(text: str, mode: str) -> str:
    assert text.count("repeat_vehicle:\n  mode: live") == 1
    return text.replace("repeat_vehicle:\n  mode: live", f"repeat_vehicle:\n  mode: {mode}")


def test_a_kind_is_put_into_shadow_and_taken_out_of_it_again(
    system: Path, environment: dict[str, str], tmp_path: Path
) -> None:
    events = [an_incident(id=f"R-{day}", occurred_at=lately(day), vehicles=[a_vehicle()]) for day in (1, 2)]
    history, rules = tmp_path / "events.jsonl", tmp_path / "rules.yaml"
    history.write_bytes(b"\n".join(map(as_line, events)))
    rules.write_text(repeats_are(DEFAULT_RULES.read_text(), "shadow").replace('version: "', 'version: "x'))
    assert brdo(environment, "publish", str(history)).returncode == 0
    log, receipts = ReceiptLog(system / wiring.RECEIVER_LOG), list[Receipt]()

    def told(status: str, revision: int) -> bool:
        receipts.extend(log.read_on())
        return (status, revision) in {(one.alert["status"], one.alert["revision"]) for one in receipts}

    wait_until(lambda: told("open", 1), 30)
    changed = brdo(environment, "rules", "change", str(rules), *OFFICER)
    assert changed.returncode == 0, changed.stderr
    assert "repeat_vehicle.mode" in changed.stdout
    change = changed.stdout.split("Sent as ")[1].split(";")[0]
    wait_until(lambda: told("withdrawn", 2), 30)
    assert {one.alert.get("withdrawn_reason") for one in receipts if one.alert["revision"] == 2} == {"rule_change"}
    again = brdo(environment, "rules", "change", str(rules), *OFFICER)
    assert f"by {change}" in again.stdout
    assert "They say the same." in again.stdout
    assert brdo(environment, "rules", "retract", change, *OFFICER).returncode == 0
    wait_until(lambda: told("open", 3), 30)
    assert "by the file" in brdo(environment, "rules", "change", str(rules), "--dry-run", *OFFICER).stdout


def test_history_with_changes_is_replayed_to_the_same_alerts_on_kafka_and_offline(
    environment: dict[str, str], tmp_path: Path
) -> None:
    events: list[dict[str, Any]] = [
        an_incident(id=f"K-{car}-{day}", occurred_at=at(day, hours=car * 7), vehicles=[a_vehicle(f"MB {car}7-KLM")])
        for day in (1, 20, 60)
        for car in range(5)
    ]
    stricter = rules_said(version="v2", repeat_vehicle__window_days=25, repeat_vehicle__contributions__smuggling=0.1)
    events[7:7] = [a_change(rules_said(version="v3", repeat_vehicle__mode="off"), at=at(-1))]
    events[3:3] = [a_change(stricter)]
    history = tmp_path / "history.jsonl"
    history.write_bytes(b"\n".join(map(as_line, events)))
    found = []
    for how in ((), ("--offline",)):
        out = tmp_path / "alerts.jsonl"
        done = brdo(environment, "replay", str(history), "--alerts", str(out), *how)
        assert (done.returncode, done.stdout.count("0 dead letters")) == (0, 1), done.stderr + done.stdout
        newest = {one["id"]: one for one in map(json.loads, out.read_text().splitlines())}
        found.append(
            {(one["id"], one["score"], tuple(one["evidence"])) for one in newest.values() if one["status"] == "open"}
        )
    assert found[0] == found[1]
    assert sorted((score, *evidence) for _, score, evidence in found[0]) == [
        (0.6, f"K-{car}-1", f"K-{car}-20") for car in range(5)
    ]
