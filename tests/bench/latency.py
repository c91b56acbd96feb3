"""From a station's call to the alert on Kafka and at the contact point's door, at several rates.

The whole product runs, as `brdo up` runs it, on the machine's two cores, and stations and cameras run on them too.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

from confluent_kafka import Consumer
from conftest import default_cache_dir
from line import a_system
from report import keep_figures
from rich.console import Console
from rich.table import Table
from systems import ROOT

from infra import wiring
from infra.receipts import ReceiptLog
from infra.settings import read_settings
from infra.system import System
from schemas import topics

RATES = (50, 500, 2_000)
ALERTS_A_SECOND = 10
WARM_UP_SHARE = 0.2
PATIENCE_SECONDS = 60.0


class Figures(NamedTuple):
    """One rate's figures: milliseconds to both ends, how many, and what the stations were late by."""

    rate: int
    to_kafka: list[float]
    to_webhook: list[float]
    missing: int
    late_by_seconds: float


def percentile(values: Sequence[float], share: float) -> float:
    """Return the smallest value that this share of them does not exceed."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))] if ordered else float("nan")


@contextmanager
def alerts(bootstrap: str) -> Iterator[Consumer]:
    """Read the alerts' topic from its end on."""
    settings = {"bootstrap.servers": bootstrap, "group.id": "bench", "fetch.wait.max.ms": 10}
    consumer = Consumer({**settings, "auto.offset.reset": "latest", "enable.auto.commit": False})
    assigned: list[Any] = []
    consumer.subscribe([topics.ALERTS.name], on_assign=lambda _, partitions: assigned.extend(partitions))
    try:
        while not assigned:
            consumer.poll(0.1)
        consumer.poll(1)
        yield consumer
    finally:
        consumer.close()


def measure(system: System, rate: int, seconds: float) -> Figures:
    """Publish at this rate and see what arrives when."""
    receipts = ReceiptLog(system.data_dir / wiring.RECEIVER_LOG)
    receipts.read_on()
    command = [sys.executable, str(Path(__file__).with_name("load.py")), "--bootstrap", system.bootstrap]
    command += ["--sightings", str(rate - ALERTS_A_SECOND), "--reports", str(ALERTS_A_SECOND)]
    command += ["--seconds", str(seconds)]
    out = system.data_dir / f"load-{rate}.json"
    command += ["--out", str(out)]
    seen: dict[str, float] = {}
    with alerts(system.bootstrap) as consumer:
        load = subprocess.Popen(command, env={**os.environ, "PYTHONPATH": str(ROOT)}, stdout=subprocess.DEVNULL)
        while load.poll() is None:
            _read(consumer, seen)
        said = json.loads(out.read_text(encoding="utf-8"))
        called: dict[str, float] = said["called"]
        told: dict[tuple[str, str], float] = {}
        deadline = time.monotonic() + PATIENCE_SECONDS
        while time.monotonic() < deadline:
            _read(consumer, seen)
            for one in receipts.read_on():
                told.setdefault((one.alert["evidence"][0], one.contact_point), one.received_at.timestamp())
            if not called.keys() - seen.keys() and not called.keys() - {event for event, _ in told}:
                break
    warm = sorted(called, key=lambda one: called[one])[int(WARM_UP_SHARE * len(called)) :]
    measured = set(warm)
    return Figures(
        rate,
        [1000 * (seen[one] - called[one]) for one in warm if one in seen],
        [1000 * (moment - called[event]) for (event, _), moment in told.items() if event in measured],
        len(called.keys() - seen.keys()) + len(called.keys() - {event for event, _ in told}),
        said["late_by_seconds"],
    )


def _read(consumer: Consumer, seen: dict[str, float]) -> None:
    message = consumer.poll(0.05)
    if message is not None and message.error() is None:
        seen.setdefault(json.loads(message.value() or b"{}")["evidence"][0], time.time())


def main() -> None:
    """Measure all rates on one system."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=40)
    parser.add_argument("--rates", type=int, nargs="+", default=RATES)
    arguments = parser.parse_args()
    console = Console()
    table = Table("events/s", "path", "alerts", "p50 ms", "p99 ms", "largest ms", "missing", "stations late by")
    figures: dict[str, float] = {}
    with tempfile.TemporaryDirectory(prefix="brdo-bench-", ignore_cleanup_errors=True) as name:
        settings = read_settings({"BRDO_DATA_DIR": name, "BRDO_CACHE_DIR": str(default_cache_dir())})
        with a_system(settings) as system:
            for rate in arguments.rates:
                console.print(f"{rate} events/s for {arguments.seconds:g} s …")
                one = measure(system, rate, arguments.seconds)
                for path, values in (("alert_on_kafka", one.to_kafka), ("webhook_first_byte", one.to_webhook)):
                    p50, p99 = percentile(values, 0.5), percentile(values, 0.99)
                    figures |= {f"latency.{path}.{rate}.p50_ms": round(p50, 1)}
                    figures |= {f"latency.{path}.{rate}.p99_ms": round(p99, 1)}
                    cells = rate, path, len(values), f"{p50:.1f}", f"{p99:.1f}", f"{max(values, default=0):.1f}"
                    table.add_row(*map(str, cells), str(one.missing), f"{one.late_by_seconds:.2f} s")
    keep_figures(figures)
    console.print(table)


if __name__ == "__main__":
    main()
