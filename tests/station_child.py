"""A device's process for tests that kill it or take its disk away; it says in files what it was promised."""

from __future__ import annotations

import json
import os
import resource
import sys
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

from station_rig import NO_RESERVE, NOWHERE, Clock, a_client, an_event, yes_ids

from producers.client import Pace, StationClient
from producers.errors import SpoolError
from producers.spool.store import Spool, SpoolLimits

_FILE_BYTES = 400_000
_FILLER_BYTES = 300_000
_FREE_BYTES = 250_000


def record_yes(path: Path, identity: str) -> None:
    """Write down that publish returned, so that it outlasts our own death."""
    with path.open("a") as log:
        log.write(f"{identity}\n")
        log.flush()
        os.fsync(log.fileno())


def publish(bootstrap: str, spool: str, log: str, prefix: str, number: str) -> None:
    """Publish the events that have no yes yet, no further than the file beside the log allows; then flush."""
    path, allowed = Path(log), Path(f"{log}.allowed")
    first = len(yes_ids(path))
    with a_client(bootstrap, Path(spool)) as client:
        for one in range(first, int(number)):
            while one >= int(allowed.read_text() or 0):
                time.sleep(0.01)
            client.publish(an_event(f"{prefix}-{one:05}", narrative=f"event number {one}"))
            record_yes(path, f"{prefix}-{one:05}")
        client.flush(60)


def store(spool: str, log: str, number: str) -> None:
    """Store events where no broker is, then end without leaving anything in order."""
    with a_client(NOWHERE, Path(spool)) as client:
        for one in range(int(number)):
            client.publish(an_event(f"E-{one:05}"))
            record_yes(Path(log), f"E-{one:05}")
        os._exit(0)


def fill_tmpfs(spool: str) -> None:
    """Fill the disk to its last byte, together with a file of another program, which goes away then."""
    filler = Path(spool).parent / "filler"
    filler.write_bytes(b"x" * _FILLER_BYTES)
    _fill(Path(spool), filler.unlink)


def fill_limited(spool: str) -> None:
    """Fill the largest file that the process may write, which is then allowed to grow."""
    _, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (_FILE_BYTES, hard))
    _fill(Path(spool), lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (hard, hard)))


def fill_alone(spool: str, bootstrap: str) -> None:
    """Fill the disk with the spool alone, but for what it leaves free; nobody makes room but Kafka's yes."""
    stored: list[str] = []
    limits = SpoolLimits(free_bytes=_FREE_BYTES)
    with a_client(NOWHERE, Path(spool), limits=limits, pace=Pace(close_seconds=0)) as client:
        refused = _until_full(client, stored)
    with a_client(bootstrap, Path(spool), limits=limits) as client:
        client.flush(30)
        _publish(client, "G-00001", stored)
        client.flush(30)
        _say(stored, refused=refused, waiting=client.waiting)


def _fill(spool: Path, make_room: Callable[[], None]) -> None:
    stored: list[str] = []
    with a_client(NOWHERE, spool, limits=NO_RESERVE, pace=Pace(close_seconds=0)) as client:
        refused = _until_full(client, stored)
        full = client.waiting, len(stored)
        make_room()
        for one in range(5):
            _publish(client, f"G-{one:05}", stored)
    with closing(Spool(spool, Clock())) as again:
        there = [row.id.decode() for row in again.after(0, rows=10_000, size=10**9)]
    _say(stored, refused=refused, full=full, there=there)


def _until_full(client: StationClient, stored: list[str]) -> list[str]:
    refused: list[str] = []
    while len(refused) < 3:
        try:
            _publish(client, f"F-{len(stored) + len(refused):05}", stored)
        except SpoolError as error:
            refused.append(str(error))
    return refused


def _say(stored: list[str], **more: object) -> None:
    print(json.dumps({"stored": stored, **more}))  # noqa: T201 - it is the answer


def _publish(client: StationClient, identity: str, stored: list[str]) -> None:
    client.publish(an_event(identity, narrative="y" * 1_000))
    stored.append(identity)


MODES = {mode.__name__: mode for mode in (publish, store, fill_tmpfs, fill_limited, fill_alone)}

if __name__ == "__main__":
    MODES[sys.argv[1]](*sys.argv[2:])
