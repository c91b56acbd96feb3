"""Stations that publish at an even pace through `StationClient`, and note when they called it.

Sightings, and among them incidents with a danger to life, each of which raises an alert of its own. The plates are
of so many vehicles that hardly one passes twice: nobody is at two borders within seconds, which would be an alert too.
"""

import argparse
import json
import random
import tempfile
import threading
import time
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from producers.client import StationClient

LETTERS = "ABCDEFGHIJKLMNOPRSTUVZ"
STATIONS = ("SI-OBR", "HR-BRE", "SI-GRU", "RS-HOR")


def event(name: str, station: str, chance: random.Random, *, alarming: bool) -> dict[str, Any]:
    """Return an event that happens now."""
    said: dict[str, Any] = {"schema_version": "1.0", "id": name, "station": station}
    said["occurred_at"] = datetime.now(UTC).isoformat()
    letters = "".join(chance.choices(LETTERS, k=4))
    vehicle = {"plate": f"{letters[:2]} {chance.randrange(1_000):03}-{letters[2:]}", "plate_country": "HR"}
    said["direction"] = "entry"
    if alarming:
        return {**said, "type": "incident", "kind": "migrant_smuggling", "life_at_risk": True, "vehicles": [vehicle]}
    return {**said, "type": "sighting", "vehicle": vehicle}


def publish(client: StationClient, station: str, pace: "Pace", began: float) -> dict[str, float]:
    """Publish until the time is over; return when each alarming event was given to the client."""
    called, chance = {}, random.Random(station)
    for number in range(round(pace.seconds * pace.each_second)):
        time.sleep(max(0.0, began + number / pace.each_second - time.time()))
        alarming = chance.random() < pace.alarming
        name = f"{station}-{pace.each_second:g}-{number}"
        line = json.dumps(event(name, station, chance, alarming=alarming)).encode()
        if alarming:
            called[name] = time.time()
        client.publish(line)
    return called


class Pace(argparse.Namespace):
    """How many events a second one station publishes, for how long, and which share of them alarms."""

    each_second: float
    seconds: float
    alarming: float
    out: Path


def main() -> None:
    """Publish, and write what was called when, with the time that the last event was late by."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--bootstrap", required=True)
    parser.add_argument("--out", required=True, type=Path)
    for name in ("each-second", "seconds", "alarming"):
        parser.add_argument(f"--{name}", required=True, type=float)
    pace = parser.parse_args(namespace=Pace())
    pace.each_second /= len(STATIONS)
    called: dict[str, float] = {}
    with ExitStack() as stack:
        directory = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="brdo-bench-")))
        clients = {
            station: stack.enter_context(StationClient(pace.bootstrap, station=station, spool=directory / station))
            for station in STATIONS
        }
        began = time.time() + 2
        threads = [
            threading.Thread(target=lambda one=one, client=client: called.update(publish(client, one, pace, began)))
            for one, client in clients.items()
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        late = time.time() - began - pace.seconds
    pace.out.write_text(json.dumps({"called": called, "late_by_seconds": late}), encoding="utf-8")


if __name__ == "__main__":
    main()
