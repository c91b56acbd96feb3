"""Convoys on the real line: what one process finds is found by watch and case book over Kafka, killed in between."""

import os
import random
import signal
from contextlib import closing
from pathlib import Path

import mixed_convoys
import oracle
import pytest
from factory import as_line
from line import a_system, settings_for
from started import wait_until

from infra.ledger import Ledger
from infra.workers import WorkerName
from producers.publisher import Publisher
from schemas.records import line_record

SETTLED_SECONDS = 120


@pytest.mark.timeout(300)
def test_the_line_finds_the_convoys_that_the_oracle_finds(tmp_path: Path, kafka_cache: Path) -> None:
    seed = next(seed for seed in range(100) if len(convoys(mixed_convoys.events(random.Random(seed)))) > 1)
    sent = mixed_convoys.events(random.Random(seed))
    expected = convoys(sent)
    with a_system(settings_for(tmp_path, kafka_cache)) as system, closing(Ledger(system.bootstrap)) as ledger:
        with Publisher(system.bootstrap) as publisher:
            for number, event in enumerate(sent):
                publisher.send(line_record(as_line(event)))
                if number == len(sent) // 2:
                    publisher.flush()
                    os.kill(system.workers.pid(WorkerName.WATCH), signal.SIGKILL)
        wait_until(lambda: (ledger.read_on(), ledger.is_settled())[1], SETTLED_SECONDS)
        found = {(one.id, one.evidence) for one in ledger.account.open_alerts if one.kind == "convoy"}
    assert found == expected


def convoys(sent: list[dict[str, object]]) -> set[tuple[str, tuple[str, ...]]]:
    return {(one.id, one.evidence) for one in oracle.open_alerts(sent) if one.kind == "convoy"}
