"""Many open boards on one console process: `make bench-boards`.

A thousand officers of thirteen contact points look at their boards while alerts are stored, each told to three contact
points. Measured is the time from an alert's transaction to the line of text that brings its row to a board, for every
board that is due it, and the memory that the console's process takes for each board. Everything runs on the same two
cores, the browsers' side of the connections too, without a browser.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import re
import secrets
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

import psutil
import sqlalchemy as sa
from delivery_rig import Database, DatabaseServer, by_default, everybody
from endpoints import a_contact_point
from factory import an_alert
from latency import percentile
from report import keep_figures
from rich.console import Console
from systems import ROOT

from consumers.api.access import token_hash
from consumers.console.accounts import invite
from consumers.console.tables import sessions
from consumers.contact_points import BUNDLED, contact_point_codes
from consumers.database import engine, upgrade
from consumers.notifications import notify
from consumers.roles import Role
from consumers.storing import Arrived
from consumers.storing import store as store_alerts
from infra.workers import Announcement, WorkerName
from schemas.alerts import Edition

TOLD: Final = 3
_ALERT: Final = re.compile(rb'"alert": "(al-[0-9a-f]{20})"')


@contextmanager
def console_process(database_url: str, data_dir: Path) -> Iterator[tuple[str, int]]:
    """Run the console as `brdo run console` does; yield host:port and the process's number."""
    environment = {**os.environ, "BRDO_DATA_DIR": str(data_dir), "BRDO_DATABASE_URL": database_url}
    process = subprocess.Popen([sys.executable, "-m", "infra.cli", "run", "console"], env=environment, cwd=ROOT)
    try:
        while (said := Announcement.read(data_dir, WorkerName.CONSOLE)) is None or said.address is None:
            time.sleep(0.1)
        yield said.address.removeprefix("http://"), process.pid
    finally:
        process.terminate()
        process.wait()


class Load(argparse.Namespace):
    """How many boards, how many alerts a second, and for how long."""

    boards: int
    rate: float
    seconds: float


def signed_in(database: Database, codes: list[str], number: int) -> list[tuple[str, str]]:
    """Return so many contact points with the token of a session each."""
    found = [(codes[one % len(codes)], secrets.token_urlsafe(32)) for one in range(number)]
    with database.engine.begin() as connection:
        for code in codes:
            invite(connection, "bench", code, "officer", Role.DUTY_OFFICER, datetime.now(UTC))
        connection.execute(sa.text("UPDATE console_accounts SET one_time_until = NULL"))
        same = {"account": "officer", "ends_at": datetime.now(UTC) + timedelta(hours=1)}
        rows = [{"token": token_hash(token), "contact_point": code, **same} for code, token in found]
        connection.execute(sa.insert(sessions), rows)
    return found


async def look(at: str, token: str, seen: dict[str, float], ready: asyncio.Semaphore) -> None:
    """Keep a board open and note when each alert's row came first."""
    host, port = at.split(":")
    async with ready:  # not a thousand at the same instant
        reader, writer = await asyncio.open_connection(host, int(port), limit=2**24)
        writer.write(f"GET /live HTTP/1.1\r\nHost: {at}\r\nCookie: brdo_session={token}\r\n\r\n".encode())
        await reader.readuntil(b"\r\n\r\n")
    try:
        while line := await reader.readline():
            for alert in _ALERT.findall(line):
                seen.setdefault(alert.decode(), time.time())
    finally:
        writer.close()


async def measure(at: str, pid: int, database: Database, load: Load) -> dict[str, float]:
    """Open the boards, store alerts, and return what came when."""
    codes = sorted(contact_point_codes(BUNDLED))
    points = {code: a_contact_point(code) for code in codes}
    before = psutil.Process(pid).memory_info().rss
    opened = [(code, token, defaultdict[str, float](float)) for code, token in signed_in(database, codes, load.boards)]
    ready = asyncio.Semaphore(20)
    tasks = [asyncio.create_task(look(at, token, seen, ready)) for _, token, seen in opened]
    await asyncio.sleep(10)
    memory = (psutil.Process(pid).memory_info().rss - before) / load.boards
    own = engine(database.url)
    model, due = an_alert(), dict[str, tuple[float, tuple[str, ...]]]()

    def store(number: int) -> None:
        told = tuple(codes[(number + one) % len(codes)] for one in range(TOLD))
        alert = model.model_copy(update={"id": f"al-{number:020x}", "updated_at": datetime.now(UTC)})
        with own.begin() as connection:
            store_alerts(connection, [Arrived(Edition(alert=alert), "")], everybody(*told), points, by_default())
            notify(connection)
        due[alert.id] = time.time(), told

    began = time.monotonic()
    for number in range(round(load.rate * load.seconds)):
        await asyncio.sleep(max(0.0, began + number / load.rate - time.monotonic()))
        await asyncio.to_thread(store, number)
    await asyncio.sleep(5)
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    own.dispose()
    waits = [
        1000 * (seen.get(alert, float("inf")) - stored)
        for code, _, seen in opened
        for alert, (stored, told) in due.items()
        if code in told
    ]
    missing = sum(one == float("inf") for one in waits)
    return {
        "boards.event_to_screen.p50_ms": percentile(waits, 0.5),
        "boards.event_to_screen.p99_ms": percentile(waits, 0.99),
        "boards.missing": missing,
        "boards.rows": len(waits),
        "boards.bytes_a_board": memory,
        "boards.alerts_per_s": len(due) / (max(at for at, _ in due.values()) - min(at for at, _ in due.values())),
    }


def main() -> None:
    """Measure, say and keep it."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--boards", type=int, default=1_000)
    parser.add_argument("--rate", type=float, default=50)
    parser.add_argument("--seconds", type=float, default=30)
    load = parser.parse_args(namespace=Load())
    with tempfile.TemporaryDirectory(prefix="brdo-bench-", ignore_cleanup_errors=True) as name:
        server = DatabaseServer(Path(name) / "postgres")
        try:
            database = Database(server, server.new_database())
            upgrade(database.url)
            with console_process(database.url, Path(name)) as (at, pid):
                figures = asyncio.run(measure(at, pid, database, load))
        finally:
            server.stop()
    keep_figures({key: round(value, 1) for key, value in figures.items()})
    for key, value in figures.items():
        Console().print(f"{key:32} {value:,.1f}")


if __name__ == "__main__":
    main()
