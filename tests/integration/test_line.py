"""The line as a whole: processes die in mid-run, and every contact point ends with what the oracle says."""

import os
import signal
from contextlib import closing
from pathlib import Path

import pytest
from factory import as_line
from line import a_system, holds, must_hold, settings_for, told_twice, traffic
from started import wait_until

from infra import wiring
from infra.ledger import Ledger
from infra.receipts import Receipt, ReceiptLog
from infra.system import System
from infra.workers import WorkerName
from producers.publisher import Publisher
from schemas.records import line_record

EVENTS = traffic(400, seed=20_261_124)
KILLED = (WorkerName.CASEBOOK, WorkerName.WATCH, WorkerName.DELIVERY, WorkerName.INTAKE, WorkerName.DISPATCHER)
SETTLED_SECONDS = 120


def publish_with_kills(system: System) -> list[int]:
    """Publish the events, killing one process after another in between; return the pids that died."""
    dead = []
    with Publisher(system.bootstrap) as publisher:
        for number, event in enumerate(EVENTS):
            publisher.send(line_record(as_line(event)))
            if number % 80 == 60 and number // 80 < len(KILLED):
                publisher.flush()
                pid = system.workers.pid(KILLED[number // 80])
                os.kill(pid, signal.SIGKILL)
                dead.append(pid)
        publisher.send(line_record(b'{"type": "incident"'))
    return dead


@pytest.mark.timeout(300)
def test_killed_in_mid_run_nothing_is_lost_and_nothing_told_twice(tmp_path: Path, kafka_cache: Path) -> None:
    """SIGKILL of intake, watch, case book, dispatcher and delivery while events flow; judged by the oracle alone."""
    expected = must_hold(EVENTS)
    assert sum(map(len, expected.values())) > 100, "the traffic raises too little to prove anything"
    log_path = tmp_path / wiring.RECEIVER_LOG
    receipts: list[Receipt] = []
    with a_system(settings_for(tmp_path, kafka_cache)) as system, closing(Ledger(system.bootstrap)) as ledger:
        dead = publish_with_kills(system)
        assert len(set(dead)) == len(KILLED)
        log = ReceiptLog(log_path)

        def is_told() -> bool:
            receipts.extend(log.read_on())
            return holds(receipts) == expected

        wait_until(is_told, SETTLED_SECONDS)
        wait_until(lambda: (ledger.read_on(), ledger.is_settled())[1], SETTLED_SECONDS)
        account = ledger.account
        assert {name for name in WorkerName if system.workers.pid(name) in dead} == set(), "all were started again"
    assert len(account.accepted) == len(EVENTS) + 1
    assert [letter.reason for letter in account.dead_letters.values()] == ["broken_json"]
    assert len(account.correlated) == len(EVENTS)
    receipts.extend(log.read_on())
    assert holds(receipts) == expected, "nothing that came later changed it"
    assert told_twice(log_path) == []
