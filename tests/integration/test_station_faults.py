"""Processes, brokers and disks that die under a station: nothing that got a yes is lost, and the order stays."""

from __future__ import annotations

import json
import os
import shutil
import signal
import sqlite3
import subprocess
from contextlib import ExitStack, closing
from pathlib import Path

import pytest
from started import Services, wait_until
from station_rig import Broker, Child, a_broker, a_child, a_client, allow, an_event, said, wait_for_yes, yes_ids

from infra.kafka_topics import ensure_topics
from infra.services.kafka import Kafka

EVENTS = 10_000
STEPS = 10
CONTENT = {f"E-{one:05}": f"event number {one}" for one in range(EVENTS)}


def kill_and_restart(kafka: Kafka, services: Services, data_dir: Path) -> Kafka:
    assert kafka.pid is not None
    os.kill(kafka.pid, signal.SIGKILL)
    kafka.stop()
    return services.kafka(data_dir)


@pytest.mark.timeout(300)
def test_ten_thousand_events_survive_ten_kills_of_client_and_broker(services: Services, tmp_path: Path) -> None:
    """Each time in the middle of a thousand events that are being published and sent."""
    data_dir, log, spool = tmp_path / "broker", tmp_path / "yes", tmp_path / "spool"
    kafka = services.kafka(data_dir)
    ensure_topics(kafka.bootstrap)
    broker = Broker(kafka.bootstrap)
    arguments = ("publish", kafka.bootstrap, spool, log, "E", EVENTS)
    left = []
    with ExitStack() as stack:
        allow(log, 0)
        child = stack.enter_context(a_child(*arguments))
        for step in range(STEPS):
            begun = step * EVENTS // STEPS
            allow(log, begun + EVENTS // STEPS)
            wait_for_yes(log, begun + EVENTS // STEPS // 2, 60)
            if step % 2:
                kafka = kill_and_restart(kafka, services, data_dir)
            else:
                child.kill()
                left.append(stored_in(spool))
                child = stack.enter_context(a_child(*arguments))
        child.end(120)

    assert kafka.bootstrap == broker.bootstrap
    promised = yes_ids(log)
    assert promised == list(CONTENT)
    found = broker.records()
    first_appearances = list(dict.fromkeys(said(one)["id"] for one in found))
    assert first_appearances == promised
    assert all(said(one)["narrative"] == CONTENT[said(one)["id"]] for one in found)
    assert len({one.value() for one in found}) == EVENTS
    assert stored_in(spool) == 0
    print(f"{len(found) - EVENTS} sent again; in the spool at each kill of the client: {left}")  # noqa: T201


def stored_in(spool: Path) -> int:
    with closing(sqlite3.connect(spool / "spool.db")) as database:
        return int(database.execute("SELECT count(*) FROM waiting").fetchone()[0])


def test_two_processes_store_into_one_spool_and_one_sends_for_both_when_the_other_is_killed(
    kafka_cache: Path, tmp_path: Path
) -> None:
    spool, logs = tmp_path / "spool", {name: tmp_path / name for name in ("A", "B")}
    with a_broker(tmp_path / "broker", kafka_cache) as bootstrap, ExitStack() as stack:
        broker = Broker(bootstrap)
        children: dict[str, Child] = {}
        for name, log in logs.items():
            allow(log, 200)
            children[name] = stack.enter_context(a_child("publish", bootstrap, spool, log, name, 800))
            wait_for_yes(log, 100)  # the first that is there is the one that sends
        wait_for_yes(logs["A"], 200)
        for log in logs.values():
            allow(log, 600)
        wait_for_yes(logs["A"], 400)
        children["A"].kill()
        told = yes_ids(logs["A"])
        allow(logs["B"], 800)
        children["B"].end()
        with a_client(bootstrap, spool) as client:
            client.flush(20)
        found = broker.ids

    for name, promised in (("A", told), ("B", yes_ids(logs["B"]))):
        own = list(dict.fromkeys(one for one in found if one.startswith(name)))
        assert own[: len(promised)] == promised
        assert len(own) <= len(promised) + 1, "at most the one whose yes was cut off"
    assert len(told) >= 400
    assert len(yes_ids(logs["B"])) == 800


def stop_between_writes(child: Child, spool: Path) -> None:
    """Stop the process at a moment when it does not hold the database: a stopped writer would keep out all others."""

    def is_stopped() -> bool:
        os.kill(child.process.pid, signal.SIGSTOP)
        try:
            with closing(sqlite3.connect(spool / "spool.db", timeout=0, isolation_level=None)) as database:
                database.execute("BEGIN IMMEDIATE")
                database.execute("ROLLBACK")
        except sqlite3.OperationalError:
            os.kill(child.process.pid, signal.SIGCONT)
            return False
        return True

    wait_until(is_stopped, 10)


def test_another_open_client_takes_over_within_two_seconds_when_the_sender_is_killed(
    kafka_cache: Path, tmp_path: Path
) -> None:
    log = tmp_path / "yes"
    with a_broker(tmp_path / "broker", kafka_cache) as bootstrap:
        broker = Broker(bootstrap)
        allow(log, 20)
        with a_child("publish", bootstrap, tmp_path / "spool", log, "A", 50) as child:
            wait_for_yes(log, 20)
            with a_client(bootstrap, tmp_path / "spool") as client:
                wait_until(lambda: client.waiting == 0, 20)
                stop_between_writes(child, tmp_path / "spool")  # it holds on to its place, and does not send
                allow(log, 50)
                client.publish(an_event("B-1"))
                with pytest.raises(AssertionError):
                    wait_until(lambda: client.waiting == 0, 1)
                child.kill()
                client.flush(2)
        assert broker.ids[-1] == "B-1"


def namespaces_work() -> bool:
    unshare = shutil.which("unshare")
    if unshare is None:
        return False
    trial = "mount -t tmpfs -o size=1m tmpfs /tmp"
    return subprocess.run([unshare, "-rm", "sh", "-c", trial], capture_output=True, check=False).returncode == 0


def on_a_small_disk(directory: Path, size: str) -> tuple[str, ...]:
    """Return what runs a command where this directory is a disk of so few bytes."""
    directory.mkdir()
    if not namespaces_work():
        pytest.skip("this machine does not let us mount a small disk (unshare -rm)")
    return ("unshare", "-rm", "sh", "-c", f'mount -t tmpfs -o size={size} tmpfs {directory} && exec "$@"', "sh")


@pytest.mark.parametrize("way", ["fill_tmpfs", "fill_limited"])
def test_on_a_full_disk_nothing_counts_as_stored_that_is_not_and_with_room_it_goes_on(tmp_path: Path, way: str) -> None:
    disk = tmp_path / "disk"
    prefix = on_a_small_disk(disk, "1m") if way == "fill_tmpfs" else ()
    with a_child(way, disk / "spool", prefix=prefix) as child:
        told = json.loads(child.end())

    assert all(text.startswith("the event is NOT stored: the ") for text in told["refused"]), told["refused"]
    assert len(told["refused"]) == 3
    waiting, stored = told["full"]
    assert waiting == stored > 20
    assert told["there"] == told["stored"]
    assert told["stored"][-5:] == [f"G-{one:05}" for one in range(5)]


def test_a_spool_that_filled_its_disk_by_itself_empties_itself_when_the_broker_is_there(
    kafka_cache: Path, tmp_path: Path
) -> None:
    disk = tmp_path / "disk"
    prefix = on_a_small_disk(disk, "1m")
    with a_broker(tmp_path / "broker", kafka_cache) as bootstrap:
        broker = Broker(bootstrap)
        with a_child("fill_alone", disk / "spool", bootstrap, prefix=prefix) as child:
            told = json.loads(child.end(60))
        assert broker.ids == told["stored"]

    assert told["refused"][0] == "the event is NOT stored: the disk is full, 250000 bytes of it must stay free"
    assert (told["waiting"], told["stored"][-1]) == (0, "G-00001")
    assert len(told["stored"]) > 20
