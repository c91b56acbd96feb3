"""Border traffic at an even pace: cameras that publish to Kafka, and stations that report through `StationClient`.

Each report tells of a danger to life and raises an alert of its own; it notes when the station called. The plates are
of so many vehicles that hardly one passes twice: nobody is at two borders within seconds, which would be an alert too.
"""

import argparse
import json
import random
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from confluent_kafka import Producer

from producers.client import StationClient
from schemas import topics

LETTERS = "ABCDEFGHIJKLMNOPRSTUVZ"
STATIONS = ("SI-OBR", "HR-BRE", "SI-GRU", "RS-HOR")


def event(name: str, station: str, chance: random.Random, *, alarming: bool) -> dict[str, Any]:
    """Return an event that happens now."""
    letters = "".join(chance.choices(LETTERS, k=4))
    vehicle = {"plate": f"{letters[:2]} {chance.randrange(1_000):03}-{letters[2:]}", "plate_country": "HR"}
    said: dict[str, Any] = {"schema_version": "1.0", "id": name, "station": station, "direction": "entry"}
    said["occurred_at"] = datetime.now(UTC).isoformat()
    if alarming:
        return {**said, "type": "incident", "kind": "migrant_smuggling", "life_at_risk": True, "vehicles": [vehicle]}
    return {**said, "type": "sighting", "vehicle": vehicle}


class Pace(argparse.Namespace):
    """How many sightings and how many reports a second all stations publish together, and for how long."""

    sightings: float
    reports: float
    seconds: float
    bootstrap: str
    out: Path


def paced(each_second: float, seconds: float, began: float) -> Iterator[tuple[int, str]]:
    """Return the number and the station of each event when its time has come."""
    for number in range(round(seconds * each_second)):
        time.sleep(max(0.0, began + number / each_second - time.time()))
        yield number, STATIONS[number % len(STATIONS)]


def film(pace: Pace, began: float) -> None:
    """Let the cameras publish."""
    producer, chance = Producer({"bootstrap.servers": pace.bootstrap, "linger.ms": 5}), random.Random("cameras")
    for number, station in paced(pace.sightings, pace.seconds, began):
        seen = event(f"camera-{pace.sightings:g}-{number}", station, chance, alarming=False)
        producer.produce(topics.SIGHTINGS.name, json.dumps(seen).encode(), key=station)
        producer.poll(0)
    producer.flush()


def report(clients: dict[str, StationClient], pace: Pace, began: float, called: dict[str, float]) -> None:
    """Let the stations report, and note when each was called."""
    chance = random.Random("stations")
    for number, station in paced(pace.reports, pace.seconds, began):
        name = f"{station}-{pace.sightings:g}-{number}"
        line = json.dumps(event(name, station, chance, alarming=True)).encode()
        called[name] = time.time()
        clients[station].publish(line)


def main() -> None:
    """Publish, and write what was called when, with the time that the last event was late by."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--bootstrap", required=True)
    parser.add_argument("--out", required=True, type=Path)
    for name in ("sightings", "reports", "seconds"):
        parser.add_argument(f"--{name}", required=True, type=float)
    pace = parser.parse_args(namespace=Pace())
    called: dict[str, float] = {}
    with ExitStack() as stack:
        directory = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="brdo-bench-")))
        clients = {
            station: stack.enter_context(StationClient(pace.bootstrap, station=station, spool=directory / station))
            for station in STATIONS
        }
        began = time.time() + 2
        runs: list[Callable[[], None]] = [lambda: film(pace, began), lambda: report(clients, pace, began, called)]
        threads = [threading.Thread(target=run) for run in runs]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        late = time.time() - began - pace.seconds
    pace.out.write_text(json.dumps({"called": called, "late_by_seconds": late}), encoding="utf-8")


if __name__ == "__main__":
    main()
