"""Scenarios in which processes die, come, go and stand still."""

from __future__ import annotations

import os
import signal
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from functools import partial
from typing import Final

import httpx
from factory import as_line
from line_rig import GROUPS, READY_SECONDS, Line
from started import wait_until
from trial import Event, Trial

from infra.workers import WorkerName
from producers.client import StationClient

HOW: Final = (signal.SIGTERM, signal.SIGKILL)
STALLED: Final = (WorkerName.CASEBOOK, WorkerName.WATCH)
STATION: Final = "SI-OBR"


def kill_anything(trial: Trial) -> None:
    """Kill one process after another, each in its turn of a random order, while events come in by both ways."""
    events = trial.traffic(trial.pick(300, 2_000))
    by_http, others = events[::10], [event for number, event in enumerate(events) if number % 10]
    times = trial.pick(4, 20)
    names = [name for _ in range(times) for name in trial.chance.sample([*WorkerName], len(WorkerName))][:times]
    moments = sorted(trial.chance.sample(range(10, len(others)), times))
    with ThreadPoolExecutor(max_workers=1) as pool:
        posted = pool.submit(post, trial.line, by_http)
        with trial.flow(others, per_second=30) as flow:
            for name, moment in zip(names, moments, strict=True):
                flow.wait_for(moment)
                with suppress(ProcessLookupError):
                    os.kill(trial.line.pid(name), signal.SIGKILL)
        posted.result()
    trial.sent += len(by_http)
    trial.settle()


def post(line: Line, events: list[Event]) -> None:
    """Send each event to the gateway until it has a yes; it may die and move meanwhile."""
    for event in events:
        wait_until(partial(is_taken, line, event), READY_SECONDS)


def is_taken(line: Line, event: Event) -> bool:
    """Whether the gateway took it."""
    try:
        headers = {"Content-Type": "application/json"}
        address = line.address(WorkerName.GATEWAY)
        answer = httpx.post(f"{address}/v1/events", content=as_line(event), headers=headers, timeout=20)
    except httpx.HTTPError:
        return False
    assert answer.status_code in {202, 503}, answer.text
    return answer.status_code == httpx.codes.ACCEPTED


def workers_join_and_leave(trial: Trial, state: str = "disk") -> None:
    """Let a second of each correlating worker join, then the older leave, later the newer: by SIGTERM, by SIGKILL."""
    line, times = trial.line, trial.pick(2, 10)
    if state != "disk":
        restart_all(line, state)
    events = trial.traffic(trial.pick(240, 1_500))
    with trial.flow(events, per_second=15) as flow:
        for number in range(times):
            flow.wait_for(number * len(events) // times)
            for name in GROUPS:
                line.join(name, BRDO_STATE=state)
            line.wait_for_members(2)
            line.leave(*(line.crew[name][number // 2 % 2] for name in GROUPS), how=HOW[number % 2])
            line.wait_for_members(1)
    trial.settle()
    if state != "disk":
        restart_all(line, "disk")


def restart_all(line: Line, state: str) -> None:
    """Start the correlating workers anew, with this kind of state."""
    line.stop(*GROUPS)
    line.start(*GROUPS, BRDO_STATE=state)


def stalled_worker(trial: Trial) -> None:
    """Stop the case book that has the partition and one of two watches until others went on; then wake them."""
    line, times = trial.line, trial.pick(1, 5)
    events = trial.traffic(trial.pick(250, 1_500))
    for name in STALLED:
        line.join(name)
    wait_until(lambda: all_there(line), READY_SECONDS)
    with trial.flow(events, per_second=15) as flow:
        for number in range(times):
            flow.wait_for(number * len(events) // times + 20)
            stall_once(trial)
    line.leave(*(line.crew[name][0] for name in STALLED))
    trial.settle()


def stall_once(trial: Trial) -> None:
    """Stop an owner of each, see the others own all and go on, wake the owners, see all in their groups."""
    line = trial.line
    books = line.crew[WorkerName.CASEBOOK]
    wait_until(lambda: sum(one.is_ready() for one in books) == 1, READY_SECONDS)
    owner = next(one for one in books if one.is_ready())
    stopped = [owner.pid, line.crew[WorkerName.WATCH][0].pid]
    others = [one for name in STALLED for one in line.crew[name] if one.pid not in stopped]
    for pid in stopped:
        os.kill(pid, signal.SIGSTOP)
    try:
        wait_until(lambda: all(line.members(name) == 1 for name in STALLED), READY_SECONDS)
        wait_until(lambda: all(one.is_ready() for one in others), READY_SECONDS)
        told = len(line.receipts(trial.prefix))
        wait_until(lambda: len(line.receipts(trial.prefix)) > told, READY_SECONDS)
    finally:
        for pid in stopped:
            os.kill(pid, signal.SIGCONT)
    wait_until(lambda: all_there(line), READY_SECONDS)


def all_there(line: Line) -> bool:
    """Whether all of those that are stalled are in their groups."""
    return all(line.members(name) == len(line.crew[name]) for name in STALLED)


def broker_restart(trial: Trial) -> None:
    """Kill Kafka in the middle of the flow; its keeper starts it again."""
    times = trial.pick(1, 3)
    events = trial.traffic(trial.pick(300, 1_500))
    with trial.flow(events, per_second=20) as flow:
        for number in range(times):
            flow.wait_for((number + 1) * len(events) // (times + 2))
            trial.line.kill_kafka()
    trial.settle()


def broker_away(trial: Trial) -> None:
    """Stop Kafka for minutes; a device keeps what it reports, and sends it when Kafka is back."""
    pid = trial.line.kafka_pid()
    reports = (event for event in trial.traffic(trial.pick(200, 1_000)) if "station" in event)
    seen = {event["id"]: {**event, "station": STATION} for event in reports}
    trial.events.clear()
    trial.expect(seen.values())
    events = [*seen.values()]
    _ = trial.must_hold
    with StationClient(trial.line.bootstrap, station=STATION, spool=trial.line.data_dir / "spool") as client:
        for number, event in enumerate(events):
            client.publish(as_line(event))
            if number == len(events) // 2:
                os.kill(pid, signal.SIGSTOP)
        try:
            back_at = time.monotonic() + trial.pick(20, 300)
            wait_until(lambda: time.monotonic() >= back_at, 400)  # it is away for this long
            assert client.waiting >= len(events) // 2 - 1, "what came meanwhile must be in the spool"
        finally:
            os.kill(pid, signal.SIGCONT)
        client.flush(180)
    trial.sent += len(events)
    trial.settle()


workers_join_and_leave_in_memory = partial(workers_join_and_leave, state="memory")
